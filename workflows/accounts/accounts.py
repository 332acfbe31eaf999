"""Coming in and going out: proving who one is, the server's record of each sign-in, and its limits."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import PeeweeException

import clock
from models import UNREAD, Address, Person, SignIn, db
from rules.roles import BY_KEY, OWN, PLACEMENT, PROGRAMME, ROLES
from workflows.accounts import passwords, signed_out, throttle
from workflows.accounts.password_queue import Busy, evaluate
from workflows.history import history, records
from workflows.refusals import Invalid, Refused

# How long a sign-in lasts: without use, and at most. Shorter on a shared computer.
IDLE = {False: timedelta(days=14), True: timedelta(minutes=10)}
ABSOLUTE = {False: timedelta(days=60), True: timedelta(hours=8)}
FRESH = timedelta(minutes=10)  # so young must a proof be with which somebody changes their ways in

# One sentence for an unknown person, a disabled one and a wrong password: nobody learns who is on the course.
WRONG = "The e-mail address and the password do not go together. Check both and try again."
THEMES = ("system", "dark", "light")


@dataclass(frozen=True)
class Visitor:
    """A signed-in person with the roles that they hold by assignment, as of this request."""

    person: Person
    roles: frozenset[str]
    shared: bool
    token: str
    enrolled: bool = False  # as a student, now: a graduate reads, and logs no more
    unread: int = 0  # notices that they have not read
    means: str = "password"  # by which they came in
    proved_at: datetime | None = None  # when they last proved who they are, here

    @property
    def is_fresh(self) -> bool:
        """Whether they have just proved who they are, so that they may change their ways in."""
        return self.proved_at is not None and -clock.APART <= clock.now() - self.proved_at < FRESH

    @property
    def id(self) -> int:
        return self.person.id

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def initials(self) -> str:
        return self.person.initials

    @property
    def may_invite(self) -> bool:
        """Whether one of their roles may invite others to a part."""
        return any(BY_KEY[key].may_invite for key in self.roles)

    @property
    def theme(self) -> str:
        return self.person.theme


def sign_in(
    email: str,
    password: str,
    *,
    address: str | None,
    secret: str,
    shared: bool = False,
    device: str = "",
    known_device: str = "",
) -> str:
    """Begin a sign-in for the person whose e-mail and password these are; returns the token for their cookie.

    Args:
        address: the network address that the try comes from.
        secret: what the keys of counted tries are hashed with.
        known_device: what names the browser, when it has shown that this account's owner has used it before.

    Raises throttle.TooMany when this account has had its tries from this address. password_queue.Busy: when too many
    want a password compared; that is no try. Invalid: with the same sentence, after the same work, whatever was wrong.
    """
    email = account_of(email)
    place = throttle.take(secret, email, address, known_device)
    write_signed_out()
    person = by_address(email)
    stored = person.password if person else None
    right = evaluate(place, lambda: passwords.fits(stored, password))
    if not right or person is None or stored is None or person.disabled_at is not None:
        raise Invalid({"password": [WRONG]})
    fresh = stored
    if passwords.is_outdated(stored):
        with suppress(Busy):  # then the next time
            fresh = passwords.keep(password)
    with db.atomic():
        # Comparing took its time. Whoever changed the password meanwhile has shut out the old one.
        same = (Person.id == person.id) & (Person.password == stored)
        if not records.write(Person.update(password=fresh).where(same)):
            raise Invalid({"password": [WRONG]})
        place.give_back()
        return start(person, shared=shared, device=device)


def by_address(email: str) -> Person | None:
    """Whose proved address this is, in small letters."""
    proved = Address.select(Address.person).where(Address.email == email, Address.proved_at.is_null(False))
    return Person.get_or_none((Person.email == email) | Person.id.in_(proved))


def account_of(email: str) -> str:
    """The e-mail address as it names an account, however it was typed."""
    return email.strip().lower()


def start(person: Person, *, shared: bool = False, device: str = "", means: str = "password") -> str:
    """Begin a sign-in for somebody who has proved who they are; returns the secret token for their cookie.
    `means`: by what: one of `models.MEANS`.
    """
    token = secrets.token_urlsafe(32)
    now = clock.now()
    with db.atomic():
        records.insert(
            SignIn,
            token_hash=hash_of(token),
            person=person,
            made_at=now,
            expires_at=now + ABSOLUTE[shared],
            shared=shared,
            device=device[:200],
            means=means,
        )
        history.record("sign_in", f"person:{person.id}", by=person, at=now, shared=shared)
    return token


_HOLDS = {
    OWN: "EXISTS (SELECT 1 FROM enrolment e WHERE e.person_id = p.id)",
    PLACEMENT: "EXISTS (SELECT 1 FROM party t WHERE t.person_id = p.id AND t.role = '{}'"
    " AND (t.from_on IS NULL OR t.from_on <= {{day}}) AND (t.ended_on IS NULL OR t.ended_on > {{day}}))",
    PROGRAMME: "EXISTS (SELECT 1 FROM staff c WHERE c.person_id = p.id AND c.role = '{}')",
}
_VISITOR = f"""
SELECT p.id, p.email, p.name, p.theme, p.by_mail, p.quiet_from, p.quiet_until, s.shared,
  (SELECT COUNT(*) FROM notice n WHERE n.recipient_id = p.id AND n.deliver_at <= {{mark}} AND {UNREAD}),
  EXISTS (SELECT 1 FROM enrolment e WHERE e.person_id = p.id AND e.ended_on IS NULL),
  s.means, COALESCE(s.proved_at, s.made_at),
  {", ".join(_HOLDS[role.scope].format(role.key) for role in ROLES)}
