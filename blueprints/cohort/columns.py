"""The columns of a cohort: each is declared once, for the list, for its order, and for the exported file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from math import inf
from typing import Any

from blueprints.cohort.queries import Places
from blueprints.exports import Cell
from blueprints.student_rows import StudentRow
from rules.programme import Programme

STATUSES = ("at risk", "behind", "not placed", "not started", "interrupted", "on pace", "ahead", "complete")
# The orders that the form offers: `sort` -> words. Any column's heading orders the list, too.
ORDERS = {
    "": "Worst first",
    "name": "Name",
    "status": "Status",
    "counted": "Fewest counted",
    "-debt": "Most audit debt",
    "logged": "Longest without a scan",
    "-needed": "Most needed a week",
    "-forecast": "Latest forecast",
}


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        title: its heading, in the list and in a file.
        value: what its cell in a file holds.
        key: its name in `?sort=`; empty for one that nothing is ordered by.
        sort: what it is ordered by, the smallest first; `value` if not given.
        cell: the macro of templates/macros/cohort_cells.html that shows it in the list; empty for the file alone.
        is_number: its cells in the list are set to the right.
        name: what it is called beside its number on a phone, and in the name of an order; the title if not given.
    """

    title: str
    value: Callable[[StudentRow], Cell]
    key: str = ""
    sort: Callable[[StudentRow], Any] | None = None
    cell: str = ""
    is_number: bool = True
    name: str = ""

    @property
    def label(self) -> str:
        return self.name or self.title

    def sort_key(self, row: StudentRow) -> Any:
        return (self.sort or self.value)(row)


def columns_of(programme: Programme, places: Places, *, any_failed: bool = False) -> tuple[Column, ...]:
    """The columns, in their order. The list shows those that have a `cell`, a file all of them.

    Somebody who never logged a scan was silent longest, and no forecast is the latest. Of somebody whose enrolment has
    ended, or whose study is interrupted, what is needed and the forecast mean nothing. Failed audits that count have
    their column in the list where there are any (`any_failed`).
    """
    aided, unaided = (support.name for support in programme.supports.values())
    return (
        Column("Student", lambda row: row.name, "name", cell="name", is_number=False, name="Name"),
        Column("E-mail", lambda row: row.enrolment.person.email or ""),
        Column(f"{aided}, audited", lambda row: row.progress.aided.counted, "aided", cell="figure", name=aided),
        Column(unaided, lambda row: row.progress.unaided.counted, "unaided", cell="figure"),
        Column("Counted", lambda row: row.progress.counted, "counted"),
        Column("With mentor", lambda row: row.progress.with_mentor, "waiting", cell="count"),
        Column("Held", lambda row: row.progress.held, "held"),
        Column("Returned", lambda row: row.progress.returned, "returned", cell="count"),
        Column("Drafts", lambda row: row.progress.drafts),
        Column("Audit debt", lambda row: row.progress.debt.count, "debt", _overdue_first, "debt"),
        Column("Overdue", lambda row: row.progress.debt.overdue),
        Column(
            "Failed audits that count",
            lambda row: row.enrolment.failed,
            "failed",
            cell="count" if any_failed else "",
            name="Failed audits",
        ),
        Column("Last logged", _logged, "logged", lambda row: _logged(row) or date.min, "logged", is_number=False),
        Column("Needed a week", _needed, "needed", _needed_order, "needed"),
        Column("Forecast", _forecast, "forecast", _forecast_order, "forecast", is_number=False),
        Column("Forecast, from and to", _range),
        Column("Status", lambda row: row.status.words, "status", _gravest_first, "status", is_number=False),
        Column("Reasons", lambda row: row.status.text),
        Column("Due", lambda row: row.progress.counts.due_on),
        Column("Interrupted", _interrupted),
        Column("Last spoken with", lambda row: row.enrolment.spoken_on),
        Column("Missing", lambda row: row.progress.missing_words),
        Column("Sites", lambda row: places.names("site", row.enrolment.id)),
        Column("Mentors", lambda row: places.names("mentor", row.enrolment.id)),
        *(Column(area.name, partial(_counted_in, area.key)) for area in programme.breadth),
        *_procedures(programme),
    )


def _counted_in(area: str, row: StudentRow) -> Cell:
    return next((region.counted for region in row.progress.regions if region.key == area), None)


def _procedures(programme: Programme) -> list[Column]:
    """Guided procedures by the part in them, approved and not, where they count apart (R4); in a file alone."""
    if programme.procedures_count:
        return []
    columns = []
    for part in programme.vocabulary.procedure_roles:
        columns.append(Column(f"Procedures {part}, approved", partial(_in_part, part, "approved")))
        columns.append(Column(f"Procedures {part}, not yet approved", partial(_in_part, part, "open")))
    return columns


def _in_part(part: str, number: str, row: StudentRow) -> int:
    return sum(getattr(one, number) for one in row.progress.procedures if one.part == part)


def _overdue_first(row: StudentRow) -> tuple[int, int]:
    return row.progress.counts.debt_overdue, row.progress.counts.debt


def _logged(row: StudentRow) -> date | None:
    return row.progress.counts.last_logged_on


def _needed(row: StudentRow) -> float | None:
    needed = row.progress.per_week_needed if row.enrolment.ended_as is None else None
    return None if needed is None else round(needed, 1)


def _needed_order(row: StudentRow) -> float:
    if row.progress.is_interrupted:
        return 0.0
    return inf if row.progress.per_week_needed is None else row.progress.per_week_needed


def _forecast(row: StudentRow) -> date | None:
    return row.progress.forecast_on if row.enrolment.ended_as is None else None


def _range(row: StudentRow) -> str:
    """Of each kind the days within which its last scan will come to count, as far as they can be told."""
    kinds = zip(row.progress.parts, row.progress.forecasts, strict=True)
    named = [(part.support.name, found) for part, found in kinds if found and row.enrolment.ended_as is None]
    return "; ".join(
        f"{name}: {found.early or 'late'} to {found.late or 'far after the due date'}" for name, found in named
    )


def _forecast_order(row: StudentRow) -> date:
    expected = row.progress.missing and not row.progress.is_interrupted
    return row.progress.forecast_on or (date.max if expected else date.min)


def _interrupted(row: StudentRow) -> str:
    """The days of each interruption, of which the last one is that before they come back."""
    counts = row.progress.counts
    open_one = counts.today if counts.open_ended else None
    return "; ".join(f"{first} to {'no end yet' if last == open_one else last}" for first, last in counts.absences)


def _gravest_first(row: StudentRow) -> int:
    return STATUSES.index(row.key)
