"""Who waits to be confirmed, and what the course decides about them."""

from __future__ import annotations

from tests.security.rows import MANAGERS, NOBODYS, Row, only

PART = {"programme": "msk-pgcert", "kind": "mentor"}
ROUTES = {
    "GET /people/confirmations": only(MANAGERS),
    "GET /people/confirmations/<int:person_id>": Row(MANAGERS, {"who left": "200: dana adam", **NOBODYS}),
    "POST /people/<int:person_id>/confirmation": Row(
        MANAGERS, {"who left": "303: dana adam", **NOBODYS}, lambda world, thing: {**PART, "basis": "known"}
    ),
    "POST /people/<int:person_id>/refusal": Row(
        MANAGERS,
        {"who left": "303: dana adam", **NOBODYS},
        lambda world, thing: {**PART, "why": "No such registration."},
    ),
    "POST /confirmations/<int:number>/ending": Row(
        MANAGERS, {"confirmation of ravi": "303: dana adam", **NOBODYS}, lambda world, thing: {"why": "Retired."}
    ),
}
FIELDS = {
    "POST /people/<int:person_id>/confirmation": "programme kind basis from_on until_on",
    "POST /people/<int:person_id>/refusal": "programme kind why",
    "POST /confirmations/<int:number>/ending": "last_on why",
}
