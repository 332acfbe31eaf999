"""What is asked to confirm somebody, to refuse it, and to end it. What may not be kept, the workflow says."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import Optional

from rules.confirmations import CHOSEN


class _OfPart(FlaskForm):
    """Whom it is about is in the address; as what, and on which course, here."""

    programme = HiddenField()
    kind = HiddenField()


class ConfirmForm(_OfPart):
    basis = SelectField(
        "It rests on",
        choices=[SelectChoice("", "Choose…"), *(SelectChoice(*one) for one in CHOSEN.items())],
        validate_choice=False,
    )
    from_on = DateField("From", validators=[Optional()])
    until_on = DateField("Until, the last day", validators=[Optional()])


class RefuseForm(_OfPart):
    why = TextAreaField("Why are they not confirmed?", id="refuse-why")


class EndForm(FlaskForm):
    last_on = DateField("Last day", validators=[Optional()])
    why = TextAreaField("Why does it end?", id="end-why")
