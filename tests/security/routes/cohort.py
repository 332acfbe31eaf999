"""A director's cohorts."""

from __future__ import annotations

from tests.security.rows import MANAGERS, NOBODYS, Row, only

ROUTES = {
    "GET /cohort": only(MANAGERS),
    "GET /cohort.csv": only(MANAGERS),
    "GET /cohort.xlsx": only(MANAGERS),
    "GET /cohorts/<int:cohort_id>/counters": Row(
        MANAGERS, {"cohort": "200: dana adam", "other cohort": "200: elsewhere", **NOBODYS}
    ),
}
ASKED_FOR = tuple(
    ("GET", path + "?cohort={}", MANAGERS, {"cohort": "200: dana adam", "other cohort": "200: elsewhere", **NOBODYS})
    for path in ("/cohort", "/cohort.csv", "/cohort.xlsx")
)
