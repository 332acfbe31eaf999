"""Every table: columns, constraints, indexes, and who may see which rows.

Instants (`..._at`) are UTC, stored as whole microseconds; days (`..._on`) are those of the programme's time zone.
The models know no request: who acts is an argument, `by=`.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta

from peewee import (
    SQL,
    AutoField,
    BigIntegerField,
    BooleanField,
    Check,
    CompositeKey,
    DatabaseProxy,
    DateField,
    ForeignKeyField,
    IntegerField,
    Model,
    ModelSelect,
    TextField,
)

from rules.states import DRAFT, STATES, WITHDRAWN

db = DatabaseProxy()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class InstantField(BigIntegerField):
    """An aware UTC datetime, kept as microseconds since 1970: the same on every database, and it sorts."""

    def db_value(self, value: datetime | int | None) -> int | None:
        if value is None or isinstance(value, int):
            return value
        return (value - EPOCH) // timedelta(microseconds=1)

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


_TALLIED = ("draft", "with_mentor", "returned", "counted")


class ListField(TextField):
    """Plain values, kept as JSON text."""

    def db_value(self, value: list | tuple | dict | None) -> str | None:
        return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def python_value(self, value: str | None) -> list | dict | None:
        return None if value is None else json.loads(value)


def one_of(column: str, values: tuple[str, ...]) -> Check:
    """The database refuses any other word in this column."""
    return Check(f"{column} IN ({', '.join(repr(value) for value in values)})")


def minute_of_day(column: str) -> Check:
    """The database refuses what is no minute of a day."""
    return Check(f"{column} BETWEEN 0 AND 1439")


class Table(Model):
    class Meta:
        database = db
        legacy_table_names = False


# --- People and how they come in -------------------------------------------------------------------------------


class Person(Table):
    email = TextField(unique=True)
    name = TextField()
    password = TextField(null=True)  # argon2id; empty until the one-time link was used
    theme = TextField(default="system")
    disabled_at = InstantField(null=True)
    made_at = InstantField()
    seal = TextField(null=True, default=lambda: secrets.token_hex(32))  # key of what their own phone keeps of theirs
    # How they want to be told (`workflows.notices`): by mail too, and between which minutes of the day by nothing.
    by_mail = BooleanField(default=True, constraints=[SQL("DEFAULT TRUE")])
    quiet_from = IntegerField(default=21 * 60, constraints=[SQL("DEFAULT 1260"), minute_of_day("quiet_from")])
    quiet_until = IntegerField(default=7 * 60, constraints=[SQL("DEFAULT 420"), minute_of_day("quiet_until")])
    mailed_at = InstantField(null=True)  # when they had their last digest
    record_mailed_at = InstantField(null=True)  # when they, as a director, had the weekly mail about the record

    class Meta:
        constraints = [Check("email = lower(email)"), one_of("theme", ("system", "dark", "light"))]

    @property
    def initials(self) -> str:
        words = self.name.split()
        return (words[0][0] + words[-1][0] if len(words) > 1 else self.name[:2]).upper()


class SignIn(Table):
    """The server's own record of a sign-in: ending it here ends it everywhere, at the next request."""

    token_hash = TextField(primary_key=True)
    person = ForeignKeyField(Person, backref="sign_ins", on_delete="CASCADE")
    made_at = InstantField()
    expires_at = InstantField()
    shared = BooleanField(default=False)
    device = TextField(default="")
    ended_at = InstantField(null=True)


class Subscription(Table):
    """Where a browser takes what is pushed to its person. It belongs to a sign-in, so it ends where that ends."""

    sign_in = ForeignKeyField(SignIn, unique=True, backref="subscriptions", on_delete="CASCADE")
    endpoint = TextField(unique=True)  # the push service's address: a secret of this browser's
    p256dh = TextField()
    auth = TextField()
    made_at = InstantField()
    told_until = InstantField()  # what was to be told until here was told
    next_at = InstantField()  # nothing is sent before: it was just told, somebody is sending, or the last try failed
    tries = IntegerField(default=0)  # failed ones, one after the other

    class Meta:
        constraints = [Check("tries >= 0")]


