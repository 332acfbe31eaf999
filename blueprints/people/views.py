"""The room *People*: everybody of one's programmes, one person's page, and what is done with an account and roles."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import clock
from blueprints.access import allow, me
from blueprints.form_errors import check, not_saved
from blueprints.hypermedia import go_to, is_htmx, piece
from blueprints.people import person as of_person
from blueprints.people import roster
from blueprints.people.forms import NameForm
from rules import roles
from rules.confirmations import KINDS
from workflows.course import programmes
from workflows.notices import failed_mail
from workflows.people import administration
from workflows.people.administration import Rights
from workflows.refusals import Invalid

people = Blueprint("people", __name__)


@people.get("/people")
@allow(*roles.MANAGERS)
def index() -> ResponseReturnValue:
    """The list; for htmx the list alone, with the address that it has without what was left empty."""
    filters = roster.PeopleFilters.read(request.args)
    found = roster.roster_of(me().id, filters)
    context = {"roster": found, "filters": filters, "shows": _shows(found)}
    status = 422 if filters.unsearched else 200
    if is_htmx():
        address = url_for("people.index", **filters.address)
        return piece(render_template("people/_people.html", **context), status=status, push=address)
    directs = roles.DIRECTOR in me().roles
    page = render_template(
        "people/page.html",
        failed_mails=failed_mail.seen_by(me().id),
        wishes=roster.wishes(me().id) if directs else 0,
        directs=directs,
        **context,
    )
    return make_response(page, status)


@people.get("/people/<int:person_id>")
@allow(*roles.MANAGERS)
def show(person_id: int) -> ResponseReturnValue:
    return _page(person_id)


@people.post("/people/<int:person_id>/name")
@allow(*roles.MANAGERS)
def rename(person_id: int) -> ResponseReturnValue:
    form = NameForm()
    try:
        check(form)
        found = administration.rename(person_id, form.name.data or "", by=me().person)
    except Invalid as wrong:
        administration.find(person_id, by=me().person)
        return not_saved(wrong, lambda _: _page(person_id, form), form)
    return _done(person_id, f"The name is {found.name}.")


@people.post("/people/<int:person_id>/link")
@allow(*roles.MANAGERS)
def send_link(person_id: int) -> ResponseReturnValue:
    found = administration.send_link(person_id, by=me().person)
    return _done(person_id, f"A new link goes to {found.email} now. Earlier ones work no more.")


@people.post("/people/<int:person_id>/closing")
@allow(*roles.MANAGERS)
def close(person_id: int) -> ResponseReturnValue:
    found = administration.close(person_id, by=me().person)
    return _done(person_id, f"The account of {found.name} is closed. What they did stays.")


@people.post("/people/<int:person_id>/closing/undo")
@allow(*roles.MANAGERS)
def reopen(person_id: int) -> ResponseReturnValue:
    found = administration.reopen(person_id, by=me().person)
    return _done(person_id, f"{found.name} can sign in again.")


@people.post("/people/<int:person_id>/roles")
@allow(roles.DIRECTOR)
def give_role(person_id: int) -> ResponseReturnValue:
    """Give a role on the whole course: `part` is the programme's key and the role, with a colon between them."""
    programme, _, role = request.form.get("part", "").partition(":")
    administration.give_role(person_id, programme, role, by=me().person)
    return _done(person_id, f"{roles.BY_KEY[role].name}: they have this role now.")


@people.post("/people/<int:person_id>/roles/ending")
@allow(roles.DIRECTOR)
def take_role(person_id: int) -> ResponseReturnValue:
    programme, _, role = request.form.get("part", "").partition(":")
    administration.take_role(person_id, programme, role, by=me().person)
    return _done(person_id, f"{roles.BY_KEY[role].name}: they have this role no more.")


@people.post("/failed-mails/<int:number>/again")
@allow(*roles.MANAGERS)
def send_mail_again(number: int) -> ResponseReturnValue:
    """The worker sends it; a second tap changes nothing."""
    failed_mail.ask_again(number, by=me().person)
    return redirect(url_for("people.index", _anchor="failed-mails"), 303)


def _done(person_id: int, sentence: str) -> Response:
    """Back to their page, or to the list where they are nobody of one's own any more."""
    flash(sentence)
    return go_to(url_for("people.show", person_id=person_id))


def _page(person_id: int, form: NameForm | None = None) -> str:
    visitor, now = me(), clock.now()
    found = administration.find(person_id, by=visitor.person)
    rights = administration.rights_of(visitor.id)
    theirs = of_person.parts(found.id, rights, clock.today())
    programme = programmes.clock_of([part for part in theirs if part.programme in programmes.keys()])  # noqa: SIM118
    came, made = of_person.invitations(found.id, rights, now)
    return render_template(
        "people/person.html",
        person=found,
        form=form or NameForm(formdata=None, data={"name": found.name}),
        addresses=of_person.addresses(found),
        parts=of_person.grouped(theirs),
        studies=any(part.role == roles.STUDENT and part.holds for part in theirs),
        ways=of_person.ways(found, now, programme.today),
        came=came,
        made=made,
        confirmed=of_person.confirmations(found.id, rights, programme.today),
        is_confirmed=any(part.role in KINDS for part in theirs),
        why_not=administration.why_not_change(found, rights),
        **_roles(theirs, rights),
    )


def _roles(theirs: list[of_person.Part], rights: Rights) -> dict[str, Any]:
    """What a director can give and take back."""
    directed = sorted(rights.directs)
    taken = [part for part in theirs if part.role in administration.GIVEN and part.programme in rights.directs]
    return {
        "directs": bool(directed),
        "to_give": of_person.roles_to_give(theirs, directed),
        "to_take": taken,
    }


def _shows(found: roster.Roster) -> dict[str, str]:
    """The filters that find somebody, or that are chosen, with their words."""
    names = {key: f"{role.name}s" for key, role in roles.BY_KEY.items()} | roster.SHOWS
    return {key: words for key, words in names.items() if found.counts[key] or key == found.filters.show}
