"""What the tests of invitations share: a code and a mail of somebody's, and who joins."""

from __future__ import annotations

import uuid
from dataclasses import replace

import clock
from models import (
    Enrolment,
    Invitation,
    Letter,
    Party,
    Person,
    Placement,
    Scan,
    db,
)
from tests.cast import entry_for
from workflows.counts import recount
from workflows.history import history, records, verification
from workflows.notices import letters
from workflows.people import invitations
from workflows.people.invitations import MAIL, QR
from workflows.people.joining import Browser
from workflows.scans import scans

BEDSIDE = Browser("the phone of the new mentor")
JOY = {"name": "Joy Mensah", "email": "joy@clinic.example.org"}


def placement_of(student: Person) -> int:
    return Placement.select(Placement.id).join(Enrolment).where(Enrolment.person == student).scalar()


def code(by: Person, student: Person, role: str = "mentor", **more) -> str:
    """The token of a code for a part with this student."""
    return invitations.invite(by, role, placement=placement_of(student), means=QR, **more)[1]


def mailed(by: Person, student: Person, role: str = "mentor", **more) -> tuple[Invitation, str]:
    to = {"email": "joy@clinic.example.org", "name": "Joy Mensah", **more}
    return invitations.invite(by, role, placement=placement_of(student), means=MAIL, **to)


def parts(person: Person) -> set[tuple[int, str]]:
    rows = Party.select(Party.placement, Party.role).where(Party.person == person, Party.ended_on.is_null())
    return set(rows.tuples())


def leaves(person: Person, placement: int) -> None:
    """Somebody's parts in a placement end today."""
    with db.atomic():
        where = (Party.person == person) & (Party.placement == placement)
        records.write(Party.update(ended_on=clock.today()).where(where))
        history.record("leave", f"placement:{placement}", by=None, at=clock.now())


def saved(student: Person, **changes) -> Scan:
    """A scan that its student has saved without a mentor."""
    entry, number = replace(entry_for(student, **changes), mentor=None), str(uuid.uuid4())
    return scans.log(number, entry, by=student, received={"id": number}, another=True).scan


def words_of(letter: Letter) -> dict[str, str]:
    return letters.take(letter.id).words


def sound() -> None:
    """History proves every row, and the tallies are what a recount finds."""
    report = verification.verify()
    assert report.sound, report
    assert [line for cohort in recount.cohorts() for line in recount.check(cohort)] == []