class Attempt(Table):
    """A failed try to sign in, under a key that names nobody; what throttling counts."""

    key = TextField()
    tried_at = InstantField()

    class Meta:
        indexes = ((("key", "tried_at"), False), (("tried_at",), False))


class Link(Table):
    """A one-time link (to set a password). Only its hash is kept."""

    token_hash = TextField(primary_key=True)
    person = ForeignKeyField(Person, backref="links", on_delete="CASCADE")
    made_at = InstantField()
    expires_at = InstantField()
    used_at = InstantField(null=True)


# --- The course, and who has which part in it ------------------------------------------------------------------


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
        constraints = [one_of("role", ("director", "internal_assessor"))]


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
        constraints = [one_of("role", ("mentor", "external_assessor", "clinical_manager"))]


# --- Scans -----------------------------------------------------------------------------------------------------


class Scan(Table):
    """One region of one patient on one occasion (R4), with its report. Nothing here identifies a patient (R8)."""

    id = TextField(primary_key=True)  # a UUID made on the phone: a resend is recognised, never doubled
    enrolment = ForeignKeyField(Enrolment, backref="scans", index=False)  # the indexes below begin with it
    case_number = IntegerField()  # the app's own, within the enrolment
    placement = ForeignKeyField(Placement, backref="scans", null=True)
    mentor = ForeignKeyField(Person, backref="mentored_scans", null=True, index=False)
    state = TextField()
    version = IntegerField(default=1)
    received_at = InstantField()
    received_digest = TextField()  # of what was first received: a replay after an edit is still a replay
    first_answer = ListField(default=dict)  # what was answered then: a replay is answered alike
    digest = TextField()  # of what it says now

    support = TextField(default="")
    region = TextField(default="")
    side = TextField(default="")
    protocol = TextField(default="")
    scanned_on = DateField()
    indication = TextField(default="")
    findings = ListField(default=list)  # [[structure, finding], ...]
    normal = ListField(default=list)  # [structure, ...] or ["all"]
    outcome = TextField(default="")
    limitations = ListField(default=list)
    modifiers = ListField(default=list)
    report = TextField(default="")
    composed = TextField(default="")  # what the taps alone say; the rest of `report` is the student's own words
    own_words = BooleanField(default=False)
    words_missing = BooleanField(default=False)  # the programme wants the student's own, and there are none
    headline = TextField(default="")
    age_band = TextField(default="")
    sex = TextField(default="")
    machine = TextField(default="")
    transducer = TextField(default="")
    procedure = TextField(default="")
    procedure_role = TextField(default="")

    # Asked about before it is sent.
    duplicate_of = ForeignKeyField("self", null=True, backref="likely_duplicates", index=False)
    sent_at = InstantField(null=True)
    counted_at = InstantField(null=True)
    counted_by = ForeignKeyField(Person, null=True, backref="counted_scans", index=False)
    counted_version = IntegerField(null=True)
    audited_at = InstantField(null=True)
    # What the screen against patient data asked about, and the student went on past: kinds of finds, never the text.
    warned = ListField(default=list, constraints=[SQL("DEFAULT '[]'")])
    # What the phone says of its *Save scan*: when, by a clock that may be wrong, and in which version of the form.
    entered_at = InstantField(null=True)
    form_version = IntegerField(null=True)

    class Meta:
        constraints = [
            one_of("state", STATES),
            one_of("support", ("", "aided", "unaided")),
            Check("version >= 1"),
            # Counted is exactly: somebody approved this very version, at some time.
            Check("(state = 'counted') = (counted_at IS NOT NULL)"),
            Check("(counted_at IS NULL) = (counted_by_id IS NULL)"),
            Check("(counted_at IS NULL) = (counted_version IS NULL)"),
            Check("counted_version IS NULL OR counted_version = version"),
            # R2: an aided scan counts only when it is audited; nothing is audited that is not counted.
            Check("state <> 'counted' OR support <> 'aided' OR audited_at IS NOT NULL"),
            Check("audited_at IS NULL OR state = 'counted'"),
            # What is sent to a mentor has a mentor, a placement, a support, a region and a side.
            Check(
                "state IN ('draft', 'withdrawn') OR (mentor_id IS NOT NULL AND placement_id IS NOT NULL"
                " AND sent_at IS NOT NULL AND support <> '' AND region <> '' AND side <> '')"
            ),
            Check("(procedure = '') = (procedure_role = '') OR state IN ('draft', 'withdrawn')"),
        ]
        indexes = (
            (("enrolment", "case_number"), True),
            (("enrolment", "scanned_on"), False),
            (("enrolment", "state"), False),
        )


