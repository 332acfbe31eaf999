"""The browser's side of coming in: its sign-in, what names it meanwhile, and for whom its passkeys are made."""

import secrets
from urllib.parse import urlsplit

from flask import Response, current_app, request, session

from blueprints import devices
from blueprints.access import remember, somebody
from blueprints.hypermedia import go_to
from workflows.accounts import accounts
from workflows.accounts.webauthn_responses import RelyingParty, relying_party


def begin_session(token: str, shared: bool, goal: str, email: str | None) -> Response:
    """Give the browser its new cookie; whoever was signed in on it before is signed out.

    Args:
        token: of the new sign-in (`accounts.start`).
        goal: a path of ours, to which the browser goes on.
        email: the account's address, for which this browser is known from now on; none for an account without one.
    """
    before = somebody()
    if before:
        accounts.end(before)
    remember(token, shared)
    response = go_to(goal)
    if not shared and email:
        devices.remember(response, email)
    return response


def secret_key() -> str:
    """With what the keys of counted tries are hashed."""
    return current_app.config["SONOFOLIO"].secret_key


def device() -> str:
    """What this browser is called in a list of devices: "Chrome on Android"."""
    return devices.device_name(request.user_agent.string)


def browser() -> str:
    """A secret of this browser's, to which challenges and mailed codes are bound. It changes with a sign-in."""
    if "browser" not in session:
        session["browser"] = secrets.token_urlsafe(16)
    return session["browser"]


def passkey_party() -> RelyingParty | None:
    """For whom passkeys are made and used on this page; None where there are none, as our address has no name.

    In development they work at `localhost` too, while BASE_URL says 127.0.0.1.
    """
    settings = current_app.config["SONOFOLIO"]
    party = relying_party(settings.base_url)
    if party or settings.production:
        return party
    local = _localhost(settings.base_url)
    return relying_party(local) if local and request.host == urlsplit(local).netloc else None


def passkeys_are_at() -> str:
    """Where passkeys would work, when they do not here: the same server under the name localhost; else empty."""
    settings = current_app.config["SONOFOLIO"]
    return "" if settings.production or passkey_party() else _localhost(settings.base_url)


def _localhost(base_url: str) -> str:
    """This address under the name `localhost`; empty where it is no address of this very machine."""
    parts = urlsplit(base_url)
    if parts.hostname not in ("127.0.0.1", "::1"):
        return ""
    return f"{parts.scheme}://localhost{f':{parts.port}' if parts.port else ''}"
