"""The record of who did what."""

from peewee import AutoField, Check, ForeignKeyField, TextField

from tables.course import Enrolment
from tables.fields import InstantField, Table
from tables.people import Person


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
    key_id = TextField(null=True)  # the key that `hash` was made with; none before there were keys

    class Meta:
        indexes = ((("enrolment", "seq"), False),)
        constraints = [Check("(enrolment_id IS NULL) = (student_previous IS NULL)")]
