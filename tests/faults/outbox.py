"""The part of a phone's outbox that a server can see, over the tests' client: scans kept with the time of *Save scan*
by the phone's own clock, sent one at a time, dropped only for an answer of ours that names them.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models import Person
from tests.client import Client
from tests.faults.ground import scan_fields


class Clock:
    """What `clock.now` says: the server's clock, to be set by hand."""

    def __init__(self, at: datetime):
        self.at = at

    def now(self) -> datetime:
        return self.at

    def go(self, **how_long: float) -> None:
        self.at += timedelta(**how_long)


@dataclass
class Outbox:
    """What one person's phone has saved; `wrong` is how far its clock is off."""

    owner: Person
    mentor: Person
    clock: Clock
    wrong: timedelta = timedelta()
    sent: list[dict] = field(default_factory=list)  # all that was ever saved
    waiting: list[dict] = field(default_factory=list)
    parked: list[tuple[dict, int, dict]] = field(default_factory=list)
    acknowledged: dict[str, dict] = field(default_factory=dict)

    def save(self, **changes: str) -> dict:
        """*Save scan* without signal. The day is the phone's own."""
        at = self.clock.at + self.wrong
        fields = scan_fields(str(uuid.uuid4()), self.mentor, entered_at=at.isoformat(), form="1")
        fields |= {"scanned_on": at.date().isoformat(), "kept_for": str(self.owner.id), **changes}
        del fields["another"]
        self.sent.append(fields)
        self.waiting.append(fields)
        return fields

    def sync(self, client: Client, token: str | None = None, most: int | None = None) -> int:
        """Send what waits, in its order; stops at a sign-in or a token that has lapsed. Returns the last status."""
        token, status = token or client.token(), 0
        for fields in self.waiting[:most]:
            headers = {"Accept": "application/json", "X-CSRFToken": token}
            answer = client.http.post("/scans", data=fields, headers=headers)
            status = answer.status_code
            assert answer.is_json and answer.json["scan_id"] == fields["scan_id"], answer.text
            if status in (400, 401, 403, 503):
                return status  # nothing is wrong with the scan: it stays
            self.waiting.remove(fields)
            if status == 201:
                self.acknowledged[fields["scan_id"]] = answer.json
            else:
                self.parked.append((fields, status, answer.json))
        return status
