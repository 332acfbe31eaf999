"""How far students and cohorts are: read from the tallies, judged by `rules.progress`.

One query for any number of students. What a tally is, and that it equals a recount: `tallies`, `recount`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import inf

import clock
from models import INSTANT, Cohort, CountedDay, Enrolment
from rules import calendar
from rules.programme import Programme
from rules.progress import Progress
from rules.totals import Counts, Placed, StateCounts
from statements import Prepared, day_of, run
from workflows.counts import tallies
from workflows.course import absences, programmes

_DAY = timedelta(days=1)
_NOTHING = tallies.StudentTally()
# The columns of each kind, in the order of a StateCounts.
_AIDED, _UNAIDED = (
    [f"{kind}_{state}" for state in ("counted", "with_mentor", "returned", "draft", "held")]
    for kind in ("aided", "unaided")
)

_VERSION = (
    "SELECT COUNT(*), COUNT(ended_on), COALESCE(SUM(enrolment.id), 0), COALESCE(SUM(version), 0)"
    " FROM enrolment LEFT JOIN tally ON enrolment_id = enrolment.id WHERE cohort_id = ?"
)


def progress_of(
    enrolments: Iterable[Enrolment], programme: Programme, now: datetime | None = None
) -> dict[int, Progress]:
    """Enrolment id -> progress, for students of one programme, with their cohorts at hand. One query for all.

    A withdrawn scan is in none of the numbers; a guided procedure is in its own alone (R4).
    `now`: when to judge; this instant if not given.
    """
    students = list(enrolments)
    now = now or clock.now()
    reader = _Reader(programme, now)
    rows = {row[0]: row for row in tallies.progress_rows([student.id for student in students], reader.today)}
    return {student.id: reader.progress(student, rows[student.id]) for student in students}


def progress_of_all(enrolments: Iterable[Enrolment], now: datetime | None = None) -> dict[int, Progress]:
    """Enrolment id -> progress, for students of any programmes; one query for each programme among them."""
    students: dict[str, list[Enrolment]] = {}
    for student in enrolments:
        students.setdefault(student.cohort.programme, []).append(student)
    found: dict[int, Progress] = {}
    for key, of_programme in students.items():
        found |= progress_of(of_programme, programmes.get(key), now)
    return found


@dataclass(frozen=True, slots=True)
class _Cached:
    """A student's progress as it was last worked out: from what, and from when until when (instants as stored) nothing
    more of what waits is overdue.
    """

    row: tuple
    facts: tuple
    since: int
    until: float
    progress: Progress


# By enrolment id. An open cohort page asks for its counters again and again, and few of its students have logged since:
# without this cache a cohort of 1,000 costs 40 ms of processor time more each time. Emptied when it is full.
_cache: dict[int, _Cached] = {}
_MOST_CACHED = 4096


class _Reader:
    """Reads the tallies of a programme's students as they are on one day of it."""

    def __init__(self, programme: Programme, now: datetime) -> None:
        self.programme, self.today = programme, programme.today(now)
        self.days = programmes.Days(programme)
        self.overdue_before = INSTANT.db_value(now - timedelta(days=programme.audit_overdue_days))
        self.recent_after = tallies.window(programme, now).isoformat()
        # The kinds whose scans are a debt while they wait: those that count when they are audited (R2).
        self.owed = [key for key, support in programme.supports.items() if support.counts_when == "audited"]

    def progress(self, student: Enrolment, row: tuple) -> Progress:
        """One student's progress from their row of the tallies; empty for somebody who has none. The same row gives the
        same progress all day, until something becomes overdue.
        """
        facts = (self.today, student.cohort.starts_on, student.cohort.due_on, student.enrolled_on, student.remit)
        cached = _cache.get(student.id)  # absences are in the row
        if cached is not None and cached.row == row and cached.facts == facts and self._holds(cached):
            return cached.progress
        tally = tallies.read(row[5:]) if row[4] else _NOTHING
        owed = [since for kind in self.owed for since in tally.waiting.get(kind, ())]
        progress = Progress(self.programme, self.counts(student, tally, owed, _placed(*row[1:3]), row[3]))
        until = min((since for since in owed if since >= self.overdue_before), default=inf)
        if len(_cache) >= _MOST_CACHED:
            _cache.clear()
        _cache[student.id] = _Cached(row, facts, self.overdue_before, until, progress)
        return progress

    def _holds(self, cached: _Cached) -> bool:
        return cached.since <= self.overdue_before <= cached.until and cached.progress.programme is self.programme

    def counts(
        self, student: Enrolment, tally: tallies.StudentTally, owed: list[int], placed: Placed, absent: str | None
    ) -> Counts:
        """One student's counts, as the rules ask for them. `owed`: since when each scan that is a debt waits; `absent`:
        their absences as they are stored.
        """
        waiting = [line[0] for line in tally.waiting.values()]
        theirs = absences.read(absent)
        due_on = calendar.due_on(student.cohort.starts_on, student.cohort.due_on, theirs, self.today)
        first = max(student.cohort.starts_on, student.enrolled_on, placed.since or date.min)
        return Counts(
            aided=StateCounts(*map(tally.numbers.__getitem__, _AIDED)),
            unaided=StateCounts(*map(tally.numbers.__getitem__, _UNAIDED)),
            regions=tally.regions,
            debt=len(owed),
            debt_oldest_on=self._day(min(owed)) if owed else None,
            debt_overdue=sum([since < self.overdue_before for since in owed]),
            recent=self._recent(tally),
            last_logged_on=self._day(tally.last_logged_at),
            procedures=_by_part(tally.procedures),
            today=self.today,
            starts_on=min(first, due_on - _DAY),  # a line always starts before the due date
            due_on=due_on,
            remit=tuple(student.remit) if student.remit else None,
            other_drafts=tally.numbers["other_draft"],
            waiting=sum([len(line) for line in tally.waiting.values()]),
            waiting_since=self._day(min(waiting)) if waiting else None,
            placed=placed,
            absences=calendar.resting_days(theirs, self.today),
            decided=theirs,
        )

    def _recent(self, tally: tallies.StudentTally) -> dict[str, int]:
        found: dict[str, int] = {}
        for key, number in tally.recent.items():
            kind, on = key.split()
            if on > self.recent_after:
                found[kind] = found.get(kind, 0) + number
        return found

    def _day(self, moment: int | None) -> date | None:
        return self.days(moment) if moment else None


