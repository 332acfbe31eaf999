"""The morning's mail: what has waited for a day, in counts and first names, for who wants it and has not seen it.

At most one a day, and none that says nothing new: it goes when something has come to wait for a day since the last
one, or when that was a week ago.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models import UNREAD, Enrolment, InstantField, Person, db
from rules import quiet
from statements import change, run
from visibility import scans_waiting_for
from workflows.course import programmes
from workflows.people import people
from workflows.refusals import NotFound

DAY = timedelta(days=1)
_instant = InstantField()
# Whose turn it may be, with when each thing began to wait: scans in an inbox, and what came back and was not seen.
_RIPE = f"""
SELECT p.id, p.mailed_at, s.sent_at FROM scan s
JOIN person p ON p.id = s.mentor_id
JOIN party t ON t.placement_id = s.placement_id AND t.person_id = p.id AND t.role = 'mentor' AND t.ended_on IS NULL
WHERE s.state = 'with_mentor' AND s.sent_at <= ? AND {{wanted}}
UNION ALL
SELECT p.id, p.mailed_at, m.told_at FROM move m
JOIN person p ON p.id = m.told_id
JOIN scan s ON s.id = m.scan_id
WHERE m.told_at <= ? AND {UNREAD} AND (m.verb = 'send_back' AND s.state = 'returned' OR m.verb = 'reopen'
  AND s.state = 'with_mentor') AND {{wanted}}
""".format(wanted="p.by_mail AND p.disabled_at IS NULL AND (p.mailed_at IS NULL OR p.mailed_at <= ?)")  # noqa: S608
_CAME_BACK = f"""
SELECT verb, COUNT(*) FROM move WHERE told_id = ? AND told_at <= ? AND {UNREAD} AND verb <> 'hand_over' GROUP BY verb
"""  # noqa: S608 - our own words


@dataclass(frozen=True)
class Digest:
    """What one mail says: how many scans came back how, and how many wait of whom."""

    person: Person
    came_back: dict[str, int] = field(default_factory=dict)  # "send_back" -> 2
    waiting: dict[str, int] = field(default_factory=dict)  # first name -> 3

    @property
    def subject(self) -> str:
        waiting, back = sum(self.waiting.values()), sum(self.came_back.values())
        said = [_scans(waiting, "waits", "wait") + " for you"] if waiting else []
        said += [_scans(back, "has", "have") + " come back"] if back else []
        return ", and ".join(said)

    @property
    def back_in_words(self) -> list[str]:
        """ "1 scan was returned", "4 scans were approved"."""
        words = {"send_back": "returned", "reopen": "reopened", "approve": "approved"}
        return [
            f"{_scans(self.came_back[verb], 'was', 'were')} {word}"
            for verb, word in words.items()
            if verb in self.came_back
        ]

    @property
    def waiting_in_words(self) -> list[str]:
        """ "2 from Amara"."""
        return [f"{number} from {name}" for name, number in self.waiting.items()]


def due(now: datetime) -> list[int]:
    """Ids of the people whose digest goes now, on their own programme's clock."""
    mornings = [key for key in programmes.keys() if quiet.is_mail_time(programmes.get(key).local(now))]  # noqa: SIM118
    if not mornings:
        return []
    ripe, not_since = _instant.db_value(now - DAY), _instant.db_value(now - DAY / 2)
    last: dict[int, datetime | None] = {}
    for person, mailed_at, since in run(_RIPE, ripe, not_since, ripe, not_since).fetchall():
        before = _instant.python_value(mailed_at)
        if quiet.is_new_since(_instant.python_value(since), before, now):
            last[person] = before
    return sorted(_in_the_morning(last, now))


def _in_the_morning(last: dict[int, datetime | None], now: datetime) -> Iterator[int]:
    """Those for whom it is the morning of a day without a digest yet."""
    for person, parts in people.parts_of(list(last)).items():
        clock, before = programmes.clock_of(parts), last[person]
        mailed_today = before is not None and clock.local(before).date() == clock.today(now)
        if quiet.is_mail_time(clock.local(now)) and not mailed_today:
            yield person


def claim(person: int, now: datetime) -> Digest | None:
    """Take this person's digest of today, so that nobody else sends it; None when somebody has, or nothing is left."""
    moment = _instant.db_value(now)
    with db.atomic():
        taken = "UPDATE person SET mailed_at = ? WHERE id = ? AND (mailed_at IS NULL OR mailed_at <= ?)"
        if not change(taken, moment, person, _instant.db_value(now - DAY / 2)):
            return None
        rows = scans_waiting_for(person).select(Person.name).join(Enrolment).join(Person).tuples()
        waiting = Counter(name.split()[0] for (name,) in rows)
        came_back = dict(run(_CAME_BACK, person, moment).fetchall())
    if not waiting and not came_back:
        return None
    return Digest(Person.get_by_id(person), came_back, dict(waiting.most_common()))


def stop_token(person: int, secret: str) -> str:
    """What stands in the link that stops this person's digests: 160 bits that only we can make. It never runs out, as
    an old mail can still be unsubscribed from, and it is good for nothing else.
    """
    proof = hmac.new(secret.encode(), f"stop the mail of {person}".encode(), hashlib.sha256).hexdigest()
    return f"{person}-{proof[:40]}"


def owner_of(token: str, secret: str) -> int:
    """Whose link it is.

    Raises:
        NotFound: when we did not make it.
    """
    person = token.partition("-")[0]
    if not (person.isascii() and person.isdigit() and len(person) < 12):
        raise NotFound()
    if not hmac.compare_digest(token.encode(), stop_token(int(person), secret).encode()):
        raise NotFound()
    return int(person)


def _scans(number: int, one: str, many: str) -> str:
    return f"{number} scan {one}" if number == 1 else f"{number} scans {many}"
