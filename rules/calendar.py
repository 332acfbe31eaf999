"""A student's own days: when their scans are due, and on which days their study rests.

An interruption moves the due date by those of its days that lie after the cohort's start, if it begins before the day
on which the scans would have been due. An extension sets the date; only what is interrupted by a later decision moves
that. So pace during an interruption is pace on a calendar from which its days were cut out (tests/rules/test_calendar).
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

# How the due date follows, as it is said where a director decides.
SENTENCE = (
    "An interruption moves the due date by its days. An extension sets it;"
    " only an interruption entered later moves that."
)
_DAY = timedelta(days=1)


class Interruption(NamedTuple):
    """A time in which study rests: from its first day until the day on which they come back; None: not known yet."""

    from_on: date
    until_on: date | None

    def holds(self, on: date) -> bool:
        return self.from_on <= on and (self.until_on is None or on < self.until_on)

    def meets(self, other: "Interruption") -> bool:
        """Whether they have a day in common."""
        return self.from_on < (other.until_on or date.max) and other.from_on < (self.until_on or date.max)


class Extension(NamedTuple):
    """A later day on which the scans are due."""

    due_on: date


Absence = Interruption | Extension  # of one student always in the order in which they were decided


def due_on(starts_on: date, cohort_due: date, absences: Sequence[Absence], today: date) -> date:
    """The day on which this student's scans are due.

    Args:
        starts_on, cohort_due: the cohort's days.
        today: until when an interruption has lasted that has no end yet; each day that it lasts moves the date by one.
    """
    due, later = cohort_due, list(absences)
    for place, one in enumerate(absences):
        if isinstance(one, Extension):
            due, later = one.due_on, list(absences[place + 1 :])
    for first, last in sorted(resting_days(later, today)):
        if first <= due:
            due += max(timedelta(0), last - max(first, starts_on) + _DAY)
    return due


def resting_days(absences: Iterable[Absence], today: date) -> tuple[tuple[date, date], ...]:
    """The first and the last day of each interruption, as `rules.pace` asks for them; one without an end lasts until
    today.
    """
    found = []
    for one in absences:
        if isinstance(one, Interruption):
            last = today if one.until_on is None else one.until_on - _DAY
            if last >= one.from_on:
                found.append((one.from_on, last))
    return tuple(found)


def interruption_on(on: date, absences: Iterable[Absence]) -> Interruption | None:
    """The interruption in which this day lies, if it lies in one."""
    return next((one for one in absences if isinstance(one, Interruption) and one.holds(on)), None)


def is_interrupted(absences: Iterable[Absence], on: date) -> bool:
    return interruption_on(on, absences) is not None