# A mentor's inbox, and what waits of a student, read only what waits; what may still be undone is the latest approved.
Scan.add_index(SQL("CREATE INDEX scan_waiting ON scan (mentor_id, sent_at) WHERE state = 'with_mentor'"))
Scan.add_index(SQL("CREATE INDEX scan_counted ON scan (counted_by_id, counted_at) WHERE state = 'counted'"))
Scan.add_index(
    SQL("CREATE INDEX scan_waiting_of ON scan (enrolment_id, mentor_id, sent_at) WHERE state = 'with_mentor'")
)


class Audit(Table):
    """A mentor's appraisal of one version of a scan: image, report and agreement (R2, R3)."""

    scan = ForeignKeyField(Scan, backref="audits")
    version = IntegerField()
    by = ForeignKeyField(Person, backref="audits")
    made_at = InstantField()
    image = TextField()
    report = TextField()
    agreement = TextField()
    seen = TextField(default="")
    comment = TextField(default="")
    voided_at = InstantField(null=True)  # undone or reopened

    class Meta:
        constraints = [
            one_of("image", ("good", "acceptable", "poor")),
            one_of("report", ("good", "acceptable", "poor")),
            one_of("agreement", ("agree", "minor", "major")),
            one_of("seen", ("", "machine", "pacs", "not_seen")),
        ]


Audit.add_index(SQL("CREATE UNIQUE INDEX audit_live ON audit (scan_id, version) WHERE voided_at IS NULL"))


class Move(Table):
    """One step in a scan's story, as people read it. `history` proves the same steps."""

    scan = ForeignKeyField(Scan, backref="moves")
    at = InstantField()
    by = ForeignKeyField(Person, backref="moves", index=False)
    verb = TextField()
    before = TextField(null=True)
    after = TextField()
    version = IntegerField()
    why = TextField(default="")  # a reason or a comment, in the person's words
    seen_at = InstantField(null=True)  # when the person who is told of it saw it
    # Whom it is told to, and from when: an approval only once it cannot be undone. Nobody is told what they did.
    told = IntegerField(
        null=True, column_name="told_id", constraints=[SQL('REFERENCES "person" ("id")'), Check("told_id <> by_id")]
    )
    told_at = InstantField(null=True, constraints=[Check("(told_id IS NULL) = (told_at IS NULL)")])
    received = TextField(null=True)  # of a correction: digest of what came in, by which a resend is recognised

    class Meta:
        constraints = [one_of("after", STATES)]


# What is new for somebody, counted with each of their requests from this index alone; and all that was told to them.
NEWS = ("send_back", "approve", "reopen", "hand_over")  # what else is told to a mentor waits in the inbox
UNREAD = f"seen_at IS NULL AND verb IN ({', '.join(map(repr, NEWS))})"
Move.add_index(SQL(f"CREATE INDEX move_unread ON move (told_id, told_at, verb, seen_at) WHERE {UNREAD}"))
Move.add_index(SQL("CREATE INDEX move_told ON move (told_id, told_at) WHERE told_id IS NOT NULL"))


class History(Table):
    """The append-only, hash-chained record of who did what. For proof, never for features."""

    seq = AutoField()
    at = InstantField()
    actor = ForeignKeyField(Person, null=True, index=False)
    verb = TextField()
    object = TextField()  # "scan:<uuid>", "person:7"
    enrolment = ForeignKeyField(Enrolment, null=True, index=False)
    payload = TextField()  # canonical JSON, without personal fields
    previous = TextField()
    student_previous = TextField(null=True)
    hash = TextField(unique=True)
    key_id = TextField(null=True)  # the key that `hash` was made with (`workflows.keys`); none before there were keys

    class Meta:
        indexes = ((("enrolment", "seq"), False),)
        constraints = [Check("(enrolment_id IS NULL) = (student_previous IS NULL)")]


