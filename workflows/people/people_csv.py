"""Reads a file of people as spreadsheets write it (CSV): its headings and its cells. Its alphabet: `csv_text.py`.

What a cell may hold is decided here; what it means on the course is decided in `workflows/people/people_import.py`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from rules import roles
from rules.cells import original
from rules.person_names import without_invisible
from workflows.course import programmes
from workflows.people import people
from workflows.people.csv_text import NotReadable, table_of
from workflows.refusals import Invalid
from workflows.scans import screening

NEEDED = ("email", "role")  # headings without which nothing can be read
# Free text; the columns of names and addresses are of people of the course, who are no patients.
SCREENED = ("site", "machines", "cohort")
MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 5_000_000, 20_000, 100
LONGEST_CELL = 300
NOBODY = "none"


@dataclass(frozen=True)
class Problem:
    """One thing to put right. `row` is the spreadsheet's own number; 0 for the file as a whole."""

    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        where = ", ".join(part for part in (f"row {self.row}" if self.row else "", self.column) if part)
        return f"{where[:1].upper()}{where[1:]}: {self.sentence}" if where else self.sentence


@dataclass
class Row:
    """One line of the file: one part of one person. Days are dates or None, other cells text."""

    number: int
    email: str = ""
    name: str = ""
    role: str = ""
    programme: str = ""
    cohort: str = ""
    starts_on: date | None = None
    due_on: date | None = None
    enrolled_on: date | None = None
    site: str = ""
    machines: tuple[str, ...] = ()
    placement_starts_on: date | None = None
    student_email: str = ""
    previous_email: str = ""  # the address that the person had here before; NOBODY: they are new
    problems: list[Problem] = field(default_factory=list)


COLUMNS = tuple(one.name for one in fields(Row) if one.name not in ("number", "problems"))


def read(content: bytes) -> tuple[list[Row], list[Problem]]:
    """The rows of the file, each with the problems of its own cells, and those of the file as a whole."""
    try:
        table = _table(content)
        headings = _headings(table[0])
    except Invalid as wrong:
        return [], [Problem(0, column, says) for column, sentences in wrong.problems.items() for says in sentences]
    return [
        _row(number, headings, cells)
        for number, cells in enumerate(table[1:], start=2)
        if any(cell.strip() for cell in cells)
    ], []


def row_of(cells: Mapping[str, str], *, is_screened: bool) -> Row:
    """The row that these cells make, by the names of their columns, with their problems. `is_screened`: their free
    texts were, by who asked for them (`screening.screen`).
    """
    return _row(1, list(cells), list(cells.values()), is_screened=is_screened)


def _table(content: bytes) -> list[list[str]]:
    if len(content) > MOST_BYTES:
        raise Invalid({"": [f"The file is larger than {MOST_BYTES // 1_000_000} MB. Split it into several."]})
    try:
        table = table_of(content)
    except NotReadable as wrong:
        raise Invalid({"": [str(wrong)]}) from None
    if not table or not any(cell.strip() for cell in table[0]):
        raise Invalid({"": ["The first row must hold the headings, such as email, name, role."]})
    if len(table) > MOST_ROWS + 1:
        raise Invalid({"": [f"The file has more than {MOST_ROWS:,} rows. Split it into several."]})
    return table


def _headings(cells: Sequence[str]) -> list[str]:
    names = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise Invalid({"": [f"The first row has {len(names):,} headings. There are {len(COLUMNS)} that can be read."]})
    wrong: dict[str, list[str]] = {}
    for name in names:
        if name not in COLUMNS:
            says = f"This heading is not known. The headings are {', '.join(COLUMNS)}."
            wrong[name[:LONGEST_CELL] or "an empty heading"] = [says]
        elif names.count(name) > 1:
            wrong[name] = ["This heading is there twice. Keep one of them."]
    for name in NEEDED:
        if name not in names:
            wrong[name] = ["This heading is missing from the first row."]
    if wrong:
        raise Invalid(wrong)
    return names


