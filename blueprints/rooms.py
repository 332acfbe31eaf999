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


def of(visitor: Visitor) -> list[Room]:
    """This person's rooms, in order."""
    feature = (request.endpoint or "").split(".")[0]
    found = []
    for endpoint, label, icon, roles in PLAN:
        is_log = endpoint == LOG
        if not roles & visitor.roles or (is_log and not visitor.enrolled):
            continue
        current = (
            request.endpoint == endpoint
            or not (is_log or request.endpoint == LOG)
            and feature == endpoint.split(".")[0]
        )
        found.append(Room(label, url_for(endpoint), icon, current, is_log))
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
