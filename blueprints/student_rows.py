"""A student as a director, a mentor or an assessor meets them in a list: progress, thumbnail, status."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from models import Enrolment
from rules import lifecycle, sector
from rules.person_names import distinct_names
from rules.phrases import day
from rules.programme import Programme
from rules.progress import Progress
from rules.status import Status, Wait
from workflows.counts import tally_queries

GRADUATED, LEFT, FAILED = lifecycle.GRADUATED, lifecycle.LEFT, lifecycle.FAILED


@dataclass
class StudentRow:
    """One row. What a list does not show of it is not computed."""

    enrolment: Enrolment
    progress: Progress
    name: str  # of the student, told apart from others of the same name in the list
    waits: tuple[Wait, ...] | None = None  # what waits for which mentor, where that was asked

    @property
    def programme(self) -> Programme:
        return self.progress.programme

    @property
    def today(self) -> date:
        """The programme's day on which the progress is judged."""
        return self.progress.counts.today

    @property
    def is_running(self) -> bool:
        """The enrolment has not ended, and there is something left to scan."""
        return not self.enrolment.ended_as and bool(self.progress.missing)

    @cached_property
    def mini(self) -> sector.Mini:
        return sector.mini(self.programme, self.progress)

    @property
    def status(self) -> Status:
        """The pace's, or how the enrolment ended."""
        return status_of(self.enrolment, self.progress, self.waits)

    @property
    def key(self) -> str:
        """The status' key, for who needs neither its words nor its reasons."""
        return self.progress.key if self.enrolment.ended_as is None else self.status.key

    @property
    def at_risk(self) -> bool:
        return self.key == "at risk"

    @property
    def is_interrupted(self) -> bool:
        """Their study rests today, so nothing is expected of them."""
        return self.enrolment.ended_as is None and self.progress.is_interrupted

    @property
    def pressing(self) -> set[str]:
        """Who is in the way, of `rules.status`, so that somebody must act."""
        return self.status.pressing


def student_rows(
    enrolments: Iterable[Enrolment],
    now: datetime,
    waits: Mapping[int, tuple[Wait, ...]] | None = None,
    sites: Callable[[int], str] = lambda _: "",
) -> list[StudentRow]:
    """The rows, in the order given. Wants each enrolment with its cohort and person at hand; one query a programme.

    Args:
        waits: enrolment id -> what waits for which mentor, where that is known; nothing for those who are not in it.
        sites: where each enrolment (id) is placed now, in words.
    """
    students = list(enrolments)
    progress = tally_queries.progress_of_all(students, now)
    people = [(one.person.name, one.person.email) for one in students]
    names = distinct_names(people, lambda place: sites(students[place].id))
    return [
        StudentRow(student, progress[student.id], name, None if waits is None else waits.get(student.id, ()))
        for student, name in zip(students, names, strict=True)
    ]


def status_of(enrolment: Enrolment, progress: Progress, waits: tuple[Wait, ...] | None = None) -> Status:
    """Pace means nothing once the enrolment has ended; then the status says how it ended."""
    if enrolment.ended_as is None:
        return progress.status if waits is None else progress.status_with(waits)
    if enrolment.ended_as == GRADUATED:
        return Status("complete", "Graduated", f"Graduated on {day(enrolment.ended_on)}.")
    if enrolment.ended_as == FAILED:
        return Status("not started", "Not passed", f"Ended without the award on {day(enrolment.ended_on)}.")
    return Status("not started", "Left", f"Left the course on {day(enrolment.ended_on)}.")