FROM sign_in s JOIN person p ON p.id = s.person_id
WHERE s.token_hash = {{mark}} AND s.ended_at IS NULL AND s.expires_at > {{mark}} AND s.made_at <= {{mark}}
  AND p.disabled_at IS NULL
"""  # noqa: S608 - one query for who and with which roles: it runs on every request

_OF_A_PERSON = ("id", "email", "name", "theme", "by_mail", "quiet_from", "quiet_until")


def visitor(token: str) -> Visitor | None:
    """Who holds this cookie's token now, with their roles; None when it ended, expired, is of the future or was never
    ours.
    """
    if signed_out.holds(mark := hash_of(token)):  # asked first: what leaves that file is in the database by then
        return None
    now = clock.now()
    moment, latest = SignIn.expires_at.db_value(now), SignIn.made_at.db_value(now + clock.AHEAD)
    sql = _VISITOR.format(mark=db.obj.param, day=f"'{clock.today()}'")
    row = db.execute_sql(sql, (moment, mark, moment, latest)).fetchone()
    if row is None:
        return None
    person = Person(**dict(zip(_OF_A_PERSON, row, strict=False)))
    shared, unread, enrolled, means, proved, *holds = row[len(_OF_A_PERSON) :]
    held = frozenset(role.key for role, is_held in zip(ROLES, holds, strict=True) if is_held)
    proved_at = SignIn.proved_at.python_value(proved)
    return Visitor(person, held, bool(shared), token, bool(enrolled), unread, means, proved_at)


def note_proof(visitor: Visitor) -> None:
    """Somebody has just proved once more who they are, in their sign-in."""
    now = clock.now()
    with db.atomic():
        records.update(SignIn, {"proved_at": now}, token_hash=hash_of(visitor.token))
        history.record("prove", f"person:{visitor.id}", by=visitor.person, at=now)


def prove(visitor: Visitor, password: str, *, secret: str) -> None:
    """Somebody who is signed in proves once more who they are, by their password.
    Raises throttle.TooMany, password_queue.Busy: as `change_password`. Invalid: it is wrong.
    """
    place = throttle.take(secret, f"password:{visitor.id}:{hash_of(visitor.token)}")
    stored = Person.select(Person.password).where(Person.id == visitor.id).scalar()
    if not evaluate(place, lambda: passwords.fits(stored, password)):
        raise Invalid({"password": ["This is not your password."]})
    place.give_back()
    note_proof(visitor)


def is_resting(visitor: Visitor, seen: float) -> bool:
    """Whether this sign-in, last used at `seen` (seconds since 1970), was left alone for too long. A mark of the future
    would keep it alive for ever.
    """
    ahead = clock.APART if visitor.shared else clock.AHEAD
    rest = clock.now().timestamp() - seen
    return not -ahead.total_seconds() <= rest <= IDLE[visitor.shared].total_seconds()


_LIVE = SignIn.ended_at.is_null()


class StillOpen(Refused):
    """The browser has forgotten its sign-in, and the server could not note it anywhere (507)."""

    def __init__(self) -> None:
        super().__init__(
            "You are signed out in this browser. The server could not note it, so whoever has a copy of what this "
            "browser kept could go on. Sign in and out once more when the server has room again."
        )


def end(visitor: Visitor) -> None:
    """Sign out here, on a full disk too. A second time changes nothing. Raises StillOpen."""
    now, mark = clock.now(), hash_of(visitor.token)
    try:
        with db.atomic():
            if records.write(SignIn.update(ended_at=now).where(SignIn.token_hash == mark, _LIVE)):
                history.record("sign_out", f"person:{visitor.id}", by=visitor.person, at=now)
    except PeeweeException:
        _note([mark], now)


def end_everywhere(person: Person) -> None:
    """A person signs out on every device, at its next request; on a full disk too. Raises StillOpen."""
    now = clock.now()
    try:
        with db.atomic():
            _end_all(person, by=person, at=now)
    except PeeweeException:
        open_ones = SignIn.select(SignIn.token_hash).where(SignIn.person == person.id, _LIVE, SignIn.expires_at > now)
        _note([mark for (mark,) in open_ones.tuples()], now)


def _end_all(person: Person, *, by: Person | None, at: datetime) -> None:
    records.write(SignIn.update(ended_at=at).where(SignIn.person == person.id, _LIVE))
    history.record("sign_out_everywhere", f"person:{person.id}", by=by or person, at=at)


def _note(hashes: list[str], at: datetime) -> None:
    try:
        signed_out.add(hashes, at)
    except OSError:
        raise StillOpen from None


def write_signed_out() -> int:
    """Write into the database who signed out while it could not be written; returns how many. Not in a transaction."""
    ended = signed_out.everything()
    if not ended:
        return 0
    with db.atomic():
        for mark, at in ended.items():
            sign_in = SignIn.get_or_none(SignIn.token_hash == mark, _LIVE)
            if sign_in is not None:
                records.write(SignIn.update(ended_at=at).where(SignIn.token_hash == mark))
                history.record("sign_out", f"person:{sign_in.person_id}", by=sign_in.person, at=at)
    signed_out.remove(ended)
    return len(ended)


def disable(person: Person, *, by: Person | None = None) -> None:
    """Close somebody's account: they are signed out at their next request. Their work stays."""
    now = clock.now()
    with db.atomic():
        if records.write(Person.update(disabled_at=now).where(Person.id == person.id, Person.disabled_at.is_null())):
            history.record("disable", f"person:{person.id}", by=by, at=now)
            _end_all(person, by=by, at=now)


