"""One line in the log for whatever was refused: what, where, from which address, and the number of the request.

No password, no address that somebody typed, no one-time link; and no line of anybody else's making.
"""

import logging
import secrets

from flask import current_app, g, request
from peewee import PeeweeException
from playhouse.pool import MaxConnectionsExceeded

from blueprints.access import somebody

log = logging.getLogger("sonofolio")

PROXY = "came with X-Forwarded-For, but TRUST_PROXY=0: behind a proxy everybody seems to come from this one address"


def refused(why: str, **about: object) -> None:
    """Write the line. `about`: what else may be said, such as account=throttle.name_of(...)."""
    about |= {"route": request.url_rule or "none", "method": request.method, "address": request.remote_addr}
    about |= {"person": _person(), "request": request_id()}
    line = " ".join(f"{name}={_plain(value)}" for name, value in about.items())
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    hint = f" ({PROXY})" if forwarded and not current_app.config["SONOFOLIO"].trust_proxy else ""
    log.warning("refused: %s: %s%s", why, line, hint)


def request_id() -> str:
    """The number of this request in the log."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(4)
    return g.request_id


def _person() -> object:
    try:
        visitor = somebody()
    except (PeeweeException, MaxConnectionsExceeded):
        return "unknown"
    return visitor.id if visitor else "nobody"


def _plain(value: object) -> str:
    """As one word of printable ASCII, whatever a client made of it."""
    return ascii(str(value))[1:-1].replace(" ", "\\x20")[:80]
