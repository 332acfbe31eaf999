"""The rooms of the house: which tabs a person sees, by the roles that they hold."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, request, url_for

from blueprints.access import somebody

AT_MOST = 5


@dataclass(frozen=True)
class Room:
    label: str
    href: str
    icon: str
    current: bool = False
    log: bool = False


LOG = "scans.new"
ASSESSORS = {"internal_assessor", "external_assessor", "clinical_manager"}

# endpoint, label, icon, the roles that have the room; a person with several roles sees each room once.
PLAN = (
    ("home.show", "Home", "home", {"student"}),
    ("scans.index", "Scans", "list", {"student"}),
    (LOG, "Log scan", "plus", {"student"}),
    ("reviews.inbox", "Inbox", "inbox", {"mentor"}),
    ("cohort.show", "Cohort", "chart", {"director"}),
    ("students.index", "Students", "users", {"mentor", "director", *ASSESSORS}),
    ("accounts.me", "Me", "user", {"student", "mentor", "director", *ASSESSORS}),
)


def of(roles: frozenset[str], enrolled: bool, endpoint: str, root: str) -> tuple[tuple[Room, ...], tuple[Room, ...]]:
    """The rooms of whoever holds these roles, in order, as they stand in the bar and behind *More*.

    Args:
        endpoint: of the page that shows them; in one of its own rooms, that one is marked.
        root: the path that the application is served under, to which the addresses belong.
    """
    feature = endpoint.split(".")[0]
    found = []
    for name, label, icon, having in PLAN:
        is_log = name == LOG
        if not having & roles or (is_log and not enrolled):
            continue
        current = endpoint == name or not (is_log or endpoint == LOG) and feature == name.split(".")[0]
        found.append(Room(label, url_for(name), icon, current, is_log))
    shown = AT_MOST - 1 if len(found) > AT_MOST else AT_MOST
    return tuple(found[:shown]), tuple(found[shown:])


def init_app(app: Flask) -> None:
    @app.context_processor
    def house() -> dict:
        visitor = somebody()
        shown, more = (), ()
        if visitor:
            shown, more = of(visitor.roles, visitor.enrolled, request.endpoint or "", request.root_path)
        return {"me": visitor, "rooms": shown, "more_rooms": more}
