"""A browser in which somebody has signed in keeps a cookie that says so, for that account (OWASP: device cookies).
It outlives signing out, and gives its owner tries of their own when others have used up those of their address.

It lets nobody in without the password, and says in no clear word whose it is.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from flask import Response, current_app, request
from itsdangerous import BadSignature, TimestampSigner

from workflows import clock
from workflows.accounts import accounts, throttle

LASTS = timedelta(days=365)
MOST = 5  # accounts in one browser; more would make its requests too long


def name(email: str) -> str:
    """What names this browser among those that this account's owner has used; empty when it was none."""
    account = accounts.account_of(email)
    try:
        signed = request.cookies.get(_cookie(account), "")
        return _signer(account).unsign(signed, max_age=int(LASTS.total_seconds())).decode()
    except BadSignature:
        return ""


def remember(response: Response, email: str) -> None:
    """This account's owner has just signed in here, and it is no shared computer."""
    account = accounts.account_of(email)
    cookie, settings = _cookie(account), current_app.config["SONOFOLIO"]
    value = _signer(account).sign(secrets.token_urlsafe(16)).decode()
    flags = {"secure": settings.production, "httponly": True, "samesite": "Lax"}
    response.set_cookie(cookie, value, max_age=LASTS, expires=clock.now() + LASTS, **flags)
    others = [other for other in request.cookies if other.startswith(_prefix()) and other != cookie]
    for other in others[MOST - 1 :]:
        response.delete_cookie(other, **flags)


def _prefix() -> str:
    return f"{'__Host-' if current_app.config['SONOFOLIO'].production else ''}sonofolio-device-"


def _cookie(account: str) -> str:
    return _prefix() + throttle.name_of(_secret(), account)


def _signer(account: str) -> TimestampSigner:
    """Another for each account, so that what it has signed is good for that one."""
    return TimestampSigner(_secret(), salt=f"known device of {account}", digest_method=hashlib.sha256)


def _secret() -> str:
    return current_app.config["SONOFOLIO"].secret_key
