"""Brings a file of people into the course: all of it or nothing, again and again without harm.

The preview is the same deed, undone at its end: what it shows is what would be done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from models import Cohort, Enrolment, Person, Placement, Site, db
from workflows import clock, history, links, people, people_file, programmes
from workflows.people_file import Problem, Row
from workflows.refusals import Invalid


@dataclass
class Outcome:
    """What an import did, or would do.

    `news`: a line a change, with its row's number.
    `links`: new people with the secret token of their one-time link; none in a preview.
    `unchanged`: how many rows were here already.
    `problems`: all of them at once; then nothing was changed.
    """

    rows: int = 0
    unchanged: int = 0
    news: list[tuple[int, str]] = field(default_factory=list)
    links: list[tuple[Person, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def enlist(
    content: bytes, *, by: Person | None = None, preview: bool = False, each: Callable[[], object] = lambda: None
) -> Outcome:
    """Bring in the people of a CSV file (docs/import.md).

    Args:
        preview: do it, tell it, and undo it.
        each: called after every row, for a progress bar.

    A file with any problem changes nothing, and the outcome holds all its problems in the order of the rows.
    """
    rows, problems = people_file.read(content)
    outcome = Outcome(rows=len(rows), problems=problems)
    if not rows:
        if not problems:
            outcome.problems.append(Problem(0, "", "There is nobody in the file below its headings."))
        return outcome
    with db.atomic() as transaction:
        new = _Enlisting(outcome, by).run(rows, each)
        outcome.news.sort()
        if outcome.problems or preview:
            outcome.problems.sort(key=lambda problem: problem.row)
            transaction.rollback()
        elif outcome.news:
            outcome.links.extend((person, links.make(person, by=by)) for person in new)
            mark = hashlib.sha256(content).hexdigest()[:16]
            history.record("import", f"file:{mark}", by=by, at=clock.now(), rows=len(rows), news=len(outcome.news))
    return outcome


class _Enlisting:
    """One run over the rows: what stands in other rows of a person or cohort, and whose rows are wrong."""

    def __init__(self, outcome: Outcome, by: Person | None):
        self.outcome, self.by = outcome, by
        self.names: dict[str, str] = {}  # by e-mail
        self.days: dict[tuple[str, str, str], date] = {}  # by programme, cohort, column
        self.unread: set[tuple[str, str, str]] = set()  # days that are there, but wrongly written
        self.wrong: set[str] = set()
        self.new: list[Person] = []

    def run(self, rows: Sequence[Row], each: Callable[[], object]) -> list[Person]:
        """Take every row; the people who are new."""
        for row in rows:
            self._gather(row)
        # Students first, whatever the order of the file: the other rows name them.
        for row in sorted(rows, key=lambda row: row.role != "student"):
            if row.problems:
                self._fail(row, row.problems)
            else:
                self._take(row)
            each()
        return self.new

    def _gather(self, row: Row) -> None:
        """A name may stand in any row of its person, a cohort's days in any row of the cohort."""
        for column in ("starts_on", "due_on"):
            key = (*_cohort(row), column)
            if day := getattr(row, column):
                self.days.setdefault(key, day)
            elif any(problem.column == column for problem in row.problems):
                self.unread.add(key)
        # One address is one person: two names for it are a slip.
        first = self.names[row.email] = self.names.get(row.email) or row.name
        if row.email and row.name and row.name != first:
            says = f"{row.email} is {first} in another row. Write the same name, or leave it empty."
            row.problems.append(Problem(row.number, "name", says))

    def _take(self, row: Row) -> None:
        before = len(self.outcome.news)
        try:
            with db.atomic():
                self._person(row)
        except Invalid as wrong:
            del self.outcome.news[before:]
            said = {column for programme, cohort, column in self.unread if (programme, cohort) == _cohort(row)}
            found = [(column, says[0]) for column, says in wrong.problems.items() if column not in said]
            self._fail(row, [Problem(row.number, column, says) for column, says in found])
        else:
            self.outcome.unchanged += len(self.outcome.news) == before

    def _fail(self, row: Row, problems: Iterable[Problem]) -> None:
        self.wrong.add(row.email)
        self.outcome.problems.extend(problems)

    def _person(self, row: Row) -> None:
        person, new = people.register(row.email, self.names[row.email], by=self.by)
        self._tell(new, row, f"{person.name} ({person.email}) is new")
        if new:
            self.new.append(person)
        if row.role == "student":
            self._student(row, person)
        elif row.role in people.STAFF_ROLES:
            _, new = people.appoint(person, row.programme or _only_programme(), row.role, by=self.by)
            self._tell(new, row, f"{person.name} becomes {people.ROLE_NAMES[row.role].lower()}")
        elif placement := self._placement(row):
            _, new = people.take_part(placement, person, row.role, by=self.by)
            student = placement.enrolment.person.name
            self._tell(new, row, f"{person.name} becomes {people.ROLE_NAMES[row.role].lower()} of {student}")

    def _student(self, row: Row, person: Person) -> None:
        programme = row.programme or _only_programme()
        days = [getattr(row, column) or self.days.get((*_cohort(row), column)) for column in ("starts_on", "due_on")]
        cohort, new = people.open_cohort(programme, row.cohort, *days, by=self.by)
        self._tell(new, row, f"cohort {cohort.name} is new, from {cohort.starts_on} to {cohort.due_on}")
        enrolment, new = people.enrol(person, cohort, row.enrolled_on, by=self.by)
        self._tell(new, row, f"{person.name} enrols in {cohort.name} on {enrolment.enrolled_on}")
        if row.site:
            placement, new = people.place(enrolment, row.site, row.placement_starts_on, by=self.by)
            self._tell(new, row, f"{person.name} is placed at {row.site} from {placement.starts_on}")
            for machine in people.equip(placement.site, row.machines, by=self.by):
                self._tell(True, row, f"{row.site} has the machine {machine}")

    def _placement(self, row: Row) -> Placement | None:
        """The placement that a mentor's, assessor's or manager's row is about; None when its student's row is wrong."""
        if row.student_email in self.wrong:
            return None  # said already, at the student's own row
        if row.student_email == row.email:
            says = f"Nobody can be their own {people.ROLE_NAMES[row.role].lower()}. Write the student's address."
            raise Invalid({"student_email": [says]})
        found = list(
            Placement.select(Placement, Site, Enrolment, Person)
            .join(Site)
            .join_from(Placement, Enrolment)
            .join(Person)
            .join_from(Enrolment, Cohort)
            .where(Person.email == row.student_email, Enrolment.ended_on.is_null())
        )
        sites = sorted({placement.site.name for placement in found})
        if row.site:
            found = [placement for placement in found if placement.site.name.lower() == row.site.lower()]
        if len(found) == 1:
            return found[0]
        if not sites:
            says = f"No student with a placement has the address {row.student_email}. Add a student row with a site."
            raise Invalid({"student_email": [says]})
        if not found:
            says = f"{row.student_email} has no placement at {row.site}. The placements are at {' and '.join(sites)}."
            raise Invalid({"site": [says]})
        says = f"{row.student_email} has several placements. Write which site: {' or '.join(sites)}."
        raise Invalid({"site": [says]})

    def _tell(self, new: bool, row: Row, line: str) -> None:
        if new:
            self.outcome.news.append((row.number, line))


def _cohort(row: Row) -> tuple[str, str]:
    return row.programme, row.cohort.lower()


def _only_programme() -> str:
    return programmes.keys()[0]
