"""What the scans add up to, kept in the transaction of each change (`workflows.counts.tallies`)."""

from peewee import SQL, Check, CompositeKey, DateField, ForeignKeyField, IntegerField

from tables.course import Cohort, Enrolment
from tables.fields import InstantField, ListField, Table
from tables.people import Person

_TALLIED = ("draft", "with_mentor", "returned", "held", "counted")


class Tally(Table):
    """One student's scans, added up. Guided procedures are in `procedures` alone where they count apart (R4)."""

    enrolment = ForeignKeyField(Enrolment, primary_key=True, backref="tallies", on_delete="CASCADE")
    version = IntegerField()  # goes up with every change: whoever has seen this one has seen all
    aided_draft = IntegerField()
    aided_with_mentor = IntegerField()
    aided_returned = IntegerField()
    aided_counted = IntegerField()
    unaided_draft = IntegerField()
    unaided_with_mentor = IntegerField()
    unaided_returned = IntegerField()
    unaided_counted = IntegerField()
    other_draft = IntegerField()  # without a support yet
    procedures = ListField()  # {"state part": guided procedures}, such as "counted observed"; drafts are left out
    regions = ListField()  # {region: counted scans}
    waiting = ListField()  # {support or "procedure": [when each scan that waits was sent, in microseconds]}
    recent = ListField()  # {day: scans logged for it}, for the days of the pace window
    last_logged_at = InstantField(null=True)
    judged_at = InstantField(null=True)  # when a mentor last did something to one of the scans
    aided_held = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    unaided_held = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])

    class Meta:
        constraints = [
            Check(" AND ".join(f"{kind}_{state} >= 0" for kind in ("aided", "unaided") for state in _TALLIED)),
            Check("other_draft >= 0"),
        ]


class CountedDay(Table):
    """How many of a cohort's scans came to count on a day and still do; the surplus of a kind is in none (R2)."""

    cohort = ForeignKeyField(Cohort, backref="counted_days", on_delete="CASCADE", index=False)
    day = DateField()
    number = IntegerField()

    class Meta:
        primary_key = CompositeKey("cohort", "day")
        constraints = [Check("number >= 0")]


class Answered(Table):
    """How many of a cohort's scans a mentor approved within so many whole days of their being sent."""

    cohort = ForeignKeyField(Cohort, backref="answered", on_delete="CASCADE", index=False)
    mentor = ForeignKeyField(Person, backref="answered", index=False)
    days = IntegerField()
    number = IntegerField()

    class Meta:
        primary_key = CompositeKey("cohort", "mentor", "days")
        constraints = [Check("number >= 0")]
