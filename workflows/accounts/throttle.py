"""How often a secret may be tried, and from where: counted in the database, so that all workers share it and a restart
keeps it (docs/decisions/0024-guessing.md).

A wrong try counts for the account and the address together: who guesses uses up their own tries, nobody else's. A
browser in which the account's owner has signed in before has tries of its own beside these. How often was tried at the
account, and how often from the address, refuses nobody: who goes on guessing waits (password_queue.py).

A try takes its place before it is evaluated, in one transaction with the counting, so that parallel tries cannot slip
through. One that succeeds, or was not evaluated, gives its place back. Refused tries are not counted, and what is dated
after now counts for nothing and is removed: no clock that jumped locks anybody out.
"""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

import clock
from models import Attempt, db
from workflows.refusals import Later

MOST = 10  # of one account from one address
MOST_OF_DEVICE = 5  # of a browser that the account's owner has used before
WINDOW = timedelta(minutes=15)
SUSPECT = 10  # wrong tries from one network, or at one account by everybody: then further ones have to wait
COUNTED = 200  # wrong tries that make a difference: see workflows/accounts/password_queue.py
SUBSCRIBER, NETWORK = 64, 48  # bits of an IPv6 address that one subscriber has, and one place as far as can be told
FORGIVEN = 3  # wrong tries from a network that are taken for slips while an account is being guessed at


class TooMany(Later):
    """The tries of this account from this address are used up for now (429)."""

    def __init__(self, seconds: int):
        minutes = -(-seconds // 60)
        when = "in a minute" if minutes <= 1 else f"in {minutes} minutes"
        super().__init__(f"There were too many tries. You can try again {when}.", seconds)


@dataclass(frozen=True)
class Try:
    """A try that has taken its place."""

    rows: tuple[int, ...]
    wrong: int = 0  # how many wrong tries there were before, when it comes from where others were wrong; else 0
    known: bool = False  # it comes from a browser that the account's owner has used before

    def give_back(self) -> None:
        """It was right, or it was not evaluated: it does not count."""
        Attempt.delete().where(Attempt.id.in_(self.rows)).execute()


def take(secret: str, account: str, address: str | None = None, device: str = "", most: int = MOST) -> Try:
    """Take a place for one try.

    Args:
        secret: what the keys are hashed with, so that the table holds no e-mail or network address.
        account: what is tried.
        address: the network address that it is tried from; None when it can only be tried from one place.
        device: what names the browser, when it has shown that the account's owner used it before.
        most: how many tries there are.

    Raises TooMany when this account has been tried too often from this address (and, if given, on this device).
    """
    pair, at_device = _key(secret, "pair", account, address_key(address)), _key(secret, "device", account, device)
    at_account, network = _key(secret, "account", account), _key(secret, "network", address_key(address, NETWORK))
    with db.atomic():  # takes its place among the writers first: see database.py
        now = clock.now()  # and only then looks at the clock: who was before is not of the future
        Attempt.delete().where((Attempt.tried_at <= now - WINDOW) | (Attempt.tried_at > now + clock.APART)).execute()
        known = bool(device) and _wait(at_device, MOST_OF_DEVICE, now) == 0
        if (wait := _wait(pair, most, now)) and not known:
            raise TooMany(wait)
        wrong = 0 if address is None else _suspicion(_count(network), _count(at_account))
        keys = [pair, *([at_account, network] if address is not None else []), *([at_device] if known else [])]
        rows = [Attempt.insert(key=key, tried_at=now).execute() for key in keys]
    return Try(tuple(rows), wrong, known)


def name_of(secret: str, account: str) -> str:
    """A name for an account that tells nobody which it is: for the log, and for cookies."""
    return _key(secret, "name", account)[:16]


def _key(secret: str, *parts: str) -> str:
    return hmac.new(secret.encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()


def _suspicion(from_network: int, at_account: int) -> int:
    """How many wrong tries speak against who tries now; 0 where nobody, or hardly anybody, was wrong."""
    suspect = from_network >= SUSPECT or (from_network >= FORGIVEN and at_account >= SUSPECT)
    return max(from_network, at_account) if suspect else 0


def _count(key: str) -> int:
    """The tries under this key, as far as they make a difference."""
    return Attempt.select().where(Attempt.key == key).limit(COUNTED).count()


def _wait(key: str, most: int, now: datetime) -> int:
    """Seconds until one more may be tried under this key; 0 when it may now."""
    newest = Attempt.select(Attempt.tried_at).where(Attempt.key == key).order_by(Attempt.tried_at.desc())
    latest = [row[0] for row in newest.limit(most).tuples()]
    return int((latest[-1] + WINDOW - now).total_seconds()) + 1 if len(latest) == most else 0


def address_key(address: str | None, prefix: int = SUBSCRIBER) -> str:
    """What stands for a network address: itself, of IPv6 the block of so many bits that it is in."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or ipaddress.ip_network((int(found), prefix), strict=False).network_address
    return str(found)
