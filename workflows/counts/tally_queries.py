"""How far students and cohorts are: read from the tallies, judged by `rules.progress`.

One query for any number of students. What a tally is, and that it equals a recount: `tallies`, `recount`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import inf

from peewee import ModelSelect

from models import Cohort, CountedDay, Enrolment, InstantField
from rules import progress as rules
from rules.counts import Counts, Tally
from rules.programme import Programme
from rules.progress import Progress
from statements import Prepared, Slot, day_of, run
from workflows import clock
from workflows.counts import tallies
from workflows.course import programmes
from workflows.course.days import Days

_instant = InstantField()
_DAY = timedelta(days=1)
_NOTHING = tallies.Sum()
# The columns of each kind, in the order of a Tally.
_AIDED, _UNAIDED = (
    [f"{kind}_{state}" for state in ("counted", "with_mentor", "returned", "draft")] for kind in ("aided", "unaided")
)

_VERSION = (
    "SELECT COUNT(*), COUNT(ended_on), COALESCE(SUM(version), 0)"
    " FROM enrolment LEFT JOIN tally ON enrolment_id = enrolment.id WHERE cohort_id = ?"
)


def progress_of(
    enrolments: Iterable[Enrolment], programme: Programme, now: datetime | None = None
) -> dict[int, Progress]:
    """Enrolment id -> progress, for students of one programme, with their cohorts at hand. One query for all.

    A withdrawn scan is in none of the numbers; a guided procedure is in its own alone (R4).

    Args:
        now: when to judge; this instant if not given.
    """
    students = list(enrolments)
    now = now or clock.now()
    rows = {row[0]: row for row in tallies.rows_of([student.id for student in students])}
    day = _Day(programme, now)
    return {student.id: day.progress(student, rows.get(student.id, ())) for student in students}


def progress_of_all(enrolments: Iterable[Enrolment], now: datetime | None = None) -> dict[int, Progress]:
    """Enrolment id -> progress, for students of any programmes; one query for each programme among them."""
    students: dict[str, list[Enrolment]] = {}
    for student in enrolments:
        students.setdefault(student.cohort.programme, []).append(student)
    found: dict[int, Progress] = {}
    for key, of_programme in students.items():
        found |= progress_of(of_programme, programmes.get(key), now)
    return found


@dataclass(frozen=True)
class _Known:
    """A student's progress as it was last worked out: from what, and from when until when (instants as stored) nothing
    more of what waits is overdue.
    """

    row: tuple
    facts: tuple
    since: int
    until: float
    progress: Progress


# By enrolment id. An open cohort page asks for its counters again and again, and few of its students have logged since:
# without this memo a cohort of 1,000 costs 40 ms of processor time more each time. Emptied when it is full.
_known: dict[int, _Known] = {}
_MOST_KNOWN = 4096


class _Day:
    """A programme's day, on which the tallies of its students are read."""

    def __init__(self, programme: Programme, now: datetime) -> None:
        self.programme, self.today = programme, programme.today(now)
        self.days = Days(programme)
        self.overdue_before = _instant.db_value(now - timedelta(days=programme.audit_overdue_days))
        self.recent_after = tallies.window(programme, now).isoformat()
        # The kinds whose scans are a debt while they wait: those that count when they are audited (R2).
        self.owed = [key for key, support in programme.supports.items() if support.counts_when == "audited"]

    def progress(self, student: Enrolment, row: tuple) -> Progress:
        """One student's progress from their kept row, none if they have none. The same row says the same all day, but
        for what becomes overdue.
        """
        facts = (self.today, student.cohort.starts_on, student.cohort.due_on, student.enrolled_on, student.remit)
        known = _known.get(student.id)
        if known is not None and known.row == row and known.facts == facts and self._holds(known):
            return known.progress
        kept = tallies.read(row[2:]) if row else _NOTHING
        owed = [since for kind in self.owed for since in kept.waiting.get(kind, ())]
        progress = rules.progress(self.programme, self.counts(student, kept, owed))
        until = min((since for since in owed if since >= self.overdue_before), default=inf)
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[student.id] = _Known(row, facts, self.overdue_before, until, progress)
        return progress

    def _holds(self, known: _Known) -> bool:
        return known.since <= self.overdue_before <= known.until and known.progress.programme is self.programme

    def counts(self, student: Enrolment, kept: tallies.Sum, owed: list[int]) -> Counts:
        """One student's counts, as the rules ask for them. `owed`: since when each scan that is a debt waits."""
        waiting = [line[0] for line in kept.waiting.values()]
        starts_on, due_on, after = student.cohort.starts_on, student.cohort.due_on, self.recent_after
        return Counts(
            aided=_tally(kept.numbers, *_AIDED),
            unaided=_tally(kept.numbers, *_UNAIDED),
            regions=kept.regions,
            debt=len(owed),
            debt_oldest_on=self._day(min(owed)) if owed else None,
            debt_overdue=sum([since < self.overdue_before for since in owed]),
            recent=sum([number for on, number in kept.recent.items() if on > after]),
            last_logged_on=self._day(kept.last_logged_at),
            procedures=kept.numbers["procedures"],
            today=self.today,
            # A late joiner's line starts with them, and always before the cohort's due date.
            starts_on=min(max(starts_on, student.enrolled_on), due_on - _DAY),
            due_on=due_on,
            remit=tuple(student.remit) if student.remit else None,
            other_drafts=kept.numbers["other_draft"],
            waiting_since=self._day(min(waiting)) if waiting else None,
            judged_on=self._day(kept.judged_at),
        )

    def _day(self, moment: int | None) -> date | None:
        return self.days(moment) if moment else None


def _tally(numbers: dict[str, int], counted: str, with_mentor: str, returned: str, draft: str) -> Tally:
    return Tally(numbers[counted], numbers[with_mentor], numbers[returned], numbers[draft])


# --- A whole cohort --------------------------------------------------------------------------------------------


def version_of(cohort: Cohort) -> str:
    """Another text whenever a number of one of the cohort's students, or who is enrolled, has changed."""
    return "-".join(str(number) for number in run(_VERSION, cohort.id).fetchone())


def counted_by_day(cohort: Cohort) -> list[tuple[date, int]]:
    """In order of days, how many scans came to count on each and still do; without surplus, so they add up to what
    counts (R2).
    """
    return [(day_of(day), number) for day, number in _BY_DAY.rows(cohort.id)]


def _by_day(cohort: Slot) -> ModelSelect:
    days = CountedDay.select(CountedDay.day, CountedDay.number)
    return days.where(CountedDay.cohort == cohort, CountedDay.number > 0).order_by(CountedDay.day).tuples()


_BY_DAY = Prepared(_by_day)
