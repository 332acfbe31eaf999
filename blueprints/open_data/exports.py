"""A logbook as a file to download: JSON, a zip of CSV files, an Excel workbook."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

from flask import Response, send_file

from blueprints.exports import XLSX, history_head
from models import Enrolment
from workflows.course import programmes
from workflows.portfolio import contents, tables
from workflows.portfolio.contents import Reading

ZIP = "application/zip"


def json_of(student: Enrolment, now: datetime, *, complete: bool) -> Response:
    book = contents.logbook_of(student.id, now, complete=complete, head=history_head())
    headers = {"Content-Disposition": f'attachment; filename="{_name(student, now, "json")}"'}
    return Response(contents.as_json(book), mimetype="application/json", headers=headers)


def zip_of(student: Enrolment, now: datetime, *, complete: bool) -> Response:
    return _written(tables.write_zip, student, now, "csv.zip", ZIP, complete=complete)


def xlsx_of(student: Enrolment, now: datetime, *, complete: bool) -> Response:
    return _written(tables.write_xlsx, student, now, "xlsx", XLSX, complete=complete)


def _written(
    write: Callable[[Reading, BinaryIO], None],
    student: Enrolment,
    now: datetime,
    ending: str,
    kind: str,
    *,
    complete: bool,
) -> Response:
    """The file as it is written scan by scan, and sent from the disk: a long logbook takes little more memory than a
    short one.
    """
    out = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    with contents.reading(student.id, now, complete=complete, head=history_head()) as found:
        write(found, out)
    out.seek(0)
    return send_file(out, mimetype=kind, as_attachment=True, download_name=_name(student, now, ending))


def _name(student: Enrolment, now: datetime, ending: str) -> str:
    """The file's name: nobody's name is in it."""
    day = programmes.get(student.cohort.programme).today(now)
    return f"sonofolio-portfolio-{student.id}-{day:%Y-%m-%d}.{ending}"
