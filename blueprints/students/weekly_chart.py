"""A student's weeks as a drawing: what was logged in each, and how much of that counts or waits today.

Lengths are in the units of the drawing's own view box; y grows downwards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from blueprints.presenters import short_day
from rules import pace, states
from rules.phrases import day, scans

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 360, 120, 24, 8, 20
MOST_WEEKS = 60  # that are shown, the latest
LABELS = 6
KINDS = ("counted", "held", "waiting", "other")
KIND_OF = {states.COUNTED: "counted", states.HELD: "held", states.WITH_MENTOR: "waiting"}
_WEEK, _DAY = timedelta(weeks=1), timedelta(days=1)


@dataclass
class Week:
    """What was logged from this Monday on: `held` waits for a mentor's confirmation, `other` for its student."""

    begins: date
    counted: int = 0
    held: int = 0
    waiting: int = 0
    other: int = 0
    interrupted: bool = False  # all of it

    @property
    def logged(self) -> int:
        return self.counted + self.held + self.waiting + self.other


@dataclass(frozen=True)
class Bar:
    """One piece of a week's bar; `kind` is one of `KINDS`."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class WeeklyChart:
    """The drawing; `labels` are (x, words), `top` is what its height stands for, `text` says the same in a sentence."""

    width: int
    height: int
    floor: int
    top: int
    bars: list[Bar]
    labels: list[tuple[float, str]]
    weeks: list[Week]
    text: str


def weekly_chart(
    logged: Iterable[tuple[date, str]], starts_on: date, today: date, absences: Sequence[pace.Absence] = ()
) -> WeeklyChart | None:
    """The chart of scans that were logged on these days and are in these states today; None of none. Nothing was
    expected in the weeks within `absences`.
    """
    by_week: dict[date, Week] = {}
    for on, state in logged:
        week = by_week.setdefault(_monday(on), Week(_monday(on)))
        kind = KIND_OF.get(state, "other")
        setattr(week, kind, getattr(week, kind) + 1)
    if not by_week:
        return None
    first, last = min(_monday(starts_on), min(by_week)), max(_monday(today), max(by_week))
    first = max(first.toordinal(), last.toordinal() - 7 * (MOST_WEEKS - 1))  # a course may have begun in the year 1
    days = [date.fromordinal(first) + number * _WEEK for number in range((last.toordinal() - first) // 7 + 1)]
    weeks = [by_week.get(monday, Week(monday)) for monday in days]
    for week in weeks:
        week.interrupted = bool(absences) and not pace.days_present(week.begins, week.begins + 6 * _DAY, absences)
    top, step, floor = max(1, *(week.logged for week in weeks)), (WIDTH - LEFT) / len(weeks), HEIGHT - BOTTOM
    bars: list[Bar] = []
    for place, week in enumerate(weeks):
        y = float(floor)
        for kind in KINDS:
            height = getattr(week, kind) * (floor - TOP) / top
            y -= height
            if height:
                bars.append(
                    Bar(kind, round(LEFT + place * step, 1), round(y, 1), round(step * 0.8, 1), round(height, 1))
                )
    every = -(-len(weeks) // LABELS)
    labels = [
        (round(LEFT + (place + 0.4) * step, 1), short_day(weeks[place].begins)) for place in range(0, len(weeks), every)
    ]
    return WeeklyChart(WIDTH, HEIGHT, floor, top, bars, labels, weeks, _text(weeks))


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())


def _text(weeks: list[Week]) -> str:
    most = max(weeks, key=lambda week: week.logged)
    total = sum(week.logged for week in weeks)
    empty = sum(not week.logged and not week.interrupted for week in weeks)
    rested = sum(week.interrupted for week in weeks)
    parts = {name: sum(getattr(week, name) for week in weeks) for name in KINDS}
    held = f" {parts['held']} held until a mentor is confirmed," if parts["held"] else ""
    return (
        f"{scans(total)} logged in {len(weeks)} {'week' if len(weeks) == 1 else 'weeks'}: {parts['counted']} counted,"
        f"{held} {parts['waiting']} waiting, {parts['other']} to correct or drafts today. Most in a week:"
        f" {most.logged}, in that of {day(most.begins)}; {empty} {'week' if empty == 1 else 'weeks'} without any"
        f"{f', and study rested in {rested}' if rested else ''}."
    )
