"""How far students are: read from the database in one query for any number of them, judged by `rules.progress`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from peewee import Case, fn

from models import Enrolment, InstantField, Scan
from rules import states
from rules.programme import Programme
from rules.progress import Counts, Progress, Tally, progress
from workflows import clock, programmes

_instant = InstantField()


@dataclass
class _Gathered:
    """One student's rows, added up."""

    tallies: dict[str, dict[str, int]] = field(default_factory=lambda: {"aided": {}, "unaided": {}})
    regions: dict[str, int] = field(default_factory=dict)
    debt: int = 0
    debt_oldest: datetime | None = None
    debt_overdue: int = 0
    recent: int = 0
    last_logged: datetime | None = None
    procedures: int = 0

    def add(self, programme: Programme, row: tuple) -> None:
        _, state, support, region, is_procedure, number, oldest, overdue, recent, last = row
        if state == states.WITHDRAWN:
            return
        self.last_logged = max(filter(None, (self.last_logged, _instant.python_value(last))), default=None)
        if is_procedure:
            self.procedures += number
            if not programme.procedures_count:
                return  # R4: counted apart
        if support not in self.tallies:
            return  # a draft without its support yet
        tally = self.tallies[support]
        tally[state] = tally.get(state, 0) + number
        if state == states.COUNTED:
            self.regions[region] = self.regions.get(region, 0) + number
        if state != states.DRAFT:
            self.recent += recent or 0
        if state == states.WITH_MENTOR and programme.support(support).counts_when == "audited":
            self.debt += number
            self.debt_overdue += overdue or 0
            since = _instant.python_value(oldest)
            self.debt_oldest = min(filter(None, (self.debt_oldest, since)), default=None)

    def tally(self, support: str) -> Tally:
        of = self.tallies[support]
        return Tally(
            counted=of.get(states.COUNTED, 0),
            with_mentor=of.get(states.WITH_MENTOR, 0),
            returned=of.get(states.RETURNED, 0),
            draft=of.get(states.DRAFT, 0),
        )


def progress_of(enrolments: Iterable[Enrolment], programme: Programme, now: datetime | None = None) -> dict[int, Progress]:
    """Enrolment id -> progress, for students of one programme, with their cohorts at hand. One query for all.

    Args:
        now: when to judge; this instant if not given.
    """
    students = list(enrolments)
    now = now or clock.now()
    today = programme.today(now)
    gathered: dict[int, _Gathered] = {student.id: _Gathered() for student in students}
    for row in _rows([student.id for student in students], programme, now, today):
        gathered[row[0]].add(programme, row)
    return {
        student.id: progress(programme, _counts(student, gathered[student.id], programme, today)) for student in students
    }


def _rows(ids: list[int], programme: Programme, now: datetime, today: date) -> Iterable[tuple]:
    overdue_before = _instant.db_value(now - timedelta(days=programme.audit_overdue_days))
    recent_since = today - timedelta(weeks=programme.pace.window_weeks)
    is_procedure = Case(None, ((Scan.procedure == "", 0),), 1)
    return (
        Scan.select(
            Scan.enrolment,
            Scan.state,
            Scan.support,
            Scan.region,
            is_procedure,
            fn.COUNT(Scan.id),
            fn.MIN(Scan.sent_at).coerce(False),
            fn.SUM(Case(None, ((Scan.sent_at < overdue_before, 1),), 0)),
            fn.SUM(Case(None, ((Scan.scanned_on >= recent_since, 1),), 0)),
            fn.MAX(Scan.received_at).coerce(False),
        )
        .where(Scan.enrolment.in_(ids))
        .group_by(Scan.enrolment, Scan.state, Scan.support, Scan.region, is_procedure)
        .tuples()
        .iterator()
    )


def _counts(student: Enrolment, of: _Gathered, programme: Programme, today: date) -> Counts:
    return Counts(
        aided=of.tally("aided"),
        unaided=of.tally("unaided"),
        regions=of.regions,
        debt=of.debt,
        debt_oldest_on=programme.today(of.debt_oldest) if of.debt_oldest else None,
        debt_overdue=of.debt_overdue,
        recent=of.recent,
        last_logged_on=programme.today(of.last_logged) if of.last_logged else None,
        procedures=of.procedures,
        today=today,
        starts_on=max(student.cohort.starts_on, student.enrolled_on),
        due_on=student.cohort.due_on,
        remit=tuple(student.remit) if student.remit else None,
    )
