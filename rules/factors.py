"""Ways in: which of them may go, and how fresh a proof must be to change them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FRESH = timedelta(minutes=10)  # so young must a proof be with which somebody changes their ways in
APART = timedelta(minutes=1)  # as far as the clocks of two servers may be apart


@dataclass(frozen=True)
class Factors:
    """The ways in that somebody has.

    passkeys: ids of those that open their account.
    addresses: those that they have proved; a link is mailed to each.
    """

    passkeys: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()


def may_remove(factors: Factors, which: str) -> bool:
    """Whether there is another way in once `which`, a passkey's id or an address, is gone. A password is none by
    itself: it goes with an address.
    """
    return bool((factors.passkeys | factors.addresses) - {which})


def fresh(proved_at: datetime, now: datetime) -> bool:
    """Whether somebody who proved who they are at that instant may change their ways in."""
    return -APART <= now - proved_at < FRESH
