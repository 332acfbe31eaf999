"""A logbook as tables: what each is called, its columns with what they mean, and its rows; and two files of them all,
a zip of CSV files and an Excel workbook. Tables, columns and meanings are those of rules/logbook.py.
"""

import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, BinaryIO

from pydantic import BaseModel

from rules import logbook
from rules.logbook import Logbook
from workflows.portfolio.contents import Reading
from workflows.spreadsheets import Book, Cell, CsvTable, Sheet, write_all

Row = tuple[str, Sequence[Cell]]  # the table's name, and the cells in the order of its columns
AT_ONCE = 64 * 1024  # letters that are copied together
SCAN = {"scan_id": "Id of the scan.", "number": "Its place among those of the scan, from 1."}


@dataclass(frozen=True)
class Table:
    """One table: its name, what a row of it is, its columns (name -> meaning), and the fields behind the last ones."""

    name: str
    about: str
    columns: Mapping[str, str]
    fields: tuple[str, ...]

    def row(self, part: BaseModel, *ids: Cell) -> Row:
        """One part of the logbook as a row; `ids` are of what it belongs to."""
        return self.name, [*ids, *(_cell(getattr(part, name)) for name in self.fields)]


def _table(name: str, about: str, model: type[BaseModel], joined: Mapping[str, str] | None = None) -> Table:
    """A table of a model's plain fields; `joined`: the columns that say to what a row belongs."""
    plain = {key: field for key, field in model.model_fields.items() if _is_plain(field.annotation)}
    meanings = {key: field.description or "" for key, field in plain.items()}
    return Table(name, about, {**(joined or {}), **meanings}, tuple(plain))


def _is_plain(annotation: Any) -> bool:
    """Whether it fits one cell: no model, no list of models, no dictionary."""
    name = str(annotation)
    return "logbook." not in name and not name.startswith("dict")


ABOUT = Table(
    "about",
    "Whose logbook it is, on which course, when it was made and what proves it: one field a row.",
    {"field": "The field, as in the JSON file.", "value": "Its value.", "meaning": "What it means."},
    (),
)
EARLIER_OTHER = Table(
    "earlier_other",
    "Other columns of an earlier logbook that were kept as they were: one cell a row.",
    {"earlier_id": "Id of the row in the table earlier.", "heading": "The column's heading.", "text": "What it says."},
    (),
)
TABLES = {
    one.name: one
    for one in (
        ABOUT,
        _table("definitions", "The words on which the counts rest.", logbook.Definition),
        _table("counts", "What counts, by kind of support.", logbook.Count),
        _table("areas", "What counts, by area of breadth.", logbook.AreaCount),
        _table("procedures", "Guided procedures, which count apart, by the student's part.", logbook.ProcedureCount),
        _table("interruptions", "When the study rested.", logbook.Interruption),
        _table("placements", "Where the student learned.", logbook.Placement),
        _table("people", "Who had a part in a placement.", logbook.Member, {"placement_id": "Id of the placement."}),
        _table("scans", "The scans, by case number.", logbook.Scan),
        _table("findings", "What was found: one finding a row.", logbook.Finding, SCAN),
        _table("sizes", "Sizes, grades and levels: one a row.", logbook.Size, SCAN),
        _table("not_seen", "Structures that were not seen, or only in part: one a row.", logbook.NotSeen, SCAN),
        _table("audits", "Every audit of every scan.", logbook.Audit, {"scan_id": SCAN["scan_id"]}),
        _table("story", "What happened to the scans: one step a row.", logbook.Step, SCAN),
        _table("earlier", "Scans from before this course: not verified, never counted.", logbook.EarlierScan),
        EARLIER_OTHER,
        _table("earlier_logbooks", "The logbooks that those come from.", logbook.EarlierLogbook),
        _table("editions", "The portfolios that were made; only in the student's own file.", logbook.Edition),
        _table("shares", "The links by which they were shared; only in the student's own file.", logbook.Share),
        _table("evidence", "Files that were added for a register; only in the student's own file.", logbook.Evidence),
    )
}


def rows_of(found: Reading) -> Iterator[Row]:
    """Every row of every table, each table's in its order; scans are read as they are asked for."""
    book = found.outline
    yield from _about(book)
    for name, parts in (
        ("definitions", book.definitions),
        ("counts", book.counts.supports),
        ("areas", book.counts.areas),
        ("procedures", book.counts.procedures),
        ("interruptions", book.interruptions),
        ("placements", book.placements),
        ("earlier", book.earlier),
        ("earlier_logbooks", book.earlier_logbooks),
        ("editions", book.editions),
        ("shares", book.shares),
        ("evidence", book.evidence),
    ):
        yield from (TABLES[name].row(part) for part in parts)
    for place in book.placements:
        yield from (TABLES["people"].row(person, place.id) for person in place.people)
    for one in book.earlier:
        for heading, text in one.other.items():
            yield EARLIER_OTHER.name, [one.id, heading, text]
    for scan in found.scans:
        yield from _rows_of_scan(scan)


