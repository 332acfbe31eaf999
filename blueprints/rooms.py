"""The rooms of the house: which tabs a person sees, by the roles that they hold."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, request, url_for

from blueprints.access import somebody
from workflows.accounts import Visitor

AT_MOST = 5


@dataclass(frozen=True)
class Room:
    label: str
    href: str
    icon: str
    current: bool = False
    log: bool = False


# endpoint, label, icon, the roles that have the room; a person with several roles sees each room once.
PLAN = (
    ("home.show", "Home", "home", {"student"}),
    ("scans.index", "Scans", "list", {"student"}),
    ("scans.new", "Log scan", "plus", {"student"}),
    ("reviews.inbox", "Inbox", "inbox", {"mentor"}),
    ("cohort.show", "Cohort", "chart", {"director"}),
    ("students.index", "Students", "users", {"mentor", "director", "internal_assessor", "external_assessor", "clinical_manager"}),
    ("accounts.me", "Me", "user", {"student", "mentor", "director", "internal_assessor", "external_assessor", "clinical_manager"}),
)


def of(visitor: Visitor) -> list[Room]:
    """This person's rooms, in order."""
    feature = (request.endpoint or "").split(".")[0]
    found = []
    for endpoint, label, icon, roles in PLAN:
        if roles & visitor.roles:
            current = request.endpoint == endpoint or (feature == endpoint.split(".")[0] and endpoint != "scans.new")
            current = current and not (endpoint == "scans.index" and request.endpoint == "scans.new")
            found.append(Room(label, url_for(endpoint), icon, current, endpoint == "scans.new"))
    return found


def init_app(app: Flask) -> None:
    @app.context_processor
    def house() -> dict:
        visitor = somebody()
        rooms = of(visitor) if visitor else []
        if len(rooms) > AT_MOST:
            shown, more = rooms[: AT_MOST - 1], rooms[AT_MOST - 1 :]
        else:
            shown, more = rooms, []
        return {"me": visitor, "rooms": shown, "more_rooms": more}
