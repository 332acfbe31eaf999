"""Sends push messages: each is claimed, sent and settled, so that two processes never send one twice.

A subscription says until when notices were delivered to it; what is new since then is read again for every try, so
nothing is sent that was read meanwhile or waits for its person no more. Several notices at once are one message.
"""

import base64
import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import clock
from models import INSTANT, Subscription, db
from rules import quiet
from statements import run
from workflows.course import programmes
from workflows.notices import messages
from workflows.notices.push_client import GONE, LATER, SENT, Sender
from workflows.people import people

log = logging.getLogger("sonofolio")

AT_ONCE, THREADS = 50, 8  # messages of one claim, and how many of them are sent at a time
LEASE = timedelta(minutes=2)  # then a message that was claimed by a process that died is claimed again
PAUSE = timedelta(minutes=5)  # after a message: what comes meanwhile is one message
BACK_OFF, MOST_BACK_OFF = timedelta(seconds=30), timedelta(hours=1)
TRIES = 8  # then this message is given up, not the browser

# CROSS JOIN holds SQLite to this order: there are more sign-ins than subscriptions.
_DUE = """
SELECT s.id, s.endpoint, s.p256dh, s.auth, s.delivered_until, s.tries, p.id, p.quiet_from, p.quiet_until
FROM subscription s CROSS JOIN sign_in i CROSS JOIN person p
WHERE i.token_hash = s.sign_in_id AND p.id = i.person_id AND s.next_at <= ?
  AND i.ended_at IS NULL AND i.expires_at > ? AND p.disabled_at IS NULL AND EXISTS (
  SELECT 1 FROM notice n WHERE n.recipient_id = p.id AND n.deliver_at > s.delivered_until AND n.deliver_at <= ?)
ORDER BY s.next_at LIMIT ?
"""


@dataclass(frozen=True)
class Delivery:
    """One message for one browser, claimed. `until`: when the last of its notices was due."""

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


def is_due() -> bool:
    """Whether anything is to be sent now."""
    return bool(_due(clock.now()))


def deliver(sender: Sender) -> int:
    """Send all that is due now, and return how many messages were sent."""
    sent = 0
    while claimed := claim(clock.now()):
        with ThreadPoolExecutor(THREADS) as threads:
            outcomes = list(
                threads.map(lambda one: sender.send(one.endpoint, one.keys, one.message, one.headers), claimed)
            )
        for delivery, outcome in zip(claimed, outcomes, strict=True):
            settle(delivery, outcome.what, outcome.retry_after)
            sent += outcome.what == SENT
    return sent


def claim(now: datetime) -> list[Delivery]:
    """Take the messages that are to be sent now, so that no other process does."""
    if not _due(now):
        return []  # asked first without waiting for a turn to write
    claimed = []
    with db.atomic():
        rows = _due(now)
        parts = people.parts_of([row[6] for row in rows])
        for number, endpoint, p256dh, auth, delivered_until, tries, person, quiet_from, quiet_until in rows:
            local = programmes.clock_of(parts[person]).local(now)
            if quiet.is_quiet(local, quiet_from, quiet_until):
                _set(number, next_at=quiet.ends(local, quiet_until))
                continue
            since = INSTANT.python_value(delivered_until)
            until, message = messages.last_due(person, since, now), messages.message(person, since, now)
            if message is None:
                _set(number, delivered_until=until)
                continue
            _set(number, next_at=now + LEASE)
            claimed.append(Delivery(number, endpoint, {"p256dh": p256dh, "auth": auth}, tries, until, message))
    return claimed


def settle(delivery: Delivery, what: str, retry_after: timedelta = timedelta()) -> None:
    """Write what became of it: sent, gone for good, or to be tried again, later each time and not for ever."""
    now = clock.now()
    with db.atomic():
        if what == GONE:
            Subscription.delete().where(Subscription.id == delivery.number).execute()
            return
        if what == LATER and delivery.tries + 1 < TRIES:
            wait = max(min(BACK_OFF * 2**delivery.tries, MOST_BACK_OFF), retry_after)
            _set(delivery.number, next_at=now + wait, tries=delivery.tries + 1)
            return
        if what != SENT:
            log.warning("push: a message was given up (%s, %s tries)", what, delivery.tries + 1)
        _set(delivery.number, delivered_until=delivery.until, next_at=now + PAUSE, tries=0)


def _due(now: datetime) -> list[tuple]:
    moment = INSTANT.db_value(now)
    return run(_DUE, moment, moment, moment, AT_ONCE).fetchall()


def _set(number: int, **values: Any) -> None:
    Subscription.update(values).where(Subscription.id == number).execute()
