"""A cookie that names a browser, so that it can be said whether an invitation was accepted where it was made.

It says nothing of who uses the browser, and nothing is kept of it but a hash beside an invitation.
"""

import re
import secrets
from datetime import timedelta

from flask import Response, current_app, request

LASTS = timedelta(days=90)
_MARK = re.compile(r"[\w-]{22,64}", re.ASCII)


def known() -> str:
    """What names this browser; empty when it was given no name."""
    mark = request.cookies.get(_name(), "")
    return mark if _MARK.fullmatch(mark) else ""


def new() -> str:
    """A name for a browser that has none: to be given to it with `keep`."""
    return secrets.token_urlsafe(18)


def keep(response: Response, mark: str) -> None:
    """The browser is named so from now on."""
    production = current_app.config["SONOFOLIO"].production
    response.set_cookie(_name(), mark, max_age=LASTS, secure=production, httponly=True, samesite="Lax")


def _name() -> str:
    return f"{'__Host-' if current_app.config['SONOFOLIO'].production else ''}sonofolio-browser"