# --- Tallies: what the scans add up to, kept in the transaction of each change (`workflows.tallies`) --------------


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
    procedures = IntegerField()
    regions = ListField()  # {region: counted scans}
    waiting = ListField()  # {support or "procedure": [when each scan that waits was sent, in microseconds]}
    recent = ListField()  # {day: scans logged for it}, for the days of the pace window
    last_logged_at = InstantField(null=True)
    judged_at = InstantField(null=True)  # when a mentor last did something to one of the scans

    class Meta:
        constraints = [
            Check(" AND ".join(f"{kind}_{state} >= 0" for kind in ("aided", "unaided") for state in _TALLIED)),
            Check("other_draft >= 0 AND procedures >= 0"),
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


TABLES = [
    Person,
    SignIn,
    Subscription,
    Attempt,
    Link,
    Cohort,
    Staff,
    Enrolment,
    Site,
    Machine,
    Placement,
    Party,
    Scan,
    Audit,
    Move,
]
TABLES += [History, Tally, CountedDay, Answered]


# --- Who may see which rows ------------------------------------------------------------------------------------


# Written out, not bound: so the database knows that an index of these rows alone will do.
WAITING = Scan.state == SQL("'with_mentor'")
COUNTED = Scan.state == SQL("'counted'")
MENTORS_NOW = (Party.role == "mentor") & Party.ended_on.is_null()


def placements_of_mentor(person: int) -> ModelSelect:
    """Ids of the placements in which this person is a mentor now."""
    return Party.select(Party.placement).where(Party.person == person, MENTORS_NOW)


def mentors_of_placement(placement: int) -> ModelSelect:
    """Ids of the people who are mentors in this placement now."""
    return Party.select(Party.person).where(Party.placement == placement, MENTORS_NOW)


def programmes_of_staff(person: int, *roles: str) -> ModelSelect:
    """Keys of the programmes on which this person has one of the roles."""
    return Staff.select(Staff.programme).where(Staff.person == person, Staff.role.in_(roles))


def scans_visible_to(person: int) -> ModelSelect:
    """The scans that this person may read: their own; as a mentor, those sent in their placements; as a director or
    internal assessor, those sent in their programmes; as an external assessor, those sent in placements that name them.
    Nobody but the student reads a draft or a withdrawn scan; a clinical manager reads counts, never texts.
    """
    sent = Scan.state.not_in((DRAFT, WITHDRAWN))
    assessed = Party.select(Party.placement).where(
        Party.person == person, Party.role == "external_assessor", Party.ended_on.is_null()
    )
    own = Enrolment.select(Enrolment.id).where(Enrolment.person == person)
    course = (
        Enrolment.select(Enrolment.id)
        .join(Cohort)
        .where(Cohort.programme.in_(programmes_of_staff(person, "director", "internal_assessor")))
    )
    return Scan.select().where(
        Scan.enrolment.in_(own)
        | (sent & (Scan.placement.in_(placements_of_mentor(person)) | Scan.placement.in_(assessed)))
        | (sent & Scan.enrolment.in_(course))
    )


def scans_waiting_for(person: int) -> ModelSelect:
    """What waits in this mentor's inbox."""
    return Scan.select().where(Scan.mentor == person, WAITING, Scan.placement.in_(placements_of_mentor(person)))


def scans_of_student(person: int) -> ModelSelect:
    """The student's own scans, whatever their state."""
    return Scan.select().where(Scan.enrolment.in_(Enrolment.select(Enrolment.id).where(Enrolment.person == person)))


def enrolments_visible_to(person: int) -> ModelSelect:
    """The students whose counters this person may see: in their programmes, or by their part in a placement."""
    by_staff = Cohort.programme.in_(programmes_of_staff(person, "director", "internal_assessor"))
    parties = Party.select(Placement.enrolment).join(Placement).where(Party.person == person, Party.ended_on.is_null())
    return Enrolment.select().join(Cohort).where(by_staff | Enrolment.id.in_(parties))
