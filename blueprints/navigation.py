"""The bar of rooms on every page: the rooms that a person's roles open (rules/roles.py), and where each of them is."""

from dataclasses import dataclass

from flask import Flask, request, url_for

from blueprints.access import somebody
from rules import roles

AT_MOST = 5
# Room -> its page, its name in the bar, its icon.
PAGES = {
    "home": ("home.show", "Home", "home"),
    "scans": ("scans.index", "Scans", "list"),
    "log": ("scans.new", "Log scan", "plus"),
    "portfolio": ("portfolio.show", "Portfolio", "book"),
    "inbox": ("reviews.inbox", "Inbox", "inbox"),
    "cohort": ("cohort.show", "Cohort", "chart"),
    "people": ("people.index", "People", "people"),
    "students": ("students.index", "Students", "users"),
    "me": ("accounts.me", "Me", "user"),
}
# A feature without a room of its own -> the feature in whose room its pages are.
WITHIN = {
    **dict.fromkeys(("earlier", "open_data", "register_pack"), "portfolio"),
    **dict.fromkeys(("adding", "confirmations", "placements", "privacy"), "people"),
    "invitations": "accounts",
    "study": "students",
}


@dataclass(frozen=True)
class Room:
    """One link of the bar. `current`: the page is in this room. `log`: the link that logs a scan looks different."""

    label: str
    href: str
    icon: str
    current: bool
    log: bool


def rooms_of(held: frozenset[str], enrolled: bool, endpoint: str) -> tuple[list[Room], list[Room]]:
    """The links of whoever holds these roles: those in the bar, and those behind *More*.

    Args:
        enrolled: as a student, now; nobody else can log.
        endpoint: of the page that shows them.
    """
    found = []
    for room in roles.rooms_of(held):
        page, label, icon = PAGES[room]
        if room == "log" and not enrolled:
            continue
        feature = endpoint.split(".")[0]
        in_feature = WITHIN.get(feature, feature) == page.split(".")[0] and "scans.new" not in (endpoint, page)
        found.append(Room(label, url_for(page), icon, endpoint == page or in_feature, room == "log"))
    shown = AT_MOST - 1 if len(found) > AT_MOST else AT_MOST
    return found[:shown], found[shown:]


def init_app(app: Flask) -> None:
    @app.context_processor
    def context() -> dict:
        visitor = somebody()
        shown, more = rooms_of(visitor.roles, visitor.enrolled, request.endpoint or "") if visitor else ([], [])
        return {"me": visitor, "rooms": shown, "more_rooms": more}