def _row(number: int, headings: Sequence[str], cells: Sequence[str], *, is_screened: bool = False) -> Row:
    row = Row(number)
    if any(cell.strip() for cell in cells[len(headings) :]):
        says = 'There are more cells than headings. Put a cell that holds a comma in quotation marks: "Ward 3, East".'
        row.problems.append(Problem(number, "", says))
    for column, cell in zip(headings, map(original, cells), strict=False):
        try:
            setattr(row, column, _READ.get(column, _text)(cell.strip()))
            if column in SCREENED and not is_screened:
                _names_no_patient(cell)
        except Invalid as wrong:
            says = next(iter(wrong.problems.values()))[0]
            row.problems.append(Problem(number, column, says))
    for column, says in _lacking(row):
        if not any(problem.column == column for problem in row.problems):
            row.problems.append(Problem(number, column, says))
    return row


def _lacking(row: Row) -> list[tuple[str, str]]:
    """Cells that this kind of row needs."""
    if not row.role:
        return [("email", "Write the person's e-mail address.")] if not row.email else []
    role = roles.BY_KEY[row.role]
    student = role.scope == roles.OWN
    needs = {
        "email": (True, "Write the person's e-mail address."),
        "cohort": (student, "Write the student's cohort, such as September 2026."),
        "student_email": (
            role.scope == roles.PLACEMENT,
            f"Write the e-mail address of the student whose {role.name.lower()} this is.",
        ),
        "site": (
            student and bool(row.machines or row.placement_starts_on),
            "Write the site that this belongs to.",
        ),
        "programme": (
            role.scope != roles.PLACEMENT and len(programmes.keys()) > 1,
            f"Write the programme: {' or '.join(programmes.keys())}.",
        ),
    }
    return [(column, says) for column, (needed, says) in needs.items() if needed and not getattr(row, column)]


def _text(cell: str) -> str:
    seen = without_invisible(cell)
    if len(cell) > LONGEST_CELL or not seen.isprintable() or any(mark in cell for mark in "\n\r\t\v\f"):
        raise Invalid({"": [f"Write plain text on one line, at most {LONGEST_CELL} characters."]})
    return seen


def _names_no_patient(cell: str) -> None:
    """There is nobody to ask whether a likely match is one, so it is refused as a sure one is; but for a name without a
    title: sites are called after people, such as St Mary's Hospital.
    """
    for match in screening.find_matches(cell):
        if match.words == "a person's name":
            continue
        raise Invalid({"": [f"This looks like {match.words}. Write it without: nothing here may identify a patient."]})


def _email(cell: str) -> str:
    return people.plain_email(cell) if cell else ""


def _role(cell: str) -> str:
    role = roles.named(cell)
    if role is None:
        known = ", ".join(key.replace("_", " ") for key in roles.BY_KEY)
        raise Invalid({"": [f"Write one of: {known}."]})
    return role.key


def _programme(cell: str) -> str:
    key = cell.lower()
    if key and key not in programmes.keys():  # noqa: SIM118  a module, not a dict
        raise Invalid({"": [f"There is no programme {cell[:LONGEST_CELL]!r}. Write {' or '.join(programmes.keys())}."]})
    return key


def _day(cell: str) -> date | None:
    """2026-09-21, or 21/09/2026 as a British spreadsheet rewrites it."""
    if not cell:
        return None
    found = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", cell)
    parts = found.groups() if found else None
    if not parts and (found := re.fullmatch(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})", cell)):
        parts = found.groups()[::-1]
    try:
        year, month, day = map(int, parts or ())
        found_day = date(year, month, day)
    except ValueError:
        raise Invalid({"": [f"{cell[:LONGEST_CELL]!r} is not a day. Write it as 2026-09-21."]}) from None
    people.check_days(day=found_day)
    return found_day


_READ: dict[str, Callable[[str], Any]] = {
    "email": _email,
    "student_email": _email,
    "previous_email": lambda cell: NOBODY if cell.lower() == NOBODY else _email(cell),
    "name": lambda cell: people.plain_name(cell) if cell else "",
    "role": _role,
    "programme": _programme,
    "machines": lambda cell: tuple(filter(None, (_text(part.strip()) for part in re.split(r"[|;]", cell)))),
    **dict.fromkeys(("starts_on", "due_on", "enrolled_on", "placement_starts_on"), _day),
}
