"""Coming in and going out: sign-in, its limits, passwords, one-time links."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from models import Person, SignIn, db
from workflows import clock, history

# How long a sign-in lasts: without use, and at most. Shorter on a shared computer.
IDLE = {False: timedelta(days=14), True: timedelta(minutes=10)}
ABSOLUTE = {False: timedelta(days=60), True: timedelta(hours=8)}

ROLES = ("student", "mentor", "external_assessor", "clinical_manager", "director", "internal_assessor")


@dataclass(frozen=True)
class Visitor:
    """A signed-in person with the roles that they hold by assignment, as of this request."""

    person: Person
    roles: frozenset[str]
    shared: bool
    token: str

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


def start(person: Person, *, shared: bool = False, device: str = "") -> str:
    """Begin a sign-in for somebody who has proved who they are; returns the secret token for their cookie."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    with db.atomic():
        SignIn.insert(
            token_hash=hash_of(token),
            person=person,
            made_at=now,
            expires_at=now + ABSOLUTE[shared],
            shared=shared,
            device=device[:200],
        ).execute()
        history.record("sign_in", f"person:{person.id}", by=person, at=now, shared=shared)
    return token


_VISITOR = """
SELECT p.id, p.email, p.name, p.theme, s.shared,
  EXISTS (SELECT 1 FROM enrolment e WHERE e.person_id = p.id),
  EXISTS (SELECT 1 FROM party t WHERE t.person_id = p.id AND t.ended_on IS NULL AND t.role = 'mentor'),
  EXISTS (SELECT 1 FROM party t WHERE t.person_id = p.id AND t.ended_on IS NULL AND t.role = 'external_assessor'),
  EXISTS (SELECT 1 FROM party t WHERE t.person_id = p.id AND t.ended_on IS NULL AND t.role = 'clinical_manager'),
  EXISTS (SELECT 1 FROM staff c WHERE c.person_id = p.id AND c.role = 'director'),
  EXISTS (SELECT 1 FROM staff c WHERE c.person_id = p.id AND c.role = 'internal_assessor')
FROM sign_in s JOIN person p ON p.id = s.person_id
WHERE s.token_hash = {mark} AND s.ended_at IS NULL AND s.expires_at > {mark} AND p.disabled_at IS NULL
"""  # one query for who and with which roles: it runs on every request


def visitor(token: str) -> Visitor | None:
    """Who holds this cookie's token now, with their roles; None when it ended, expired or was never ours."""
    moment = SignIn.expires_at.db_value(clock.now())
    sql = _VISITOR.format(mark=db.obj.param)
    row = db.execute_sql(sql, (hash_of(token), moment)).fetchone()
    if row is None:
        return None
    person = Person(id=row[0], email=row[1], name=row[2], theme=row[3])
    held = frozenset(role for role, holds in zip(ROLES, row[5:], strict=True) if holds)
    return Visitor(person, held, bool(row[4]), token)


def hash_of(token: str) -> str:
    """What is kept of a secret token."""
    return hashlib.sha256(token.encode()).hexdigest()
