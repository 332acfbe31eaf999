"""What is shown of a cohort as a file: CSV, or an Excel workbook. Numbers are numbers, days are days, and no cell is a
formula, whatever somebody is called.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime

from xlsxwriter import Workbook

from blueprints.cohort.roster import Roster, plain
from blueprints.student_rows import Standing
from rules.cells import neutral

Cell = str | int | float | date | None
WORKBOOK = {
    "constant_memory": True,  # row by row: a long cohort takes no more room than a short one
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
WIDE = 24  # characters of the first column
LETTERS = 40  # of a cohort's name in the name of a file


def name_of(roster: Roster, kind: str) -> str:
    """The file's name: the cohort, the filters or that it is a part, and the day. Letters, digits, dots and dashes
    alone, and nobody's name.
    """
    cohort = re.sub("[^a-z0-9]+", "-", plain(roster.cohort.name))[:LETTERS].strip("-") or "cohort"
    part = ["part"] if roster.asked.q or roster.asked.further else []
    return "-".join(["sonofolio", cohort, *roster.asked.show, *part, f"{roster.today:%Y-%m-%d}"]) + f".{kind}"


def csv_of(roster: Roster, now: datetime, head: str) -> Iterator[bytes]:
    """The lines of the file, in UTF-8 with the mark that tells spreadsheet programs so. `head`: where history ends."""
    yield b"\xef\xbb\xbf"
    for row in _rows(roster, now, head):
        line = io.StringIO()
        csv.writer(line).writerow([_text(cell) for cell in row])
        yield line.getvalue().encode()


def xlsx_of(roster: Roster, now: datetime, head: str) -> bytes:
    """The workbook: one sheet, what it shows above the table. `head`: where history ends."""
    out = io.BytesIO()
    book = Workbook(out, WORKBOOK)
    sheet, day, bold = (
        book.add_worksheet("Cohort"),
        book.add_format({"num_format": "yyyy-mm-dd"}),
        book.add_format({"bold": True}),
    )
    sheet.set_column(0, 0, WIDE)
    sheet.set_column(1, len(_titles(roster)), WIDE // 2)
    for number, row in enumerate(_rows(roster, now, head)):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, column, neutral(cell), bold if column == 0 or number == HEAD else None)
            elif isinstance(cell, date):
                sheet.write_datetime(number, column, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
            elif cell is not None:
                sheet.write_number(number, column, cell)
    book.close()
    return out.getvalue()


HEAD = 6  # rows above the table's own headings


def _rows(roster: Roster, now: datetime, head: str) -> Iterator[list[Cell]]:
    local = roster.programme.local(now)
    yield ["Cohort", roster.cohort.name]
    yield ["Programme", roster.programme.name]
    yield ["Made", f"{local:%Y-%m-%d %H:%M}"]
    yield ["Shows", f"{roster.words}, in this order: {roster.asked.order.lower()}"]
    yield ["History", head]  # proves later that nothing was cut off: docs/running.md
    yield []
    yield list(_titles(roster))
    for row in roster.found:
        yield _cells(roster, row)


def _titles(roster: Roster) -> list[str]:
    aided, unaided = (support.name for support in roster.programme.supports.values())
    counts = [f"{aided}, audited", unaided, "Counted", "With mentor", "Returned", "Drafts", "Audit debt", "Overdue"]
    pace = ["Last logged", "Needed a week", "Forecast", "Status", "Reasons", "Missing", "Sites", "Mentors"]
    return ["Student", *counts, *pace, *(area.name for area in roster.programme.breadth)]


def _cells(roster: Roster, row: Standing) -> list[Cell]:
    progress, places = row.progress, roster.places
    theirs = places.of.get(row.enrolment.id, ())
    regions = {region.key: region.counted for region in progress.regions}
    running = row.enrolment.ended_as is None  # pace means nothing once it has ended
    needed, forecast = (progress.per_week_needed, progress.forecast_on) if running else (None, None)
    return [
        row.name,
        *(progress.aided.counted, progress.unaided.counted, progress.counted),
        *(progress.with_mentor, progress.returned, progress.drafts, progress.debt.count, progress.debt.overdue),
        *(progress.last_logged_on, None if needed is None else round(needed, 1), forecast),
        *(row.status.words, "; ".join(row.status.reasons), progress.missing_words),
        _named(places.sites, [one for kind, one in theirs if kind == "site"]),
        _named(places.mentors, [one for kind, one in theirs if kind == "mentor"]),
        *(regions.get(area.key) for area in roster.programme.breadth),
    ]


def _named(names: dict[int, str], ids: list[int]) -> str:
    return "; ".join(sorted(names[one] for one in ids))


def _text(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return neutral(cell)
    return cell.isoformat() if isinstance(cell, date) else cell
