"""Scans, the audits of them, and the steps that they took."""

from peewee import SQL, BooleanField, Check, DateField, ForeignKeyField, IntegerField, TextField

from rules import audits
from rules.states import APPROVED, STATES
from tables.course import Enrolment
from tables.fields import InstantField, ListField, Table, one_of
from tables.people import Person
from tables.placements import Placement

_APPROVED = f"state IN ({', '.join(map(repr, APPROVED))})"


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
    findings = ListField(default=list)  # [[structure, finding], ...]; with a side as a third where it has one
    normal = ListField(default=list)  # [structure, ...] or ["all"]; "left | ..." where it has a side
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
    approved_at = InstantField(null=True)
    approved_by = ForeignKeyField(Person, null=True, backref="approved_scans", index=False)
    approved_version = IntegerField(null=True)
    audited_at = InstantField(null=True)
    # What the screen against patient data asked about, and the student went on past: kinds of finds, never the text.
    warned = ListField(default=list, constraints=[SQL("DEFAULT '[]'")])
    # What the phone says of its *Save scan*: when, by a clock that may be wrong, and in which version of the form.
    entered_at = InstantField(null=True)
    form_version = IntegerField(null=True)
    not_seen = ListField(default=list, constraints=[SQL("DEFAULT '[]'")])  # [[structure, limitation, side], ...]
    # [[[structure, finding, side], measure, value, unit], ...]
    measured = ListField(default=list, constraints=[SQL("DEFAULT '[]'")])
    # Contradictions that were asked about and that the student says are meant: their keys.
    meant = ListField(default=list, constraints=[SQL("DEFAULT '[]'")])

    # Its student asks the mentor to reopen it; the reason is in its story.
    reopen_asked_at = InstantField(null=True, constraints=[Check(f"reopen_asked_at IS NULL OR {_APPROVED}")])

    class Meta:
        constraints = [
            one_of("state", STATES),
            one_of("support", ("", "aided", "unaided")),
            Check("version >= 1"),
            # Held or counted is exactly: somebody approved this very version, at some time.
            Check(f"({_APPROVED}) = (approved_at IS NOT NULL)"),
            Check("(approved_at IS NULL) = (approved_by_id IS NULL)"),
            Check("(approved_at IS NULL) = (approved_version IS NULL)"),
            Check("approved_version IS NULL OR approved_version = version"),
            # R2: an aided scan is approved only when it is audited; nothing is audited that is not approved.
            Check("approved_at IS NULL OR support <> 'aided' OR audited_at IS NOT NULL"),
            Check("audited_at IS NULL OR approved_at IS NOT NULL"),
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
Scan.add_index(SQL("CREATE INDEX scan_approved ON scan (approved_by_id, approved_at) WHERE approved_at IS NOT NULL"))
_OF = "(enrolment_id, mentor_id, placement_id, sent_at)"
Scan.add_index(SQL(f"CREATE INDEX scan_waiting_of ON scan {_OF} WHERE state = 'with_mentor'"))
Scan.add_index(SQL("CREATE INDEX scan_asked ON scan (mentor_id, reopen_asked_at) WHERE reopen_asked_at IS NOT NULL"))


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
    made = TextField(default="", constraints=[SQL("DEFAULT ''")])  # of `MADE`; empty where it was not recorded yet
    voided_at = InstantField(null=True)  # undone or reopened

    class Meta:
        constraints = [
            # Empty: not judged. What counts is judged whole (workflows/reviews); a return may say a part.
            one_of("image", ("", *audits.IMAGE)),
            one_of("report", ("", *audits.REPORT)),
            one_of("agreement", ("", *audits.AGREEMENT)),
            one_of("seen", ("", *audits.SEEN)),
            one_of("made", ("", *audits.MADE)),
            # Nobody grades what they have not seen, or fails a scan without a word. (Not asked of audits of before.)
            Check("seen <> 'not_seen' OR image = '' OR made = ''"),
            Check(f"made = '' OR comment <> '' OR NOT ({audits.FAILED})"),
        ]

    @property
    def is_failed(self) -> bool:
        return audits.is_failed(self.image, self.report, self.agreement)


Audit.add_index(SQL("CREATE UNIQUE INDEX audit_live ON audit (scan_id, version) WHERE voided_at IS NULL"))
Audit.add_index(SQL(f"CREATE INDEX audit_failed ON audit (scan_id) WHERE voided_at IS NULL AND ({audits.FAILED})"))


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
    received = TextField(null=True)  # of a correction: digest of what came in, by which a resend is recognised
    content = ListField(null=True)  # of a return: what the scan said then; none of other steps, and of older returns

    class Meta:
        constraints = [one_of("after", STATES)]


class Hiding(Table):
    """The text of a scan was hidden, as it may have named a patient (R8), or its student asks for that. What it said is
    kept nowhere.
    """

    scan = ForeignKeyField(Scan, backref="hidings")
    asked_at = InstantField(null=True)  # by its student
    at = InstantField(null=True)
    by = ForeignKeyField(Person, null=True, backref="hidings", index=False)
    version = IntegerField(null=True)  # of the scan, as it was blanked
    fields = ListField(default=dict)  # {what was blanked: how many characters}
    cleared_at = InstantField(null=True)  # since when it stands in no page of the database's files either

    class Meta:
        constraints = [
            Check("(at IS NULL) = (by_id IS NULL)"),
            Check("(at IS NULL) = (version IS NULL)"),
            Check("at IS NOT NULL OR asked_at IS NOT NULL"),
        ]


Hiding.add_index(SQL("CREATE UNIQUE INDEX hiding_asked ON hiding (scan_id) WHERE at IS NULL"))
Hiding.add_index(SQL("CREATE INDEX hiding_uncleared ON hiding (at) WHERE at IS NOT NULL AND cleared_at IS NULL"))
