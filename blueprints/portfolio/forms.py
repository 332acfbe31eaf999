"""What is asked before an edition is made, and before one is made void."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectChoice, TextAreaField

from rules.editions import PURPOSES


class EditionForm(FlaskForm):
    """What it is for, and the declaration. Which of them may not be missing, the workflow says."""

    purpose = RadioField(
        "What it is for", choices=[SelectChoice(*one) for one in PURPOSES.items()], validate_choice=False
    )
    declared = BooleanField("I declare this")


class VoidForm(FlaskForm):
    why = TextAreaField("Why is it void?")
