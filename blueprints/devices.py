"""What a browser is called in the list of one's devices, and two cookies by which it is known again.

The first is of one account that has signed in here (OWASP: device cookies). It outlives signing out, and gives its
owner tries of their own when others have used up those of their address. It lets nobody in without the password, and
does not say whose it is. The second names the browser, so that it can be said whether an invitation was accepted where
it was made. It says nothing of who uses the browser; of it only a hash stands beside an invitation.
"""

import hashlib
import re
import secrets
from datetime import timedelta
from typing import Any

from flask import Response, current_app, request
from itsdangerous import BadSignature, TimestampSigner

import clock
from workflows.accounts import accounts, throttle

LASTS, MARK_LASTS = timedelta(days=365), timedelta(days=90)
_MARK = re.compile(r"[\w-]{22,64}", re.ASCII)
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
    cookie, value = _cookie(account), _signer(account).sign(secrets.token_urlsafe(16)).decode()
    response.set_cookie(cookie, value, max_age=LASTS, expires=clock.now() + LASTS, **_flags())
    others = [other for other in request.cookies if other.startswith(_name("device-")) and other != cookie]
    for other in others[MOST - 1 :]:
        response.delete_cookie(other, **_flags())


def known_mark() -> str:
    """What names this browser; empty when it was given no name."""
    mark = request.cookies.get(_name("browser"), "")
    return mark if _MARK.fullmatch(mark) else ""


def new_mark() -> str:
    """A name for a browser that has none: to be given to it with `keep_mark`."""
    return secrets.token_urlsafe(18)


def keep_mark(response: Response, mark: str) -> None:
    """The browser is named so from now on."""
    response.set_cookie(_name("browser"), mark, max_age=MARK_LASTS, **_flags())


def _flags() -> dict[str, Any]:
    return {"secure": current_app.config["SONOFOLIO"].production, "httponly": True, "samesite": "Lax"}


def _name(ending: str) -> str:
    return f"{'__Host-' if current_app.config['SONOFOLIO'].production else ''}sonofolio-{ending}"


def _cookie(account: str) -> str:
    return _name("device-") + throttle.name_of(_secret(), account)


def _signer(account: str) -> TimestampSigner:
    """Another for each account, so that what it has signed is good for that one."""
    return TimestampSigner(_secret(), salt=f"known device of {account}", digest_method=hashlib.sha256)


def _secret() -> str:
    return current_app.config["SONOFOLIO"].secret_key
