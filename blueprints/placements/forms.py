"""Forms of parts and covers. What may not be kept, the workflow says; each field has an id of its own on the page."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, SelectChoice, SelectField

from blueprints.field_limits import number_in
from models import Person
from rules import roles
from rules.person_names import told_apart


class _Form(FlaskForm):
    def refuse(self, problems: Mapping[str, Sequence[str]]) -> None:
        """Show these sentences beside their fields; what belongs to none stands above the form."""
        for name, sentences in problems.items():
            if name in self:
                self[name].errors = list(sentences)
            else:
                self.form_errors.extend(sentences)


class BeginForm(_Form):
    """Somebody has a part from a day on."""

    person = SelectField("Person", coerce=number_in, validate_choice=False, id="begin-person")
    role = SelectField(
        "Part",
        choices=[SelectChoice(key, roles.BY_KEY[key].name) for key in roles.in_scope(roles.PLACEMENT)],
        validate_choice=False,
        id="begin-role",
    )
    from_on = DateField("First day", id="begin-from")

    def offer(self, people: Iterable[Person]) -> None:
        self.person.choices = _people(people, "Choose a person")


class EndForm(_Form):
    """A part ends after a day; of a mentor's, what waits goes to the successor."""

    last_day = DateField("Last day", id="end-last-day")
    successor = SelectField("Who succeeds", coerce=number_in, validate_choice=False, id="end-successor")
    everywhere = BooleanField("End every part that they have at this site", id="end-everywhere")

    def offer(self, people: Iterable[Person]) -> None:
        self.successor.choices = _people(people, "Nobody")


class CoverForm(_Form):
    """Somebody covers for a mentor on these days."""

    from_on = DateField("First day away", id="cover-from")
    last_day = DateField("Last day away", id="cover-until")
    person = SelectField("Who covers", coerce=number_in, validate_choice=False, id="cover-person")

    def offer(self, people: Iterable[Person]) -> None:
        self.person.choices = _people(people, "Choose a mentor")


class CoverDaysForm(_Form):
    """A cover has another last day."""

    last_day = DateField("New last day away", id="change-until")


def begin_form(today: date, people: Iterable[Person], *, sent: bool) -> BeginForm:
    form = BeginForm() if sent else BeginForm(formdata=None, data={"role": roles.MENTOR, "from_on": today})
    form.offer(people)
    return form


def end_form(today: date, people: Iterable[Person], *, sent: bool) -> EndForm:
    form = EndForm() if sent else EndForm(formdata=None, data={"last_day": today})
    form.offer(people)
    return form


def cover_form(people: Iterable[Person], *, sent: bool) -> CoverForm:
    form = CoverForm() if sent else CoverForm(formdata=None)
    form.offer(people)
    return form


def _people(people: Iterable[Person], nobody: str) -> list[SelectChoice]:
    found = list(people)
    names = told_apart([(one.name, one.email or "", "") for one in found])
    return [SelectChoice(0, nobody), *(SelectChoice(one.id, name) for one, name in zip(found, names, strict=True))]
