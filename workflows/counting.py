"""How far students are: read from the database in one query for any number of them, judged by `rules.progress`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from peewee import SQL, Case, ModelSelect, fn

from models import Enrolment, InstantField, Scan
from rules import states
from rules.programme import Programme
from rules.progress import Counts, Progress, Tally, progress
from workflows import clock, programmes

_instant = InstantField()
_DAY = timedelta(days=1)


@dataclass
class _Gathered:
    """One student's rows, added up. Instants stay as stored (microseconds) until the end."""

    tallies: dict[str, dict[str, int]] = field(default_factory=lambda: {"aided": {}, "unaided": {}})
    regions: dict[str, int] = field(default_factory=dict)
    debt: int = 0
    debt_oldest: int | None = None
    debt_overdue: int = 0
    recent: int = 0
    last_logged: int = 0
    procedures: int = 0
    other_drafts: int = 0

    def add(self, programme: Programme, row: tuple) -> None:
        _, state, support, region, procedure, number, oldest, overdue, recent, last = row
        self.last_logged = max(self.last_logged, last)
        if procedure and state != states.DRAFT:
            self.procedures += number
        if procedure and not programme.procedures_count:
            return  # R4: counted apart
        if support not in self.tallies:
            self.other_drafts += number  # the database lets nothing else be without its support
            return
        tally = self.tallies[support]
        tally[state] = tally.get(state, 0) + number
        if state == states.COUNTED:
            self.regions[region] = self.regions.get(region, 0) + number
        if state != states.DRAFT:
            self.recent += recent
        if state == states.WITH_MENTOR and programme.support(support).counts_when == "audited":
            self.debt += number
            self.debt_overdue += overdue
            self.debt_oldest = oldest if self.debt_oldest is None else min(self.debt_oldest, oldest)

    def tally(self, support: str) -> Tally:
        of = self.tallies[support]
        return Tally(
            counted=of.get(states.COUNTED, 0),
            with_mentor=of.get(states.WITH_MENTOR, 0),
            returned=of.get(states.RETURNED, 0),
            draft=of.get(states.DRAFT, 0),
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
    today = programme.today(now)
    gathered: dict[int, _Gathered] = {student.id: _Gathered() for student in students}
    if students:
        for row in scans_by_kind(list(gathered), programme, now).tuples().iterator():
            gathered[row[0]].add(programme, row)
    return {
        student.id: progress(programme, _counts(student, gathered[student.id], programme, today))
        for student in students
    }


def progress_of_all(enrolments: Iterable[Enrolment], now: datetime | None = None) -> dict[int, Progress]:
    """Enrolment id -> progress, for students of any programmes; one query for each programme among them."""
    students: dict[str, list[Enrolment]] = {}
    for student in enrolments:
        students.setdefault(student.cohort.programme, []).append(student)
    found: dict[int, Progress] = {}
    for key, of_programme in students.items():
        found |= progress_of(of_programme, programmes.get(key), now)
    return found


def scans_by_kind(ids: list[int], programme: Programme, now: datetime) -> ModelSelect:
    """The counting query. It groups in the order of the index `scan_counting`, which holds every column that it reads:
    the rows themselves are never touched, and nothing is sorted.
    """
    overdue_before = _instant.db_value(now - timedelta(days=programme.audit_overdue_days))
    recent_since = programme.today(now) - timedelta(weeks=programme.pace.window_weeks) + _DAY
    kind = (Scan.enrolment, Scan.state, Scan.support, Scan.region, Scan.procedure)
    return (
        Scan.select(
            *kind,
            fn.COUNT(SQL("*")),
            fn.MIN(Scan.sent_at).coerce(False),
            fn.SUM(Case(None, ((Scan.sent_at < overdue_before, 1),), 0)),
            fn.SUM(Case(None, ((Scan.scanned_on >= recent_since, 1),), 0)),
            fn.MAX(Scan.received_at).coerce(False),
        )
        .where(Scan.enrolment.in_(ids), Scan.state.in_([state for state in states.STATES if state != states.WITHDRAWN]))
        .group_by(*kind)
    )


def _counts(student: Enrolment, of: _Gathered, programme: Programme, today: date) -> Counts:
    return Counts(
        aided=of.tally("aided"),
        unaided=of.tally("unaided"),
        regions=of.regions,
        debt=of.debt,
        debt_oldest_on=_day(programme, of.debt_oldest),
        debt_overdue=of.debt_overdue,
        recent=of.recent,
        last_logged_on=_day(programme, of.last_logged),
        procedures=of.procedures,
        today=today,
        # A late joiner's line starts with them, and always before the cohort's due date.
        starts_on=min(max(student.cohort.starts_on, student.enrolled_on), student.cohort.due_on - _DAY),
        due_on=student.cohort.due_on,
        remit=tuple(student.remit) if student.remit else None,
        other_drafts=of.other_drafts,
    )


def _day(programme: Programme, moment: int | None) -> date | None:
    return programme.today(_instant.python_value(moment)) if moment else None
