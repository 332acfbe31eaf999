"""The list of the room *People*: everybody whom a director or administrator manages, searched, and a page at a time.

All in memory, as letters are folded by Python alone: three queries, whatever the number of people.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

from peewee import JOIN, Value, fn

from blueprints.filters import Filters, page_of, search
from models import Cohort, Enrolment, Party, Passkey, Person, Placement, SignIn, Site, Staff, Wish
from rules import roles
from rules.folding import fold
from visibility import PARTS_NOW, people_visible_to, programmes_of_staff
from workflows.course import programmes
from workflows.people import erasure_cases
from workflows.people.retention import is_erased

PAGE = 50
FORMER = "former_student"
# What can be asked beside a role: `show` -> words.
SHOWS = {"new": "Not been here yet", "none": "No part now", "closed": "Account closed"}


@dataclass(frozen=True)
class PeopleFilters(Filters):
    """Which people. `show` is the key of a role or of `SHOWS`; `unsearched` was typed, and is too long."""

    q: str = ""
    show: str = ""
    page: int = 1
    unsearched: str = ""

    @property
    def any(self) -> bool:
        return bool(self.q or self.show)

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Self:
        show = args.get("show", "")
        return cls(**search(args), show=show if show in (*roles.BY_KEY, *SHOWS) else "", page=page_of(args))


class Part(NamedTuple):
    """A part that somebody has now. `students`: of how many, of a part in placements."""

    role: str
    words: str
    students: int = 0


@dataclass(frozen=True)
class Row:
    """One person. `is_new`: nothing says that they have ever been here."""

    id: int
    name: str
    email: str
    closed: bool
    is_new: bool
    parts: tuple[Part, ...]

    @property
    def shows(self) -> set[str]:
        """The filters that find them."""
        found = {part.role for part in self.parts if part.role != FORMER}
        marks = {"new": self.is_new and not self.closed, "none": not found, "closed": self.closed}
        return found | {key for key, holds in marks.items() if holds}

    def has(self, words: list[str]) -> bool:
        """Each of these folded words stands in their name, address or parts."""
        text = fold(" ".join((self.name, self.email, *(part.words for part in self.parts))))
        return all(word in text for word in words)


@dataclass(frozen=True)
class Roster:
    """The page that is shown, of those found, with how many each filter finds among those that are searched for."""

    rows: list[Row]
    found: int
    everybody: int
    counts: Mapping[str, int]
    filters: PeopleFilters
    page: int
    last_page: int


def roster_of(viewer: int, filters: PeopleFilters) -> Roster:
    """The people whom this person manages and who match, by name. Three queries."""
    everybody = rows_of(viewer)
    words = fold(filters.q).split()
    searched = [row for row in everybody if row.has(words)] if words else everybody
    counts = Counter(key for row in searched for key in row.shows)
    found = [row for row in searched if filters.show in row.shows] if filters.show else searched
    last = max(1, -(-len(found) // PAGE))
    page = min(filters.page, last)
    rows = found[(page - 1) * PAGE : page * PAGE]
    return Roster(rows, len(found), len(everybody), counts, filters, page, last)


def rows_of(viewer: int) -> list[Row]:
    """Everybody whom this person manages, by name."""
    parts = _parts(viewer)
    came = [
        Person.password.is_null(False),
        *(fn.EXISTS(table.select(Value(1)).where(table.person == Person.id)) for table in (SignIn, Passkey)),
    ]
    columns = (Person.id, Person.name, Person.email, Person.disabled_at.is_null(False), came[0] | came[1] | came[2])
    found = [
        Row(number, name, email or "", bool(closed), not has_come, tuple(parts.get(number, ())))
        for number, name, email, closed, has_come in people_visible_to(viewer).select(*columns).tuples()
        if not is_erased(email or "")
    ]
    return sorted(found, key=lambda row: (fold(row.name), row.id))


def wishes(viewer: int) -> int:
    """How many people whom this person manages ask to be erased. One query."""
    theirs = people_visible_to(viewer).select(Person.id)
    return Wish.select().where(erasure_cases.OPEN, Wish.person.in_(theirs)).count()


def _parts(viewer: int) -> dict[int, list[Part]]:
    """The parts that people have now in the programmes that somebody manages, learning first. Two queries."""
    mine = programmes_of_staff(viewer, *roles.MANAGERS)
    student = (
        Enrolment.select(
            Enrolment.person, Value(roles.STUDENT), Cohort.name, Site.name, Enrolment.ended_on, Enrolment.id
        )
        .join(Cohort)
        .join_from(Enrolment, Placement, JOIN.LEFT_OUTER)
        .join(Site, JOIN.LEFT_OUTER)
        .where(Cohort.programme.in_(mine))
    )
    party = (
        Party.select(Party.person, Party.role, Value(""), Site.name, Enrolment.ended_on, Enrolment.id)
        .join(Placement)
        .join(Site)
        .join_from(Placement, Enrolment)
        .join(Cohort)
        .where(Cohort.programme.in_(mine), PARTS_NOW)
    )
    staff = Staff.select(Staff.person, Staff.role, Staff.programme).where(Staff.programme.in_(mine))
    held: dict[tuple[int, str, str, str], set[int]] = defaultdict(set)
    for person, role, cohort, site, ended_on, enrolment in (student | party).tuples():
        former = role == roles.STUDENT and ended_on is not None
        held[person, FORMER if former else role, cohort, site or ""].add(enrolment)
    for person, role, programme in staff.tuples():
        held[person, role, programme, ""].add(0)
    found: dict[int, list[Part]] = defaultdict(list)
    order = [FORMER, *roles.BY_KEY]
    for (person, role, of, site), students in sorted(held.items(), key=lambda one: (order.index(one[0][1]), one[0])):
        found[person].append(_part(role, of, site, len(students)))
    return found


def _part(role: str, of: str, site: str, students: int) -> Part:
    """A part in words; `of` is a student's cohort, or the programme of a role on the whole course."""
    if role == FORMER:
        return Part(role, f"Former student, {of}")
    known = roles.BY_KEY[role]
    if known.scope == roles.PROGRAMME:
        return Part(role, f"{known.name}, {programmes.short_name(of)}")
    where = f" at {site}" if site else ""
    if known.scope == roles.OWN:
        return Part(role, f"{known.name}{where}, {of}")
    return Part(role, f"{known.name}{where}", students)
