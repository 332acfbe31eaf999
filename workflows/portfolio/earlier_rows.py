"""The rows of an earlier logbook: which cell belongs where, what is wrong with it, and what has to be screened."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from rules import earlier_columns, editions, phrases
from rules.earlier_columns import LEAVE, OTHER, NoDay, TwoDays
from rules.logbook import EarlierScan, Logbook, Scan
from workflows.portfolio.earlier_file import EarlierFile
from workflows.refusals import Invalid

LONGEST_CELL = 20_000
SHOWN = 40  # characters of a cell that is repeated in a sentence
# Where a name of our own open data is that of somebody of the course: it is screened as "mentor: Ravi Patel" is.
_PEOPLE = ("name", "by", "mentor", "approved_by")
_MADE_BY_US = re.compile("(?:[0-9]{1,18}:)?[0-9a-f]{64}")  # a digest, or where history ended
_OWN_COLUMNS = {
    "scanned_on": "scanned_on",
    "region": "region",
    "side": "side",
    "support": "supervision",
    "headline": "finding",
    "report": "report",
}


@dataclass(frozen=True)
class Problem:
    """One cell to put right: `row` is the spreadsheet's own number, 0 beside the scans; `column` is its column's place
    in the file, -1 in our own open data.
    """

    row: int
    column: int
    heading: str
    sentence: str

    def __str__(self) -> str:
        where = f"Row {self.row}, {self.heading}" if self.row else f"{self.heading}, beside the scans"
        return f"{where}: {self.sentence}"


@dataclass
class Row:
    """One scan of the file. `screened`: each text that will be kept, as (place of its column, heading, text)."""

    number: int
    values: dict[str, Any]
    screened: list[tuple[int, str, str]] = field(default_factory=list)


def rows_of(file: EarlierFile, columns: Sequence[str], order: str, today: date) -> tuple[list[Row], list[Problem]]:
    """The scans of the file, and what is wrong in its cells.

    Args:
        columns: for each column of a CSV a field of ours, OTHER or LEAVE.
        order: how its days are written (rules/earlier_columns.py).

    Raises Invalid: "column_3" or "day_order" -> what is wrong in the mapping.
    """
    if file.logbook:
        return _own_rows(file.logbook, today)
    _check_mapping(file, columns, order)
    rows, problems = [], []
    for number, cells in file.cells:
        row = Row(number, {**dict.fromkeys(earlier_columns.FIELDS, ""), "scanned_on": None, "other": {}})
        for at, cell in enumerate(cells):
            if not cell or columns[at] == LEAVE:
                continue
            if says := _take(row, at, file.headings[at], columns[at], cell, order, today):
                problems.append(Problem(number, at, file.headings[at], says))
        if row.values["scanned_on"] or row.screened:
            rows.append(row)
    if not rows and not problems:
        raise Invalid({"": ["No column is brought in, so nothing would be kept. Choose at least one."]})
    return rows, problems


def _check_mapping(file: EarlierFile, columns: Sequence[str], order: str) -> None:
    wrong: dict[str, list[str]] = {}
    for at, chosen in enumerate(columns):
        if chosen not in (*earlier_columns.FIELDS, OTHER, LEAVE):
            wrong[f"column_{at}"] = ["Choose what this column is."]
        elif chosen in earlier_columns.FIELDS and chosen in columns[:at]:
            taken, name = file.headings[list(columns).index(chosen)], earlier_columns.FIELDS[chosen].lower()
            wrong[f"column_{at}"] = [f"“{taken}” is the {name} already. Choose one of them."]
    if len(columns) != len(file.headings):
        wrong[""] = ["The columns are not those of the file. Choose it again."]
    elif not wrong and (ways := _two_ways(file, columns, order)):
        first, second = (phrases.day(day) for day in (ways[1].day_first, ways[1].month_first))
        wrong["day_order"] = [f"“{ways[0]}” may be {first} or {second}. Say how the days are written."]
    if wrong:
        raise Invalid(wrong)


def _two_ways(file: EarlierFile, columns: Sequence[str], order: str) -> tuple[str, TwoDays] | None:
    """The first cell that may be either of two days."""
    if order in (earlier_columns.DAY_FIRST, earlier_columns.MONTH_FIRST) or "scanned_on" not in columns:
        return None
    at = list(columns).index("scanned_on")
    for _, cells in file.cells:
        try:
            earlier_columns.day_of(cells[at] if at < len(cells) else "")
        except TwoDays as ways:
            return cells[at], ways
        except NoDay:
            continue
    return None


def _take(row: Row, at: int, heading: str, chosen: str, cell: str, order: str, today: date) -> str:
    """Put a cell where it belongs; what is wrong with it otherwise."""
    if chosen == "scanned_on":
        try:
            row.values[chosen] = earlier_columns.day_of(cell, order)
        except NoDay:
            return f"“{cell[:SHOWN]}” is no date."
        return _to_come(row.values[chosen], today)
    if len(cell) > LONGEST_CELL:
        return f"At most {LONGEST_CELL:,} characters; this has {len(cell):,}."
    row.screened.append((at, heading, f"{heading}: {cell}"))
    if chosen == OTHER:
        row.values["other"][heading] = cell
    else:
        row.values[chosen] = cell
    return ""


def _to_come(day: date, today: date) -> str:
    return f"{phrases.day(day)} is still to come." if day > today else ""


def _own_rows(logbook: Logbook, today: date) -> tuple[list[Row], list[Problem]]:
    rows, problems = [], []
    scans: list[Scan | EarlierScan] = [*logbook.scans, *logbook.earlier]
    for number, one in enumerate(scans, start=1):
        values = _of_scan(one) if isinstance(one, Scan) else _of_earlier(one)
        row = Row(number, values, [(-1, name, text) for name, text in _texts(one.model_dump())])
        for _, name, text in row.screened:
            if len(text) > LONGEST_CELL or "\x00" in text:
                problems.append(Problem(number, -1, name, f"At most {LONGEST_CELL:,} characters of plain text."))
        if values["scanned_on"] and (says := _to_come(values["scanned_on"], today)):
            problems.append(Problem(number, -1, "scanned_on", says))
        rows.append(row)
    return rows, problems


def _of_scan(scan: Scan) -> dict[str, Any]:
    """A scan of our own open data. What has no column of its own is text under its name: a plain value as it is, a
    list or what has parts as JSON, so that nothing is lost; what is empty is left out.
    """
    values = {ours: getattr(scan, name) for name, ours in _OWN_COLUMNS.items()}
    plain = scan.model_dump(mode="json", exclude=set(_OWN_COLUMNS))
    return {**values, "other": {name: _as_text(value) for name, value in plain.items() if value not in ("", None, [])}}


def _of_earlier(scan: EarlierScan) -> dict[str, Any]:
    """A scan that was an earlier one there already, under the headings that it had."""
    other = dict(scan.other)
    for name in ("id", "source", "imported_on", "logbook_id"):
        heading = f"{name} there"
        while heading in other:
            heading += " again"
        other[heading] = str(getattr(scan, name))
    return {name: getattr(scan, name) for name in earlier_columns.FIELDS} | {"other": other}


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a part of the open data that somebody may have typed, with the name of its field; that of a person
    of the course with "mentor: " before it. Instants, days, ids and digests are no words.
    """
    if isinstance(value, Mapping):
        for key, part in value.items():
            if name == "other":
                yield "other", f"{key}: {part}"
            else:
                yield from _texts(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part, name)
    elif isinstance(value, str) and value and not _is_made_by_us(name, value):
        yield name, f"mentor: {value}" if name in _PEOPLE else value


def _is_made_by_us(name: str, value: str) -> bool:
    if name in ("digest", "head", "root", "sha256"):
        return _MADE_BY_US.fullmatch(value) is not None
    if name == "code":
        return editions.code_of(value) == value
    if name != "id":
        return False
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False


def texts_about(file: EarlierFile) -> list[tuple[int, str, str]]:
    """The texts of `about`, to be screened as those of a row."""
    return [(-1, name, text) for name, text in _texts(file.about()) if not _is_instant(text)]


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
