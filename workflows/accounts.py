"""Coming in and going out: proving who one is, the server's record of each sign-in, and its limits."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import JOIN

from models import UNREAD, Person, SignIn, Subscription, db
from workflows import clock, history, passwords, records, throttle
from workflows.refusals import Invalid

# How long a sign-in lasts: without use, and at most. Shorter on a shared computer.
IDLE = {False: timedelta(days=14), True: timedelta(minutes=10)}
ABSOLUTE = {False: timedelta(days=60), True: timedelta(hours=8)}

# One sentence for an unknown person, a disabled one and a wrong password: nobody learns who is on the course.
WRONG = "The e-mail address and the password do not go together. Check both and try again."
THEMES = ("system", "dark", "light")

ROLES = ("student", "mentor", "external_assessor", "clinical_manager", "director", "internal_assessor")


@dataclass(frozen=True)
class Visitor:
    """A signed-in person with the roles that they hold by assignment, as of this request."""

    person: Person
    roles: frozenset[str]
    shared: bool
    token: str
    enrolled: bool = False  # as a student, now: a graduate reads, and logs no more
    unread: int = 0  # how much they were told and have not seen

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
    def theme(self) -> str:
        return self.person.theme


def sign_in(
    email: str, password: str, *, address: str | None, secret: str, shared: bool = False, device: str = ""
) -> str:
    """Begin a sign-in for the person whose e-mail and password these are; returns the token for their cookie.

    Args:
        address: the network address that the try comes from.
        secret: what the keys of counted tries are hashed with.

    Raises:
        throttle.TooMany: when this account or this address has had its tries.
        Invalid: with the same sentence, after the same work, whatever was wrong.
    """
    email = email.strip().lower()
    place = throttle.take(secret, f"account:{email}", throttle.address_key(address))
    person = Person.get_or_none(Person.email == email)
    kept = person.password if person else None
    if not passwords.fits(kept, password) or person is None or kept is None or person.disabled_at is not None:
        raise Invalid({"password": [WRONG]})
    fresh = passwords.keep(password) if passwords.is_outdated(kept) else kept
    with db.atomic():
        # Comparing took its time. Whoever changed the password meanwhile has shut out the old one.
        same = (Person.id == person.id) & (Person.password == kept)
        if not records.write(Person.update(password=fresh).where(same)):
            raise Invalid({"password": [WRONG]})
        place.give_back()
        return start(person, shared=shared, device=device)


def start(person: Person, *, shared: bool = False, device: str = "") -> str:
    """Begin a sign-in for somebody who has proved who they are; returns the secret token for their cookie."""
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
        )
        history.record("sign_in", f"person:{person.id}", by=person, at=now, shared=shared)
    return token


_VISITOR = f"""
SELECT p.id, p.email, p.name, p.theme, p.by_mail, p.quiet_from, p.quiet_until, s.shared,
  (SELECT COUNT(*) FROM move m WHERE m.told_id = p.id AND m.told_at <= {{mark}} AND {UNREAD}),
  EXISTS (SELECT 1 FROM enrolment e WHERE e.person_id = p.id AND e.ended_on IS NULL),
  EXISTS (SELECT 1 FROM enrolment e WHERE e.person_id = p.id),
  EXISTS (SELECT 1 FROM party t WHERE t.person_id = p.id AND t.ended_on IS NULL AND t.role = 'mentor'),
  EXISTS (SELECT 1 FROM party t WHERE t.person_id = p.id AND t.ended_on IS NULL AND t.role = 'external_assessor'),
  EXISTS (SELECT 1 FROM party t WHERE t.person_id = p.id AND t.ended_on IS NULL AND t.role = 'clinical_manager'),
  EXISTS (SELECT 1 FROM staff c WHERE c.person_id = p.id AND c.role = 'director'),
  EXISTS (SELECT 1 FROM staff c WHERE c.person_id = p.id AND c.role = 'internal_assessor')
FROM sign_in s JOIN person p ON p.id = s.person_id
WHERE s.token_hash = {{mark}} AND s.ended_at IS NULL AND s.expires_at > {{mark}} AND p.disabled_at IS NULL
"""  # noqa: S608 - one query for who and with which roles: it runs on every request

_OF_A_PERSON = ("id", "email", "name", "theme", "by_mail", "quiet_from", "quiet_until")


def visitor(token: str) -> Visitor | None:
    """Who holds this cookie's token now, with their roles; None when it ended, expired or was never ours."""
    moment = SignIn.expires_at.db_value(clock.now())
    sql = _VISITOR.format(mark=db.obj.param)
    row = db.execute_sql(sql, (moment, hash_of(token), moment)).fetchone()
    if row is None:
        return None
    person = Person(**dict(zip(_OF_A_PERSON, row, strict=False)))
    shared, unread, enrolled, *holds = row[len(_OF_A_PERSON) :]
    held = frozenset(role for role, holds in zip(ROLES, holds, strict=True) if holds)
    return Visitor(person, held, bool(shared), token, bool(enrolled), unread)


