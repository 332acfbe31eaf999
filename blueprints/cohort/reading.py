"""What a director sees of a cohort, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from blueprints.standing import LEFT, Standing
from models import Cohort, Enrolment, Person, programmes_of_staff
from workflows import programmes
from workflows.refusals import NotFound

# ?sort= -> what its chip says
ORDERS = {"": "At risk first", "name": "Name", "status": "Status", "counted": "Fewest counted"}
STATUSES = ("at risk", "behind", "not started", "on pace", "ahead", "complete")


@dataclass(frozen=True)
class Counters:
    """The cohort in four numbers: students who have not left, scans counted, scans with a mentor, students at risk."""

    students: int
    counted: int
    with_mentor: int
    at_risk: int


def cohorts(director: int) -> list[Cohort]:
    """The cohorts of the programmes that this person directs, the newest first."""
    mine = Cohort.select().where(Cohort.programme.in_(programmes_of_staff(director, "director")))
    return list(mine.order_by(Cohort.starts_on.desc(), Cohort.name))


def chosen(among: list[Cohort], asked: str, now: datetime) -> Cohort:
    """The cohort asked for by its id; without one the newest that has started.

    Raises:
        NotFound: no such cohort among these.
    """
    if asked:
        found = [cohort for cohort in among if str(cohort.id) == asked]
        if not found:
            raise NotFound()
        return found[0]
    started = (cohort for cohort in among if cohort.starts_on <= programmes.get(cohort.programme).today(now))
    return next(started, among[-1])


def students(cohort: Cohort) -> list[Enrolment]:
    """Everybody enrolled in the cohort, with their person, by name."""
    found = list(
        Enrolment.select(Enrolment, Person).join(Person).where(Enrolment.cohort == cohort).order_by(Person.name)
    )
    for enrolment in found:
        enrolment.cohort = cohort  # at hand already: no join, no query
    return found


def counters(rows: list[Standing]) -> Counters:
    """The four numbers of these rows."""
    return Counters(
        students=sum(row.enrolment.ended_as != LEFT for row in rows),
        counted=sum(row.progress.counted for row in rows),
        with_mentor=sum(row.progress.with_mentor for row in rows),
        at_risk=sum(row.at_risk for row in rows),
    )


def in_order(rows: list[Standing], sort: str) -> list[Standing]:
    """The rows (by name as they come) as asked; students whose enrolment has ended are last in all but the name."""
    keys = {
        "name": lambda row: 0,
        "status": lambda row: (row.enrolment.ended_as is not None, STATUSES.index(row.status.key)),
        "counted": lambda row: (row.enrolment.ended_as is not None, row.progress.counted),
    }
    return sorted(rows, key=keys.get(sort, lambda row: (row.enrolment.ended_as is not None, not row.at_risk)))