def _placed(days: str | None, mentored: bool) -> Placed:
    """The placements as `tallies.progress_rows` has them."""
    if days is None:
        return Placed(None, None, False)
    since, until = map(date.fromisoformat, days.split())
    return Placed(since, None if until == date.max else until, bool(mentored))


def _by_part(numbers: dict[str, int]) -> dict[str, StateCounts]:
    """Part in a guided procedure -> how many there are in each state, of a tally's `procedures`."""
    found: dict[str, StateCounts] = {}
    for key, number in numbers.items():
        state, _, part = key.partition(" ")
        setattr(found.setdefault(part, StateCounts()), state, number)
    return found


def version_of(cohort: Cohort) -> str:
    """Another text whenever a number of one of the cohort's students, or who is enrolled, has changed."""
    return "-".join(str(number) for number in run(_VERSION, cohort.id).fetchone())


def counted_by_day(cohort: Cohort) -> list[tuple[date, int]]:
    """In order of days, how many scans came to count on each and still do; without surplus, so they add up to what
    counts (R2).
    """
    return [(day_of(day), number) for day, number in _BY_DAY.rows(cohort.id)]


_BY_DAY = Prepared(
    lambda cohort: (
        CountedDay.select(CountedDay.day, CountedDay.number)
        .where(CountedDay.cohort == cohort, CountedDay.number > 0)
        .order_by(CountedDay.day)
        .tuples()
    )
)
