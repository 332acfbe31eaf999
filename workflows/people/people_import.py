"""Brings a file of people into the course: all of it or nothing, again and again without harm.

The preview is the same check of every row: what it shows is what would be done.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

import clock
from models import Cohort, Enrolment, Machine, Party, Person, Placement, Site, Staff, db
from rules import roles
from rules.folding import fold
from rules.person_names import comparable
from workflows.course import programmes
from workflows.history import history
from workflows.people import administration, contact_details, links, people, people_csv, people_writing
from workflows.people.contact_details import Change
from workflows.people.import_outcome import Outcome, Question, mark_of
from workflows.people.import_rights import ImportRights
from workflows.people.known_people import KnownPeople, number
from workflows.people.people_csv import NOBODY, Problem, Row
from workflows.refusals import Conflict, Invalid

OTHERWISE = "Something has changed since you looked. Nothing was done: look at it again."


def import_people(
    content: bytes,
    *,
    by: Person | None = None,
    preview: bool = False,
    each: Callable[[], object] = lambda: None,
    answers: Mapping[str, str] = MappingProxyType({}),
    rights: ImportRights | None = None,
    seen: str = "",
    by_letter: bool = False,
) -> Outcome:
    """Bring in the people of a CSV file (docs/import.md).

    Args:
        preview: report alone: no lock is taken.
        each: called after every row that was checked, for a progress bar.
        answers: to questions of before, by the address in the file: the address that the person had, or `NOBODY`.
        rights: what whoever sends the file may do; None for the command line, which may do everything.
        seen: `mark_of` the preview that was looked at: nothing else is done.
        by_letter: write everybody the letter with their link, and do not return the links.

    A file with any problem changes nothing, and the outcome holds all its problems in the order of the rows. All is
    read and checked before the transaction, and once more within it, against what is stored then. Raises Conflict where
    something else would be done than was `seen`, with the outcome as it would be now.
    """
    rows, problems = people_csv.read(content)
    if problems or not rows:
        return Outcome(problems=problems or [Problem(0, "", "There is nobody in the file below its headings.")])
    given = {**answers, **{row.email: row.previous_email for row in rows if row.previous_email}}
    for row in rows:
        row.previous_email = given.get(row.email, "")
    outcome = _Import(by, rights).run(rows, each)[0]
    if preview or not outcome.is_ready:
        return outcome
    with db.atomic():
        outcome, known = _Import(by, rights).run(rows)
        if not outcome.is_ready:
            return outcome
        if seen and mark_of(content, outcome) != seen:
            raise Conflict(OTHERWISE, outcome)
        write(known, outcome, by=by, by_letter=by_letter)
        mark = hashlib.sha256(content).hexdigest()[:16]
        history.record("import", f"file:{mark}", by=by, at=clock.now(), rows=len(rows), news=len(outcome.changes))
    return outcome


def import_row(
    row: Row, *, by: Person | None, rights: ImportRights | None, by_letter: bool = True, warned: Sequence[str] = ()
) -> Outcome:
    """Bring in one person with one part. With a problem or a question it changes nothing.

    Args:
        rights, by_letter: as for `import_people`.
        warned: kinds of match that the screen asked about, for the record.
    """
    with db.atomic():
        outcome, known = _Import(by, rights).run([row])
        if outcome.is_ready:
            write(known, outcome, by=by, by_letter=by_letter)
            person = Person.get(Person.email == row.email)
            payload: dict[str, Any] = {"warned": list(warned)} if warned else {}
            history.record("add_person", f"person:{person.id}", by=by, at=clock.now(), **payload)
    return outcome


def write(known: KnownPeople, outcome: Outcome, *, by: Person | None, by_letter: bool) -> None:
    """Write what is new and what changes, and make the links of who is new. In the caller's transaction."""
    for change in known.changed:
        contact_details.write(change, by=by)
    people_writing.write(known.new, by=by)
    made = links.make_all([one for one in known.new if isinstance(one, Person)], by=by)
    if not by_letter:
        outcome.links.extend(made)
        return
    for person, token in made:
        administration.invite(person, token, by=by)
    for change in known.changed:
        administration.write_address_changed(change)


