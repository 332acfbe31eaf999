"""The tallies beside a recount of every scan: proof that they are equal, and the repair where they are not."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from peewee import ModelSelect, fn

import clock
from models import Answered, Cohort, CountedDay, Enrolment, Move, Scan, Tally, db
from rules import states
from rules.programme import Programme
from statements import snapshot
from workflows.counts import tallies
from workflows.counts.tallies import FACTS, Facts, StudentTally
from workflows.course import programmes


@dataclass
class _Cohort:
    """One cohort as the scans have it: the numbers of each student, of each day, of each mentor and wait."""

    students: dict[int, StudentTally] = field(default_factory=dict)
    days: Counter[str] = field(default_factory=Counter)
    answers: Counter[tuple[int, int]] = field(default_factory=Counter)


def cohorts() -> list[Cohort]:
    """Every cohort, in the order in which they were made."""
    return list(Cohort.select().order_by(Cohort.id))


def is_behind() -> bool:
    """Some student has scans and no tally: they were never added up, or adding up was cut short."""
    tallied, logged = Tally.select(Tally.enrolment), Scan.select(Scan.enrolment).where(Scan.state != states.WITHDRAWN)
    return Enrolment.select().where(Enrolment.id.not_in(tallied), Enrolment.id.in_(logged)).exists()


def check(cohort: Cohort) -> list[str]:
    """Recount the cohort and say in words where a tally differs from what was counted."""
    with snapshot():  # scans and tallies of one moment
        return [f"{cohort.name}: {what}" for what in _differences(cohort, mend=False)]


def mend(cohort: Cohort) -> list[str]:
    """As `check`, and write what was counted where a tally differs."""
    with db.atomic():
        return [f"{cohort.name}: {what}" for what in _differences(cohort, mend=True)]


def mend_all() -> list[str]:
    """`mend` for every cohort."""
    return [line for cohort in cohorts() for line in mend(cohort)]


def _differences(cohort: Cohort, mend: bool) -> Iterator[str]:
    programme = programmes.get(cohort.programme)
    counted = _count(cohort, programme)
    yield from _students(cohort, programme, counted, mend)
    yield from _days(cohort, counted, mend)
    yield from _answers(cohort, counted, mend)


def _count(cohort: Cohort, programme: Programme) -> _Cohort:
    """Every scan of the cohort, added up from nothing."""
    found = _Cohort()
    own = Enrolment.select(Enrolment.id).where(Enrolment.cohort == cohort)
    columns = [getattr(Scan, name).coerce(False) for name in FACTS]
    rows = Scan.select(*columns).where(Scan.enrolment.in_(own)).order_by(Scan.enrolment)
    facts = (_facts(row) for row in rows.tuples().iterator())
    for student, scans in groupby(facts, key=lambda scan: scan.enrolment):
        found.students[student] = _student(list(scans), programme, found)
    for student, at in _judged(own):
        found.students[student].judged_at = at
    return found


def _facts(row: tuple) -> Facts:
    scan = Facts(*row)
    return scan if isinstance(scan.scanned_on, str) else Facts(*row[:5], scan.scanned_on.isoformat(), *row[6:])


def carry_over(enrolment: int, programme: Programme, source: int, target: int) -> None:
    """Take one student out of the numbers of a cohort (its id) and into those of another one of the same programme, as
    a recount of both would have them. In the transaction of the transfer.
    """
    rows = Scan.select(*(getattr(Scan, name).coerce(False) for name in FACTS)).where(Scan.enrolment == enrolment)
    found = _Cohort()
    _student([_facts(row) for row in rows.tuples()], programme, found)
    tallies.carry_over(found.days, found.answers, source, target)


def _student(scans: list[Facts], programme: Programme, of: _Cohort) -> StudentTally:
    total = StudentTally()
    for scan in scans:
        total.add(scan, programme)
        if scan.state == states.COUNTED:
            of.answers[scan.approved_by or 0, tallies.days_to_approval(scan)] += 1
    received = [scan.received_at for scan in scans if scan.state != states.WITHDRAWN]
    total.last_logged_at = max(received, default=None)
    for key, support in programme.supports.items():
        counts = [scan for scan in scans if scan.support == key and scan.state == states.COUNTED]
        moments = sorted(
            (scan.approved_at, scan.case_number) for scan in counts if tallies.in_portfolio(scan, programme)
        )
        of.days.update(tallies.day(programme, at) for at, _ in moments[: support.total])
        surplus = {number for _, number in moments[support.total :]}
        total.regions = dict(
            Counter(total.regions) - Counter(one.region for one in counts if one.case_number in surplus)
        )
    return total


def _judged(own: ModelSelect) -> list[tuple[int, int]]:
    """Of each student, when a mentor last did something to a scan."""
    last = fn.MAX(Move.at).coerce(False)
    moves = Move.select(Scan.enrolment, last).join(Scan).where(Scan.enrolment.in_(own), Move.verb.in_(tallies.JUDGING))
    return list(moves.group_by(Scan.enrolment).tuples())


def _students(cohort: Cohort, programme: Programme, counted: _Cohort, mend: bool) -> Iterator[str]:
    now = clock.now()
    window, stored_after = tallies.window(programme, now), tallies.stored_after(programme, now)
    enrolled = [student for (student,) in Enrolment.select(Enrolment.id).where(Enrolment.cohort == cohort).tuples()]
    rows = {row[0]: row[1:] for row in tallies.rows_of(enrolled)}
    for student in sorted(counted.students.keys() | rows.keys()):
        version, *columns = rows.get(student, (0,))
        true = counted.students.get(student, StudentTally())
        stored = tallies.read(columns).values(window) if columns else None
        if stored != true.values(window):
            yield f"student {student}: {_named(stored, true.values(window))}"
            if mend:
                tallies.write(student, version, true.values(stored_after))


def _named(stored: tuple | None, true: tuple) -> str:
    if stored is None:
        return "no tally is kept"
    pairs = zip(tallies.COLUMNS, stored, true, strict=True)
    return ", ".join(f"{name} is {value}, counted {found}" for name, value, found in pairs if value != found)


def _days(cohort: Cohort, counted: _Cohort, mend: bool) -> Iterator[str]:
    rows = CountedDay.select(CountedDay.day, CountedDay.number).where(CountedDay.cohort == cohort)
    stored = {day.isoformat(): number for day, number in rows.tuples() if number}
    for day, number, found in _unequal(stored, counted.days):
        yield f"{day}: {number} came to count, counted {found}"
    if mend and stored != dict(counted.days):
        CountedDay.delete().where(CountedDay.cohort == cohort).execute()
        for day, number in counted.days.items():
            CountedDay.insert(cohort=cohort, day=day, number=number).execute()


def _answers(cohort: Cohort, counted: _Cohort, mend: bool) -> Iterator[str]:
    rows = Answered.select(Answered.mentor, Answered.days, Answered.number).where(Answered.cohort == cohort)
    stored = {(mentor, days): number for mentor, days, number in rows.tuples() if number}
    for (mentor, days), number, found in _unequal(stored, counted.answers):
        yield f"mentor {mentor}: {number} approved after {days} days, counted {found}"
    if mend and stored != dict(counted.answers):
        Answered.delete().where(Answered.cohort == cohort).execute()
        for (mentor, days), number in counted.answers.items():
            Answered.insert(cohort=cohort, mentor=mentor, days=days, number=number).execute()


def _unequal(stored: dict, counted: Counter) -> Iterator[tuple[Any, int, int]]:
    """Of each key whose numbers differ: the key, what is stored, what was counted."""
    for key in sorted(stored.keys() | counted.keys()):
        if stored.get(key, 0) != counted[key]:
            yield key, stored.get(key, 0), counted[key]
