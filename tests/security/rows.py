"""What a row of the table of routes is, and the words that rows are made of.

A row names the roles' holders who pass the guard, and for each object behind the route who is answered what: "200:
amara ravi; 403: priya". Whoever passes the guard and is not named finds nothing (404); whoever does not pass is told
so (403); nobody and a closed account are asked to sign in. Objects are names of tests/security/world.py; "-" is the
route alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.security.world import World, step_of

STUDENTS = "amara tom mei limb"
MENTORS = "ravi priya grace"
FOLLOWERS = f"{MENTORS} helen esther ian dana elsewhere adam"
MANAGERS = "dana elsewhere adam"  # of people: the room People
READERS = f"{STUDENTS} {MENTORS} esther ian dana elsewhere"
PEOPLE = f"{STUDENTS} {FOLLOWERS} partless"
ANYBODY = f"{PEOPLE} closed nobody"
NOBODYS = {"unknown": ""}
Sends = Callable[[World, Any], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """One route.

    Attributes:
        roles: who passes the guard.
        finds: object -> who is answered what.
        sends: the form of a POST, valid for who may send it.
        writes: who changes something, when that is not everybody whose answer is a success.
        before: what is done before each try (and taken back after it).
        alike: a refusal has one status for a browser, htmx and JSON; not where several are answered each for itself.
    """

    roles: str
    finds: dict[str, str]
    sends: Sends = lambda world, thing: {}
    writes: str | None = None
    before: Callable[[World], None] = lambda world: None
    alike: bool = True


def only(roles: str, answer: int = 200, **more: Any) -> Row:
    """A route without an object, which answers alike to all who pass."""
    return Row(roles, {"-": f"{answer}: {roles}"}, **more)


def answers(row: Row, thing: str, everybody: list[str]) -> dict[str, int]:
    """What each person is answered; 0 stands for being asked to sign in."""
    named = {}
    for part in filter(None, row.finds[thing].split("; ")):
        status, names = part.split(": ")
        named |= dict.fromkeys(names.split(), int(status))
    passes = set(row.roles.split())
    stays_out = {"nobody": 0, "closed": 0}
    return {name: named.get(name, 404) if name in passes else stays_out.get(name, 403) for name in everybody}


def seen(world: World, scan: str) -> dict[str, Any]:
    """What every form about a scan says: which version and step of it the person saw."""
    return {"version": 1, "step": step_of(scan) or ""}
