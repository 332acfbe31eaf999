"""Who may open which route. Closed by default: a view declares `@allow(...)`, a guard enforces, and the app refuses to
start while a view has not declared. What a person may see of a thing is the reading's business, not this one's.
"""

import hashlib
import secrets
from collections.abc import Callable
from typing import Any

from flask import Flask, abort, current_app, g, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, current_user

import clock
from blueprints.hypermedia import page_address, sign_in_first
from rules.roles import BY_KEY
from workflows.accounts import accounts
from workflows.course import demo_course

ANYBODY = "anybody"  # signed in or not
PERSON = "person"  # anybody who is signed in
SAFE = ("GET", "HEAD", "OPTIONS")
# They wait in workflows/accounts/password_queue.py, so they hold no place in the write queue meanwhile.
OWN_QUEUE = ("/sign-in", "/welcome/", "/me/password", "/me/proof", "/join/", "/joined/")
TOUCH_SECONDS = 60  # how stale the cookie's idle mark may get before it is written again

login = LoginManager()


class Undeclared(SystemExit):
    """A route without `@allow`: the app does not start."""


def allow(*roles: str) -> Callable:
    """Declare who may open a view: roles, `PERSON` or `ANYBODY`. It only declares, so its place cannot matter."""

    def declare(view: Callable) -> Callable:
        view.allowed = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return declare


def asked_by_itself(view: Callable) -> Callable:
    """Declare that an open page asks for this view again and again: its requests keep nobody signed in."""
    view.asked_by_itself = True  # type: ignore[attr-defined]
    return view


def allowed(app: Flask, endpoint: str) -> frozenset[str] | None:
    """What the view behind this endpoint declares, or None."""
    return getattr(app.view_functions[endpoint], "allowed", None)


def init_app(app: Flask) -> None:
    """Put the guard before everything else that looks at a request."""
    login.init_app(app, add_context_processor=False)  # templates know `me`; an error page must not ask again
    login.session_protection = None  # the sign-in's own record decides
    app.session_interface = SecureCookieSessionInterface()  # its own: Flask's applications share one
    app.session_interface.digest_method = hashlib.sha256  # Flask signs with SHA-1
    app.before_request(_guard)
    app.after_request(_keep_awake)


def check_declared(app: Flask) -> None:
    """Refuse to start while a route does not say who may open it, or names a role that there is not.

    Raises:
        Undeclared: naming the routes.
    """
    declared = {rule.endpoint: allowed(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    if missing := sorted(endpoint for endpoint, roles in declared.items() if not roles):
        raise Undeclared(f"No @allow(...) on: {', '.join(missing)}")
    known = {ANYBODY, PERSON, *BY_KEY}
    if unknown := {endpoint: roles - known for endpoint, roles in declared.items() if roles and roles - known}:
        raise Undeclared(f"No such role in rules/roles.py: {unknown}")


@login.user_loader
def _visitor(token: str) -> accounts.Visitor | None:
    found = accounts.visitor(token)
    # The mark is in the signed cookie, so that reading a page writes nothing to the database.
    if found is None or accounts.is_resting(found, session.get("seen", 0)):
        return None
    if current_app.config["SONOFOLIO"].production and demo_course.is_demo(found.person.email or ""):
        return None  # the demo course was put in while the server ran; when it starts again it refuses the database
    return found


def me() -> accounts.Visitor | Any:
    """The signed-in visitor. Only behind a route that is not open to anybody."""
    return current_user._get_current_object()


def somebody() -> accounts.Visitor | None:
    """The signed-in visitor, or None."""
    if "nobody" in g:  # signed out, or the database cannot say
        return None
    visitor = me()
    return visitor if isinstance(visitor, accounts.Visitor) else None


def remember(token: str, shared: bool) -> None:
    """Begin the browser's side of a sign-in, with a fresh cookie."""
    session.clear()
    session["_user_id"], session["_fresh"] = token, True
    session["seen"] = int(clock.now().timestamp())
    # Made now and not by the first form: two first pages at once would each set one, and the loser's form be refused.
    session["csrf_token"] = secrets.token_hex(20)
    session.permanent = not shared


def forget() -> None:
    """End the browser's side of a sign-in; from here on this request is nobody's."""
    session.clear()
    g.nobody = True


def _guard() -> Any:
    if request.endpoint is None:
        return None  # no such address: 404 in its own time
    if request.method not in SAFE and request.headers.get("Sec-Fetch-Site", "same-origin") not in (
        "same-origin",
        "none",
    ):
        abort(403, "This came from another site, so it was not done.")
    roles = allowed(current_app, request.endpoint) or frozenset()
    if ANYBODY in roles:
        return None
    visitor = somebody()
    if visitor is None:
        return sign_in_first(url_for("accounts.sign_in", next=_return_to()))
    if PERSON in roles or roles & visitor.roles:
        return None
    return abort(403, "This page is for somebody else's part in the course.")


def _return_to() -> str | None:
    if page := page_address():
        return page  # not the fragment, but the page that requested it
    if request.method in SAFE and request.full_path != "/?":
        return request.full_path.rstrip("?")
    return None


def _keep_awake(response: Any) -> Any:
    if getattr(current_app.view_functions.get(request.endpoint or ""), "asked_by_itself", False):
        return response
    seen = session.get("seen")
    now = int(clock.now().timestamp())
    if seen is not None and abs(now - seen) > TOUCH_SECONDS and somebody() is not None:
        session["seen"] = now
    return response
