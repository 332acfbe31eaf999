"""A portfolio as open data, and the schema of it."""

from __future__ import annotations

from tests.security.rows import ANYBODY, NOBODYS, STUDENTS, Row, only

OPENED = Row(
    f"{STUDENTS} esther ian dana elsewhere",
    {
        "amara": "200: amara esther ian dana",
        "tom": "200: tom ian dana",
        "mei": "200: mei ian dana",
        "limb": "200: limb elsewhere",
        **NOBODYS,
    },
)
ENDINGS = ("json", "csv.zip", "xlsx")
ROUTES = {
    **{f"GET /portfolio.{ending}": only(STUDENTS) for ending in ENDINGS},
    **{f"GET /students/<int:enrolment_id>/portfolio.{ending}": OPENED for ending in ENDINGS},
    "GET /schemas/logbook-1.json": only(ANYBODY),
}
