"""Tables as files to download: CSV, or an Excel workbook (workflows/spreadsheets.py)."""

import io
from collections.abc import Iterable, Sequence

from flask import Response, current_app

from workflows.history import heads
from workflows.spreadsheets import Book, Cell, CsvTable, write_all

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_file(name: str, rows: Iterable[Sequence[Cell]]) -> Response:
    """These rows as a CSV file of this name."""
    out = io.StringIO()
    write_all(CsvTable(out), rows)
    return attachment(out.getvalue().encode(), CSV, name)


def xlsx_file(name: str, sheet: str, rows: Iterable[Sequence[Cell]], about: Iterable[Sequence[Cell]]) -> Response:
    """A workbook of two sheets: these rows, the headings first, and "About", which says what they are."""
    out = io.BytesIO()
    with Book(out) as book:
        write_all(book.sheet(sheet), rows)
        write_all(book.sheet("About", headings=False), about)
    return attachment(out.getvalue(), XLSX, name)


def history_head() -> str:
    """Where history ends, which proves later that nothing was cut off (docs/running.md)."""
    return heads.exported(current_app.config["SONOFOLIO"].instance / heads.FILE)


def attachment(content: bytes, kind: str, name: str) -> Response:
    """This file, to be kept under this name."""
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
