"""What a director or administrator decides of a student's place on the course. Of the reason nothing is asked."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectChoice, SelectField

from models import Cohort
from rules import lifecycle


def _id(value: object) -> int | None:
    """A row's id; None for what is no number."""
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 12 else None


class InterruptionForm(FlaskForm):
    from_on = DateField("First day on which study rests")
    until_on = DateField("Day on which they come back")


class ResumptionForm(FlaskForm):
    back_on = DateField("Day on which they come back")


class ExtensionForm(FlaskForm):
    due_on = DateField("Scans are due on")


class TransferForm(FlaskForm):
    """`seen` is the cohort in which they were when the form was made."""

    cohort = SelectField("Cohort", coerce=_id, validate_choice=False)
    seen = HiddenField()

    def offer(self, cohorts: list[Cohort]) -> None:
        self.cohort.choices = [SelectChoice(one.id, one.name) for one in cohorts]


class WithdrawalForm(FlaskForm):
    ended_as = SelectField(
        "It ended because",
        choices=[
            SelectChoice(lifecycle.LEFT, "they left the course"),
            SelectChoice(lifecycle.GRADUATED, "they graduated"),
            SelectChoice(lifecycle.FAILED, "they did not pass"),
        ],
        validate_choice=False,
    )
    ended_on = DateField("On")
