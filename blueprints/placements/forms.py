"""Forms of parts and covers. What may not be kept, the workflow says; each field has an id of its own on the page."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, SelectChoice, SelectField

from blueprints.field_limits import number_in
from models import Person
from rules import roles
from rules.person_names import distinct_names
from workflows.refusals import Invalid


class _Form(FlaskForm):
    @classmethod
    def of(cls, invalid: Invalid | None, people: Iterable[Person] = (), **data: Any) -> Self:
        """The form with these data and people to choose; once it was sent, with what was sent and is wrong in it."""
        form = cls(formdata=None, data=data) if invalid is None else cls()
        form.offer(people)
        form.refuse(invalid.problems if invalid else {})
        return form

    def offer(self, people: Iterable[Person]) -> None:
        """Put in who can be chosen."""

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


def _people(people: Iterable[Person], nobody: str) -> list[SelectChoice]:
    found = list(people)
    names = distinct_names([(one.name, one.email) for one in found])
    return [SelectChoice(0, nobody), *(SelectChoice(one.id, name) for one, name in zip(found, names, strict=True))]
