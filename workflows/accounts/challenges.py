"""Challenges of WebAuthn. They are signed and not kept, so asking for one writes nothing; only one that was answered is
kept, until it has run out, so that it is answered once.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

import clock
from models import INSTANT, SpentChallenge
from statements import change
from workflows.history import keys

LASTS = timedelta(minutes=5)
ADD, SIGN_IN, PROVE = "add", "sign_in", "prove"  # what one is good for

_NONCE, _TIME, _MARK = 16, 8, 32  # bytes
_SPEND = "INSERT INTO spent_challenge (hash, until_at) VALUES (?, ?) ON CONFLICT DO NOTHING"


class NotOurs(Exception):
    """It was not made for this purpose, this person and this browser, or was answered before."""


class Late(Exception):
    """It has run out."""


def make(purpose: str, subject: str, browser: str) -> bytes:
    """A challenge for one purpose.

    Args:
        subject: whom it is for: the handle of a person, or empty where nobody knows yet who will come.
        browser: a secret of the browser's session, so that no other browser can answer.
    """
    until = int((clock.now() + LASTS).timestamp())
    body = secrets.token_bytes(_NONCE) + until.to_bytes(_TIME)
    return body + _mark(body, purpose, subject, browser)


def check(challenge: bytes, purpose: str, subject: str, browser: str) -> None:
    """Whether it was made so, and is still good. Raises NotOurs, Late: it was not, it is not."""
    body, mark = challenge[: _NONCE + _TIME], challenge[_NONCE + _TIME :]
    if len(challenge) != _NONCE + _TIME + _MARK or not hmac.compare_digest(
        mark, _mark(body, purpose, subject, browser)
    ):
        raise NotOurs
    if int.from_bytes(body[_NONCE:]) < clock.now().timestamp():
        raise Late


def spend(challenge: bytes) -> None:
    """It is answered now, and by nobody else. In the transaction of what it is answered for.
    Raises NotOurs: it was answered before.
    """
    now = clock.now()
    SpentChallenge.delete().where(SpentChallenge.until_at < now - LASTS).execute()
    spent = hashlib.sha256(challenge).hexdigest()
    if not change(_SPEND, spent, INSTANT.db_value(now + LASTS)):
        raise NotOurs


def _mark(body: bytes, purpose: str, subject: str, browser: str) -> bytes:
    key = keys.current().derived("passkey challenges")
    return hmac.digest(
        key, b"\n".join((body.hex().encode(), purpose.encode(), subject.encode(), browser.encode())), "sha256"
    )
