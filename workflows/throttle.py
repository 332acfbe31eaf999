"""How often a secret may be tried: counted in the database, so that all workers share it and a restart keeps it.

A try takes its place before it is evaluated, in one transaction with the counting, so that parallel tries cannot
slip through. A try that succeeds gives its place back. Refused tries are not counted: nobody is locked out for ever.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import timedelta

from models import Attempt, db
from workflows import clock
from workflows.refusals import Refused

MOST = 10
WINDOW = timedelta(minutes=15)


class TooMany(Refused):
    """The tries of this account or address are used up for now (429). `seconds` until the next one is heard."""

    def __init__(self, seconds: int):
        minutes = -(-seconds // 60)
        when = "in a minute" if minutes <= 1 else f"in {minutes} minutes"
        super().__init__(f"There were too many tries. You can try again {when}.")
        self.seconds = seconds


@dataclass(frozen=True)
class Try:
    """A try that has taken its place."""

    rows: tuple[int, ...]

    def give_back(self) -> None:
        """It was right: it does not count."""
        Attempt.delete().where(Attempt.id.in_(self.rows)).execute()


def take(secret: str, *keys: str) -> Try:
    """Take a place for one try under each key; at most `MOST` of each within `WINDOW` are given.

    Args:
        secret: what the keys are hashed with, so that the table holds no e-mail or network address.
        keys: "account:..." and "address:..."; see `address_key`.

    Raises:
        TooMany: when one of them is used up.
    """
    now = clock.now()
    names = [hmac.new(secret.encode(), key.encode(), hashlib.sha256).hexdigest() for key in keys]
    with db.atomic():  # takes its place among the writers first: see database.py
        Attempt.delete().where(Attempt.tried_at <= now - WINDOW).execute()
        for name in names:
            newest = Attempt.select(Attempt.tried_at).where(Attempt.key == name).order_by(Attempt.tried_at.desc())
            latest = [row[0] for row in newest.limit(MOST).tuples()]
            if len(latest) == MOST:
                raise TooMany(max(1, int((latest[-1] + WINDOW - now).total_seconds()) + 1))
        return Try(tuple(Attempt.insert(key=name, tried_at=now).execute() for name in names))


def address_key(address: str | None) -> str:
    """The key of a network address. A whole IPv6 /64 is one: it is what one subscriber holds."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "address:unknown"
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False).network_address
    return f"address:{found}"
