"""Who may open which route, and whose things they find there. This table and the app's routes are the same set.

A row names the roles' holders who pass the guard, and for each object behind the route who is answered what: "200:
amara ravi; 403: priya". Whoever passes the guard and is not named finds nothing (404); whoever does not pass is told
so (403); nobody and a closed account are asked to sign in. Objects are names of tests/security/world.py; "-" is the
route alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.security.world import BROWSER, World, step_of
from workflows import reviews

STUDENTS = "amara tom mei limb"
MENTORS = "ravi priya grace"
FOLLOWERS = f"{MENTORS} helen esther ian dana elsewhere"
READERS = f"{STUDENTS} {MENTORS} esther ian dana elsewhere"
PEOPLE = f"{STUDENTS} {FOLLOWERS} partless"
ANYBODY = f"{PEOPLE} closed nobody"
Sends = Callable[[World, Any], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """One route.

    Attributes:
        roles: who passes the guard.
        finds: object -> who is answered what.
        sends: the form of a POST, valid for who may send it.
        writes: who changes something, when that is not everybody whose answer is a success.
        before: what is done before each try (and taken back after it).
        alike: a refusal has one status for a browser, htmx and JSON; not where several are answered each for itself.
    """

    roles: str
    finds: dict[str, str]
    sends: Sends = lambda world, thing: {}
    writes: str | None = None
    before: Callable[[World], None] = lambda world: None
    alike: bool = True


def only(roles: str, answer: int = 200, **more: Any) -> Row:
    """A route without an object, which answers alike to all who pass."""
    return Row(roles, {"-": f"{answer}: {roles}"}, **more)


def _seen(world: World, scan: str) -> dict[str, Any]:
    return {"version": 1, "step": step_of(scan) or ""}


def _judged(world: World, scan: str) -> dict[str, Any]:
    words = {
        "agreement": "minor",
        "image": "good",
        "report": "good",
        "seen": "machine",
        "comment": "",
        "why": "Which side?",
    }
    return {**_seen(world, scan), **words}


def _draft(world: World, scan: Any) -> dict[str, Any]:
    return {"scan_id": str(uuid.uuid4()), "version": 1, "region": "shoulder", "side": "left", "later": "1"}


def _to_priya(world: World, scan: Any) -> dict[str, Any]:
    return {"mentor": world.people["priya"].id, "step": step_of(scan) or ""}


def _approve(world: World) -> None:
    reviews.approve(world.ids["amara.with_mentor"], by=world.people["ravi"], version=1)


SENT = "200: amara ravi priya esther ian dana"
MEIS = "200: mei grace ian dana"
NOBODYS = {"unknown": ""}

TABLE: dict[str, Row] = {
    # Coming in and going out
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
    # What is new, and how one is told
    "GET /news": only(PEOPLE),
    "GET /news/bell": only(PEOPLE),
    "POST /news/seen": only(PEOPLE, 303, sends=lambda world, thing: {"until": "1" + "0" * 16}),
    "POST /me/push": only(PEOPLE, 303, sends=lambda world, thing: BROWSER),
    "POST /me/push/<int:number>/ending": Row(
        PEOPLE, {"browser of amara": "303: amara", "browser of mei": "303: mei", **NOBODYS}
    ),
    "POST /me/telling": only(
        PEOPLE, 303, sends=lambda world, thing: {"by_mail": "1", "quiet_from": "22:00", "quiet_until": "06:30"}
    ),
    "GET /mail/stop/<token>": Row(ANYBODY, {"stop": f"200: {ANYBODY}", **NOBODYS}),
    "POST /mail/stop/<token>": Row(ANYBODY, {"stop": f"200: {ANYBODY}", **NOBODYS}),
    # The product itself
    "GET /static/<path:filename>": Row(ANYBODY, {"app.css": f"200: {ANYBODY}", **NOBODYS}),
    "GET /manifest.webmanifest": only(ANYBODY),
    "GET /favicon.ico": only(ANYBODY, 302),
    "GET /healthz": only(ANYBODY),
    "GET /service-worker.js": only(ANYBODY),
    "GET /offline": only(ANYBODY),
    "GET /phone": only(PEOPLE),
    # A student's rooms
    "GET /": Row(PEOPLE, {"-": f"200: {STUDENTS} partless; 302: {FOLLOWERS}"}),
    "GET /scans": only(STUDENTS),
    "GET /scans.csv": only(STUDENTS),
    "GET /scans/received": only(STUDENTS),
    "GET /scans/new": only(STUDENTS),
    "POST /scans/new": only(STUDENTS, sends=_draft, writes=""),
    "GET /scans/new/findings": only(STUDENTS),
    "GET /scans/new/findings/<region>": Row(STUDENTS, {"shoulder": "200: amara tom mei", **NOBODYS}),
    "POST /scans/report": only(STUDENTS, sends=_draft, writes=""),
    "POST /scans": Row(STUDENTS, {"-": "303: amara tom mei; 422: limb"}, _draft),
    "GET /scans/<uuid:scan_id>": Row(
        READERS,
        {
            "amara.draft": "200: amara",
            "amara.withdrawn": "200: amara",
            **{f"amara.{state}": SENT for state in ("with_mentor", "aided", "returned", "counted", "audited")},
            "mei.draft": "200: mei",
            **{f"mei.{state}": MEIS for state in ("with_mentor", "returned", "counted")},
            **NOBODYS,
        },
    ),
    "POST /scans/<uuid:scan_id>": Row(
        STUDENTS,
        {"amara.draft": "303: amara", "amara.counted": "409: amara", "mei.draft": "303: mei", **NOBODYS},
        _draft,
    ),
    "GET /scans/<uuid:scan_id>/edit": Row(
        STUDENTS, {"amara.draft": "200: amara", "amara.counted": "409: amara", "mei.returned": "200: mei", **NOBODYS}
    ),
    "POST /scans/<uuid:scan_id>/edit": Row(
        STUDENTS, {"amara.draft": "200: amara", "mei.draft": "200: mei", **NOBODYS}, _draft, writes=""
    ),
    "POST /scans/<uuid:scan_id>/sending": Row(
        STUDENTS,
        {"amara.draft": "303: amara", "amara.counted": "409: amara", "mei.draft": "303: mei", **NOBODYS},
        _seen,
    ),
    "POST /scans/<uuid:scan_id>/other-side": Row(
        STUDENTS,
        {"amara.draft": "303: amara", "amara.counted": "409: amara", "mei.draft": "303: mei", **NOBODYS},
        _seen,
    ),
    "POST /scans/<uuid:scan_id>/withdrawal": Row(
        STUDENTS,
        {"amara.draft": "303: amara", "amara.counted": "409: amara", "mei.draft": "303: mei", **NOBODYS},
        _seen,
    ),
    "POST /scans/<uuid:scan_id>/withdrawal/undo": Row(
        STUDENTS, {"amara.withdrawn": "303: amara", "mei.withdrawn": "303: mei", **NOBODYS}, _seen
    ),
    "POST /scans/<uuid:scan_id>/seen": Row(
        f"{STUDENTS} {MENTORS}",
        {
            "amara.returned": "303: amara ravi priya",
            "mei.returned": "303: mei grace",
            **NOBODYS,
        },
        writes="amara mei",
    ),
    # A mentor's rooms
    "GET /inbox": only(MENTORS),
    "GET /inbox/counters": only(MENTORS),
    "POST /inbox/approvals": Row(
        MENTORS,
        {"amara.with_mentor": "303: ravi; 409: priya grace", "amara.draft": f"409: {MENTORS}"},
        lambda world, scan: {"scan": f"{scan}:1"},
        alike=False,
    ),
    "GET /scans/<uuid:scan_id>/card": Row(
        MENTORS, {"amara.with_mentor": "200: ravi priya", "amara.draft": "", "mei.with_mentor": "200: grace", **NOBODYS}
    ),
    "GET /scans/<uuid:scan_id>/review": Row(
        MENTORS, {"amara.with_mentor": "200: ravi priya", "amara.draft": "", "mei.with_mentor": "200: grace", **NOBODYS}
    ),
    "POST /scans/<uuid:scan_id>/approval": Row(
        MENTORS,
        {
            "amara.with_mentor": "303: ravi; 403: priya",
            "amara.aided": "303: ravi; 403: priya",
            "amara.returned": "409: ravi; 403: priya",
            "amara.draft": "",
            "mei.with_mentor": "303: grace",
            **NOBODYS,
        },
        _seen,
    ),
    "POST /scans/<uuid:scan_id>/approval/undo": Row(
        MENTORS,
        {
            "amara.with_mentor": "303: ravi; 403: priya",
            "amara.counted": "403: ravi priya",
            "amara.draft": "",
            **NOBODYS,
        },
        _seen,
        before=_approve,
    ),
    "POST /scans/<uuid:scan_id>/audit": Row(
        MENTORS,
        {
            "amara.aided": "303: ravi; 403: priya",
            "amara.returned": "409: ravi; 403: priya",
            "mei.aided": "303: grace",
            **NOBODYS,
        },
        _judged,
    ),
    "POST /scans/<uuid:scan_id>/return": Row(
        MENTORS,
        {
            "amara.aided": "303: ravi; 403: priya",
            "amara.counted": "409: ravi; 403: priya",
            "mei.aided": "303: grace",
            **NOBODYS,
        },
        _judged,
    ),
    "POST /scans/<uuid:scan_id>/reopening": Row(
        MENTORS,
        {
            "amara.counted": "303: ravi; 403: priya",
            "amara.returned": "409: ravi; 403: priya",
            "mei.audited": "303: grace",
            **NOBODYS,
        },
        _judged,
    ),
    "POST /scans/<uuid:scan_id>/mentor": Row(
        f"{STUDENTS} {MENTORS}",
        {
            "amara.with_mentor": "303: amara ravi priya",
            "amara.draft": "409: amara",
            "mei.with_mentor": "403: mei grace",
            **NOBODYS,
        },
        _to_priya,
    ),
    # Who follows students
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
    "GET /cohort": only("dana elsewhere"),
    "GET /cohort.csv": only("dana elsewhere"),
    "GET /cohort.xlsx": only("dana elsewhere"),
    "GET /cohorts/<int:cohort_id>/counters": Row(
        "dana elsewhere", {"cohort": "200: dana", "other cohort": "200: elsewhere", **NOBODYS}
    ),
}
# What is named in the address after the question mark is somebody's, too: (address, object, who is answered what).
ASKED_FOR = (
    *(
        (
            "GET",
            path + "?cohort={}",
            "dana elsewhere",
            {"cohort": "200: dana", "other cohort": "200: elsewhere", **NOBODYS},
        )
        for path in ("/cohort", "/cohort.csv", "/cohort.xlsx")
    ),
    ("GET", "/scans/new?like={}", "amara tom mei", {"amara.draft": "200: amara", "mei.counted": "200: mei"}),
)


def answers(row: Row, thing: str, everybody: list[str]) -> dict[str, int]:
    """What each person is answered; 0 stands for being asked to sign in."""
    named = {}
    for part in filter(None, row.finds[thing].split("; ")):
        status, names = part.split(": ")
        named |= dict.fromkeys(names.split(), int(status))
    passes = set(row.roles.split())
    stays_out = {"nobody": 0, "closed": 0}
    return {name: named.get(name, 404) if name in passes else stays_out.get(name, 403) for name in everybody}


def _posts() -> list[tuple[str, Row, str, str, int]]:
    """For each POST route and each object, the first person who may: (route, row, who, object, status)."""
    found = []
    for route, row in TABLE.items():
        for thing in row.finds if route.startswith("POST") else ():
            may = {who: status for who, status in answers(row, thing, ANYBODY.split()).items() if 200 <= status < 400}
            if may:
                found.append((route, row, *next((who, thing, status) for who, status in may.items())))
    return found


SCAN_FIELDS = (
    "scan_id support region side protocol scanned_on indication finding normal outcome limitation modifier report "
    "report_base age_band sex mentor site machine transducer procedure procedure_role version step later another "
    "named_nobody entered_at form"
)
JUDGED = "version step prints agreement image report seen comment why named_nobody"
# What each form may carry. A column of a table that is not named here is set by nobody's form.
ROUTE_FIELDS = {
    "POST /sign-in": "email password shared next",
    "POST /sign-in/as": "person next",
    "POST /sign-out": "",
    "POST /welcome/<token>": "password shared",
    "POST /me/password": "current new",
    "POST /me/sign-ins/ending": "",
    "POST /me/theme": "theme",
    "POST /news/seen": "until",
    "POST /me/push": "endpoint p256dh auth instead_of",
    "POST /me/push/<int:number>/ending": "",
    "POST /me/telling": "by_mail quiet_from quiet_until",
    "POST /mail/stop/<token>": "",
    "POST /scans/new": SCAN_FIELDS,
    "POST /scans/report": SCAN_FIELDS,
    "POST /scans": SCAN_FIELDS,
    "POST /scans/<uuid:scan_id>": SCAN_FIELDS,
    "POST /scans/<uuid:scan_id>/edit": SCAN_FIELDS,
    "POST /scans/<uuid:scan_id>/sending": "version step",
    "POST /scans/<uuid:scan_id>/other-side": "version step",
    "POST /scans/<uuid:scan_id>/withdrawal": "version step",
    "POST /scans/<uuid:scan_id>/withdrawal/undo": "version step",
    "POST /scans/<uuid:scan_id>/seen": "",
    "POST /inbox/approvals": "scan",
    "POST /scans/<uuid:scan_id>/approval": "version step prints",
    "POST /scans/<uuid:scan_id>/approval/undo": "version step prints",
    "POST /scans/<uuid:scan_id>/audit": JUDGED,
    "POST /scans/<uuid:scan_id>/return": JUDGED,
    "POST /scans/<uuid:scan_id>/reopening": JUDGED,
    "POST /scans/<uuid:scan_id>/mentor": "mentor step",
}
POSTS = _posts()
# Pressed by mail programs, which have no form of ours (RFC 8058): the address, which only we can make, is the proof.
ONE_CLICK = {"POST /mail/stop/<token>"}
