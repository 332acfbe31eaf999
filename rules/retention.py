"""Until when what is whose is kept (R22): days counted from the end of somebody's course, by the programme's numbers.

A period is never shorter than it says: a year from 29 February ends on 1 March, a month from 31 August on 1 October.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from rules import lifecycle
from rules.phrases import number_of
from rules.programme import Retention

READING, PORTFOLIO = "reading", "portfolio"
REMINDERS = (14, 60)  # days before reading is promised no longer, at which its reader is told


@dataclass(frozen=True)
class Facts:
    """One enrolment: when its scans are due; when and as what it ended, None while it has not."""

    due_on: date
    ended_on: date | None = None
    ended_as: str | None = None


@dataclass(frozen=True)
class Due:
    """Something, the day until which it is sure to be kept, and why."""

    what: str
    on: date
    why: str


def due(facts: Facts, rule: Retention, today: date) -> list[Due]:
    """What is kept of a student, and until when: READING (signing in, reading, exporting) and PORTFOLIO (their work,
    which cannot be erased before). Reading is possible as long as anything is kept, so it never ends first.

    For somebody who is still enrolled: as if they graduated on the day when their scans are due, or today
    where that has passed.
    """
    end = facts.ended_on or max(facts.due_on, today)
    if facts.ended_as in lifecycle.COMES_BACK:
        until = later(end, months=rule.left_months)
        months = number_of(rule.left_months, "month")
        why = f"Who leaves without the award may appeal or complain; for that everything is kept for {months}."
        return [Due(READING, until, why), Due(PORTFOLIO, until, why)]
    read_until = later(end, months=12 * rule.graduates_read_years)
    stored_until = later(end, months=12 * rule.portfolio_years)
    reading, work = number_of(rule.graduates_read_years, "year"), number_of(rule.portfolio_years, "year")
    return [
        Due(READING, max(read_until, stored_until), f"A graduate reads and exports for at least {reading}."),
        Due(PORTFOLIO, stored_until, f"Assessed work can be asked about for {work} after the course."),
    ]


def edition_until(made_on: date, rule: Retention) -> date:
    """Until when a PDF edition is kept that was made on this day."""
    return later(made_on, months=12 * rule.editions_years)


def reminder(on: date, today: date) -> int | None:
    """Which of REMINDERS is sent today about something that is promised until `on`; None for none of them."""
    return next((days for days in REMINDERS if timedelta(0) < on - today <= timedelta(days)), None)


def later(day: date, *, months: int) -> date:
    """The day so many months later; where that month has no such day, the first of the next. The last day of all where
    there are no more.
    """
    years, month = divmod(day.month - 1 + months, 12)
    if day.year + years > date.max.year:
        return date.max
    try:
        return date(day.year + years, month + 1, day.day)
    except ValueError:  # never in December
        return date(day.year + years, month + 2, 1)
