"""What is one's own: everything about oneself as a file, asking to be erased; for directors, who asked or is due."""

import json

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired

import clock
from blueprints.access import PERSON, allow, me
from blueprints.exports import attachment
from blueprints.field_limits import AtMost
from rules import roles
from workflows.notices import mail
from workflows.people import erasure, erasure_cases, name_mentions, own_data, people, retention
from workflows.portfolio import old_editions
from workflows.refusals import Invalid

privacy = Blueprint("privacy", __name__)


class ErasureForm(FlaskForm):
    name = StringField("Type the name to confirm", [InputRequired("Type the name."), AtMost(people.MOST_NAME)])


@privacy.get("/me/data")
@allow(PERSON)
def own() -> Response:
    """Everything about oneself, as JSON (docs/own-data.md)."""
    visitor = me()
    data = own_data.own_data(visitor.id, clock.now())
    data["portfolio"] = url_for("open_data.as_json") if roles.STUDENT in visitor.roles else None
    return attachment(json.dumps(data, ensure_ascii=False, indent=1).encode(), "application/json", "my-data.json")


@privacy.post("/me/erasure")
@allow(PERSON)
def ask() -> ResponseReturnValue:
    erasure.ask(me().person)
    flash("You have asked to be erased. A director does it when the day has come; until then you can take it back.")
    return redirect(url_for("accounts.me", _anchor="your-data"), 303)


@privacy.post("/me/erasure/withdrawal")
@allow(PERSON)
def withdraw() -> ResponseReturnValue:
    erasure.withdraw(me().person)
    flash("You stay: the wish to be erased is taken back.")
    return redirect(url_for("accounts.me", _anchor="your-data"), 303)


@privacy.get("/wishes")
@allow(roles.DIRECTOR)
def wishes() -> str:
    """Who asked to be erased, and whose time is over: people decide, nothing is erased by itself."""
    found, editions = erasure_cases.cases(me().id), old_editions.seen_by(me().id)
    return render_template("privacy/wishes.html", cases=found, editions=editions)


@privacy.post("/wishes/editions")
@allow(roles.DIRECTOR)
def delete_editions() -> ResponseReturnValue:
    """Delete the PDF editions that are past their time."""
    number = old_editions.delete(by=me().person)
    flash(f"{number} PDF {'edition is' if number == 1 else 'editions are'} deleted.")
    return redirect(url_for("privacy.wishes"), 303)


@privacy.get("/wishes/<int:person_id>")
@allow(roles.DIRECTOR)
def wish(person_id: int) -> Response:
    return _page(person_id, ErasureForm(formdata=None))


@privacy.post("/wishes/<int:person_id>/erasure")
@allow(roles.DIRECTOR)
def erase(person_id: int) -> ResponseReturnValue:
    """Erase somebody. Their sign-ins end, so whoever is signed in as them is not any more at the next request."""
    form = ErasureForm()
    if not form.validate():
        return _page(person_id, form, 422)
    try:
        erased = erasure.erase(person_id, by=me().person, name=form.name.data)
    except Invalid as wrong:
        form.name.errors = wrong.problems["name"]
        return _page(person_id, form, 422)
    for address in erased.addresses:
        mail.delete_written(current_app.config["SONOFOLIO"].instance / "outbox", address)
    flash(f"Erased. Here they are {erased.called} from now on.")
    return redirect(url_for("privacy.wishes"), 303)


def _page(person_id: int, form: ErasureForm, status: int = 200) -> Response:
    """Why not yet; or what erasing does, where the name may stand in texts that stay, and the form."""
    case = erasure_cases.case_of(person_id, director=me().id)
    ready = not case.why_not
    page = render_template(
        "privacy/wish.html",
        case=case,
        form=form,
        mentions=name_mentions.find(case.person) if ready else [],
        editions_until=retention.last_edition(person_id) if ready else None,
    )
    return make_response(page, status)
