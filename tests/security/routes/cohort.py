"""A director's cohorts."""

from __future__ import annotations

from tests.security.rows import NOBODYS, Row, only

ROUTES = {
    "GET /cohort": only("dana elsewhere"),
    "GET /cohort.csv": only("dana elsewhere"),
    "GET /cohort.xlsx": only("dana elsewhere"),
    "GET /cohorts/<int:cohort_id>/counters": Row(
        "dana elsewhere", {"cohort": "200: dana", "other cohort": "200: elsewhere", **NOBODYS}
    ),
    "POST /failed-mails/<int:number>/again": Row("dana elsewhere", {"failed mail": "303: dana", **NOBODYS}),
}
FIELDS = {"POST /failed-mails/<int:number>/again": ""}
ASKED_FOR = tuple(
    ("GET", path + "?cohort={}", "dana elsewhere", {"cohort": "200: dana", "other cohort": "200: elsewhere", **NOBODYS})
    for path in ("/cohort", "/cohort.csv", "/cohort.xlsx")
)
