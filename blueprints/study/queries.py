"""What is true of a student's place on the course, as its page shows it."""

from dataclasses import dataclass
from datetime import date, datetime

from peewee import fn

from models import Absence, Cohort, Enrolment, Person, Scan
from rules import calendar, lifecycle
from rules.calendar import Interruption
from rules.states import WITHDRAWN
from workflows.course import absences, programmes
from workflows.people import lifecycle as workflow


@dataclass(frozen=True)
class Rest:
    """An interruption: its days, and how many scans are dated within it."""

    from_on: date
    until_on: date | None
    scans: int


@dataclass(frozen=True)
class Study:
    """A student's place on the course. `changes` is the interruption whose end can be set now."""

    student: Enrolment
    today: date
    state: str
    due_on: date
    extended: bool
    rests: list[Rest]
    changes: Rest | None
    cohorts: list[Cohort]

    def can(self, verb: str) -> bool:
        return lifecycle.can(verb, self.state)


def study_of(enrolment: int, by: Person, now: datetime) -> Study:
    """The study of this enrolment. Four queries.

    Raises:
        NotFound: there is none on a programme that `by` directs or administers.
    """
    student = workflow.student_of(enrolment, by)
    cohort, today = student.cohort, programmes.get(student.cohort.programme).today(now)
    found, theirs = _rests(student), absences.of(student.id)
    rows = [row for row, _ in found]
    rests = [rest for _, rest in found]
    changes = workflow.resumed(rows, today)
    return Study(
        student=student,
        today=today,
        state=lifecycle.state(student.ended_as, interrupted=calendar.is_interrupted(theirs, today)),
        due_on=calendar.due_on(cohort.starts_on, cohort.due_on, theirs, today),
        extended=any(not isinstance(one, Interruption) for one in theirs),
        rests=rests,
        changes=rests[rows.index(changes)] if changes else None,
        cohorts=_others(student),
    )


def _rests(student: Enrolment) -> list[tuple[Absence, Rest]]:
    within = (Scan.enrolment == Absence.enrolment) & (Scan.state != WITHDRAWN) & (Scan.scanned_on >= Absence.from_on)
    within &= Absence.until_on.is_null() | (Scan.scanned_on < Absence.until_on)
    of = (Absence.enrolment == student) & Absence.from_on.is_null(False) & Absence.voided_at.is_null()
    number = Scan.select(fn.COUNT(Scan.id)).where(within).alias("scans")
    rows = Absence.select(Absence, number).where(of).order_by(Absence.from_on)
    return [(row, Rest(row.from_on, row.until_on, row.scans)) for row in rows]


def _others(student: Enrolment) -> list[Cohort]:
    """The cohorts of the same course to which the student can go, the newest first."""
    theirs = Enrolment.select(Enrolment.cohort).where(Enrolment.person == student.person_id)
    open_ones = (Cohort.programme == student.cohort.programme) & Cohort.id.not_in(theirs)
    return list(Cohort.select().where(open_ones).order_by(Cohort.starts_on.desc(), Cohort.name))
