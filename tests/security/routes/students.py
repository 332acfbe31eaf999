"""The students whom somebody follows."""

from __future__ import annotations

from tests.security.rows import FOLLOWERS, NOBODYS, Row, only

ROUTES = {
    "GET /students": only(FOLLOWERS),
    "GET /students/<int:enrolment_id>": Row(
        FOLLOWERS,
        {
            "amara": "200: ravi priya helen esther ian dana",
            "tom": "200: ravi priya helen ian dana",
            "mei": "200: grace ian dana",
            "limb": "200: elsewhere",
            **NOBODYS,
        },
    ),
}
