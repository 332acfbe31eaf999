"""A logbook as a file to download: JSON, a zip of CSV files, an Excel workbook."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

from flask import Response

from blueprints.exports import XLSX, attachment, history_head
from models import Enrolment
from workflows.course import programmes
from workflows.portfolio import contents, logbook_tables
from workflows.portfolio.contents import Reading

JSON, ZIP = "application/json", "application/zip"


def json_of(student: Enrolment, now: datetime, *, complete: bool) -> Response:
    book = contents.logbook_of(student.id, now, complete=complete, head=history_head())
    return attachment(contents.as_json(book), JSON, _name(student, now, "json"))


def zip_of(student: Enrolment, now: datetime, *, complete: bool) -> Response:
    content = _written(logbook_tables.write_zip, student, now, complete=complete)
    return attachment(content, ZIP, _name(student, now, "csv.zip"))


def xlsx_of(student: Enrolment, now: datetime, *, complete: bool) -> Response:
    content = _written(logbook_tables.write_xlsx, student, now, complete=complete)
    return attachment(content, XLSX, _name(student, now, "xlsx"))


def _written(write: Callable[[Reading, BinaryIO], None], student: Enrolment, now: datetime, *, complete: bool) -> bytes:
    """The file, written scan by scan: in memory are some scans and what is packed, not the logbook."""
    out = io.BytesIO()
    with contents.reading(student.id, now, complete=complete, head=history_head()) as found:
        write(found, out)
    return out.getvalue()


def _name(student: Enrolment, now: datetime, ending: str) -> str:
    """The file's name: nobody's name is in it."""
    day = programmes.get(student.cohort.programme).today(now)
    return f"sonofolio-portfolio-{student.id}-{day:%Y-%m-%d}.{ending}"
