"""What is new, and how somebody is told."""

from __future__ import annotations

from tests.security.rows import ANYBODY, NOBODYS, PEOPLE, Row, only
from tests.security.world import BROWSER

ROUTES = {
    "GET /news": only(PEOPLE),
    "GET /news/bell": only(PEOPLE),
    "POST /news/seen": only(PEOPLE, 303, sends=lambda world, thing: {"until": "1" + "0" * 16}),
    "POST /me/push": only(PEOPLE, 303, sends=lambda world, thing: BROWSER),
    "POST /me/push/<int:number>/ending": Row(
        PEOPLE, {"browser of amara": "303: amara", "browser of mei": "303: mei", **NOBODYS}
    ),
    **dict.fromkeys(
        ("POST /me/notifications", "POST /me/telling"),
        only(PEOPLE, 303, sends=lambda world, thing: {"by_mail": "1", "quiet_from": "22:00", "quiet_until": "06:30"}),
    ),
    "GET /mail/stop/<token>": Row(ANYBODY, {"stop": f"200: {ANYBODY}", **NOBODYS}),
    "POST /mail/stop/<token>": Row(ANYBODY, {"stop": f"200: {ANYBODY}", **NOBODYS}),
}
FIELDS = {
    "POST /news/seen": "until",
    "POST /me/push": "endpoint p256dh auth instead_of",
    "POST /me/push/<int:number>/ending": "",
    **dict.fromkeys(("POST /me/notifications", "POST /me/telling"), "by_mail quiet_from quiet_until"),
    "POST /mail/stop/<token>": "",
}
# Pressed by mail programs, which have no form of ours (RFC 8058): the address, which only we can make, is the proof.
ONE_CLICK = {"POST /mail/stop/<token>"}
