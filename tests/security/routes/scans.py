"""A student's scans."""

from __future__ import annotations

import uuid
from typing import Any

from rules.scan_fields import FIELDS
from tests.security.rows import MENTORS, NOBODYS, READERS, STUDENTS, Row, only, seen
from tests.security.world import World


def _draft(world: World, scan: Any) -> dict[str, Any]:
    return {"scan_id": str(uuid.uuid4()), "version": 1, "region": "shoulder", "side": "left", "later": "1"}


SENT = "200: amara ravi priya esther ian dana"
HIDES = "303: ravi priya esther ian dana; 403: amara"
MEIS = "200: mei grace ian dana"
SCAN_FIELDS = " ".join(
    [
        *(field.sent for field in FIELDS),
        *(
            "scan_id",
            "report_base",
            "version",
            "step",
            "later",
            "another",
            "named_nobody",
            "meant",
            "widened",
            "batch",
            "entered_at",
            "form",
        ),
    ]
)
ROUTES = {
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
    "GET /scans/<uuid:scan_id>/hiding": Row(
        READERS,
        {
            "amara.draft": "200: amara",
            "amara.with_mentor": SENT,
            "amara.counted": SENT,
            "mei.with_mentor": MEIS,
            **NOBODYS,
        },
    ),
    "POST /scans/<uuid:scan_id>/hiding": Row(
        READERS,
        {
            "amara.draft": "303: amara",
            "amara.withdrawn": "303: amara",
            **{f"amara.{state}": HIDES for state in ("with_mentor", "returned", "counted", "audited")},
            "mei.with_mentor": "303: grace ian dana; 403: mei",
            **NOBODYS,
        },
    ),
    "POST /scans/<uuid:scan_id>/hiding-request": Row(
        STUDENTS,
        {"amara.with_mentor": "303: amara", "amara.draft": "409: amara", "mei.counted": "303: mei", **NOBODYS},
    ),
    "GET /scans/<uuid:scan_id>/edit": Row(
        STUDENTS, {"amara.draft": "200: amara", "amara.counted": "409: amara", "mei.returned": "200: mei", **NOBODYS}
    ),
    "POST /scans/<uuid:scan_id>/edit": Row(
        STUDENTS, {"amara.draft": "200: amara", "mei.draft": "200: mei", **NOBODYS}, _draft, writes=""
    ),
    "POST /scans/<uuid:scan_id>/words": Row(
        STUDENTS,
        {"amara.draft": "303: amara", "amara.counted": "409: amara", "mei.draft": "303: mei", **NOBODYS},
        lambda world, scan: {**seen(world, scan), "report": "Seen whole.", "later": "yes"},
    ),
    "POST /scans/<uuid:scan_id>/missing": Row(
        STUDENTS,
        {"amara.draft": "303: amara", "amara.counted": "409: amara", "mei.draft": "303: mei", **NOBODYS},
        lambda world, scan: {**seen(world, scan), "side": "left"},
    ),
    "POST /scans/<uuid:scan_id>/sending": Row(
        STUDENTS,
        {"amara.draft": "303: amara", "amara.counted": "409: amara", "mei.draft": "303: mei", **NOBODYS},
        seen,
    ),
    "GET /scans/<uuid:scan_id>/other-side": Row(
        STUDENTS, {"amara.draft": "409: amara", "amara.counted": "409: amara", "mei.draft": "409: mei", **NOBODYS}
    ),
    "POST /scans/<uuid:scan_id>/other-side/undo": Row(
        STUDENTS,
        {"amara.draft": "422: amara", "amara.counted": "422: amara", "mei.draft": "422: mei", **NOBODYS},
        seen,
        writes="",
    ),
    "POST /scans/<uuid:scan_id>/same-patient": Row(
        STUDENTS,
        {"amara.draft": "409: amara", "amara.counted": "409: amara", "mei.draft": "409: mei", **NOBODYS},
        seen,
        writes="",
    ),
    "POST /scans/<uuid:scan_id>/same-patient/undo": Row(
        STUDENTS,
        {"amara.draft": "409: amara", "amara.counted": "409: amara", "mei.draft": "409: mei", **NOBODYS},
        seen,
        writes="",
    ),
    "POST /scans/<uuid:scan_id>/withdrawal": Row(
        STUDENTS,
        {"amara.draft": "303: amara", "amara.counted": "409: amara", "mei.draft": "303: mei", **NOBODYS},
        seen,
    ),
    "POST /scans/<uuid:scan_id>/withdrawal/undo": Row(
        STUDENTS, {"amara.withdrawn": "303: amara", "mei.withdrawn": "303: mei", **NOBODYS}, seen
    ),
    "POST /scans/<uuid:scan_id>/seen": Row(
        f"{STUDENTS} {MENTORS} dana elsewhere",
        {
            "amara.returned": "303: amara ravi priya dana",
            "mei.returned": "303: mei grace dana",
            **NOBODYS,
        },
        writes="amara mei",
    ),
}
FIELDS = {
    "POST /scans/new": SCAN_FIELDS,
    "POST /scans/report": SCAN_FIELDS,
    "POST /scans": SCAN_FIELDS,
    "POST /scans/<uuid:scan_id>": SCAN_FIELDS,
    "POST /scans/<uuid:scan_id>/edit": SCAN_FIELDS,
    "POST /scans/<uuid:scan_id>/words": "version step report later named_nobody",
    "POST /scans/<uuid:scan_id>/missing": "version step support side mentor site",
    "POST /scans/<uuid:scan_id>/sending": "version step meant",
    "POST /scans/<uuid:scan_id>/other-side/undo": "version step side",
    "POST /scans/<uuid:scan_id>/same-patient": "version step meant",
    "POST /scans/<uuid:scan_id>/same-patient/undo": "version step",
    "POST /scans/<uuid:scan_id>/hiding": "",
    "POST /scans/<uuid:scan_id>/hiding-request": "",
    "POST /scans/<uuid:scan_id>/withdrawal": "version step",
    "POST /scans/<uuid:scan_id>/withdrawal/undo": "version step",
    "POST /scans/<uuid:scan_id>/seen": "",
}
ASKED_FOR = (("GET", "/scans/new?like={}", "amara tom mei", {"amara.draft": "200: amara", "mei.counted": "200: mei"}),)
