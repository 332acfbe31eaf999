"""Where somebody is signed in, and ending one of these sign-ins."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN

import clock
from models import SignIn, Subscription, db
from workflows.accounts import signed_out
from workflows.accounts.accounts import Visitor, hash_of
from workflows.history import history, keys, records
from workflows.refusals import NotFound

MEANS = {"password": "password", "passkey": "passkey", "link": "a mailed link", "demo": "the demo course"}
_LIVE = SignIn.ended_at.is_null()


@dataclass(frozen=True)
class Device:
    """Where somebody is signed in."""

    words: str
    since: datetime
    shared: bool
    here: bool
    mark: str  # names it to its person, and nobody comes in with it
    means: str  # by which they came in
    tells: int | None = None  # number of its subscription, when it tells this person what is new


def devices(visitor: Visitor) -> list[Device]:
    """Where this person is signed in, this device first, then the newest."""
    now = clock.now()
    rows = (
        SignIn.select(SignIn.token_hash, SignIn.device, SignIn.made_at, SignIn.shared, SignIn.means, Subscription.id)
        .join(Subscription, JOIN.LEFT_OUTER)
        .where(SignIn.person == visitor.id, _LIVE, SignIn.expires_at > now, SignIn.made_at <= now + clock.AHEAD)
        .order_by(SignIn.made_at.desc())
        .tuples()
    )
    here, ended = hash_of(visitor.token), signed_out.everything()
    found = [
        Device(words or "Unknown device", at, shared, token == here, _mark(token), MEANS[means], tells)
        for token, words, at, shared, means, tells in rows
        if token not in ended
    ]
    return sorted(found, key=lambda device: not device.here)


def _mark(token_hash: str) -> str:
    return hmac.digest(keys.current().derived("sign-ins"), token_hash.encode(), "sha256").hex()[:24]


def end(mark: str, *, by: Visitor) -> None:
    """End one of one's own sign-ins, at its next request.
    Raises NotFound: there is none of this mark, or it has ended.
    """
    now = clock.now()
    with db.atomic():
        theirs = SignIn.select(SignIn.token_hash).where(SignIn.person == by.id, _LIVE, SignIn.expires_at > now)
        found = [token for (token,) in theirs.tuples() if hmac.compare_digest(_mark(token).encode(), mark.encode())]
        if not found:
            raise NotFound
        records.write(SignIn.update(ended_at=now).where(SignIn.token_hash == found[0]))
        history.record("sign_out", f"person:{by.id}", by=by.person, at=now)
