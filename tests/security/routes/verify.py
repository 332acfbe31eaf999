"""Verifying a portfolio, and the links that share one."""

from __future__ import annotations

from tests.security.rows import ANYBODY, NOBODYS, STUDENTS, Row, only

LINKED = {"link to edition": f"200: {ANYBODY}", **NOBODYS}
ROUTES = {
    "GET /verify": only(ANYBODY),
    "GET /verify/<code>": Row(ANYBODY, {"code of amara": f"200: {ANYBODY}", **NOBODYS}),
    "GET /verify/certificate.pem": only(ANYBODY),
    "POST /editions/<int:edition_id>/shares": Row(
        STUDENTS,
        {"edition of amara": "200: amara", "edition of mei": "200: mei", **NOBODYS},
        lambda world, thing: {"label": "Job application", "days": "30"},
    ),
    "POST /shares/<token_hash>/revocation": Row(STUDENTS, {"share": "303: amara", **NOBODYS}),
    "GET /shared/<token>": Row(ANYBODY, LINKED),
    "POST /shared/<token>": Row(ANYBODY, LINKED),
    "GET /shared/<token>/portfolio.pdf": Row(ANYBODY, {"link to edition": f"303: {ANYBODY}", **NOBODYS}),
}
FIELDS = {
    "POST /editions/<int:edition_id>/shares": "label days named_nobody",
    "POST /shares/<token_hash>/revocation": "",
    "POST /shared/<token>": "",
}
