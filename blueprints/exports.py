"""Tables as files: CSV, or an Excel workbook. Numbers are numbers, days are days, and no cell is a formula, whatever
somebody has typed (rules/cells.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from flask import Response, current_app
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from rules.cells import neutral
from workflows.history import heads

Cell = str | int | float | date | None
BOM = b"\xef\xbb\xbf"  # by which spreadsheet programs know UTF-8
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKBOOK = {
    "constant_memory": True,  # row by row: a long table takes no more room than a short one
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
WIDE = 24  # characters of the first column; the others have half


def csv_file(name: str, rows: Iterable[Sequence[Cell]]) -> Response:
    """These rows as a CSV file of this name."""
    out = io.StringIO()
    csv.writer(out).writerows([_text(cell) for cell in row] for row in rows)
    return _attachment(BOM + out.getvalue().encode(), "text/csv", name)


def xlsx_file(name: str, sheet: str, rows: Iterable[Sequence[Cell]], about: Iterable[Sequence[Cell]]) -> Response:
    """A workbook of two sheets: these rows, the headings first, and "About", which says what they are."""
    out = io.BytesIO()
    book = Workbook(out, WORKBOOK)
    table, second = book.add_worksheet(sheet), book.add_worksheet("About")
    table.freeze_panes(1, 1)
    _write(book, table, rows, headings=True)
    _write(book, second, about, headings=False)
    book.close()
    return _attachment(out.getvalue(), XLSX, name)


def _write(book: Workbook, page: Worksheet, rows: Iterable[Sequence[Cell]], *, headings: bool) -> None:
    day, bold = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"bold": True})
    page.set_column(0, 0, WIDE)
    page.set_column(1, 100, WIDE // 2)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                is_head = column == 0 or (headings and number == 0)
                page.write_string(number, column, neutral(cell), bold if is_head else None)
            elif isinstance(cell, date):
                page.write_datetime(number, column, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
            elif cell is not None:
                page.write_number(number, column, cell)


def history_head() -> str:
    """Where history ends, which proves later that nothing was cut off (docs/running.md)."""
    return heads.exported(current_app.config["SONOFOLIO"].instance / heads.FILE)


def _text(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return neutral(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def _attachment(content: bytes, kind: str, name: str) -> Response:
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
