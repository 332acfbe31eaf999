"""A student as a director, a mentor or an assessor meets them in a list: progress, thumbnail, status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from models import Enrolment
from rules import sector
from rules.progress import Progress, Status
from workflows import counting, programmes

GRADUATED, LEFT = "graduated", "left"


@dataclass(frozen=True)
class Standing:
    """One row. `status` is the pace's, or how the enrolment ended; `today` is the programme's."""

    enrolment: Enrolment
    progress: Progress
    mini: sector.Mini
    status: Status
    today: date

    @property
    def name(self) -> str:
        return self.enrolment.person.name

    @property
    def at_risk(self) -> bool:
        return self.status.key == "at risk"


def standings(enrolments: Iterable[Enrolment], now: datetime) -> list[Standing]:
    """The rows, in the order given. Wants each enrolment with its cohort and person at hand; one query a programme."""
    students = list(enrolments)
    progress = counting.progress_of_all(students, now)
    rows = []
    for student in students:
        programme, own = programmes.get(student.cohort.programme), progress[student.id]
        rows.append(Standing(student, own, sector.mini(programme, own), status_of(student, own), programme.today(now)))
    return rows


def status_of(enrolment: Enrolment, progress: Progress) -> Status:
    """Pace means nothing once the enrolment has ended; then the status says how it ended."""
    if enrolment.ended_as is None:
        return progress.status
    on = f"{enrolment.ended_on.day} {enrolment.ended_on:%B %Y}"
    if enrolment.ended_as == GRADUATED:
        return Status("complete", "Graduated", f"Graduated on {on}.")
    return Status("not started", "Left", f"Left the course on {on}.")
