"""A mentor's inbox and what is done in it."""

from __future__ import annotations

from typing import Any

from models import Scan
from tests.security.rows import MENTORS, NOBODYS, STUDENTS, Row, only, seen
from tests.security.world import World, step_of
from workflows.reviews import reviews


def _judged(world: World, scan: str) -> dict[str, Any]:
    words = {
        "agreement": "minor",
        "image": "good",
        "report": "good",
        "seen": "machine",
        "comment": "",
        "why": "Which side?",
    }
    return {**seen(world, scan), **words}


def _to_priya(world: World, scan: Any) -> dict[str, Any]:
    return {"mentor": world.people["priya"].id, "step": step_of(scan) or ""}


def _ticked(world: World, scan: Any) -> dict[str, Any]:
    return {"scan": f"{scan}:1"}


def _approve(world: World) -> None:
    reviews.approve(world.ids["amara.with_mentor"], by=world.people["ravi"], version=1)


def _of_who_left(world: World) -> None:
    Scan.update(mentor=world.ids["who left"]).where(Scan.id == world.ids["amara.with_mentor"]).execute()


JUDGED = "version step prints agreement image report seen comment why reason count_failed named_nobody"
ROUTES = {
    "GET /inbox": only(MENTORS),
    "GET /inbox/counters": only(MENTORS),
    "POST /inbox/approvals": Row(
        MENTORS,
        {"amara.with_mentor": "303: ravi; 409: priya grace", "amara.draft": f"409: {MENTORS}"},
        _ticked,
        alike=False,
    ),
    "GET /inbox/recent": only(MENTORS),
    "POST /inbox/approvals/undo": Row(
        MENTORS,
        {"amara.with_mentor": "303: ravi; 409: priya grace", "amara.counted": f"409: {MENTORS}"},
        _ticked,
        alike=False,
        before=_approve,
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
        seen,
    ),
    "POST /scans/<uuid:scan_id>/approval/undo": Row(
        MENTORS,
        {
            "amara.with_mentor": "303: ravi; 403: priya",
            "amara.counted": "403: ravi priya",
            "amara.draft": "",
            **NOBODYS,
        },
        seen,
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
    "POST /scans/<uuid:scan_id>/reopening/refusal": Row(
        MENTORS, {"amara.counted": "409: ravi; 403: priya", **NOBODYS}, _judged
    ),
    "POST /scans/<uuid:scan_id>/reopening/request": Row(
        STUDENTS, {"amara.counted": "303: amara", "amara.returned": "409: amara", **NOBODYS}, _judged
    ),
    "POST /scans/<uuid:scan_id>/reply": Row(
        STUDENTS,
        {"amara.returned": "303: amara", "mei.returned": "303: mei", "amara.with_mentor": "409: amara", **NOBODYS},
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
    "POST /mentors/<int:mentor_id>/successor": Row(
        f"{STUDENTS} {MENTORS} dana elsewhere",
        {"who left": f"303: {STUDENTS} {MENTORS} dana elsewhere"},
        _to_priya,
        writes="amara ravi priya dana",
        before=_of_who_left,
    ),
}
FIELDS = {
    "POST /inbox/approvals": "scan",
    "POST /inbox/approvals/undo": "scan",
    "POST /scans/<uuid:scan_id>/approval": "version step prints",
    "POST /scans/<uuid:scan_id>/approval/undo": "version step prints",
    "POST /scans/<uuid:scan_id>/audit": JUDGED,
    "POST /scans/<uuid:scan_id>/return": JUDGED,
    "POST /scans/<uuid:scan_id>/reopening": JUDGED,
    "POST /scans/<uuid:scan_id>/reopening/refusal": JUDGED,
    "POST /scans/<uuid:scan_id>/reopening/request": JUDGED,
    "POST /scans/<uuid:scan_id>/reply": JUDGED,
    "POST /scans/<uuid:scan_id>/mentor": "mentor step",
    "POST /mentors/<int:mentor_id>/successor": "mentor step student",
}
