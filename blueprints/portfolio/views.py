"""The portfolio's room: what is in it, its editions, and a cohort's editions at once."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectChoice, TextAreaField

import clock
from blueprints.access import allow, asked_by_itself, me
from blueprints.exports import stored_file
from blueprints.field_limits import number_in
from blueprints.form_errors import errors_of, named_nobody, not_saved
from blueprints.hypermedia import go_to, piece
from blueprints.portfolio import queries
from models import Enrolment
from rules import editions as rule
from rules import roles, sector
from workflows.counts import tally_queries
from workflows.course import programmes
from workflows.portfolio import earlier, editions
from workflows.refusals import Invalid, NotFound
from workflows.scans import ownership

portfolio = Blueprint("portfolio", __name__)


class EditionForm(FlaskForm):
    """What it is for, and the declaration. Which of them may not be missing, the workflow says."""

    purpose = RadioField(
        "What it is for", choices=[SelectChoice(*one) for one in rule.PURPOSES.items()], validate_choice=False
    )
    declared = BooleanField("I declare this")


class VoidForm(FlaskForm):
    why = TextAreaField("Why is it void?")


@portfolio.get("/portfolio")
@allow(roles.STUDENT)
def show():
    return _page(None)


@portfolio.get("/students/<int:enrolment_id>/portfolio")
@allow(*roles.OPEN_PORTFOLIOS)
def show_student(enrolment_id: int):
    return _page(enrolment_id)


@portfolio.get("/students/<int:enrolment_id>/portfolio/editions")
@allow(*roles.OPEN_PORTFOLIOS)
@asked_by_itself
def list_editions(enrolment_id: int):
    """The list of editions alone, which an open page asks for while one is on its way."""
    return piece(
        render_template("portfolio/_editions.html", **_editions(ownership.portfolio_of(me().id, enrolment_id)))
    )


@portfolio.post("/portfolio/editions")
@allow(roles.STUDENT)
def make():
    """Ask for an edition; a second press is answered with the one on its way."""
    form = EditionForm()
    own = ownership.latest_enrolment(me().id)
    try:
        purpose, declared = form.purpose.data or "", bool(form.declared.data)
        editions.ask(own.id, by=me().person, purpose=purpose, declared=declared)
    except Invalid as invalid:
        return not_saved(invalid, lambda _: _page(None, form=form), form)
    return go_to(url_for("portfolio.show", _anchor="editions"))


@portfolio.get("/editions/<int:edition_id>.pdf")
@allow(*roles.OPEN_PORTFOLIOS)
def as_pdf(edition_id: int) -> Response:
    edition = queries.edition_file(edition_id, me().id)
    return stored_file(edition.file, f"sonofolio-{edition.code.lower()}.pdf")


@portfolio.post("/editions/<int:edition_id>/void")
@allow(roles.STUDENT, roles.DIRECTOR)
def make_void(edition_id: int):
    """An edition is void for ever, with a reason; its share links say so."""
    form, edition = VoidForm(), queries.edition_file(edition_id, me().id)
    try:
        editions.void(edition_id, by=me().person, why=form.why.data or "", named_nobody=named_nobody())
    except Invalid as invalid:
        return not_saved(invalid, lambda no: _page(edition.enrolment_id, voiding=(edition_id, form, no)), form)
    return go_to(_address(edition.enrolment))


@portfolio.post("/cohorts/<int:cohort_id>/editions")
@allow(roles.DIRECTOR)
def make_for_cohort(cohort_id: int):
    asked_at = editions.ask_for_cohort(cohort_id, by=me().person)
    microseconds = queries.microseconds(asked_at)
    return redirect(url_for("portfolio.show_cohort", cohort_id=cohort_id, asked=microseconds), 303)


@portfolio.get("/cohorts/<int:cohort_id>/editions/progress")
@allow(roles.DIRECTOR)
def show_cohort(cohort_id: int):
    """How far the editions are that were asked for together; the page renews its list while one is on its way."""
    return render_template("portfolio/cohort.html", **_of_cohort(cohort_id))


@portfolio.get("/cohorts/<int:cohort_id>/editions/progress/list")
@allow(roles.DIRECTOR)
@asked_by_itself
def cohort_progress(cohort_id: int):
    return piece(render_template("portfolio/_cohort_progress.html", **_of_cohort(cohort_id)))


def _of_cohort(cohort_id: int) -> dict:
    asked = request.args.get("asked", "")
    asked_at = number_in(asked, digits=17)
    rows = [] if asked_at is None else queries.of_cohort(me().id, cohort_id, asked_at)
    if not rows:
        raise NotFound()
    done = sum(row.state in (rule.MADE, rule.FAILED) for row in rows)
    return {"rows": rows, "done": done, "cohort_id": cohort_id, "asked": asked}


def _address(enrolment: Enrolment) -> str:
    if enrolment.person_id == me().id:
        return url_for("portfolio.show", _anchor="editions")
    return url_for("portfolio.show_student", enrolment_id=enrolment.id, _anchor="editions")


def _editions(enrolment: Enrolment, voiding: tuple | None = None) -> dict:
    programme, now = programmes.get(enrolment.cohort.programme), clock.now()
    shown = queries.shown_editions(enrolment.id, now)
    number, form, invalid = voiding or (None, None, None)
    return {
        "enrolment": enrolment,
        "programme": programme,
        "editions": shown,
        "under_way": any(one.edition.state in (rule.ASKED, rule.MAKING) for one in shown),
        "purposes": rule.PURPOSES,
        "own": enrolment.person_id == me().id,
        "directs": roles.DIRECTOR in me().roles,
        "void_form": VoidForm(formdata=None),
        "voiding": number,
        "void_refused": form,
        "void_screening": errors_of(invalid),
    }


def _page(enrolment_id: int | None, form: EditionForm | None = None, voiding: tuple | None = None) -> str:
    enrolment = ownership.portfolio_of(me().id, enrolment_id)
    programme, now = programmes.get(enrolment.cohort.programme), clock.now()
    progress = tally_queries.progress_of([enrolment], programme, now)[enrolment.id]
    shown = _editions(enrolment, voiding)
    complete = not progress.missing
    suggested = rule.SUBMISSION if complete else rule.WORKING
    return render_template(
        "portfolio/page.html",
        progress=progress,
        sector=sector.sector(programme, progress),
        items=queries.contents(programme, progress, enrolment.remit),
        others=queries.others_of(enrolment),
        earlier_batches=earlier.batches_of(enrolment.id) if shown["own"] else [],
        may_import=shown["own"] and enrolment.ended_on is None,
        day_of=programme.today,
        form=form or EditionForm(formdata=None, data={"purpose": suggested}),
        **shown,
    )
