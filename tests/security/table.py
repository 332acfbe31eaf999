"""Who may open which route, and whose things they find there: the rows of all features (tests/security/routes/).

This table and the app's routes are the same set. What a row says: tests/security/rows.py.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from tests.security.rows import ANYBODY, Row, answers

FEATURES = [
    import_module(f"tests.security.routes.{file.stem}")
    for file in sorted(Path(__file__).with_name("routes").glob("[a-z]*.py"))
]
TABLE: dict[str, Row] = {route: row for feature in FEATURES for route, row in feature.ROUTES.items()}
# What each form may carry. A column of a table that is not named here is set by nobody's form.
ROUTE_FIELDS = {route: names for feature in FEATURES for route, names in getattr(feature, "FIELDS", {}).items()}
# What is named in the address after the question mark is somebody's, too: (method, address, roles, who finds what).
ASKED_FOR = [asked for feature in FEATURES for asked in getattr(feature, "ASKED_FOR", ())]
# POSTs that are taken without a form of ours, so without its token.
ONE_CLICK = {route for feature in FEATURES for route in getattr(feature, "ONE_CLICK", ())}
# Those that take a file; all others refuse one.
TAKES_FILES = {route for feature in FEATURES for route in getattr(feature, "TAKES_FILES", ())}


def _posts() -> list[tuple[str, Row, str, str, int]]:
    """For each POST route and each object, the first person who may: (route, row, who, object, status)."""
    found = []
    for route, row in TABLE.items():
        for thing in row.finds if route.startswith("POST") else ():
            may = {who: status for who, status in answers(row, thing, ANYBODY.split()).items() if 200 <= status < 400}
            if may:
                found.append((route, row, *next((who, thing, status) for who, status in may.items())))
    return found


POSTS = _posts()
