"""A student's logbook from before the course."""

from __future__ import annotations

from tests.security.rows import NOBODYS, STUDENTS, Row, only
from workflows.portfolio import earlier_file

TABLE = "Date,Region,Side\n2022-03-14,Shoulder,right\n"
DRAFT = earlier_file.pack(earlier_file.read(TABLE.encode()))
MAPPED = {
    "draft": DRAFT,
    "source": "Fellowship",
    "day_order": "",
    "named_nobody": "",
    "again": "",
    "column_0": "scanned_on",
    "column_1": "region",
    "column_2": "side",
}
NAMES = "draft source day_order column_0 column_1 column_2"

ROUTES = {
    "GET /portfolio/import": only(STUDENTS),
    "POST /portfolio/import": only(STUDENTS, sends=lambda world, thing: {"text": TABLE, "source": ""}, writes=""),
    "POST /portfolio/import/preview": only(STUDENTS, sends=lambda world, thing: MAPPED, writes=""),
    "GET /portfolio/earlier": only(STUDENTS),
    "POST /portfolio/earlier": only(STUDENTS, 303, sends=lambda world, thing: MAPPED),
    "POST /portfolio/earlier/<int:batch_id>/undo": Row(
        STUDENTS, {"earlier of amara": "303: amara", "earlier of mei": "303: mei", **NOBODYS}
    ),
}
FIELDS = {
    "POST /portfolio/import": "text source draft",
    "POST /portfolio/import/preview": NAMES,
    "POST /portfolio/earlier": f"{NAMES} again named_nobody",
    "POST /portfolio/earlier/<int:batch_id>/undo": "",
}
TAKES_FILES = ("POST /portfolio/import", "POST /portfolio/import/preview", "POST /portfolio/earlier")