_LIVE = SignIn.ended_at.is_null()


def end(visitor: Visitor) -> None:
    """Sign out here. A second time changes nothing."""
    now = clock.now()
    with db.atomic():
        if records.write(SignIn.update(ended_at=now).where(SignIn.token_hash == hash_of(visitor.token), _LIVE)):
            history.record("sign_out", f"person:{visitor.id}", by=visitor.person, at=now)


def end_everywhere(person: Person, *, by: Person | None = None) -> None:
    """Sign this person out on every device, at its next request."""
    now = clock.now()
    with db.atomic():
        records.write(SignIn.update(ended_at=now).where(SignIn.person == person.id, _LIVE))
        history.record("sign_out_everywhere", f"person:{person.id}", by=by or person, at=now)


def disable(person: Person, *, by: Person | None = None) -> None:
    """Close somebody's account: they are signed out at their next request. Their work stays."""
    now = clock.now()
    with db.atomic():
        if records.write(Person.update(disabled_at=now).where(Person.id == person.id, Person.disabled_at.is_null())):
            history.record("disable", f"person:{person.id}", by=by, at=now)
            end_everywhere(person, by=by)


def enable(person: Person, *, by: Person | None = None) -> None:
    """Open somebody's account again."""
    with db.atomic():
        if records.write(
            Person.update(disabled_at=None).where(Person.id == person.id, Person.disabled_at.is_null(False))
        ):
            history.record("enable", f"person:{person.id}", by=by, at=clock.now())


def choose_theme(person: Person, theme: str) -> None:
    """Light, dark, or whatever the device does.

    Raises:
        Invalid: for any other word.
    """
    if theme not in THEMES:
        raise Invalid({"theme": ["Choose one of the three."]})
    Person.update(theme=theme).where(Person.id == person.id).execute()


def change_password(visitor: Visitor, current: str, new: str, *, secret: str) -> str:
    """A person changes their own password. Every sign-in of theirs ends; returns the token of this browser's new one.

    Raises:
        throttle.TooMany: when the current password was guessed at too often.
        Invalid: when the current password is wrong or the new one will not do.
    """
    place = throttle.take(secret, f"password:{visitor.id}")
    kept = Person.select(Person.password).where(Person.id == visitor.id).scalar()
    if not passwords.fits(kept, current):
        raise Invalid({"current": ["This is not your current password."]})
    place.give_back()
    if wrong := passwords.judge(new, visitor.person):
        raise Invalid({"new": wrong})
    fresh = passwords.keep(new)  # slow on purpose, so before the transaction
    with db.atomic():
        if Person.select(Person.password).where(Person.id == visitor.id).scalar() != kept:
            raise Invalid({"current": ["Your password was changed a moment ago, somewhere else."]})
        device = SignIn.select(SignIn.device).where(SignIn.token_hash == hash_of(visitor.token)).scalar()
        passwords.store(visitor.person, fresh)
        return start(visitor.person, shared=visitor.shared, device=device or "")


@dataclass(frozen=True)
class Device:
    """Where somebody is signed in."""

    words: str
    since: datetime
    shared: bool
    here: bool
    tells: int | None = None  # number of its subscription, when it tells this person what is new


def devices(visitor: Visitor) -> list[Device]:
    """Where this person is signed in, this device first, then the newest."""
    rows = (
        SignIn.select(SignIn.token_hash, SignIn.device, SignIn.made_at, SignIn.shared, Subscription.id)
        .join(Subscription, JOIN.LEFT_OUTER)
        .where(SignIn.person == visitor.id, _LIVE, SignIn.expires_at > clock.now())
        .order_by(SignIn.made_at.desc())
        .tuples()
    )
    here = hash_of(visitor.token)
    found = [
        Device(words or "Unknown device", at, shared, mark == here, tells) for mark, words, at, shared, tells in rows
    ]
    return sorted(found, key=lambda device: not device.here)


def seal_of(person: Person) -> str | None:
    """The key with which this person's phone seals what it keeps of theirs: 64 hex digits, the same on each device."""
    return Person.select(Person.seal).where(Person.id == person.id).scalar()


def hash_of(token: str) -> str:
    """What is kept of a secret token."""
    return hashlib.sha256(token.encode()).hexdigest()
