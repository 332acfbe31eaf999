"""The people of the demo course, offered on the sign-in page outside production."""

from dataclasses import dataclass

from models import Person
from rules.folding import fold
from workflows.course.demo_course import DOMAIN, is_demo
from workflows.people import people
from workflows.refusals import or_not_found

# The people of the demo's walk-through come first; the rest of the cohort is folded away.
FIRST = ("amara", "tom", "ravi", "mei", "grace", "helen", "ian", "esther", "alma", "director")


@dataclass(frozen=True)
class DemoPerson:
    """One button. `part` says in words what this person has to do with the course."""

    email: str
    name: str
    initials: str
    part: str
    first: bool


def everybody() -> list[DemoPerson]:
    """The demo people, those that a newcomer should try first ahead of the others. Two queries."""
    known = (Person.email.endswith(DOMAIN), Person.disabled_at.is_null(), Person.password.is_null(False))
    found = sorted(Person.select(Person.id, Person.email, Person.name).where(*known), key=lambda one: fold(one.name))
    parts = people.parts_of([person.id for person in found])
    buttons = []
    for person in found:
        words = parts[person.id][0].words if parts[person.id] else "no part yet"
        name = person.email.removesuffix(DOMAIN)
        place = FIRST.index(name) if name in FIRST else len(FIRST)
        buttons.append((place, DemoPerson(person.email, person.name, person.initials, words, name in FIRST)))
    return [button for _, button in sorted(buttons, key=lambda pair: pair[0])]


def find(email: str) -> Person:
    """The demo person with this address.

    Raises:
        NotFound: for anybody else.
    """
    person = Person.get_or_none(Person.email == email, Person.disabled_at.is_null()) if is_demo(email) else None
    return or_not_found(person)
