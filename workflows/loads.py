"""What a cohort asks of its mentors, and how soon they answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from models import Cohort
from rules.programme import Programme
from statements import run
from workflows import programmes
from workflows.days import Days

_MENTORS = (
    "SELECT person.id, person.name, COUNT(DISTINCT enrolment.id) FROM party"
    " JOIN placement ON placement.id = placement_id JOIN enrolment ON enrolment.id = placement.enrolment_id"
    " JOIN person ON person.id = party.person_id"
    " WHERE cohort_id = ? AND role = 'mentor' AND party.ended_on IS NULL AND enrolment.ended_on IS NULL"
    " GROUP BY person.id, person.name"
)
_WAITING = (
    "SELECT person.id, person.name, number, oldest, judged_at FROM (SELECT mentor_id, enrolment_id AS student,"
    " COUNT(*) AS number, MIN(sent_at) AS oldest FROM scan WHERE state = 'with_mentor'"
    " AND enrolment_id IN (SELECT id FROM enrolment WHERE cohort_id = ?) GROUP BY mentor_id, enrolment_id) AS waiting"
    " JOIN person ON person.id = mentor_id LEFT JOIN tally ON tally.enrolment_id = student"
)
_ANSWERS = "SELECT mentor_id, days, number FROM answered WHERE cohort_id = ? AND number > 0 ORDER BY mentor_id, days"


@dataclass(frozen=True)
class MentorLoad:
    """A mentor's work for one cohort, in numbers of scans and whole days.

    `students`: those whose mentor they are now. `waiting`: scans that wait for them, the oldest for `oldest_days`.
    `median_days`: half of what they approved was approved within so many days (0: within a day). `silent`: something
    waits, and they have judged nothing of that student's, for as long as the programme calls a risk.
    """

    person: int
    name: str
    students: int
    waiting: int
    oldest_days: int | None
    median_days: int | None
    silent: bool


@dataclass
class _Gathered:
    name: str
    students: int = 0
    waiting: int = 0
    oldest: int | None = None
    quiet_since: int | None = None  # the start of the longest silence toward one student
    answers: list[tuple[int, int]] = field(default_factory=list)


def mentors_of(cohort: Cohort, now: datetime) -> list[MentorLoad]:
    """The cohort's mentors by name: those of its placements now, and those who left while a scan waits for them.

    Three queries, for any number of mentors and scans.
    """
    found: dict[int, _Gathered] = {}
    for person, name, students in run(_MENTORS, cohort.id).fetchall():
        found[person] = _Gathered(name, students)
    for person, name, number, oldest, judged in run(_WAITING, cohort.id).fetchall():
        mentor = found.setdefault(person, _Gathered(name))
        mentor.waiting += number
        mentor.oldest = min(oldest, mentor.oldest or oldest)
        quiet = max(oldest, judged or 0)
        mentor.quiet_since = min(quiet, mentor.quiet_since or quiet)
    for person, days, number in run(_ANSWERS, cohort.id).fetchall():
        if person in found:
            found[person].answers.append((days, number))
    programme = programmes.get(cohort.programme)
    today, day_of = programme.today(now), Days(programme)

    def since(moment: int | None) -> int | None:
        return None if moment is None else max(0, (today - day_of(moment)).days)

    loads = [_load(person, mentor, programme, since) for person, mentor in found.items()]
    return sorted(loads, key=lambda load: (load.name, load.person))


def _load(person: int, of: _Gathered, programme: Programme, since: Callable[[int | None], int | None]) -> MentorLoad:
    """`since`: days of the programme's calendar since a stored instant."""
    quiet = since(of.quiet_since)
    return MentorLoad(
        person=person,
        name=of.name,
        students=of.students,
        waiting=of.waiting,
        oldest_days=since(of.oldest),
        median_days=median(of.answers),
        silent=quiet is not None and quiet >= programme.pace.mentor_silent_days,
    )


def median(answers: list[tuple[int, int]]) -> int | None:
    """The lower median of values that come as (value, how often), in order of value; None of none."""
    half = (sum(number for _, number in answers) + 1) // 2
    for value, number in answers:
        half -= number
        if half <= 0:
            return value
    return None
