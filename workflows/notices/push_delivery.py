"""What is new leaves for the browsers that asked: claimed, sent, and settled, so that two who send never tell twice.

A subscription knows until when its person was told; what they are told since is read anew for every try, so nothing is
told that they have seen meanwhile or that no longer waits for them. Several things at once are one message.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models import InstantField, Subscription, db
from rules import quiet
from statements import run
from workflows import clock
from workflows.course import programmes
from workflows.notices import messages
from workflows.notices.push_client import GONE, LATER, SENT, Sender
from workflows.people import people

log = logging.getLogger("sonofolio")

AT_ONCE, THREADS = 50, 8
LEASE = timedelta(minutes=2)  # who claimed it and was killed is not waited for any longer
PAUSE = timedelta(minutes=5)  # after a message: what comes meanwhile is told in one
BACK_OFF, MOST_BACK_OFF = timedelta(seconds=30), timedelta(hours=1)
TRIES = 8  # then this message is given up, not the browser

# CROSS JOIN holds SQLite to this order: there are more sign-ins than browsers that are told.
_DUE = """
SELECT s.id, s.endpoint, s.p256dh, s.auth, s.told_until, s.tries, p.id, p.quiet_from, p.quiet_until
FROM subscription s CROSS JOIN sign_in i CROSS JOIN person p
WHERE i.token_hash = s.sign_in_id AND p.id = i.person_id AND s.next_at <= ?
  AND i.ended_at IS NULL AND i.expires_at > ? AND p.disabled_at IS NULL AND EXISTS (
  SELECT 1 FROM move m WHERE m.told_id = p.id AND m.told_at > s.told_until AND m.told_at <= ?)
ORDER BY s.next_at LIMIT ?
"""
_instant = InstantField()


@dataclass(frozen=True)
class Call:
    """One message for one browser, claimed. `until`: what it tells."""

    number: int
    endpoint: str
    keys: dict[str, str]
    tries: int
    until: datetime
    message: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        """How a push service may treat it: a later one on the same topic takes the place of one not yet delivered."""
        topic = base64.urlsafe_b64encode(hashlib.sha256(self.message["tag"].encode()).digest())[:32].decode()
        return {"Topic": topic, "Urgency": self.message["urgency"]}


def deliver(sender: Sender) -> int:
    """Send all that is due now, and say how many messages left."""
    left = 0
    while calls := claim(clock.now()):
        with ThreadPoolExecutor(THREADS) as threads:
            done = list(
                threads.map(lambda call: sender.send(call.endpoint, call.keys, call.message, call.headers), calls)
            )
        for call, outcome in zip(calls, done, strict=True):
            settle(call, outcome.what, outcome.retry_after)
            left += outcome.what == SENT
    return left


def claim(now: datetime) -> list[Call]:
    """Take what is due, so that nobody else does: the messages that are to be sent now."""
    if not _due(now):
        return []  # asked first without a place in the writers' queue
    calls = []
    with db.atomic():
        rows = _due(now)
        parts = people.parts_of([row[6] for row in rows])
        for number, endpoint, p256dh, auth, told_until, tries, person, quiet_from, quiet_until in rows:
            local = programmes.clock_of(parts[person]).local(now)
            if quiet.is_quiet(local, quiet_from, quiet_until):
                _set(number, next_at=quiet.ends(local, quiet_until))
                continue
            since = _instant.python_value(told_until)
            until, message = messages.until(person, since, now), messages.message(person, since, now)
            if message is None:
                _set(number, told_until=until)
                continue
            _set(number, next_at=now + LEASE)
            calls.append(Call(number, endpoint, {"p256dh": p256dh, "auth": auth}, tries, until, message))
    return calls


def settle(call: Call, what: str, retry_after: timedelta = timedelta()) -> None:
    """Keep what became of it: told, gone for good, or to be tried again, later each time and not for ever."""
    now = clock.now()
    with db.atomic():
        if what == GONE:
            Subscription.delete().where(Subscription.id == call.number).execute()
            return
        if what == LATER and call.tries + 1 < TRIES:
            wait = max(min(BACK_OFF * 2**call.tries, MOST_BACK_OFF), retry_after)
            _set(call.number, next_at=now + wait, tries=call.tries + 1)
            return
        if what != SENT:
            log.warning("push: a message was given up (%s, %s tries)", what, call.tries + 1)
        _set(call.number, told_until=call.until, next_at=now + PAUSE, tries=0)


def _due(now: datetime) -> list[tuple]:
    moment = _instant.db_value(now)
    return run(_DUE, moment, moment, moment, AT_ONCE).fetchall()


def _set(number: int, **values: Any) -> None:
    Subscription.update(values).where(Subscription.id == number).execute()
