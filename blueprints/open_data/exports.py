"""A logbook as a file to download: JSON, a zip of CSV files, an Excel workbook."""

import io
from datetime import datetime

from flask import Response

from blueprints.exports import XLSX, attachment, history_head
from models import Enrolment
from workflows.course import programmes
from workflows.portfolio import contents, logbook_tables

KINDS = {"json": "application/json", "csv.zip": "application/zip", "xlsx": XLSX}
TABLES = {"csv.zip": logbook_tables.write_zip, "xlsx": logbook_tables.write_xlsx}


def file_of(ending: str, student: Enrolment, now: datetime, *, complete: bool) -> Response:
    """The portfolio as a file with this ending. Nobody's name is in the file's.

    A table is written scan by scan: in memory are some scans and what is packed, not the logbook.
    """
    head, out = history_head(), io.BytesIO()
    if ending == "json":
        out.write(contents.as_json(contents.logbook_of(student.id, now, complete=complete, head=head)))
    else:
        with contents.reading(student.id, now, complete=complete, head=head) as found:
            TABLES[ending](found, out)
    day = programmes.get(student.cohort.programme).today(now)
    name = f"sonofolio-portfolio-{student.id}-{day:%Y-%m-%d}.{ending}"
    return attachment(out.getvalue(), KINDS[ending], name)
