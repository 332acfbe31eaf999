"""The forms of the room *People*."""

from collections.abc import Sequence
from typing import Self

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateField, EmailField, HiddenField, SelectChoice, SelectField, StringField
from wtforms.validators import Optional

from blueprints.field_limits import AtMost
from models import Cohort
from rules import roles
from workflows.course import programmes
from workflows.people import adding, people, people_csv


class NameForm(FlaskForm):
    name = StringField("Full name", [AtMost(people.MOST_NAME)])


class FileForm(FlaskForm):
    file = FileField("File of people")


class CohortForm(FlaskForm):
    programme = SelectField("Course", validate_choice=False)
    name = StringField("Name", [AtMost(adding.MOST_NAME)], id="cohort-name")
    starts_on = DateField("First day")
    due_on = DateField("All scans are due on")

    @classmethod
    def of(cls, manages: Sequence[str], *, sent: bool) -> Self:
        """The form for a cohort of one of these programmes."""
        form = cls() if sent else cls(formdata=None, data={"programme": manages[0]})
        form.programme.choices = [SelectChoice(key, programmes.short_name(key)) for key in manages]
        return form


class AddForm(FlaskForm):
    """One person with one part: as a row of a file of people. The page shows the fields that the part needs."""

    role = HiddenField()
    name = StringField("Full name", [AtMost(people.MOST_NAME)])
    email = EmailField("Email", [AtMost(people.MOST_EMAIL)], id="their-email")
    programme = SelectField("Course", validate_choice=False)
    cohort = SelectField("Cohort", validate_choice=False)
    site = StringField("Site", [AtMost(adding.MOST_NAME)])
    machines = StringField("Machines", [AtMost(people_csv.LONGEST_CELL)])
    placement_starts_on = DateField("Placed there from", [Optional()])
    student_email = EmailField("Student’s email", [AtMost(people.MOST_EMAIL)])
    previous_email = HiddenField()

    @classmethod
    def of(cls, role: str, manages: Sequence[str], cohorts: Sequence[Cohort], data: dict | None) -> Self:
        """The form for this role; `data` before it was sent, None once it was."""
        form = cls() if data is None else cls(formdata=None, data={**data, "role": role})
        form.programme.choices = [SelectChoice(key, programmes.short_name(key)) for key in manages]
        form.cohort.choices = [SelectChoice(str(one.id), _called(one, len(manages) > 1)) for one in cohorts]
        return form

    def shown(self, role: str) -> tuple[str, ...]:
        """The fields of this role, in their order."""
        scope = roles.BY_KEY[role].scope
        own = {
            roles.OWN: ("cohort", "site", "machines", "placement_starts_on"),
            roles.PLACEMENT: ("student_email", "site"),
            roles.PROGRAMME: ("programme",) if len(self.programme.choices) > 1 else (),
        }
        return ("name", "email", *own[scope])


def _called(cohort: Cohort, several: bool) -> str:
    return f"{cohort.name}, {programmes.short_name(cohort.programme)}" if several else cohort.name
