"""A student's place on the course: what is true of it, and what a director or administrator decides."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectChoice, SelectField

import clock
from blueprints.access import allow, me
from blueprints.field_limits import number_in
from blueprints.hypermedia import go_to
from blueprints.study import queries
from models import Cohort
from rules import calendar, roles
from rules.lifecycle import FAILED, GRADUATED, LEFT
from workflows.people import lifecycle
from workflows.refusals import Invalid

study = Blueprint("study", __name__)


class InterruptionForm(FlaskForm):
    from_on = DateField("First day on which study rests")
    until_on = DateField("Day on which they come back")


class ResumptionForm(FlaskForm):
    back_on = DateField("Day on which they come back")


class ExtensionForm(FlaskForm):
    due_on = DateField("Scans are due on")


class TransferForm(FlaskForm):
    """`seen` is the cohort in which they were when the form was made."""

    cohort = SelectField("Cohort", coerce=number_in, validate_choice=False)
    seen = HiddenField()

    def offer(self, cohorts: list[Cohort]) -> None:
        self.cohort.choices = [SelectChoice(one.id, one.name) for one in cohorts]


class WithdrawalForm(FlaskForm):
    ended_as = SelectField(
        "It ended because",
        choices=[
            SelectChoice(LEFT, "they left the course"),
            SelectChoice(GRADUATED, "they graduated"),
            SelectChoice(FAILED, "they did not pass"),
        ],
        validate_choice=False,
    )
    ended_on = DateField("On")


FORMS = {
    "interrupt": InterruptionForm,
    "resume": ResumptionForm,
    "extend": ExtensionForm,
    "transfer": TransferForm,
    "withdraw": WithdrawalForm,
}


@study.get("/enrolments/<int:enrolment>/study")
@allow(*roles.MANAGERS)
def show(enrolment: int) -> str:
    return _page(enrolment)


@study.post("/enrolments/<int:enrolment>/interruption")
@allow(*roles.MANAGERS)
def interrupt(enrolment: int) -> ResponseReturnValue:
    form = InterruptionForm()
    given = form.from_on.data, form.until_on.data
    return _done(enrolment, "interrupt", form, lambda: lifecycle.interrupt(enrolment, *given, by=me().person))


@study.post("/enrolments/<int:enrolment>/resumption")
@allow(*roles.MANAGERS)
def resume(enrolment: int) -> ResponseReturnValue:
    form = ResumptionForm()
    return _done(enrolment, "resume", form, lambda: lifecycle.resume(enrolment, form.back_on.data, by=me().person))


@study.post("/enrolments/<int:enrolment>/extension")
@allow(*roles.MANAGERS)
def extend(enrolment: int) -> ResponseReturnValue:
    form = ExtensionForm()
    return _done(enrolment, "extend", form, lambda: lifecycle.extend(enrolment, form.due_on.data, by=me().person))


@study.post("/enrolments/<int:enrolment>/transfer")
@allow(*roles.MANAGERS)
def transfer(enrolment: int) -> ResponseReturnValue:
    form = TransferForm()
    given = {"by": me().person, "seen": number_in(form.seen.data)}
    return _done(enrolment, "transfer", form, lambda: lifecycle.transfer(enrolment, form.cohort.data, **given))


@study.post("/enrolments/<int:enrolment>/withdrawal")
@allow(*roles.MANAGERS)
def withdraw(enrolment: int) -> ResponseReturnValue:
    form = WithdrawalForm()
    given = {"ended_as": form.ended_as.data, "by": me().person}
    return _done(enrolment, "withdraw", form, lambda: lifecycle.withdraw(enrolment, form.ended_on.data, **given))


@study.post("/enrolments/<int:enrolment>/readmission")
@allow(*roles.MANAGERS)
def readmit(enrolment: int) -> ResponseReturnValue:
    lifecycle.readmit(enrolment, by=me().person)
    return _shown(enrolment)


def _done(enrolment: int, verb: str, form: FlaskForm, action: Callable[[], Any]) -> ResponseReturnValue:
    """Do it, and show what is true now; or the page with what was wrong beside the field, and what was typed."""
    form.validate()  # it may not be able to read a day: then that is the sentence beside the field
    unread = {name: errors for name, errors in form.errors.items() if any(form[name].raw_data or ())}
    try:
        if unread:
            raise Invalid(unread)
        action()
    except Invalid as invalid:
        for field in form:
            field.errors = list(invalid.problems.get(field.name, ()))
        return make_response(_page(enrolment, {verb: form}), 422)
    return _shown(enrolment)


def _shown(enrolment: int) -> ResponseReturnValue:
    flash("Kept. The student is told.")
    return go_to(url_for("study.show", enrolment=enrolment))


def _page(enrolment: int, sent: dict[str, FlaskForm] | None = None) -> str:
    """The page; with the form that was just sent."""
    found = queries.study_of(enrolment, me().person, clock.now())
    forms = {verb: form(formdata=None) for verb, form in FORMS.items()} | (sent or {})
    forms["transfer"].offer(found.cohorts)
    return render_template(
        "study/page.html",
        study=found,
        forms=forms,
        sent=next(iter(sent), "") if sent else "",
        sentence=calendar.SENTENCE,
    )
