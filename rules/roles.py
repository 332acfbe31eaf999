"""The roles of a course, one row each. The CHECKs of the tables, the queries of `visibility`, the bar of rooms, who may
open which page and the import of people all derive from it. How to add a role: docs/decisions/0034-roles.md.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

# A role is held by one's enrolment (the student's alone), in a placement (table `party`), or on a programme (`staff`).
OWN, PLACEMENT, PROGRAMME = "own", "placement", "programme"
ROOMS = ("home", "scans", "log", "inbox", "cohort", "people", "portfolio", "students", "me")  # in the order of the bar

STUDENT, MENTOR, DIRECTOR, ADMINISTRATOR = "student", "mentor", "director", "administrator"
EXTERNAL_ASSESSOR, INTERNAL_ASSESSOR = "external_assessor", "internal_assessor"
ASSESSORS = frozenset((EXTERNAL_ASSESSOR, INTERNAL_ASSESSOR))
OPEN_PORTFOLIOS = (STUDENT, DIRECTOR, *sorted(ASSESSORS))  # whose: visibility.portfolios_visible_to


@dataclass(frozen=True)
class Role:
    """One role."""

    key: str
    name: str
    scope: str  # OWN, PLACEMENT or PROGRAMME
    home: str  # the room that opens after signing in
    rooms: tuple[str, ...]  # the rooms that the role opens; other pages name their roles themselves
    reads_texts: bool  # whether its holders read scans that were sent, or counts alone
    may_invite: tuple[str, ...] = ()  # keys of the roles that its holders may offer to others
    synonyms: tuple[str, ...] = ()  # other names under which a file of people knows it


FOLLOWS = ("students", "me")
IN_PLACEMENT = ("mentor", "external_assessor", "clinical_manager")
ROLES = (
    Role("student", "Student", OWN, "home", ("home", "scans", "log", "portfolio", "me"), True, IN_PLACEMENT),
    Role(
        *("mentor", "Mentor", PLACEMENT, "inbox", ("inbox", *FOLLOWS), True, ("mentor", "clinical_manager")),
        synonyms=("clinical_mentor", "practice_educator"),
    ),
    Role("external_assessor", "External assessor", PLACEMENT, "students", FOLLOWS, True),
    Role("clinical_manager", "Clinical manager", PLACEMENT, "students", FOLLOWS, False),
    Role(
        *("director", "Course director", PROGRAMME, "cohort", ("cohort", "people", *FOLLOWS), True),
        ("student", *IN_PLACEMENT, "director", "internal_assessor"),
    ),
    Role("internal_assessor", "Internal assessor", PROGRAMME, "students", FOLLOWS, True),
    Role(
        *("administrator", "Course administrator", PROGRAMME, "people", ("cohort", "people", *FOLLOWS), False),
        ("student", *IN_PLACEMENT),
    ),
)
BY_KEY = {role.key: role for role in ROLES}


def in_scope(scope: str) -> tuple[str, ...]:
    """Keys of the roles that are held so."""
    return tuple(role.key for role in ROLES if role.scope == scope)


def readers(scope: str | None = None) -> tuple[str, ...]:
    """Keys of the roles (of this scope) whose holders read scans, not counts alone."""
    return tuple(role.key for role in ROLES if role.reads_texts and scope in (None, role.scope))


def with_room(room: str) -> tuple[str, ...]:
    """Keys of the roles that open this room."""
    return tuple(role.key for role in ROLES if room in role.rooms)


# Who keep a programme's records: its people, placements, confirmations and students' days.
MANAGERS = with_room("people")


def rooms_of(held: Collection[str]) -> tuple[str, ...]:
    """The rooms of somebody who holds these roles, each once, in the order of the bar."""
    return tuple(room for room in ROOMS if any(room in BY_KEY[key].rooms for key in held))


def home_of(held: Collection[str]) -> str | None:
    """The room that opens after signing in: of several, the first in the bar. None for somebody without a role."""
    return next((room for room in ROOMS if any(room == BY_KEY[key].home for key in held)), None)


def inviters(key: str) -> tuple[str, ...]:
    """Keys of the roles whose holders may offer this role to others."""
    return tuple(role.key for role in ROLES if key in role.may_invite)


def named(text: str) -> Role | None:
    """The role that this text names by its key, its name or a synonym, whatever the capitals, spaces and dashes."""
    wanted = _plain(text)
    return next((role for role in ROLES if wanted in (role.key, _plain(role.name), *role.synonyms)), None)


def _plain(text: str) -> str:
    return re.sub(r"[\s-]+", "_", text.lower())
