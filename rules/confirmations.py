"""On which days the course had confirmed somebody (R9, R10): an approval counts only if it was given on one of them.

Whether a scan is held or counted is a function of who approved it on which day and of the confirmations that stand now,
so no order of events counts what was not confirmed, and none loses what was.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from rules import states

KINDS = {"mentor": "Mentor", "external_assessor": "External assessor"}  # who is confirmed, and what they are called
# What a confirmation rests on. A person chooses among `CHOSEN`; the others are written by the action that confirms.
CHOSEN = {
    "certificate": "Certificate seen",
    "register": "Found in the professional register",
    "employer": "Confirmed by the employer",
    "known": "Known to the course",
}
REFUSED = "refused"
BASES = {
    "before": "Confirmed before confirmations began",
    "named": "Named by the course",
    **CHOSEN,
    REFUSED: "Refused",  # never held
}


class Span(NamedTuple):
    """The days for which somebody is confirmed, first and last; None: no bound."""

    from_on: date | None = None
    until_on: date | None = None

    def holds(self, on: date) -> bool:
        return (self.from_on is None or self.from_on <= on) and (self.until_on is None or on <= self.until_on)


def is_confirmed(spans: Iterable[Span], on: date) -> bool:
    """Whether one of these spans holds the day."""
    return any(span.holds(on) for span in spans)


def state_of(spans: Iterable[Span], approved_on: date) -> str:
    """The state of an approved scan: HELD or COUNTED.

    Args:
        spans: for which the one who approved it is confirmed.
        approved_on: the programme's day of the approval.
    """
    return states.COUNTED if is_confirmed(spans, approved_on) else states.HELD
