"""What a file of people names and the database knows already: read with a few statements, however long the file.

What the file adds is found by later rows like what was stored before; an object without an id is new. Nothing is
written here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from models import Address, Cohort, Enrolment, Machine, Party, Person, Placement, Site, Staff
from rules.folding import fold
from rules.person_names import comparable
from statements import parts_of
from workflows.people import people
from workflows.people.contact_details import Change

Found = TypeVar("Found")


class KnownPeople:
    """People by e-mail address, their parts, and what these belong to.

    Sites, cohorts and machines are found by their names, however these are typed. `new` is what was added, in its
    order; `changed` whose name or address is another one now.
    """

    def __init__(self, emails: Iterable[str]) -> None:
        self.new: list[Any] = []
        self.changed: list[Change] = []
        self._namesakes: dict[str, list[tuple[Person, list[people.Part]]]] = defaultdict(list)
        emails = list(emails)
        self.people = {one.email: one for one in _those(Person.select(), Person.email, emails)}
        self.further = self._read_further(emails)  # addresses of theirs beside the first
        self.cohorts = {(one.programme, one.name): one for one in Cohort.select()}
        self.sites = {(one.name,): one for one in Site.select()}
        self.machines = {(machine.site_id, fold(machine.name)) for machine in Machine.select()}
        by_id = {one.id: one for one in self.people.values()}
        self.staff = {(one.person_id, one.programme, one.role) for one in _those(Staff.select(), Staff.person, by_id)}
        self.enrolments: dict[tuple[int, int], Enrolment] = {}
        self.placements: dict[int, list[Placement]] = defaultdict(list)  # by the student
        self.parties: set[tuple[int, int, str]] = set()
        self._read_places(by_id)
        for names in (self.cohorts, self.sites):
            for key, one in list(names.items()):
                names.setdefault(_plain(key), one)

    def _read_further(self, emails: list[str]) -> set[str]:
        """Find who has one of these as a further address."""
        proved = Address.select(Address, Person).join(Person).where(Address.proved_at.is_null(False))
        found = {
            one.email: one.person for one in _those(proved, Address.email, emails) if one.email != one.person.email
        }
        by_id = {one.id: one for one in self.people.values()}
        for email, person in found.items():
            self.people[email] = by_id.setdefault(person.id, person)
        return set(found)

    def _read_places(self, people: dict[int, Person]) -> None:
        cohorts, sites = ({one.id: one for one in names.values()} for names in (self.cohorts, self.sites))
        enrolments = {one.id: one for one in _those(Enrolment.select(), Enrolment.person, people)}
        for one in enrolments.values():
            one.person, one.cohort = people[one.person_id], cohorts[one.cohort_id]
            self.enrolments[id(one.person), id(one.cohort)] = one
        placements = {one.id: one for one in _those(Placement.select(), Placement.enrolment, enrolments)}
        for one in placements.values():
            one.enrolment, one.site = enrolments[one.enrolment_id], sites[one.site_id]
            self.placements[id(one.enrolment.person)].append(one)
        # A part that has ended is known too: nobody comes back by an old file. A cover is no part of one's own.
        for one in _those(Party.select().where(Party.cover_for.is_null()), Party.placement, placements):
            self.parties.add((one.placement_id, one.person_id, one.role))

    def read_namesakes(self, names: Iterable[str]) -> None:
        """Find who is here already under one of these names, with their parts: for `namesake`."""
        wanted = {comparable(name) for name in names if name}
        there = Person.select().where(Person.email.is_null(False)) if wanted else []  # a file names people by theirs
        found = [one for one in there if comparable(one.name) in wanted]
        for some in parts_of([one.id for one in found]):
            parts = people.parts_of(some)
            for one in found:
                if one.id in parts:
                    self._namesakes[comparable(one.name)].append((one, parts[one.id]))

    def namesakes(self, name: str, is_part: Callable[[people.Part], bool]) -> list[Person]:
        """Who of this name has a part like this one."""
        return [one for one, parts in self._namesakes[comparable(name)] if any(map(is_part, parts))]

    def cohort(self, programme: str, name: str) -> Cohort | None:
        return _named(self.cohorts, (programme, name))

    def site(self, name: str) -> Site | None:
        return _named(self.sites, (name,))

    def placement(self, enrolment: Enrolment, site: Site) -> Placement | None:
        theirs = self.placements[id(enrolment.person)]
        return next((one for one in theirs if one.enrolment is enrolment and one.site is site), None)

    def add(self, thing: Any) -> None:
        """Something new, found from now on."""
        self.new.append(thing)
        if isinstance(thing, Person):
            self.people[thing.email] = thing
        elif isinstance(thing, Cohort | Site):
            names: dict = self.cohorts if isinstance(thing, Cohort) else self.sites
            key = (thing.programme, thing.name) if isinstance(thing, Cohort) else (thing.name,)
            names[key] = thing
            names.setdefault(_plain(key), thing)
        elif isinstance(thing, Enrolment):
            self.enrolments[id(thing.person), id(thing.cohort)] = thing
        elif isinstance(thing, Placement):
            self.placements[id(thing.enrolment.person)].append(thing)

    def add_once(self, among: set, key: tuple, thing: Any) -> bool:
        """Something that nothing else refers to, unless it is known; whether it is new."""
        if key in among:
            return False
        among.add(key)
        self.add(thing)
        return True


def number(thing: Any) -> int:
    """What a thing is known by: its id, or what is no id of anything while it has none."""
    return thing.id or -id(thing)


def _those(query: Any, column: Any, values: Iterable[Found]) -> Iterable[Any]:
    for part in parts_of(dict.fromkeys(values)):
        yield from query.where(column.in_(part))


def _named(names: dict[tuple, Found], key: tuple) -> Found | None:
    return names.get(key) or names.get(_plain(key))


def _plain(key: tuple) -> tuple:
    *head, name = key
    return (*head, fold(name))