def _about(book: Logbook) -> Iterator[Row]:
    parts: dict[str, tuple[BaseModel, tuple[str, ...]]] = {
        "": (book, ("format", "made_at", "complete")),
        "student.": (book.student, tuple(logbook.Student.model_fields)),
        "course.": (book.course, tuple(logbook.Course.model_fields)),
        "counts.": (book.counts, ("counted", "total")),
        "record.": (book.record, tuple(logbook.Record.model_fields)),
    }
    for begins, (part, names) in parts.items():
        for name in names:
            meaning = type(part).model_fields[name].description or ""
            yield ABOUT.name, [f"{begins}{name}", _cell(getattr(part, name)), meaning]


def _rows_of_scan(scan: logbook.Scan) -> Iterator[Row]:
    yield TABLES["scans"].row(scan)
    for name in ("findings", "sizes", "not_seen", "story"):
        for number, part in enumerate(getattr(scan, name), 1):
            yield TABLES[name].row(part, scan.id, number)
    yield from (TABLES["audits"].row(one, scan.id) for one in scan.audits)


def _cell(value: Any) -> Cell:
    """A value as a cell: instants are ISO text in UTC, yes and no are words, several texts are parted by semicolons."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        return "; ".join(value)
    if value is None or isinstance(value, (str, int, date)):
        return value
    raise TypeError(f"no cell holds a {type(value).__name__}")


@cache
def readme() -> str:
    """What the zip's README.txt says: every file and column, and how the files belong together."""
    lines = [
        "This is a logbook of Sonofolio as open data (format sonofolio-logbook-1).",
        "",
        "Each file is a table in UTF-8, with the names of its columns in the first row. Ids are stable: the same thing",
        "has the same id in every export. A column that ends in _id says to which row of another table a row belongs.",
        "Days are ISO days of the programme's time zone; instants are ISO, in UTC. An empty cell means what its",
        "column says, or that there is nothing. Where a spreadsheet program could run a text as a formula, an",
        "apostrophe stands before it. The JSON file has the same; it alone has what each scan says in the vocabulary's",
        "own ids (entered), and what another course's file says beside its scans (about).",
    ]
    for table in TABLES.values():
        lines += ["", f"{table.name}.csv", table.about]
        lines += [f"  {name}: {meaning}" for name, meaning in table.columns.items()]
    return "\r\n".join(lines) + "\r\n"


def write_zip(found: Reading, out: BinaryIO) -> None:
    """A zip of README.txt and one CSV file for each table. Each table waits in a file of its own until it is whole.
    Raises OSError: there is no room for it.
    """
    with ExitStack() as stack:
        files = {
            name: stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", newline="")) for name in TABLES
        }
        _fill(found, {name: CsvTable(file) for name, file in files.items()})
        with zipfile.ZipFile(out, "w") as zipped:
            made_at = found.outline.made_at.timetuple()[:6]
            zipped.writestr(_entry("README.txt", made_at), readme())
            for name, file in files.items():
                file.seek(0)
                with zipped.open(_entry(f"{name}.csv", made_at), "w") as entry:
                    while text := file.read(AT_ONCE):
                        entry.write(text.encode())


def _entry(name: str, made_at: tuple[int, ...]) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, made_at)  # type: ignore[arg-type]
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def write_xlsx(found: Reading, out: BinaryIO) -> None:
    """A workbook with a sheet for each table, and one, the last, that says what each column is.
    Raises OSError: there is no room for it.
    """
    with Book(out) as book:
        book.made_at(found.outline.made_at)
        _fill(found, {name: book.sheet(name) for name in TABLES})
        write_all(book.sheet("columns"), _columns())


def _columns() -> Iterator[Sequence[Cell]]:
    yield ["sheet", "column", "meaning"]
    for table in TABLES.values():
        yield [table.name, "", table.about]
        yield from ([table.name, name, meaning] for name, meaning in table.columns.items())


def _fill(found: Reading, tables: Mapping[str, CsvTable | Sheet]) -> None:
    for name, table in tables.items():
        table.row(list(TABLES[name].columns))
    for name, cells in rows_of(found):
        tables[name].row(cells)
