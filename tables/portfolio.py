"""What leaves: editions of a portfolio, links that share one, an earlier logbook, evidence, and the files of these."""

from peewee import SQL, Check, DateField, ForeignKeyField, IntegerField, TextField

from rules import editions
from tables.course import Enrolment
from tables.fields import InstantField, ListField, Table, one_of
from tables.people import Person


class File(Table):
    """A stored file, named by the SHA-256 of its bytes (workflows/files.py). Two that are the same are one."""

    sha256 = TextField(unique=True)
    bytes = IntegerField()
    kind = TextField()  # its media type, by its content
    made_at = InstantField()
    erased_at = InstantField(null=True)  # its bytes are gone for good: they held a text that was hidden

    class Meta:
        constraints = [Check("bytes > 0"), Check("length(sha256) = 64")]


class Edition(Table):
    """A portfolio as it was at one moment, made into a signed PDF by the worker."""

    enrolment = ForeignKeyField(Enrolment, backref="editions", index=False)
    number = IntegerField()
    purpose = TextField()
    state = TextField(default="asked")
    code = TextField(unique=True)  # 50 bits, by which it is verified
    asked_at = InstantField()
    asked_by = ForeignKeyField(Person, backref="editions_asked", index=False)
    declared_at = InstantField(null=True)  # when the student signed the declaration; null: they did not
    began_at = InstantField(null=True)  # when the worker took it
    tries = IntegerField(default=0)
    made_at = InstantField(null=True)
    file = ForeignKeyField(File, null=True, backref="editions")
    pages = IntegerField(null=True)
    counted = IntegerField(null=True)  # scans that count in it
    head = TextField(default="")  # where history ended
    root = TextField(default="")  # Merkle root over the counted scans (rules/merkle.py)
    scans = ListField(default=dict)  # {id of a counted scan: the digest of what it said}
    why = TextField(default="")  # why it could not be made, or what it could not show
    void_at = InstantField(null=True)
    void_by = ForeignKeyField(Person, null=True, backref="editions_voided", index=False)
    void_why = TextField(default="")

    class Meta:
        indexes = ((("enrolment", "number"), True),)
        constraints = [
            one_of("state", editions.STATES),
            one_of("purpose", tuple(editions.PURPOSES)),
            Check("(state = 'made') = (made_at IS NOT NULL)"),
            Check("(made_at IS NULL) = (file_id IS NULL)"),
            Check("(void_at IS NULL) = (void_by_id IS NULL)"),
            Check("void_at IS NULL OR made_at IS NOT NULL"),
        ]


Edition.add_index(SQL("CREATE INDEX edition_open ON edition (asked_at) WHERE state IN ('asked', 'making')"))


class Share(Table):
    """A link by which somebody without an account sees one edition. Only its hash is kept."""

    token_hash = TextField(primary_key=True)
    edition = ForeignKeyField(Edition, backref="shares")
    label = TextField()  # for whom or what, in the student's words
    by = ForeignKeyField(Person, backref="shares", index=False)
    made_at = InstantField()
    expires_at = InstantField()
    revoked_at = InstantField(null=True)
    opened = IntegerField(default=0)
    opened_at = InstantField(null=True)  # last

    class Meta:
        constraints = [Check("expires_at > made_at"), Check("opened >= 0"), Check("(opened = 0) = (opened_at IS NULL)")]


class EarlierBatch(Table):
    """One import of a logbook from before the course."""

    enrolment = ForeignKeyField(Enrolment, backref="earlier_batches")
    source = TextField()  # what the file was called or which logbook it comes from
    digest = TextField()  # SHA-256 of what the file says: the same one twice is asked about
    about = ListField(default=dict)  # of our own open data: what it says beside its scans (course, placements, record)
    rows = IntegerField()
    by = ForeignKeyField(Person, backref="earlier_batches", index=False)
    made_at = InstantField()
    undone_at = InstantField(null=True)

    class Meta:
        constraints = [Check("rows > 0")]


class Earlier(Table):
    """One scan of an earlier logbook: before this course, not verified, and never counted."""

    batch = ForeignKeyField(EarlierBatch, backref="scans", on_delete="CASCADE", index=False)
    number = IntegerField()  # of its row in the file
    scanned_on = DateField(null=True)
    region = TextField(default="")
    side = TextField(default="")
    supervision = TextField(default="")
    finding = TextField(default="")
    report = TextField(default="")
    other = ListField(default=dict)  # {heading of the file: text}, of columns that were kept as they are

    class Meta:
        indexes = ((("batch", "number"), True),)


class Evidence(Table):
    """A file that a student adds for the register: a signed certificate, a CV. One that they remove is deleted."""

    enrolment = ForeignKeyField(Enrolment, backref="evidence")
    item = TextField()  # key of the programme's checklist
    name = TextField()  # of its item: as the student called the file may name a patient
    file = ForeignKeyField(File, backref="evidence")
    by = ForeignKeyField(Person, backref="evidence", index=False)
    made_at = InstantField()
    removed_at = InstantField(null=True)  # written by nothing: the row goes with the file


class Wish(Table):
    """Somebody asks that their data be erased; until when it must be kept is told them."""

    person = ForeignKeyField(Person, backref="wishes")
    asked_at = InstantField()
    done_at = InstantField(null=True)
    withdrawn_at = InstantField(null=True)

    class Meta:
        constraints = [Check("done_at IS NULL OR withdrawn_at IS NULL")]


Wish.add_index(SQL("CREATE UNIQUE INDEX wish_open ON wish (person_id) WHERE done_at IS NULL AND withdrawn_at IS NULL"))
