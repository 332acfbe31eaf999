"""What a cohort asks of its mentors, and how soon they answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import inf

from models import Cohort
from rules.folding import fold
from statements import run
from workflows.course import programmes
from workflows.course.days import Days

_MENTORS = (
    "SELECT person.id, person.name, COUNT(DISTINCT enrolment.id) FROM party"
    " JOIN placement ON placement.id = placement_id JOIN enrolment ON enrolment.id = placement.enrolment_id"
    " JOIN person ON person.id = party.person_id"
    " WHERE cohort_id = ? AND role = 'mentor' AND party.ended_on IS NULL AND enrolment.ended_on IS NULL"
    " GROUP BY person.id, person.name"
)
# Of each mentor: how many wait, since when, and the start of the longest silence toward one student.
_WAITING = (
    "SELECT mentor_id, person.name, number, oldest, quiet FROM (SELECT mentor_id, SUM(number) AS number,"
    " MIN(oldest) AS oldest, MIN(CASE WHEN judged_at > oldest THEN judged_at ELSE oldest END) AS quiet"
    " FROM (SELECT mentor_id, enrolment_id AS student, COUNT(*) AS number, MIN(sent_at) AS oldest FROM scan"
    " WHERE state = 'with_mentor' AND enrolment_id IN (SELECT id FROM enrolment WHERE cohort_id = ?)"
    " GROUP BY mentor_id, enrolment_id) AS waiting LEFT JOIN tally ON tally.enrolment_id = student"
    " GROUP BY mentor_id) AS mentors JOIN person ON person.id = mentor_id"
)
_ANSWERS = "SELECT mentor_id, days, number FROM answered WHERE cohort_id = ? AND number > 0"


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


@dataclass(frozen=True)
class Loads:
    """The mentors that are shown, who is silent first, and how many more there are."""

    mentors: list[MentorLoad]
    further: int


@dataclass
class _Gathered:
    person: int
    name: str
    students: int = 0
    waiting: int = 0
    oldest: int | None = None
    quiet_since: int | None = None  # the start of the longest silence toward one student


def mentors_of(cohort: Cohort, now: datetime, most: int) -> Loads:
    """The cohort's mentors: those of its placements now, and those who left while a scan waits for them. The silent
    first, by name; of more than `most` mentors those for whom a scan waits longest.

    Three queries, for any number of mentors and scans.
    """
    found: dict[int, _Gathered] = {}
    for person, name, students in run(_MENTORS, cohort.id).fetchall():
        found[person] = _Gathered(person, name, students)
    for person, name, number, oldest, quiet in run(_WAITING, cohort.id).fetchall():
        mentor = found.setdefault(person, _Gathered(person, name))
        mentor.waiting, mentor.oldest, mentor.quiet_since = int(number), oldest, quiet
    programme = programmes.get(cohort.programme)
    today, day_of = programme.today(now), Days(programme)

    def days_since(moment: int | None) -> int | None:
        """Days of the programme's calendar since a stored instant."""
        return None if moment is None else max(0, (today - day_of(moment)).days)

    def silent(mentor: _Gathered) -> bool:
        return (days_since(mentor.quiet_since) or 0) >= programme.pace.mentor_silent_days

    pressing = sorted(found.values(), key=lambda one: (fold(one.name), one.person))
    if len(pressing) > most:
        pressing.sort(key=lambda one: inf if one.oldest is None else one.oldest)
    pressing.sort(key=silent, reverse=True)
    answers = _answers(cohort, [one.person for one in pressing[:most]])
    shown = [
        MentorLoad(
            person=one.person,
            name=one.name,
            students=one.students,
            waiting=one.waiting,
            oldest_days=days_since(one.oldest),
            median_days=median(answers.get(one.person, [])),
            silent=silent(one),
        )
        for one in pressing[:most]
    ]
    return Loads(shown, len(pressing) - len(shown))


def _answers(cohort: Cohort, mentors: list[int]) -> dict[int, list[tuple[int, int]]]:
    """Mentor -> within how many days they approved how many scans, the quickest first."""
    found: dict[int, list[tuple[int, int]]] = {}
    if mentors:
        theirs = f"{_ANSWERS} AND mentor_id IN ({', '.join('?' * len(mentors))}) ORDER BY mentor_id, days"
        for person, days, number in run(theirs, cohort.id, *mentors).fetchall():
            found.setdefault(person, []).append((days, number))
    return found


def median(answers: list[tuple[int, int]]) -> int | None:
    """The lower median of values that come as (value, how often), in order of value; None of none."""
    half = (sum(number for _, number in answers) + 1) // 2
    for value, number in answers:
        half -= number
        if half <= 0:
            return value
    return None
