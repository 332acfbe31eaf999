"""A portfolio as open data: a student's own, whole; what was sent to a mentor, for who may open the portfolio. The JSON
Schema is everybody's.
"""

import io
import json
from datetime import datetime

from flask import Blueprint, Response

import clock
from blueprints.access import ANYBODY, allow, me
from blueprints.exports import XLSX, attachment, history_head
from blueprints.hypermedia import refusal
from blueprints.time_limit import LIMIT
from models import Enrolment
from rules import logbook, roles
from workflows.course import programmes
from workflows.portfolio import contents, logbook_tables
from workflows.scans import ownership

open_data = Blueprint("open_data", __name__)

LONGER = 25  # seconds of computing beyond those of a page: 2,500 scans as a workbook take five
FULL = "There is no room left to make this file. Nothing was changed; try again later."
KINDS = {"json": "application/json", "csv.zip": "application/zip", "xlsx": XLSX}


@open_data.get("/portfolio.json")
@allow(roles.STUDENT)
def as_json():
    return _file("json")


@open_data.get("/portfolio.csv.zip")
@allow(roles.STUDENT)
def as_zip():
    return _file("csv.zip")


@open_data.get("/portfolio.xlsx")
@allow(roles.STUDENT)
def as_xlsx():
    return _file("xlsx")


@open_data.get("/students/<int:enrolment_id>/portfolio.json")
@allow(*roles.OPEN_PORTFOLIOS)
def student_as_json(enrolment_id: int):
    return _file("json", enrolment_id)


@open_data.get("/students/<int:enrolment_id>/portfolio.csv.zip")
@allow(*roles.OPEN_PORTFOLIOS)
def student_as_zip(enrolment_id: int):
    return _file("csv.zip", enrolment_id)


@open_data.get("/students/<int:enrolment_id>/portfolio.xlsx")
@allow(*roles.OPEN_PORTFOLIOS)
def student_as_xlsx(enrolment_id: int):
    return _file("xlsx", enrolment_id)


@open_data.get("/schemas/logbook-1.json")
@allow(ANYBODY)
def schema():
    return Response(json.dumps(logbook.schema(), indent=1), mimetype="application/schema+json")


def _file(ending: str, enrolment_id: int | None = None) -> Response:
    """The portfolio of this enrolment, or the student's current one: whole for its student, else as it leaves.

    Raises:
        NotFound: there is none that this person may open.
    """
    student = ownership.portfolio_of(me().id, enrolment_id)
    LIMIT.extend(LONGER)
    try:
        return _file_of(ending, student, clock.now(), complete=student.person_id == me().id)
    except OSError:
        return refusal(FULL, 507)


def _file_of(ending: str, student: Enrolment, now: datetime, *, complete: bool) -> Response:
    """The portfolio as a file with this ending. Nobody's name is in the file's.

    A table is written scan by scan: in memory are some scans and what is packed, not the logbook.
    """
    head, out = history_head(), io.BytesIO()
    if ending == "json":
        out.write(contents.as_json(contents.logbook_of(student.id, now, complete=complete, head=head)))
    else:
        with contents.reading(student.id, now, complete=complete, head=head) as found:
            write = logbook_tables.write_xlsx if ending == "xlsx" else logbook_tables.write_zip
            write(found, out)
    day = programmes.get(student.cohort.programme).today(now)
    name = f"sonofolio-portfolio-{student.id}-{day:%Y-%m-%d}.{ending}"
    return attachment(out.getvalue(), KINDS[ending], name)
