"""Cohorts, staff and enrolments: who has which part in a programme."""

from __future__ import annotations

from peewee import Check, DateField, ForeignKeyField, TextField

from rules import roles
from tables.fields import InstantField, ListField, Table, one_of
from tables.people import Person


class Cohort(Table):
    programme = TextField()  # key of the programme's data file
    name = TextField()
    starts_on = DateField()
    due_on = DateField()

    class Meta:
        indexes = ((("programme", "name"), True),)
        constraints = [Check("due_on > starts_on")]


class Staff(Table):
    """A role on a whole programme."""

    person = ForeignKeyField(Person, backref="staff", on_delete="CASCADE")
    programme = TextField()
    role = TextField()

    class Meta:
        indexes = ((("person", "programme", "role"), True),)
        constraints = [one_of("role", roles.in_scope(roles.PROGRAMME))]


class Enrolment(Table):
    """A student in a cohort. `remit` is the signed scope of practice: vocabulary regions, or all when empty (R5)."""

    person = ForeignKeyField(Person, backref="enrolments")
    cohort = ForeignKeyField(Cohort, backref="enrolments")
    enrolled_on = DateField()
    remit = ListField(null=True)
    ended_on = DateField(null=True)
    ended_as = TextField(null=True)

    class Meta:
        indexes = ((("person", "cohort"), True),)
        constraints = [
            Check("(ended_on IS NULL) = (ended_as IS NULL)"),
            Check("ended_as IS NULL OR ended_as IN ('graduated', 'left')"),
        ]


class Contact(Table):
    """With whom a director spoke about a student, and when. Read by the directors of the course alone."""

    enrolment = ForeignKeyField(Enrolment, backref="contacts")
    person = ForeignKeyField(Person, backref="contacts", index=False)
    spoken_on = DateField()
    note = TextField()
    by = ForeignKeyField(Person, backref="contacts_made", index=False)
    made_at = InstantField()
