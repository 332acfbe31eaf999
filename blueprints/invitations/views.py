"""Inviting: a code for the phone across the bed, or a mail; what is open, and what became of it."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, flash, make_response, render_template, request, url_for

import clock
from blueprints import browser_mark
from blueprints.access import allow, asked_by_itself, me
from blueprints.hypermedia import go_to, wants_json
from blueprints.invitations import qr, queries
from blueprints.invitations.forms import InvitationForm
from blueprints.screening_errors import errors_of, named_nobody, refused_as_json
from models import Invitation, Person
from rules import roles
from workflows.course import programmes
from workflows.people import invitations as workflow
from workflows.people.invitations import MAIL, QR, Place
from workflows.refusals import Conflict, Invalid, NotFound
from workflows.scans import without_mentor

invitations = Blueprint("invitations", __name__)

INVITE = tuple(role.key for role in roles.ROLES if role.may_invite)


@invitations.get("/invitations")
@allow(*INVITE)
def index() -> str:
    """Whom one may invite, what is open, and who has accepted."""
    still_open, accepted = queries.seen_by(me().person)
    return render_template(
        "invitations/page.html", offers=queries.offers(me().person), still_open=still_open, accepted=accepted
    )


@invitations.get("/invitations/new")
@allow(*INVITE)
def new() -> Response:
    """The form, for one placement or programme."""
    form = InvitationForm(formdata=None)
    asked = request.args
    form.placement.data, form.programme.data = asked.get("placement", ""), asked.get("programme", "")
    place = workflow.place_of(me().person, **form.where)
    form.role.data = asked.get("role") if asked.get("role") in place.offers else place.offers[0]
    form.send_drafts.data = True
    return _form_page(form, place)


@invitations.post("/invitations")
@allow(*INVITE)
def invite() -> Response:
    """A code on the page that answers, and nowhere after that; or a mail, which the worker sends."""
    form, means = InvitationForm(), request.form.get("means", "")
    place = workflow.place_of(me().person, **form.where)
    mark = browser_mark.known() or browser_mark.new()
    try:
        made, token = workflow.invite(
            me().person,
            form.role.data or "",
            **form.where,
            cohort=form.cohort.data,
            site=form.site_name.data or "",
            means=means,
            email=form.email.data or "",
            name=form.name.data or "",
            browser=mark,
            send_drafts=form.send_drafts.data,
            named_nobody=named_nobody(),
        )
    except Invalid as invalid:
        if wants_json():
            return refused_as_json(_beside(invalid), invalid)
        for name, sentences in _beside(invalid).items():
            form[name if name in form else "email"].errors = sentences
        return _form_page(form, place, 422, invalid)
    except Conflict as too_many:
        form.email.errors = [too_many.sentence]
        return _form_page(form, place, 409)
    if means == MAIL:
        flash(f"The invitation goes to {made.email}. It works for {place.programme.people.invitation_days} days.")
        response = go_to(url_for("invitations.index"))
    else:
        response = make_response(_code_page(made, token, place))
    browser_mark.keep(response, mark)
    return response


def _beside(invalid: Invalid) -> dict[str, list[str]]:
    """What is wrong by the form's own fields."""
    return {{"site": "site_name"}.get(name, name): sentences for name, sentences in invalid.problems.items()}


def _form_page(form: InvitationForm, place: Place, status: int = 200, invalid: Invalid | None = None) -> Response:
    today = place.programme.today(clock.now())
    mine = place.placement is not None and place.placement.enrolment.person_id == me().id
    role, to_student = form.role.data or "", form.role.data == roles.STUDENT
    form.cohort.choices = queries.cohorts_of(place.programme.key, today) if to_student else []
    drafts = len(without_mentor.drafts(place.placement.id)) if mine and role == roles.MENTOR else 0
    return make_response(
        render_template(
            "invitations/new.html",
            form=form,
            place=place,
            mine=mine,
            heading=queries.heading(role, mine),
            to_student=to_student,
            sites=queries.sites() if to_student else [],
            drafts=drafts,
            rule=place.programme.people,
            screening=errors_of(invalid),
        ),
        status,
    )


def _code_page(made: Invitation, token: str, place: Place) -> str:
    address = current_app.config["SONOFOLIO"].base_url + url_for("joining.show", token=token)
    side, path = qr.path_of(address)
    return render_template(
        "invitations/code.html",
        sentence=workflow.words_of(made, place, me().person),
        address=address,
        side=side,
        path=path,
        code_is_shown=False,
        **_answer_of(made),
    )


@invitations.get("/invitations/<int:number>/answer")
@allow(*INVITE)
@asked_by_itself
def answer(number: int) -> str:
    """Whether the code was accepted by now: the page with the code asks for this by itself."""
    found = workflow.visible_to(me().person).where(Invitation.id == number).first()
    if found is None:
        raise NotFound()
    return render_template("invitations/_answer.html", code_is_shown=True, **_answer_of(found))


def _answer_of(of: Invitation) -> dict[str, object]:
    programme = programmes.get(workflow.programme_of(of))
    joined = Person.get_by_id(of.accepted_by_id) if of.accepted_by_id else None
    ended = of.withdrawn_at is not None or of.expires_at <= clock.now()
    return {
        "invitation": of,
        "until": programme.local(of.expires_at),
        "joined": joined,
        "waiting": queries.waiting(of),
        "ended": ended,
        "role": roles.BY_KEY[of.role].name.lower(),
        "means": QR,
    }


@invitations.post("/invitations/<int:number>/withdrawal")
@allow(*INVITE)
def withdraw(number: int) -> Response:
    """It opens nothing any more."""
    workflow.withdraw(number, by=me().person)
    flash("The invitation is withdrawn.")
    return go_to(url_for("invitations.index"))
