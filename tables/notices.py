"""What people are told: one row for each person and each thing that happened to something of theirs; and mails that
did not go.
"""

from peewee import SQL, BooleanField, Check, ForeignKeyField, IntegerField, TextField

from tables.fields import InstantField, Table
from tables.people import Person


class Notice(Table):
    """Somebody is told of something. `rules.notice_text.KINDS` has the words of each kind; the bell, the page "What is
    new", push messages and the daily mail all read these rows.
    """

    recipient = ForeignKeyField(Person, backref="notices", index=False)
    kind = TextField()  # a key of KINDS
    subject = TextField()  # what it is about: "scan:<uuid>", "clinic:7"
    by = ForeignKeyField(Person, null=True, backref="+", index=False)  # who did it; nobody where it came by itself
    at = InstantField()  # when it was done
    deliver_at = InstantField()  # when it may be told: an approval only once it cannot be undone
    read_at = InstantField(null=True)
    listed = BooleanField()  # counted by the bell and listed on the page; the others show in the inbox

    class Meta:
        constraints = [Check("recipient_id <> by_id"), Check("deliver_at >= at")]  # nobody is told what they did


UNREAD = "read_at IS NULL AND listed"
# How many are unread is counted with every request of a signed-in person, from this index alone.
Notice.add_index(
    SQL(f"CREATE INDEX notice_unread ON notice (recipient_id, deliver_at, read_at, listed) WHERE {UNREAD}")
)
Notice.add_index(SQL("CREATE INDEX notice_recent ON notice (recipient_id, deliver_at)"))
Notice.add_index(SQL("CREATE INDEX notice_subject ON notice (recipient_id, subject)"))


class Letter(Table):
    """A mail that is to go, written in the transaction of the action that it tells of. What it says is encrypted, and
    deleted once it has gone.
    """

    person = ForeignKeyField(Person, null=True, backref="letters", on_delete="CASCADE")  # nobody's account: a guest's
    kind = TextField()  # a key of `commands.letters.KINDS`
    address = TextField()
    body = TextField()  # encrypted; empty once it has gone or was given up
    made_at = InstantField()
    next_at = InstantField(null=True)  # it is not tried before; none: it has gone, or was given up
    tries = IntegerField(default=0)
    sent_at = InstantField(null=True)
    reason = TextField(default="")  # why the last try failed

    class Meta:
        constraints = [Check("sent_at IS NULL OR next_at IS NULL AND body = ''"), Check("tries >= 0")]


Letter.add_index(SQL("CREATE INDEX letter_due ON letter (next_at) WHERE next_at IS NOT NULL"))


class FailedMail(Table):
    """A mail that did not go, until it does. Only its kind is kept (`workflows.notices.failed_mail.KINDS`): when it is
    sent again it is written anew, as the secret link of one may not be stored.
    """

    person = ForeignKeyField(Person, backref="+", index=False)
    kind = TextField()
    address = TextField(default="")  # empty: whichever the person has
    reason = TextField()
    since = InstantField()  # when it failed first
    asked_at = InstantField(null=True)  # when a director asked for it to be sent again

    class Meta:
        indexes = ((("person", "kind", "address"), True),)
