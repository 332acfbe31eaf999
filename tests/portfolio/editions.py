"""Editions for tests: one that was made, with a file of any bytes that begin and end as a PDF."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import clock
from models import Edition, Enrolment, Person, Scan, db
from rules import editions
from visibility import COUNTED
from workflows import files
from workflows.history import history, records


def made(student: Person, content: bytes = b"%PDF-1.7\n%%EOF\n", *, at: datetime | None = None, **more: Any) -> Edition:
    """The student's next edition, made of the scans that count now. `more`: other columns of it."""
    enrolment, at = Enrolment.get(Enrolment.person == student), at or clock.now()
    with db.atomic():
        file = files.store(content, at=at)
        scans = dict(Scan.select(Scan.id, Scan.digest).where(Scan.enrolment == enrolment, COUNTED).tuples())
        values: dict[str, Any] = {
            "enrolment": enrolment,
            "number": Edition.select().where(Edition.enrolment == enrolment).count() + 1,
            "purpose": "employer",
            "state": editions.MADE,
            "code": editions.new_code(),
            "asked_at": at,
            "asked_by": student,
            "declared_at": at,
            "made_at": at,
            "file": file,
            "pages": 1,
            "counted": len(scans),
            "scans": scans,
        }
        edition = records.create(Edition, **{**values, **more})
        history.record("make_edition", f"edition:{edition.id}", by=student, at=at, enrolment=enrolment.id)
    return edition


def void(edition: Edition, by: Person, why: str = "The wrong remit was printed.") -> None:
    """As a director makes an edition void."""
    with db.atomic():
        now = clock.now()
        records.update(Edition, {"void_at": now, "void_by": by.id, "void_why": why}, id=edition.id)
        history.record("void_edition", f"edition:{edition.id}", by=by, at=now, enrolment=edition.enrolment_id)
