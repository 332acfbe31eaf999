"""How far a student should be by now, what each week must bring, and when it will be done at the present rate.

Days of absence (interruptions) are passed over by each of them: nothing is expected of somebody who is away. An absence
is (first day, last day), both included.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, sqrt

Absence = tuple[date, date]
FARTHEST_DAYS = 366  # a day farther behind the due date is not named: that far no rate can be trusted
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Forecast:
    """When the last scan of a kind will count, at the rate at which they came to count lately; and when at the earliest
    and at the latest, by what chance makes of so few. A day is None where it lies too far behind the due date.
    """

    counted: int  # in `days`, the days of the window on which the student was there
    days: int
    early: date | None
    likely: date | None
    late: date | None


def days_present(first: date, last: date, absences: Sequence[Absence] = ()) -> int:
    """How many days there are from `first` to `last`, both included, without those of an absence."""
    if last < first or not absences:
        return max(0, (last - first).days + 1)
    away: set[int] = set()
    for begins, ends in absences:
        away.update(range(max(begins, first).toordinal(), min(ends, last).toordinal() + 1))
    return (last - first).days + 1 - len(away)


def is_away(on: date, absences: Iterable[Absence]) -> bool:
    return any(first <= on <= last for first, last in absences)


def expected(total: int, starts_on: date, due_on: date, today: date, absences: Sequence[Absence] = ()) -> int:
    """How many scans a straight line asks by today: none on `starts_on`, all on `due_on`, rounded down."""
    if today >= due_on:
        return total
    if today <= starts_on:
        return 0
    due = days_present(starts_on, due_on - _DAY, absences)
    return total * days_present(starts_on, today - _DAY, absences) // due if due else 0


def per_week_needed(
    to_scan: int, starts_on: date, due_on: date, today: date, absences: Sequence[Absence] = ()
) -> float | None:
    """Scans a week from today (or the start) to the due date, both included; None when no day is left.

    R1's example: 250 from the first to the last day of a 15-week semester is 16.7 a week.
    """
    if not to_scan:
        return 0.0
    left = days_present(max(today, starts_on), due_on, absences)
    return to_scan * 7 / left if left else None


def forecast(
    missing: int,
    counted: int,
    window: tuple[date, date],
    due_on: date,
    *,
    least: int,
    absences: Sequence[Absence] = (),
) -> Forecast | None:
    """When `missing` scans of a kind will have come to count.

    The rate is that of the window (first day, today). Of a number of chance the root is the usual error: the range is
    of twice that, to either side.

    Args:
        counted: how many came to count in the window.
        least: with fewer no forecast is made.

    Returns None when nothing is missing, or too few came to count.
    """
    first, today = window
    days = days_present(first, today, absences)
    if not missing or counted < least or not days:
        return None
    error = 2 * sqrt(counted)

    def at(rate: float) -> date | None:
        ahead = ceil(missing * days / rate) if rate > 0 else FARTHEST_DAYS * 10
        farthest = (max(due_on, today) - today).days + FARTHEST_DAYS
        return _later(today, ahead, absences) if ahead <= farthest else None

    return Forecast(counted, days, at(counted + error), at(counted), at(counted - error))


def _later(today: date, days: int, absences: Iterable[Absence]) -> date:
    """The day after so many days on which the student is there."""
    found = today + timedelta(days=days)
    for first, last in sorted(absences):
        if today < last and first <= found:
            found += last - max(first, today + _DAY) + _DAY
    return found
