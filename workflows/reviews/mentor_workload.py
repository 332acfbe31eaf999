"""What a cohort asks of its mentors, and how soon they answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from models import INSTANT, Cohort
from rules.folding import fold
from statements import run
from workflows.course import programmes

_DAY = 24 * 60 * 60 * 1_000_000  # an instant is a number of microseconds
# Of each mentor and student: how many wait for how many whole days, and the first of them.
_WAITING = (
    "SELECT mentor_id, person.name, disabled_at IS NOT NULL, enrolment_id, (? - sent_at) / ?, COUNT(*), MIN(sent_at)"
    " FROM scan JOIN person ON person.id = mentor_id"
    " WHERE state = 'with_mentor' AND enrolment_id IN (SELECT id FROM enrolment WHERE cohort_id = ?)"
    " GROUP BY 1, 2, 3, 4, 5"
)
_ANSWERS = "SELECT mentor_id, days, number FROM answered WHERE cohort_id = ? AND number > 0"


class Waiting(NamedTuple):
    """So many of a student's scans wait for a mentor."""

    mentor: int
    name: str
    closed: bool  # the mentor's account
    student: int  # an enrolment's id
    days: int  # each for so many times 24 hours
    number: int
    oldest_days: int  # the oldest, by the calendar


@dataclass(frozen=True)
class MentorLoad:
    """A mentor's work for one cohort, in numbers of scans and whole days. `median_days`: half of all that was sent to
    them was approved, or has waited so far, for at most so many days (0: less than one).
    """

    person: int
    name: str
    closed: bool
    waiting: int  # scans that wait for them
    oldest_days: int | None  # the oldest of these
    median_days: int | None
    still_waits: bool  # the scan in the middle is one that waits, so it will be more
    late: bool  # the oldest waits for longer than the programme allows


@dataclass(frozen=True)
class Loads:
    """The mentors that are shown, the longest wait first, and how many more there are."""

    mentors: list[MentorLoad]
    further: int


def waits_of(cohort: Cohort, now: datetime) -> list[Waiting]:
    """What waits for the cohort's mentors. One query, for any number of scans."""
    programme = programmes.get(cohort.programme)
    today, day_of = programme.today(now), programmes.Days(programme)
    rows = run(_WAITING, INSTANT.db_value(now), _DAY, cohort.id).fetchall()
    return [
        Waiting(mentor, name, bool(closed), student, max(0, days), number, max(0, (today - day_of(oldest)).days))
        for mentor, name, closed, student, days, number, oldest in rows
    ]


def mentors_of(cohort: Cohort, waits: Iterable[Waiting], named: Mapping[int, str], most: int) -> Loads:
    """The cohort's mentors: those of its placements now (`named`), and those who left while a scan waits for them. For
    whom a scan waits longest comes first, then who has most. One query more.
    """
    of: dict[int, list[Waiting]] = {mentor: [] for mentor in named}
    names = dict(named)
    for one in waits:
        of.setdefault(one.mentor, []).append(one)
        names[one.mentor] = one.name
    answers: dict[int, list[tuple[int, int]]] = {}
    for person, days, number in run(_ANSWERS, cohort.id).fetchall():
        answers.setdefault(person, []).append((days, number))
    late_after = programmes.get(cohort.programme).pace.mentor_silent_days
    ordered = sorted(of, key=lambda person: _urgency(of[person], fold(names[person]), person))
    loads = [_load(person, names[person], of[person], answers.get(person, []), late_after) for person in ordered[:most]]
    return Loads(loads, len(ordered) - len(loads))


def _urgency(waits: list[Waiting], name: str, person: int) -> tuple:
    """A sort key: for whom a scan waits longest comes first, then who has most; those without any by name."""
    if not waits:
        return 0, 0, name, person
    return -1 - max(one.oldest_days for one in waits), -sum(one.number for one in waits), name, person


def _load(person: int, name: str, waits: list[Waiting], answers: list[tuple[int, int]], late_after: int) -> MentorLoad:
    oldest = max((one.oldest_days for one in waits), default=None)
    middle = median([(days, 0, number) for days, number in answers] + [(one.days, 1, one.number) for one in waits])
    return MentorLoad(
        person=person,
        name=name,
        closed=any(one.closed for one in waits),
        waiting=sum(one.number for one in waits),
        oldest_days=oldest,
        median_days=middle[0] if middle else None,
        still_waits=bool(middle and middle[1]),
        late=(oldest or 0) >= late_after,
    )


def median(answers: Iterable[tuple[int, int, int]]) -> tuple[int, int] | None:
    """The lower median of (days, whether it still waits, how often), as (days, whether); None of none."""
    ordered = sorted(answers)
    half = (sum(number for _, _, number in ordered) + 1) // 2
    for days, waits, number in ordered:
        half -= number
        if half <= 0:
            return days, waits
    return None
