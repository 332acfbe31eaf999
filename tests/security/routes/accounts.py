"""Signing in and out, and everybody's own page."""

from __future__ import annotations

import clock
from models import SignIn
from tests.security.rows import ANYBODY, NOBODYS, PEOPLE, Row, only
from tests.security.world import World


def proved(world: World) -> None:
    """Everybody has just proved once more who they are."""
    SignIn.update(proved_at=clock.now()).execute()


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
    "POST /me/sign-ins/<mark>/ending": Row(PEOPLE, {"sign-in of amara": "303: amara", **NOBODYS}),
    "POST /me/proof": only(PEOPLE, 422, sends=lambda world, thing: {"password": "wrong"}),
    "POST /me/theme": only(PEOPLE, 303, sends=lambda world, thing: {"theme": "dark"}),
    # Mailed links. Whoever asks is answered alike.
    "POST /sign-in/link": only(ANYBODY, 303, sends=lambda world, thing: {"email": "x@example.test"}),
    "GET /sign-in/code": only(ANYBODY, 303, writes=""),
    "POST /sign-in/code": only(ANYBODY, 422, sends=lambda world, thing: {"code": "123456"}),
    "GET /enter/<token>": Row(ANYBODY, {"sign-in link": f"200: {ANYBODY}", "link": "", **NOBODYS}),
    "POST /enter/<token>": Row(ANYBODY, {"sign-in link": f"303: {ANYBODY}", "link": "", **NOBODYS}),
    # Addresses.
    "POST /me/addresses": only(
        PEOPLE, 303, sends=lambda world, thing: {"email": "another@example.ac.uk"}, before=proved
    ),
    "POST /me/addresses/proof": only(PEOPLE, 422, sends=lambda world, thing: {"code": "123456"}),
    "GET /prove/<token>": Row(PEOPLE, {"proof of amara": "200: amara", "link": "", **NOBODYS}),
    "POST /prove/<token>": Row(PEOPLE, {"proof of amara": "303: amara", "sign-in link": "", **NOBODYS}),
    "POST /me/addresses/first": Row(
        PEOPLE,
        {"address of amara": "303: amara", "unproved of amara": "", **NOBODYS},
        sends=lambda world, thing: {"email": thing or "unknown"},
        before=proved,
    ),
    "POST /me/addresses/removal": Row(
        PEOPLE,
        {"address of amara": "303: amara", "unproved of amara": "303: amara", **NOBODYS},
        sends=lambda world, thing: {"email": thing or "unknown"},
        before=proved,
    ),
    # Passkeys. What changes one's ways in wants a fresh proof.
    "GET /sign-in/passkey": only(ANYBODY),
    "POST /sign-in/passkey": only(ANYBODY, 422, sends=lambda world, thing: {"credential": "{}"}),
    "GET /me/proof/passkey": only(PEOPLE),
    "POST /me/proof/passkey": only(PEOPLE, 422, sends=lambda world, thing: {"credential": "{}"}),
    "POST /me/passkeys/options": only(PEOPLE, before=proved, writes=""),
    "POST /me/passkeys": only(PEOPLE, 422, sends=lambda world, thing: {"credential": "{}"}, before=proved),
    "POST /me/passkeys/name": Row(
        PEOPLE,
        {"passkey of amara": "303: amara", **NOBODYS},
        sends=lambda world, thing: {"passkey": thing or "unknown", "passkey_name": "Old phone"},
    ),
    "POST /me/passkeys/removal": Row(
        PEOPLE,
        {"passkey of amara": "303: amara", **NOBODYS},
        sends=lambda world, thing: {"passkey": thing or "unknown"},
        before=proved,
    ),
}
FIELDS = {
    "POST /sign-in": "email password shared next",
    "POST /sign-in/as": "person next",
    "POST /sign-out": "",
    "POST /welcome/<token>": "password shared",
    "POST /me/password": "current new",
    "POST /me/sign-ins/ending": "",
    "POST /me/sign-ins/<mark>/ending": "",
    "POST /me/proof": "password",
    "POST /me/theme": "theme",
    "POST /sign-in/link": "email purpose next",
    "POST /sign-in/code": "code shared",
    "POST /enter/<token>": "shared",
    "POST /me/addresses": "email",
    "POST /me/addresses/proof": "code",
    "POST /prove/<token>": "",
    "POST /me/addresses/first": "email",
    "POST /me/addresses/removal": "email",
    "POST /sign-in/passkey": "credential shared next",
    "POST /me/proof/passkey": "credential",
    "POST /me/passkeys/options": "",
    "POST /me/passkeys": "credential",
    "POST /me/passkeys/name": "passkey passkey_name named_nobody",
    "POST /me/passkeys/removal": "passkey",
}
