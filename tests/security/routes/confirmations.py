"""Who waits to be confirmed, and what the course decides about them."""

from __future__ import annotations

from tests.security.rows import NOBODYS, Row, only

DECIDE = "dana elsewhere"
PART = {"programme": "msk-pgcert", "kind": "mentor"}
ROUTES = {
    "GET /people/confirmations": only(DECIDE),
    "GET /people/confirmations/<int:person_id>": Row(DECIDE, {"who left": "200: dana", **NOBODYS}),
    "POST /people/<int:person_id>/confirmation": Row(
        DECIDE, {"who left": "303: dana", **NOBODYS}, lambda world, thing: {**PART, "basis": "known"}
    ),
    "POST /people/<int:person_id>/refusal": Row(
        DECIDE, {"who left": "303: dana", **NOBODYS}, lambda world, thing: {**PART, "why": "No such registration."}
    ),
    "POST /confirmations/<int:number>/ending": Row(
        DECIDE, {"confirmation of ravi": "303: dana", **NOBODYS}, lambda world, thing: {"why": "Retired."}
    ),
}
FIELDS = {
    "POST /people/<int:person_id>/confirmation": "programme kind basis from_on until_on",
    "POST /people/<int:person_id>/refusal": "programme kind why",
    "POST /confirmations/<int:number>/ending": "last_on why",
}
