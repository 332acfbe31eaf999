"""Who has which part in a placement, and who covers for whom."""

from __future__ import annotations

from datetime import timedelta

import clock
from tests.security.rows import MENTORS, NOBODYS, Row, only

RUN = "dana elsewhere adam"


def in_days(number: int) -> str:
    return str(clock.today() + timedelta(days=number))


ROUTES = {
    "GET /placements": only(RUN),
    "GET /placements/<int:placement>": Row(
        RUN,
        {"placement of amara": "200: dana adam", "placement of mei": "200: dana adam", **NOBODYS},
    ),
    "POST /placements/<int:placement>/parts": Row(
        RUN,
        {"placement of amara": "303: dana adam", "placement of mei": "303: dana adam", **NOBODYS},
        lambda world, thing: {"person": world.people["ian"].id, "role": "clinical_manager", "from_on": in_days(0)},
    ),
    "POST /parts/<int:party>/ending": Row(
        RUN,
        {"part of priya": "303: dana adam", "part of grace": "303: dana adam", **NOBODYS},
        lambda world, thing: {"last_day": in_days(9)},
    ),
    "GET /me/away": only(MENTORS),
    "POST /parts/<int:party>/cover": Row(
        f"{MENTORS} {RUN}",
        {"part of priya": "303: priya dana adam", "part of ravi": "422: ravi dana adam", **NOBODYS},
        lambda world, thing: {"person": world.people["ravi"].id, "from_on": in_days(0), "last_day": in_days(9)},
    ),
    "POST /covers/<int:party>/ending": Row(
        f"{MENTORS} {RUN}",
        {"cover of priya": "303: priya dana adam", "part of priya": "", **NOBODYS},
        lambda world, thing: {"last_day": in_days(35)},
    ),
}
FIELDS = {
    "POST /placements/<int:placement>/parts": "person role from_on",
    "POST /parts/<int:party>/ending": "last_day successor everywhere",
    "POST /parts/<int:party>/cover": "person from_on last_day",
    "POST /covers/<int:party>/ending": "last_day",
}
