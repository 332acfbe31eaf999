"""The weekly mail to each director: how much is there, and where history ended, to be kept outside the server.

One in each ISO week, on the first morning on which the worker runs, on the programme's own clock. It is part of a
director's task, so who wants no daily mail gets it all the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import fn

from models import INSTANT, Cohort, Enrolment, Person, Staff, Tally, db
from rules import quiet, roles
from rules.programme import Programme
from statements import change
from visibility import programmes_of_staff
from workflows.course import programmes
from workflows.history.heads import Head

_STATES = ("draft", "with_mentor", "returned", "held", "counted")
_TAKE = "UPDATE person SET record_mailed_at = ? WHERE id = ? AND (record_mailed_at IS NULL OR record_mailed_at < ?)"


@dataclass(frozen=True)
class Letter:
    """What one mail says.

    `scans` are those of the director's programmes, withdrawn ones left out. `verified` is when the last verification
    ran and how many things it found, None when none has run.
    """

    person: Person
    scans: int
    counted: int
    head: Head
    verified: tuple[datetime, int] | None

    @property
    def subject(self) -> str:
        if self.verified and self.verified[1]:
            return "Sonofolio: the record differs, please ask about it"
        return "Sonofolio: the week's record, to keep"


def due(now: datetime) -> list[tuple[int, list[Programme]]]:
    """The directors whose mail goes now, with their programmes."""
    rows = Staff.select(Staff.person, Staff.programme, Person.record_mailed_at).join(Person)
    found: dict[int, list[Programme]] = {}
    mailed: dict[int, datetime | None] = {}
    for person, key, at in rows.where(Staff.role == "director", Person.disabled_at.is_null()).tuples():
        if key in programmes.keys():  # noqa: SIM118 - a function of ours
            found.setdefault(person, []).append(programmes.get(key))
            mailed[person] = at
    return [
        (person, theirs)
        for person, theirs in sorted(found.items())
        if quiet.is_mail_time(theirs[0].local(now))
        and ((before := mailed[person]) is None or before < _monday(theirs[0], now))
    ]


def claim(
    person: int, theirs: Iterable[Programme], head: Head, verified: tuple[datetime, int] | None, now: datetime
) -> Letter | None:
    """Take this director's mail of the week, so that nobody else sends it; None when somebody has."""
    theirs = list(theirs)
    with db.atomic():
        monday = INSTANT.db_value(_monday(theirs[0], now))
        if not change(_TAKE, INSTANT.db_value(now), person, monday):
            return None
    return letter(person, [programme.key for programme in theirs], head, verified)


def letter(person: int, directed: list[str], head: Head, verified: tuple[datetime, int] | None) -> Letter | None:
    """What this director's mail says now; None where none are directed, or somebody may not sign in."""
    found = Person.get_or_none(Person.id == person, Person.disabled_at.is_null())
    return Letter(found, *_added_up(directed), head, verified) if found and directed else None


def directed_by(person: int) -> list[str]:
    """Keys of the programmes that somebody directs."""
    return [key for (key,) in programmes_of_staff(person, roles.DIRECTOR).tuples() if key in programmes.keys()]  # noqa: SIM118


def _monday(programme: Programme, now: datetime) -> datetime:
    """When this ISO week began on the programme's clock."""
    local = programme.local(now)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=local.weekday())


def _added_up(keys: list[str]) -> tuple[int, int]:
    """How many scans these programmes have, and how many of them count."""
    of = {state: getattr(Tally, f"aided_{state}") + getattr(Tally, f"unaided_{state}") for state in _STATES}
    every = sum(of.values(), Tally.other_draft)
    rows = Tally.select(fn.COALESCE(fn.SUM(every), 0), fn.COALESCE(fn.SUM(of["counted"]), 0)).join(Enrolment)
    return rows.join(Cohort).where(Cohort.programme.in_(keys)).tuples()[0]
