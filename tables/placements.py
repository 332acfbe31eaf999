"""Sites, their machines, students' placements, and who has which part in one."""

from peewee import SQL, BooleanField, Check, DateField, ForeignKeyField, IntegerField, TextField

from rules import roles
from tables.course import Cohort, Enrolment
from tables.fields import InstantField, Table, one_of
from tables.people import Person

_OF_PERSON = SQL('REFERENCES "person" ("id")')


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
    """Somebody's part in a placement (R11). It holds from its first day until the day before `ended_on`."""

    placement = ForeignKeyField(Placement, backref="parties")
    person = ForeignKeyField(Person, backref="parties")
    role = TextField()
    ended_on = DateField(null=True)  # the first day on which they have it no more, which may be to come
    from_on = DateField(null=True)  # none: since the placement began
    cover_for = ForeignKeyField("self", null=True, backref="covers")  # the part of the mentor who is away meanwhile
    # Of people, by the database alone: `person` stays the one join from here to them.
    successor_id = IntegerField(null=True, constraints=[_OF_PERSON])  # to whom goes what waits when it ends
    arranged_by_id = IntegerField(null=True, constraints=[_OF_PERSON])  # who arranged the cover, or the end
    # When what waited was handed over: to who covers, as the cover began; to who follows, as the part or cover ended.
    begun_at = InstantField(null=True)
    closed_at = InstantField(null=True)

    class Meta:
        constraints = [
            one_of("role", roles.in_scope(roles.PLACEMENT)),
            Check("from_on IS NULL OR ended_on IS NULL OR ended_on >= from_on"),
            Check("cover_for_id IS NULL OR from_on IS NOT NULL AND ended_on IS NOT NULL"),
        ]


Party.add_index(SQL("CREATE UNIQUE INDEX party_open ON party (placement_id, person_id, role) WHERE ended_on IS NULL"))


class Invitation(Table):
    """Somebody is asked to take a part: by a QR code that they scan, or by mail. Of its secret the hash is kept."""

    token_hash = TextField(unique=True)
    role = TextField()
    placement = ForeignKeyField(Placement, null=True, backref="invitations")
    programme = TextField(null=True)
    cohort = ForeignKeyField(Cohort, null=True, backref="invitations")  # of a student
    site = ForeignKeyField(Site, null=True, backref="invitations")  # of a student: where their placement will be
    email = TextField(default="")  # where it was mailed to; empty for a code
    name = TextField(default="")
    by = ForeignKeyField(Person, backref="invitations_made")
    browser_hash = TextField(default="")  # of the browser in which it was made
    made_at = InstantField()
    expires_at = InstantField()
    accepted_at = InstantField(null=True)
    accepted_by = ForeignKeyField(Person, null=True, backref="invitations_accepted")
    same_browser = BooleanField(default=False)  # it was accepted in the browser in which it was made
    # Scans that lack only a mentor go to who accepts it.
    sends_drafts = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")])
    withdrawn_at = InstantField(null=True)

    class Meta:
        constraints = [
            Check("(placement_id IS NULL) <> (programme IS NULL)"),
            Check("(accepted_at IS NULL) = (accepted_by_id IS NULL)"),
            Check("accepted_at IS NULL OR withdrawn_at IS NULL"),
            Check("(role = 'student') = (cohort_id IS NOT NULL)"),
            Check("site_id IS NULL OR cohort_id IS NOT NULL"),
        ]
