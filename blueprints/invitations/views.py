"""Inviting: a code for the phone across the bed, or a mail; what is open, and what became of it."""

from functools import partial
from itertools import groupby

from flask import Blueprint, Response, current_app, flash, make_response, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, SelectField, StringField

import clock
from blueprints import devices
from blueprints.access import allow, asked_by_itself, me
from blueprints.field_limits import number_in
from blueprints.form_errors import errors_of, named_nobody, not_saved
from blueprints.hypermedia import go_to
from blueprints.invitations import queries
from models import Invitation, Person
from rules import roles
from workflows.course import programmes
from workflows.people import invitations as workflow
from workflows.people import people
from workflows.people.invitations import MAIL, MOST_SITE, QR, Place
from workflows.refusals import Conflict, Invalid, or_not_found
from workflows.scans import without_mentor

invitations = Blueprint("invitations", __name__)

BORDER = 4  # modules of light around a QR code, which readers want
INVITE = tuple(role.key for role in roles.ROLES if role.may_invite)


def path_of(address: str) -> tuple[int, str]:
    """A QR code, drawn as one SVG path (the content policy forbids styles within): its side in modules, and the path of
    the dark ones.
    """
    import segno  # read with the first code: 1 MB

    rows = segno.make(address, error="m", micro=False).matrix
    pieces = []
    for y, row in enumerate(rows, start=BORDER):
        x = BORDER
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                pieces.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return len(rows) + 2 * BORDER, "".join(pieces)


class InvitationForm(FlaskForm):
    """`placement` or `programme` says where; `means` is the button that was pressed."""

    placement = HiddenField()
    programme = HiddenField()
    role = HiddenField()
    cohort = SelectField("Cohort", coerce=number_in, validate_choice=False)
    site_name = StringField("Site of the placement", render_kw={"maxlength": MOST_SITE})
    name = StringField("Name", render_kw={"maxlength": people.MOST_NAME})
    send_drafts = BooleanField("Send them what waits for a mentor")
    email = EmailField("Email", render_kw={"maxlength": people.MOST_EMAIL})

    @property
    def where(self) -> dict[str, int | str | None]:
        """The place that it names, as the workflow takes it."""
        return {"placement": number_in(self.placement.data), "programme": self.programme.data or None}


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
def new() -> str:
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
    mark = devices.known_mark() or devices.new_mark()
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
        return not_saved(invalid, partial(_form_page, form, place), form, "email")
    except Conflict as too_many:
        form.email.errors = [too_many.sentence]
        return make_response(_form_page(form, place), 409)
    if means == MAIL:
        flash(f"The invitation goes to {made.email}. It works for {place.programme.people.invitation_days} days.")
        response = go_to(url_for("invitations.index"))
    else:
        response = make_response(_code_page(made, token, place))
    devices.keep_mark(response, mark)
    return response


def _form_page(form: InvitationForm, place: Place, invalid: Invalid | None = None) -> str:
    today = place.programme.today(clock.now())
    mine = place.placement is not None and place.placement.enrolment.person_id == me().id
    role, to_student = form.role.data or "", form.role.data == roles.STUDENT
    form.cohort.choices = queries.cohorts_of(place.programme.key, today) if to_student else []
    drafts = len(without_mentor.drafts(place.placement.id)) if mine and role == roles.MENTOR else 0
    return render_template(
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
    )


def _code_page(made: Invitation, token: str, place: Place) -> str:
    address = current_app.config["SONOFOLIO"].base_url + url_for("joining.show", token=token)
    side, path = path_of(address)
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
    found = or_not_found(workflow.visible_to(me().person).where(Invitation.id == number).first())
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
