"""The mentor's inbox and what is done from it: approve, undo, approve several, and the counters above it."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from flask import flash, get_flashed_messages, redirect, render_template, request, url_for

import clock
from blueprints.access import allow, me
from blueprints.hypermedia import is_htmx, json_answer, piece, wants_json
from blueprints.reviews import forms, queries, review  # noqa: F401 (the routes of the one page are in review)
from blueprints.reviews import inbox as inboxes
from blueprints.reviews.blueprint import reviews
from blueprints.reviews.cards import Card, card_of
from blueprints.reviews.forms import SeenForm
from models import Scan
from rules import roles
from workflows.refusals import Conflict, Invalid
from workflows.reviews import reviews as workflow
from workflows.scans import transitions


@reviews.get("/inbox")
@allow(*roles.with_room("inbox"))
def inbox():
    return inboxes.page(me().id, clock.now(), announcement=" ".join(get_flashed_messages()))


@reviews.get("/inbox/counters")
@allow("mentor")
def counters():
    waiting = queries.count_waiting(me().id)
    return piece(render_template("reviews/_counters.html", **inboxes.counters_for(waiting, inboxes.chosen_filters())))


@reviews.get("/scans/<uuid:scan_id>/card")
@allow("mentor")
def card(scan_id: UUID):
    """The card as it is now, with the bar that undoes what was just approved."""
    shown = [card_of(scan_id, me().id)]
    card = render_template("reviews/_cards.html", cards=shown, filters=inboxes.chosen_filters())
    return piece(inboxes.undo_bar(me().id, oob=True), card)


@reviews.get("/inbox/recent")
@allow("mentor")
def recent():
    """The bar that undoes what was approved moments ago, as it is now."""
    return piece(inboxes.undo_bar(me().id))


@reviews.post("/scans/<uuid:scan_id>/approval")
@allow("mentor")
def approve(scan_id: UUID):
    return _judge(workflow.approve, scan_id, "undo", "Approved: {card.heading}, {card.short_name} You can undo this.")


@reviews.post("/scans/<uuid:scan_id>/approval/undo")
@allow("mentor")
def undo(scan_id: UUID):
    return _judge(workflow.undo, scan_id, "heading", "Undone: {card.heading}, {card.short_name} It is waiting again.")


@reviews.post("/inbox/approvals")
@allow("mentor")
def approve_several():
    return _several(workflow.approve_several, "approved")


@reviews.post("/inbox/approvals/undo")
@allow("mentor")
def undo_several():
    return _several(workflow.undo_several, "undone")


def _several(verb: Callable[..., list[workflow.Answer]], done: str):
    """Do it to each `scan` of the form, "id:version" or "id:version:step"; each is answered for itself."""
    seen = [_ticked(text) for text in dict.fromkeys(request.form.getlist("scan"))]
    if not seen:
        raise Invalid({"scan": ["Tick at least one scan first."]})
    answers = verb(seen, by=me().person)
    inboxes.remember_approval()
    if wants_json():
        return json_answer({"answers": [{**vars(one), done: not one.sentence} for one in answers]}, 200)
    refused = {answer.scan_id: answer.sentence for answer in answers if answer.sentence}
    announcement = f"{len(answers) - len(refused)} {done}." + (
        f" {len(refused)} not; see why on the card." if refused else ""
    )
    if not is_htmx():
        now = clock.now()
        if refused:
            return inboxes.page(me().id, now, announcement=announcement, messages=refused), 409
        flash(announcement)
        return redirect(url_for("reviews.inbox", **inboxes.chosen_filters().address), 303)
    return piece(inboxes.answer(_cards(answers, refused), me().id, announcement))


def _judge(verb: Callable[..., Scan], scan_id: UUID, focus: str, words: str):
    """Do it to the version that was seen; answer with the card as it is now."""
    form = SeenForm(request.form)
    if not form.validate():
        raise Invalid({"version": [forms.OUT_OF_DATE]})
    try:
        scan = verb(str(scan_id), by=me().person, version=form.version.data, step=form.step.data)
    except Conflict as conflict:
        return _conflict(scan_id, form.prints.data or "", conflict)
    return _done(scan, focus, words)


def _ticked(text: str) -> tuple[str, int, int | None]:
    scan_id, _, rest = text.partition(":")
    version, _, step = rest.partition(":")
    try:
        return str(UUID(scan_id)), int(version[:9]), int(step[:15]) if step else None
    except ValueError:
        raise Invalid({"scan": [forms.OUT_OF_DATE]}) from None


def _cards(answers: list[workflow.Answer], refused: dict[str, str]) -> list[Card]:
    """The cards of several answers, each out of band; the first takes the focus."""
    found = []
    for answer in answers:
        scan = queries.scan_for(me().id, answer.scan_id)
        if scan is not None:
            message = refused.get(answer.scan_id, "")
            card = Card(scan, me().id, clock.now(), message, oob=True)
            focus = "message" if message else "heading" if card.state == "waiting" else "undo"
            found.append(card if found else replace(card, focus=focus))
    return found


def _done(scan: Scan, focus: str, words: str):
    inboxes.remember_approval()
    if wants_json():
        return json_answer(transitions.current_state(scan, me().id, clock.now()), 200)
    if not is_htmx():
        return redirect(url_for("reviews.inbox", **inboxes.chosen_filters().address, _anchor=f"scan-{scan.id}"), 303)
    now = card_of(scan.id, me().id, focus)
    return piece(inboxes.answer([now], me().id, words.format(card=now)))


def _conflict(scan_id: UUID, fingerprint: str, conflict: Conflict):
    if wants_json():
        raise conflict
    now = card_of(scan_id, me().id).after_conflict(conflict.sentence, fingerprint)
    if not is_htmx():
        return inboxes.page(me().id, clock.now(), messages={now.id: now.message}), 409
    return piece(inboxes.answer([now], me().id, ""), status=409)
