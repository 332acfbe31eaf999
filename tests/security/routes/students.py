"""The students whom somebody follows."""

from __future__ import annotations

import clock
from models import Enrolment
from tests.security.rows import FOLLOWERS, NOBODYS, Row, only

ROUTES = {
    "GET /students": only(FOLLOWERS),
    "GET /students/<int:enrolment_id>": Row(
        FOLLOWERS,
        {
            "amara": "200: ravi priya helen esther ian dana adam",
            "tom": "200: ravi priya helen ian dana adam",
            "mei": "200: grace ian dana adam",
            "limb": "200: elsewhere",
            **NOBODYS,
        },
    ),
    "POST /students/<int:enrolment_id>/contacts": Row(
        "dana elsewhere",
        {"amara": "303: dana", "mei": "303: dana", "limb": "303: elsewhere", **NOBODYS},
        lambda world, student: {
            "person": getattr(Enrolment.get_or_none(Enrolment.id == student), "person_id", 0),
            "spoken_on": str(clock.now().date()),
        },
    ),
}
FIELDS = {"POST /students/<int:enrolment_id>/contacts": "person spoken_on note named_nobody"}
