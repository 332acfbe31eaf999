"""People, their sign-ins and browsers, failed tries to sign in, and one-time links."""

from __future__ import annotations

import secrets

from peewee import SQL, BooleanField, Check, ForeignKeyField, IntegerField, TextField

from tables.fields import InstantField, Table, minute_of_day, one_of


class Person(Table):
    email = TextField(unique=True)
    name = TextField()
    password = TextField(null=True)  # argon2id; empty until the one-time link was used
    theme = TextField(default="system")
    disabled_at = InstantField(null=True)
    made_at = InstantField()
    seal = TextField(null=True, default=lambda: secrets.token_hex(32))  # key of what their own phone keeps of theirs
    # How they want to be told: by mail too, and between which minutes of the day by nothing.
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
    delivered_until = InstantField()  # notices due until here were sent, or needed no sending any more
    next_at = InstantField()  # nothing is sent before: one was just sent, is being sent, or the last try failed
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
