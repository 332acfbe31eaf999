"""One's own data, asking to be erased, and who erases."""

from __future__ import annotations

from tests.security.rows import NOBODYS, PEOPLE, Row, only

DIRECTORS = "dana elsewhere"
ROUTES = {
    "GET /me/data": only(PEOPLE),
    "POST /me/erasure": only(PEOPLE, 303),
    "POST /me/erasure/withdrawal": only(PEOPLE, 303, writes=""),
    "GET /wishes": only(DIRECTORS),
    "POST /wishes/editions": only(DIRECTORS, 303, writes=""),
    "GET /wishes/<int:person_id>": Row(DIRECTORS, {"who left": "200: dana", **NOBODYS}),
    "POST /wishes/<int:person_id>/erasure": Row(
        DIRECTORS, {"who left": "303: dana", **NOBODYS}, lambda world, thing: {"name": "Closed Account"}
    ),
}
FIELDS = {
    "POST /me/erasure": "",
    "POST /me/erasure/withdrawal": "",
    "POST /wishes/editions": "",
    "POST /wishes/<int:person_id>/erasure": "name",
}
