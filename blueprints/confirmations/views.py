"""Who waits to be confirmed as a mentor or assessor; and what the course decides about one of them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, get_flashed_messages, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

import clock
from blueprints.access import allow, me
from blueprints.confirmations import queries
from blueprints.confirmations.forms import ConfirmForm, EndForm, RefuseForm
from blueprints.hypermedia import go_to, wants_json
from blueprints.screening_errors import errors_of, named_nobody, refused_as_json
from models import Confirmation
from rules import confirmations as rules
from rules.roles import MANAGERS
from workflows.course import programmes
from workflows.people import confirmations as workflow
from workflows.refusals import Invalid, NotFound

confirmations = Blueprint("confirmations", __name__)


@confirmations.get("/people/confirmations")
@allow(*MANAGERS)
def index() -> str:
    """Who waits, the longest first; who mentored before confirmations began; who was refused; who is confirmed."""
    found = queries.parts(me().id)
    states = (queries.WAITS, queries.BEFORE, queries.REFUSED, queries.CONFIRMED)
    by_state = {state: [part for part in found if part.state == state] for state in states}
    return render_template("confirmations/index.html", **by_state)


@confirmations.get("/people/confirmations/<int:person_id>")
@allow(*MANAGERS)
def show(person_id: int) -> ResponseReturnValue:
    """What is known of one person, and the decision."""
    return _page(person_id)


@confirmations.post("/people/<int:person_id>/confirmation")
@allow(*MANAGERS)
def confirm(person_id: int) -> ResponseReturnValue:
    form = ConfirmForm()
    if not form.validate():
        return _invalid(person_id, form)
    try:
        workflow.confirm(
            person_id,
            programme=form.programme.data or "",
            kind=form.kind.data or "",
            basis=form.basis.data or "",
            from_on=form.from_on.data,
            until_on=form.until_on.data,
            by=me().person,
        )
    except Invalid as invalid:
        return _invalid(person_id, form, invalid)
    flash("Confirmed. What they approved on those days counts now.")
    return go_to(url_for("confirmations.show", person_id=person_id))


@confirmations.post("/people/<int:person_id>/refusal")
@allow(*MANAGERS)
def refuse(person_id: int) -> ResponseReturnValue:
    form = RefuseForm()
    facts = {"programme": form.programme.data or "", "kind": form.kind.data or "", "why": form.why.data or ""}
    try:
        workflow.refuse(person_id, **facts, by=me().person, named_nobody=named_nobody())
    except Invalid as invalid:
        return _invalid(person_id, form, invalid)
    flash("Not confirmed. What they approved stays held; another mentor can judge it.")
    return go_to(url_for("confirmations.show", person_id=person_id))


@confirmations.post("/confirmations/<int:number>/ending")
@allow(*MANAGERS)
def end(number: int) -> ResponseReturnValue:
    form = EndForm()
    if not form.validate():
        return _invalid(_person_of(number), form, about=number)
    facts = {"why": form.why.data or "", "last_on": form.last_on.data}
    try:
        ended = workflow.end(number, by=me().person, named_nobody=named_nobody(), **facts)
    except Invalid as invalid:
        return _invalid(_person_of(number), form, invalid, about=number)
    flash("Ended.")
    return go_to(url_for("confirmations.show", person_id=ended.person_id))


def _person_of(number: int) -> int:
    one = Confirmation.get_or_none(Confirmation.id == number)
    if one is None:
        raise NotFound()
    return one.person_id


def _invalid(
    person_id: int, form: FlaskForm, invalid: Invalid | None = None, about: int | None = None
) -> ResponseReturnValue:
    """422: the page again, with what was entered and what is wrong beside its field."""
    for name, sentences in (invalid.problems if invalid else {}).items():
        form[name].errors = list(sentences)
    if wants_json():
        return refused_as_json(form.errors, invalid)
    return _page(person_id, form, invalid, about)


def _page(
    person_id: int, sent: FlaskForm | None = None, invalid: Invalid | None = None, about: int | None = None
) -> ResponseReturnValue:
    found = queries.parts(me().id, person_id)
    if not found:
        raise NotFound()
    entries = []
    for place, part in enumerate(found):
        asked = sent if sent is not None and _is_about(sent, part, about) else None
        course = programmes.get(part.programme).short_name
        entries.append({"part": part, "place": place, "course": course, **_forms(part, place, asked, about)})
    page = render_template(
        "confirmations/person.html",
        person=found[0].person,
        entries=entries,
        bases=rules.BASES,
        messages=get_flashed_messages(),
        oneself=person_id == me().id,
        screening=errors_of(invalid),
        wrong=sent,
    )
    return make_response(page, 200 if sent is None else 422)


def _is_about(sent: FlaskForm, part: queries.Part, about: int | None) -> bool:
    if isinstance(sent, EndForm):
        return any(one.id == about for one in part.live)
    return (request.form.get("programme"), request.form.get("kind")) == (part.programme, part.kind)


def _forms(part: queries.Part, place: int, sent: FlaskForm | None, about: int | None) -> dict[str, Any]:
    """The forms for one part, each field with an id of its own; the one that was sent with what was entered."""
    data = {"programme": part.programme, "kind": part.kind, "last_on": clock.today()}  # to end it is to end it now

    def of(form: type[FlaskForm], mark: str, is_sent: bool) -> FlaskForm:
        made = sent if is_sent and isinstance(sent, form) else form(formdata=None, data=data)
        for one in made:
            if one.type not in ("CSRFTokenField", "HiddenField"):
                one.id = f"{one.name}-{mark}-{place}"
                one.label.field_id = one.id
        return made

    endings = [(one, of(EndForm, f"end-{one.id}", one.id == about)) for one in part.live]
    return {
        "confirming": of(ConfirmForm, "confirm", True),
        "refusing": of(RefuseForm, "refuse", True),
        "endings": endings,
    }
