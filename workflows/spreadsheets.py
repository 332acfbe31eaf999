"""Tables as CSV and as Excel workbooks, written row by row. Numbers are numbers, days are days, and no cell is a
formula, whatever somebody has typed (rules/cells.py).
"""

import csv
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, BinaryIO, Self, TextIO

from rules.cells import neutral

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | date | None
BOM = "\ufeff"  # by which spreadsheet programs know UTF-8
CONSTANT = {
    "constant_memory": True,  # row by row: a long table takes no more room than a short one
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
WIDE = 24  # characters of the first column; the others have half
LONGEST = 32_767  # UTF-16 units that a cell of a workbook can hold
CUT = "\n[Cut here: a cell holds no more. The CSV and JSON files have the whole text.]"
FIRST_YEAR = 1900  # of a workbook's days; an earlier one is written as text


class CsvTable:
    """One CSV file."""

    def __init__(self, out: TextIO) -> None:
        out.write(BOM)
        self._writer = csv.writer(out)

    def row(self, cells: Iterable[Cell]) -> None:
        """Write one row, made safe against formulas."""
        self._writer.writerow([_text(cell) for cell in cells])


class Sheet:
    """One sheet of a workbook, filled row by row."""

    def __init__(self, page: "Worksheet", day: object, bold: object, *, headings: bool) -> None:
        self._page, self._day, self._bold, self._headings = page, day, bold, headings
        self._number = 0
        page.set_column(0, 0, WIDE)
        page.set_column(1, 100, WIDE // 2)
        if headings:
            page.freeze_panes(1, 1)

    def row(self, cells: Iterable[Cell]) -> None:
        """Write one row, made safe against formulas; the first one, where the sheet has headings, in bold."""
        number, self._number = self._number, self._number + 1
        for column, cell in enumerate(cells):
            if isinstance(cell, date) and cell.year < FIRST_YEAR:
                cell = cell.isoformat()
            if cell in ("", None):
                continue
            if isinstance(cell, str):
                is_head = column == 0 or (self._headings and number == 0)
                self._page.write_string(number, column, _fitting(neutral(cell)), self._bold if is_head else None)
            elif isinstance(cell, date):
                moment = datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
                self._page.write_datetime(number, column, moment, self._day)
            else:
                self._page.write_number(number, column, cell)


class Book:
    """An Excel workbook, written when its block ends well. Its sheets may be filled in turns; their rows wait
    until then in a folder of their own, which goes in any case.
    Raises OSError: there is no room for it.
    """

    def __init__(self, out: BinaryIO) -> None:
        from xlsxwriter import Workbook  # not before it is needed: it takes 2 MB

        self._folder = tempfile.TemporaryDirectory(prefix="sonofolio-")
        self._book = Workbook(out, {**CONSTANT, "tmpdir": self._folder.name})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._bold = self._book.add_format({"bold": True})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        from xlsxwriter.exceptions import XlsxWriterException

        try:
            if kind is None:
                self._book.close()
        except XlsxWriterException as fault:
            raise OSError(str(fault)) from fault
        finally:
            for page in self._book.worksheets():
                page.row_data_fh.close()
            self._folder.cleanup()

    def sheet(self, name: str, *, headings: bool = True) -> Sheet:
        """A new sheet, the last; `headings`: its first row has them, and stays in sight."""
        return Sheet(self._book.add_worksheet(name), self._day, self._bold, headings=headings)

    def made_at(self, at: datetime) -> None:
        """When it was made, as the file says of itself: so the same data gives the same bytes."""
        self._book.set_properties({"created": at.replace(tzinfo=None)})


def _fitting(text: str) -> str:
    """The text as far as a cell can hold it, with a word where it was cut."""
    units = len(text) + sum(one > "\uffff" for one in text) if len(text) > LONGEST // 2 else 0
    if units <= LONGEST:
        return text
    room = LONGEST - len(CUT)
    return text.encode("utf-16-le")[: room * 2].decode("utf-16-le", "ignore") + CUT


def _text(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return neutral(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def write_all(table: CsvTable | Sheet, rows: Iterable[Sequence[Cell]]) -> None:
    """Write these rows, one after the other."""
    for cells in rows:
        table.row(cells)
