"""The cohort's pace as a drawing: scans that count, added up, against the straight line to the due date.

Lengths are in the units of the drawing's own view box; y grows downwards.
"""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from math import inf
from typing import NamedTuple

from rules import pace, phrases

WIDTH, HEIGHT = 360, 190
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 10, 24  # room for the numbers around the plot
LINES = 120  # months in the table; of a course that is longer, not each
BENDS = 60  # into so many pieces the line is cut where somebody has a line of their own
STEPS = (1, 2, 4, 6, 8, 10)  # a scale ends at one of these, times a power of ten


class Mark(NamedTuple):
    """A label at a place on an axis."""

    at: float
    label: str


class Line(NamedTuple):
    """One line of the table: how many counted by the end of this day, and how many the straight line asks."""

    on: date
    counted: int | None  # None: not there yet
    expected: int


@dataclass(frozen=True)
class PaceChart:
    """`counted` and `expected` are path data; `today` is an x, None before the start; `rows` is the same in numbers."""

    width: int
    height: int
    floor: float
    counted: str
    expected: str
    today: float | None
    now: tuple[float, float] | None
    days: list[Mark]
    numbers: list[Mark]
    rows: list[Line]
    text: str


class Own(NamedTuple):
    """Somebody whose line is not the cohort's: from the day on which something is expected of them to their own due
    date, without the days on which their study rests.
    """

    starts_on: date
    due_on: date
    absences: tuple[pace.Absence, ...]
    total: int


class _Line:
    """How many scans are expected by each day, of everybody together."""

    def __init__(self, starts_on: date, due_on: date, target: int, own: Sequence[Own]) -> None:
        self.starts_on, self.due_on, self.target, self.own = starts_on, due_on, target, own
        self.together = target - sum(one.total for one in own)  # of those on the cohort's own line
        self.ends_on = max([due_on, *(one.due_on for one in own)])

    def at(self, day: date) -> int:
        theirs = (pace.expected(one.total, one.starts_on, one.due_on, day, one.absences) for one in self.own)
        return pace.expected(self.together, self.starts_on, self.due_on, day) + sum(theirs)

    def bends(self) -> list[date]:
        """The days between which the line is drawn straight."""
        ends = {self.starts_on, self.due_on}
        if self.own:
            apart = max(1, (self.ends_on - self.starts_on).days // BENDS)
            days = range(0, (self.ends_on - self.starts_on).days, apart)
            ends |= {self.ends_on, *(self.starts_on + timedelta(days=number) for number in days)}
        return sorted(ends)


def pace_chart(
    by_day: Sequence[tuple[date, int]],
    starts_on: date,
    due_on: date,
    today: date,
    target: int,
    own: Sequence[Own] = (),
) -> PaceChart:
    """The drawing.

    Args:
        by_day: how many scans came to count on which day, oldest first; any number of days left out. What counted
            before the start, of somebody who joined from an earlier cohort, is shown at the start.
        target: how many must count on the due date, of everybody together.
        own: each one's line, of those who are or were interrupted or have another due date.
    """
    total, before = sum(number for _, number in by_day), sum(number for day, number in by_day if day < starts_on)
    sums = list(
        zip((max(day, starts_on) for day, _ in by_day), accumulate(number for _, number in by_day), strict=True)
    )
    line = _Line(starts_on, due_on, target, own)
    first, last, until = starts_on, max(line.ends_on, today), max(today, starts_on)
    top = _top(max(target, total, 1))
    a_day, a_scan = (WIDTH - LEFT - RIGHT) / (last - first).days, (HEIGHT - TOP - BOTTOM) / top

    def x(day: date) -> float:
        return round(LEFT + (day - first).days * a_day, 1)

    def y(number: int) -> float:
        return round(HEIGHT - BOTTOM - number * a_scan, 1)

    path = "".join(f"H{x(day)}V{y(number)}" for day, number in sums)
    return PaceChart(
        width=WIDTH,
        height=HEIGHT,
        floor=y(0),
        counted=f"M{x(first)} {y(0)}{path}H{x(until)}",
        expected="M" + "L".join(f"{x(day)} {y(line.at(day))}" for day in line.bends()) + f"H{x(last)}",
        today=x(today) if today >= first else None,
        now=(x(until), y(total)) if today >= first else None,
        days=[Mark(x(day), f"{day:%b}") for day in _months(first, last, 7)],
        numbers=[Mark(y(number), f"{number:,}") for number in (0, top // 2, top)],
        rows=list(_rows(sums, line, today)),
        text=_text(line, today, total, before),
    )


def _text(line: _Line, today: date, total: int, before: int) -> str:
    to = "towards" if line.own else "on a straight line to"
    text = f"{total:,} counted by today; {line.at(today):,} expected by today {to} {line.target:,}"
    text += f" on {phrases.day(line.ends_on)}."
    if before:
        text += f" {before:,} counted before the course started."
    if line.own:
        whose = "One of the students has" if len(line.own) == 1 else f"{len(line.own)} of the students have"
        text += f" {whose} a line of their own in it: interrupted, or due on another day."
    return text


def _top(number: int) -> int:
    """The first round number that is no less."""
    power = 10 ** (len(str(number)) - 1)
    return next(step * power for step in STEPS if step * power >= number)


def _months(first: date, last: date, most: int) -> list[date]:
    """First days of the months after the first day, at most so many of them."""
    months = range(first.year * 12 + first.month, last.year * 12 + last.month)
    return [date(month // 12, month % 12 + 1, 1) for month in months[:: -(-len(months) // most) or 1]]


def _rows(sums: list[tuple[date, int]], line: _Line, today: date) -> Iterator[Line]:
    """The last day of each month, today, the cohort's due date, and the last one of all."""
    first, last = min(line.starts_on, today), max(line.ends_on, today)
    ends = {today, line.due_on, line.ends_on, *(month - timedelta(days=1) for month in _months(first, last, LINES))}
    for end in sorted(end for end in ends if line.starts_on <= end <= last):
        until = bisect(sums, (end, inf))
        counted = (sums[until - 1][1] if until else 0) if end <= today else None
        yield Line(end, counted, line.at(end))
