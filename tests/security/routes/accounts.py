"""Signing in and out, and everybody's own page."""

from __future__ import annotations

from tests.security.rows import ANYBODY, NOBODYS, PEOPLE, Row, only

ROUTES = {
    "GET /sign-in": Row(ANYBODY, {"-": f"200: nobody closed; 303: {PEOPLE}"}),
    "POST /sign-in": only(ANYBODY, 422, sends=lambda world, thing: {"email": "x@example.test", "password": "wrong"}),
    "POST /sign-in/as": Row(ANYBODY, {"-": ""}, sends=lambda world, thing: {"person": "amara@example.test"}),
    "POST /sign-out": only(PEOPLE, 303),
    "GET /welcome/<token>": Row(ANYBODY, {"link": f"200: {ANYBODY}", **NOBODYS}),
    "POST /welcome/<token>": Row(
        ANYBODY, {"link": f"303: {ANYBODY}", **NOBODYS}, lambda world, thing: {"password": "umbrella kettle rainbow"}
    ),
    "GET /me": only(PEOPLE),
    "POST /me/password": only(
        PEOPLE, 422, sends=lambda world, thing: {"current": "wrong", "new": "umbrella kettle moon"}
    ),
    "POST /me/sign-ins/ending": only(PEOPLE, 303),
    "POST /me/theme": only(PEOPLE, 303, sends=lambda world, thing: {"theme": "dark"}),
}
FIELDS = {
    "POST /sign-in": "email password shared next",
    "POST /sign-in/as": "person next",
    "POST /sign-out": "",
    "POST /welcome/<token>": "password shared",
    "POST /me/password": "current new",
    "POST /me/sign-ins/ending": "",
    "POST /me/theme": "theme",
}
