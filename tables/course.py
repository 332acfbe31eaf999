"""Cohorts, staff and enrolments: who has which part in a programme."""

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
            Check("ended_as IS NULL OR ended_as IN ('graduated', 'left', 'failed')"),
        ]


class Absence(Table):
    """A time in which a student's study rests, or a later day on which their scans are due. Why is kept elsewhere."""

    enrolment = ForeignKeyField(Enrolment, backref="absences")
    kind = TextField()
    from_on = DateField(null=True)  # of an interruption: its first day
    until_on = DateField(null=True)  # the day on which they come back; none while that is open
    due_on = DateField(null=True)  # of an extension: the new day
    by = ForeignKeyField(Person, backref="absences_decided", index=False)
    made_at = InstantField()
    voided_at = InstantField(null=True)  # it was a mistake, or another took its place

    class Meta:
        constraints = [
            one_of("kind", ("interruption", "extension")),
            Check("(kind = 'interruption') = (from_on IS NOT NULL)"),
            Check("(kind = 'extension') = (due_on IS NOT NULL)"),
            Check("until_on IS NULL OR from_on IS NOT NULL AND until_on >= from_on"),
        ]


class Confirmation(Table):
    """The course has confirmed that somebody may do what they do (R9, R10), for these days; none of either: any day.

    A mentor's approval counts only if they were confirmed for the day on which they gave it; until then it is held.
    """

    person = ForeignKeyField(Person, backref="confirmations")
    programme = TextField()
    kind = TextField()
    from_on = DateField(null=True)
    until_on = DateField(null=True)  # the last day
    basis = TextField()  # on what it rests: a key of `rules.confirmations.BASES`
    by = ForeignKeyField(Person, null=True, backref="confirmations_given", index=False)  # nobody: the course itself
    made_at = InstantField()
    ended_at = InstantField(null=True)
    ended_by = ForeignKeyField(Person, null=True, backref="+", index=False)
    why = TextField(default="")  # it was ended

    class Meta:
        constraints = [
            one_of("kind", ("mentor", "external_assessor")),
            Check("by_id <> person_id"),
            Check("until_on IS NULL OR from_on IS NULL OR until_on >= from_on"),
            Check("ended_by_id IS NULL OR ended_at IS NOT NULL"),
        ]


class Contact(Table):
    """With whom a director spoke about a student, and when. Read by the directors of the course alone."""

    enrolment = ForeignKeyField(Enrolment, backref="contacts")
    person = ForeignKeyField(Person, backref="contacts", index=False)
    spoken_on = DateField()
    note = TextField()
    by = ForeignKeyField(Person, backref="contacts_made", index=False)
    made_at = InstantField()
