"""People, the addresses and passkeys by which they come in, their sign-ins and browsers, and one-time links."""

import secrets

from peewee import SQL, BooleanField, Check, ForeignKeyField, IntegerField, TextField

from tables.fields import InstantField, ListField, Table, minute_of_day, one_of

MEANS = ("password", "passkey", "link", "demo")  # by which somebody signed in
PURPOSES = ("welcome", "reset", "sign_in", "prove")  # of a one-time link


class Person(Table):
    email = TextField(unique=True, null=True)  # their first address (`Address`); none until one is proved
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
    # Names them to their passkeys: 32 random bytes as hex.
    handle = TextField(unique=True, null=True, default=lambda: secrets.token_hex(32))

    class Meta:
        constraints = [Check("email = lower(email)"), one_of("theme", ("system", "dark", "light"))]

    @property
    def initials(self) -> str:
        words = self.name.split()
        return (words[0][0] + words[-1][0] if len(words) > 1 else self.name[:2]).upper()


class Address(Table):
    """An e-mail address of somebody's. Only a proved one lets them in; nobody else can have it then."""

    person = ForeignKeyField(Person, backref="addresses", on_delete="CASCADE")
    email = TextField()
    made_at = InstantField()
    proved_at = InstantField(null=True)

    class Meta:
        indexes = ((("person", "email"), True),)
        constraints = [Check("email = lower(email)")]


Address.add_index(SQL("CREATE UNIQUE INDEX address_proved ON address (email) WHERE proved_at IS NOT NULL"))


class Passkey(Table):
    """A passkey (WebAuthn credential) of somebody's. One that was removed stays for the record and opens nothing."""

    id = TextField(primary_key=True)  # the credential's id, as base64url
    person = ForeignKeyField(Person, backref="passkeys", on_delete="CASCADE")
    public_key = TextField()  # COSE, as base64url
    sign_count = IntegerField()
    transports = ListField(default=list)
    backed_up = BooleanField()  # it is not on that device alone
    name = TextField()
    made_at = InstantField()
    used_at = InstantField(null=True)
    removed_at = InstantField(null=True)


class SpentChallenge(Table):
    """A WebAuthn challenge that was answered: it is good once. Challenges are signed, so only spent ones are kept."""

    hash = TextField(primary_key=True)
    until_at = InstantField(index=True)


class SignIn(Table):
    """The server's own record of a sign-in: ending it here ends it everywhere, at the next request."""

    token_hash = TextField(primary_key=True)
    person = ForeignKeyField(Person, backref="sign_ins", on_delete="CASCADE")
    made_at = InstantField()
    expires_at = InstantField()
    shared = BooleanField(default=False)
    device = TextField(default="")
    ended_at = InstantField(null=True)
    means = TextField(default="password", constraints=[SQL("DEFAULT 'password'"), one_of("means", MEANS)])
    proved_at = InstantField(null=True)  # when they last proved who they are in it, where that was after `made_at`


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
    """A one-time link: to set a password, to sign in, to prove an address. Only its hash is kept."""

    token_hash = TextField(primary_key=True)
    person = ForeignKeyField(Person, backref="links", on_delete="CASCADE")
    made_at = InstantField()
    expires_at = InstantField()
    used_at = InstantField(null=True)
    purpose = TextField(default="welcome", constraints=[SQL("DEFAULT 'welcome'"), one_of("purpose", PURPOSES)])
    email = TextField(default="", constraints=[SQL("DEFAULT ''")])  # the address that it proves
    # A code that can be typed instead, in the browser that asked for the link.
    code_hash = TextField(null=True)
    browser_hash = TextField(null=True)
    tries = IntegerField(default=0, constraints=[SQL("DEFAULT 0"), Check("tries BETWEEN 0 AND 5")])