def enable(person: Person, *, by: Person | None = None) -> None:
    """Open somebody's account again."""
    with db.atomic():
        if records.write(
            Person.update(disabled_at=None).where(Person.id == person.id, Person.disabled_at.is_null(False))
        ):
            history.record("enable", f"person:{person.id}", by=by, at=clock.now())


def choose_theme(person: Person, theme: str) -> None:
    """Light, dark, or whatever the device does. Raises Invalid: for any other word."""
    if theme not in THEMES:
        raise Invalid({"theme": ["Choose one of the three."]})
    Person.update(theme=theme).where(Person.id == person.id).execute()


def change_password(visitor: Visitor, current: str, new: str, *, secret: str) -> str:
    """A person changes their own password. Every sign-in of theirs ends; returns the token of this browser's new one.
    `current`: their password until now; not looked at where `needs_password` says that it need not be.
    Raises throttle.TooMany when the current password was guessed at too often in this sign-in. password_queue.Busy:
    when too many want a password compared. Invalid: when the current password is wrong or the new one will not do.
    """
    stored = Person.select(Person.password).where(Person.id == visitor.id).scalar()
    if needs_password(visitor):
        # Wrong ones elsewhere shut nobody out.
        place = throttle.take(secret, f"password:{visitor.id}:{hash_of(visitor.token)}")
        if not evaluate(place, lambda: passwords.fits(stored, current)):
            raise Invalid({"current": ["This is not your current password."]})
        place.give_back()
    if wrong := passwords.judge(new, visitor.person):
        raise Invalid({"new": wrong})
    fresh = passwords.keep(new)  # slow on purpose, so before the transaction
    with db.atomic():
        if Person.select(Person.password).where(Person.id == visitor.id).scalar() != stored:
            raise Invalid({"current": ["Your password was changed a moment ago, somewhere else."]})
        device = SignIn.select(SignIn.device).where(SignIn.token_hash == hash_of(visitor.token)).scalar()
        passwords.store(visitor.person, fresh)
        return start(visitor.person, shared=visitor.shared, device=device or "", means=visitor.means)


def needs_password(visitor: Visitor) -> bool:
    """Whether somebody has to write their password to choose another: not when they have just come in by a passkey or a
    mailed link, with which they could have another anyway.
    """
    return not (visitor.is_fresh and visitor.means in ("passkey", "link"))


def seal_of(person: Person) -> str | None:
    """The key with which this person's phone seals what it keeps of theirs: 64 hex digits, the same on each device."""
    return Person.select(Person.seal).where(Person.id == person.id).scalar()


def hash_of(token: str) -> str:
    """What is kept of a secret token."""
    return hashlib.sha256(token.encode()).hexdigest()
