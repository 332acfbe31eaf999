"""What a director keeps of having spoken with somebody about a student."""

from __future__ import annotations

from datetime import date

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, TextAreaField


def _id(value: object) -> int:
    """A person's id; 0 for what is no number."""
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 12 else 0


class ContactForm(FlaskForm):
    """With whom, when, and what was said. What may not be kept, the workflow says."""

    person = SelectField("Spoke with", coerce=_id, validate_choice=False)
    spoken_on = DateField("On")
    note = TextAreaField("What was agreed")

    @classmethod
    def of(cls, people: dict[int, str], today: date, *, sent: bool) -> ContactForm:
        """The form with whom one may have spoken; of today unless it was sent."""
        form = cls() if sent else cls(formdata=None, data={"spoken_on": today})
        form.person.choices = list(people.items())
        return form