class _Import:
    """One check of all rows: what other rows say of the same person or cohort, and whose rows are wrong."""

    def __init__(self, by: Person | None, rights: ImportRights | None = None):
        self.outcome, self.by, self.rights = Outcome(), by, rights
        self.names: dict[str, str] = {}  # by e-mail
        self.days: dict[tuple[str, str, str], date] = {}  # by programme, cohort, column
        self.unreadable: set[tuple[str, str, str]] = set()  # days that are there, but wrongly written
        self.wrong: set[str] = set()
        self.renamed: set[str] = set()  # addresses whose people were known by another one

    def run(self, rows: Sequence[Row], each: Callable[[], object] = lambda: None) -> tuple[Outcome, KnownPeople]:
        """Check every row against what is known now. Writes nothing: what is new is in `KnownPeople.new`."""
        self.outcome.rows = len(rows)
        addresses = (address for row in rows for address in (row.email, row.student_email, row.previous_email))
        self.known = KnownPeople(address for address in addresses if address and address != NOBODY)
        found = {row.number: [*row.problems, *self._gather(row)] for row in rows}
        self.known.read_namesakes(self.names[row.email] for row in rows if row.email not in self.known.people)
        self._rename(rows, found)
        # Students first, whatever the order of the file: the other rows name them.
        for row in sorted(rows, key=lambda row: row.role != roles.STUDENT):
            if found[row.number]:
                self._fail(row, found[row.number])
            else:
                self._check(row)
            each()
        self.outcome.changes.sort()
        self.outcome.problems.sort(key=lambda problem: problem.row)
        return self.outcome, self.known

    def _gather(self, row: Row) -> list[Problem]:
        """A name may stand in any row of its person, a cohort's days in any row of the cohort."""
        for column in ("starts_on", "due_on"):
            key = (*_cohort(row), column)
            if day := getattr(row, column):
                self.days.setdefault(key, day)
            elif any(problem.column == column for problem in row.problems):
                self.unreadable.add(key)
        # One address is one person: two names for it are a slip.
        first = self.names[row.email] = self.names.get(row.email) or row.name
        if row.email and row.name and comparable(row.name) != comparable(first):
            says = f"{row.email} is {first} in another row. Write the same name, or leave it empty."
            return [Problem(row.number, "name", says)]
        return []

    def _check(self, row: Row) -> None:
        before = len(self.outcome.changes)
        try:
            self._person(row)
        except Invalid as wrong:
            unreadable = {
                column for programme, cohort, column in self.unreadable if (programme, cohort) == _cohort(row)
            }
            found = [(column, says[0]) for column, says in wrong.problems.items() if column not in unreadable]
            self._fail(row, [Problem(row.number, column, says) for column, says in found])
        else:
            self.outcome.unchanged += len(self.outcome.changes) == before

    def _fail(self, row: Row, problems: Iterable[Problem]) -> None:
        self.wrong.add(row.email)
        self.outcome.problems.extend(problems)

    def _person(self, row: Row) -> None:
        person = self._known_or_new(row)
        role = roles.BY_KEY[row.role]
        if self.rights:
            self.rights.check_part(row.email, role, row.programme or _only_programme())
        if role.scope == roles.OWN:
            self._student(row, person)
        elif role.scope == roles.PROGRAMME:
            programme = row.programme or _only_programme()
            part = Staff(person=person, programme=programme, role=row.role)
            new = self.known.add_once(self.known.staff, (number(person), programme, row.role), part)
            self._note(new, row, f"{person.name} becomes {role.name.lower()}")
        elif placement := self._placement(row):
            student = placement.enrolment.person
            people.check_part(person, row.role, is_student=student is person)
            part = Party(placement=placement, person=person, role=row.role)
            key = (number(placement), number(person), row.role)
            new = self.known.add_once(self.known.parties, key, part)
            self._note(new, row, f"{person.name} becomes {role.name.lower()} of {student.name}")

    def _rename(self, rows: Sequence[Row], found: dict[int, list[Problem]]) -> None:
        """Give the people of whom the file says who they were their new address and name, before any row is read."""
        for row in rows:
            if row.previous_email in ("", NOBODY) or found[row.number] or row.email in self.renamed:
                continue
            person, other = self.known.people.get(row.previous_email), self.known.people.get(row.email)
            if person is None and other is not None:  # a file that was brought in before
                self.known.people[row.previous_email] = other
                continue
            try:
                if person is None:
                    raise Invalid({"previous_email": [f"Nobody here has the address {row.previous_email}."]})
                if row.previous_email not in (person.email, *self.known.further):
                    says = f"{row.previous_email} becomes {person.email} in another row."
                    raise Invalid({"previous_email": [says]})
                if self.rights:
                    self.rights.check_change(person)
                change = Change(person, person.email, person.name)
                contact_details.rewrite(person, row.email, self.names[row.email], other)
            except Invalid as wrong:
                found[row.number] = [Problem(row.number, column, says[0]) for column, says in wrong.problems.items()]
                continue
            self.renamed.add(row.email)
            self.known.people[row.email] = person
            if change.lines:
                self.known.changed.append(change)
                self.outcome.changed.append(change)
                self.outcome.changes.extend((row.number, line) for line in change.lines)

    def _known_or_new(self, row: Row) -> Person:
        name, person = self.names[row.email], self.known.people.get(row.email)
        if person is None:
            person = Person(email=row.email, name=people.plain_name(name), made_at=clock.now())
            self.known.add(person)
            self._note(True, row, f"{person.name} ({person.email}) is new")
        if not person.id and row.previous_email != NOBODY:
            self._ask(row, name)
        if row.email not in (person.email, *self.known.further):
            says = f"{row.email} becomes {person.email} in another row. Write the new address here too."
            raise Invalid({"email": [says]})
        people.check_name(person, name)
        return person

    def _ask(self, row: Row, name: str) -> None:
        """Ask about whoever has this name in the same place: a student's cohort and site, a mentor's site, a course."""
        scope, programme = roles.BY_KEY[row.role].scope, row.programme or _only_programme()
        student = self.known.people.get(row.student_email)
        theirs = self.known.placements[id(student)] if student else []
        sites = {row.site} if row.site or scope != roles.PLACEMENT else {placement.site.name for placement in theirs}
        places = set(map(fold, sites))

        def is_part(part: people.Part) -> bool:
            if scope == roles.PROGRAMME:
                return part.programme == programme
            same_cohort = scope != roles.OWN or not part.cohort or fold(part.cohort) == fold(row.cohort)
            same_site = not part.site or "" in places or fold(part.site) in places
            return part.site + part.cohort != "" and same_cohort and same_site

        asked = {(one.email, one.known.id) for one in self.outcome.questions}
        for known in self.known.namesakes(name, is_part):
            if (row.email, known.id) in asked or (self.rights and known.id not in self.rights.people):
                continue
            where = ", ".join(part for part in (row.cohort, " and ".join(sorted(sites))) if part) or programme
            self.outcome.questions.append(Question(row.number, row.email, known, where))

    def _student(self, row: Row, person: Person) -> None:
        programme = row.programme or _only_programme()
        days = [getattr(row, column) or self.days.get((*_cohort(row), column)) for column in ("starts_on", "due_on")]
        cohort = self.known.cohort(programme, row.cohort)
        people.check_cohort(row.cohort, cohort, *days)
        if cohort is None:
            cohort = Cohort(programme=programme, name=row.cohort, starts_on=days[0], due_on=days[1])
            self.known.add(cohort)
            self._note(True, row, f"cohort {cohort.name} is new, from {cohort.starts_on} to {cohort.due_on}")
        enrolment = self.known.enrolments.get((id(person), id(cohort)))
        day = people.enrolment_day(person, cohort, enrolment, row.enrolled_on)
        if enrolment is None:
            enrolment = Enrolment(person=person, cohort=cohort, enrolled_on=day)
            self.known.add(enrolment)
            self._note(True, row, f"{person.name} enrols in {cohort.name} on {day}")
        if row.site:
            self._place(row, enrolment)

    def _place(self, row: Row, enrolment: Enrolment) -> None:
        site = self.known.site(row.site)
        if site is None:
            site = Site(name=row.site)
            self.known.add(site)
        placement = self.known.placement(enrolment, site)
        day = people.placement_day(enrolment, placement, row.placement_starts_on)
        if placement is None:
            self.known.add(Placement(enrolment=enrolment, site=site, starts_on=day))
            self._note(True, row, f"{enrolment.person.name} is placed at {row.site} from {day}")
        for name in row.machines:
            machine = Machine(site=site, name=name)
            new = self.known.add_once(self.known.machines, (number(site), fold(name)), machine)
            self._note(new, row, f"{row.site} has the machine {name}")

    def _placement(self, row: Row) -> Placement | None:
        """The placement that a mentor's, assessor's or manager's row is about; None when its student's row is wrong."""
        if row.student_email in self.wrong:
            return None  # the problem is reported at the student's own row
        if row.student_email == row.email:
            says = f"Nobody can be their own {roles.BY_KEY[row.role].name.lower()}. Write the student's address."
            raise Invalid({"student_email": [says]})
        student = self.known.people.get(row.student_email)
        theirs = self.known.placements[id(student)] if student else []
        found = [placement for placement in theirs if placement.enrolment.ended_on is None]
        if self.rights:
            found = [one for one in found if one.enrolment.cohort.programme in self.rights.manages]
        sites = sorted({placement.site.name for placement in found})
        if row.site:
            found = [placement for placement in found if fold(placement.site.name) == fold(row.site)]
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

    def _note(self, new: bool, row: Row, line: str) -> None:
        if new:
            self.outcome.changes.append((row.number, line))


def _cohort(row: Row) -> tuple[str, str]:
    return row.programme, fold(row.cohort)


def _only_programme() -> str:
    return programmes.keys()[0]
