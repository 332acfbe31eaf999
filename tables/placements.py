"""Sites, their machines, students' placements, and who has which part in one."""

from __future__ import annotations

from peewee import DateField, ForeignKeyField, TextField

from rules import roles
from tables.course import Enrolment
from tables.fields import Table, one_of
from tables.people import Person


class Site(Table):
    name = TextField(unique=True)


class Machine(Table):
    site = ForeignKeyField(Site, backref="machines")
    name = TextField()

    class Meta:
        indexes = ((("site", "name"), True),)


class Placement(Table):
    enrolment = ForeignKeyField(Enrolment, backref="placements")
    site = ForeignKeyField(Site, backref="placements")
    starts_on = DateField()
    ends_on = DateField(null=True)

    class Meta:
        indexes = ((("enrolment", "site"), True),)


class Party(Table):
    """Somebody's part in a placement (R11)."""

    placement = ForeignKeyField(Placement, backref="parties")
    person = ForeignKeyField(Person, backref="parties")
    role = TextField()
    ended_on = DateField(null=True)

    class Meta:
        indexes = ((("placement", "person", "role"), True),)
        constraints = [one_of("role", roles.in_scope(roles.PLACEMENT))]
