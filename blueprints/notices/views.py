"""The page "What is new", the bell, and how somebody wants to be told: push for this browser, mail, quiet hours."""

from uuid import UUID

from flask import Blueprint, Response, abort, current_app, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

import clock
from blueprints.access import ANYBODY, PERSON, allow, me, somebody
from blueprints.field_limits import number_in
from blueprints.hypermedia import go_to, is_htmx, json_answer, piece, wants_json
from blueprints.notices import queries
from blueprints.sessions import secret_key
from models import EPOCH, InstantField, Scan
from visibility import scans_visible_to
from workflows.notices import digests, subscriptions
from workflows.notices import notices as notices_workflow

notices = Blueprint("notices", __name__)

_instant = InstantField()


@notices.app_context_processor
def offer() -> dict[str, str]:
    """`push_key`: the public key with which a page offers push messages to this browser; empty where it does not."""
    visitor = somebody()
    offered = visitor is not None and not visitor.shared
    return {"push_key": current_app.config["SONOFOLIO"].vapid_public_key if offered else ""}


@notices.get("/news")
@allow(PERSON)
def index() -> str:
    """The page "What is new". Once it is shown it marks its notices as read, by a form of its own."""
    now = clock.now()
    return render_template("notices/page.html", days=queries.days(me().id, now), until=_instant.db_value(now))


@notices.get("/news/bell")
@allow(PERSON)
def bell() -> Response:
    """The number in the header, for a page that is open when something comes."""
    return piece(render_template("notices/_bell.html", oob=False, unread=me().unread))


@notices.post("/news/seen")
@allow(PERSON)
def seen() -> Response:
    """Mark as read what a page has shown: `until` is when it was made, in microseconds."""
    until = number_in(request.form.get("until"), digits=17)
    if until is None:
        abort(400)
    notices_workflow.mark_all_read(by=me().person, until=_instant.python_value(until) or EPOCH)
    if not is_htmx():
        return go_to(url_for("notices.index"))
    return piece(render_template("notices/_bell.html", oob=True, unread=0))


@notices.post("/scans/<uuid:scan_id>/seen")
@allow("student", "mentor", "director")
def scan_seen(scan_id: UUID) -> Response:
    """Mark this person's notices about this scan as read."""
    if not scans_visible_to(me().id).where(Scan.id == str(scan_id)).exists():
        abort(404)
    notices_workflow.mark_read([f"scan:{scan_id}"], by=me().person)
    return piece("") if is_htmx() else go_to(url_for("scans.show", scan_id=scan_id))


@notices.post("/me/push")
@allow(PERSON)
def subscribe() -> Response:
    """Send push messages to this browser from now on. Its script asks, which alone knows the address and the keys."""
    settings, sent = current_app.config["SONOFOLIO"], request.form
    if not settings.vapid_public_key:
        abort(404)
    subscriptions.subscribe(
        me(),
        sent.get("endpoint", ""),
        sent.get("p256dh", ""),
        sent.get("auth", ""),
        instead_of=sent.get("instead_of", ""),
        test_origin=settings.push_test_origin,
    )
    return json_answer({"told": True, "person": me().id}, 200) if wants_json() else go_to(url_for("accounts.me"))


@notices.post("/me/push/<int:number>/ending")
@allow(PERSON)
def unsubscribe(number: int) -> Response:
    """Send no more push messages to one of one's browsers."""
    subscriptions.unsubscribe(me(), number)
    flash("That device tells you no more.")
    return go_to(url_for("accounts.me"))


@notices.get("/mail/stop/<token>")
@allow(ANYBODY)
def confirm_stop(token: str) -> Response:
    """The page that the link in a daily mail opens: one button. A GET stops nothing: mail scanners open links too."""
    digests.owner_of(token, secret_key())
    return _stop_page(token, done=False)


@notices.post("/mail/stop/<token>")
@allow(ANYBODY)
def stop_mail(token: str) -> ResponseReturnValue:
    """Stop the daily mail: by the button, or by a mail program in one click (RFC 8058). The address is the proof, so it
    wants neither a sign-in nor a CSRF token, and it is answered, not redirected.
    """
    notices_workflow.stop_mail(digests.owner_of(token, secret_key()))
    return _stop_page(token, done=True)


def _stop_page(token: str, *, done: bool) -> Response:
    response = make_response(render_template("notices/stop_mail.html", token=token, done=done))
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the secret
    return response
