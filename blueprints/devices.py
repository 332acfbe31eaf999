"""What a browser is called in the list of one's devices, and the cookie of one in which somebody has signed in.

The cookie is of one account (OWASP: device cookies). It outlives signing out, and gives its owner tries of their own
when others have used up those of their address. It lets nobody in without the password, and does not say whose it is.
"""

import hashlib
import secrets
from datetime import timedelta

from flask import Response, current_app, request
from itsdangerous import BadSignature, TimestampSigner

import clock
from workflows.accounts import accounts, throttle

LASTS = timedelta(days=365)
MOST = 5  # accounts in one browser; more would make its requests too long
# The first that is found names it; more particular ones come before those whose name they carry too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """ "Chrome on Android"; "Unknown device" where neither is known."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return " on ".join(part for part in (browser, system) if part) or "Unknown device"


def known_name(email: str) -> str:
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
