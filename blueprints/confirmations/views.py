"""Who waits to be confirmed as a mentor or assessor; and what the course decides about one of them."""

from typing import Any

from flask import Blueprint, flash, get_flashed_messages, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import Optional

import clock
from blueprints.access import allow, me
from blueprints.confirmations import queries
from blueprints.form_errors import check, errors_of, named_nobody, not_saved
from blueprints.hypermedia import go_to
from models import Confirmation
from rules import confirmations as rules
from rules.roles import MANAGERS
from workflows.course import programmes
from workflows.people import confirmations as workflow
from workflows.refusals import Invalid, NotFound, or_not_found

confirmations = Blueprint("confirmations", __name__)


class _OfPart(FlaskForm):
    """Whom it is about is in the address; as what, and on which course, here."""

    programme = HiddenField()
    kind = HiddenField()


class ConfirmForm(_OfPart):
    basis = SelectField(
        "It rests on",
        choices=[SelectChoice("", "Choose…"), *(SelectChoice(*one) for one in rules.CHOSEN.items())],
        validate_choice=False,
    )
    from_on = DateField("From", validators=[Optional()])
    until_on = DateField("Until, the last day", validators=[Optional()])


class RefuseForm(_OfPart):
    why = TextAreaField("Why are they not confirmed?", id="refuse-why")


class EndForm(FlaskForm):
    last_on = DateField("Last day", validators=[Optional()])
    why = TextAreaField("Why does it end?", id="end-why")


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
    try:
        check(form)
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
    try:
        check(form)
        facts = {"why": form.why.data or "", "last_on": form.last_on.data}
        ended = workflow.end(number, by=me().person, named_nobody=named_nobody(), **facts)
    except Invalid as invalid:
        return _invalid(_person_of(number), form, invalid, about=number)
    flash("Ended.")
    return go_to(url_for("confirmations.show", person_id=ended.person_id))


def _person_of(number: int) -> int:
    return or_not_found(Confirmation.get_or_none(Confirmation.id == number)).person_id


def _invalid(person_id: int, form: FlaskForm, invalid: Invalid, about: int | None = None) -> ResponseReturnValue:
    return not_saved(invalid, lambda no: _page(person_id, form, no, about), form)


def _page(
    person_id: int, sent: FlaskForm | None = None, invalid: Invalid | None = None, about: int | None = None
) -> str:
    found = queries.parts(me().id, person_id)
    if not found:
        raise NotFound()
    entries = []
    for place, part in enumerate(found):
        asked = sent if sent is not None and _is_about(sent, part, about) else None
        course = programmes.get(part.programme).short_name
        entries.append({"part": part, "place": place, "course": course, **_forms(part, place, asked, about)})
    return render_template(
        "confirmations/person.html",
        person=found[0].person,
        entries=entries,
        bases=rules.BASES,
        messages=get_flashed_messages(),
        oneself=person_id == me().id,
        screening=errors_of(invalid),
        wrong=sent,
    )


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
