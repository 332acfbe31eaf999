"""Which days can be meant: a course runs in this century, and a slip of the finger (9999, 0026) is told at once."""

from datetime import date

FIRST, LAST = date(2000, 1, 1), date(2099, 12, 31)
SENTENCE = f"Write a day from {FIRST.year} to {LAST.year}."


def can_be(day: date) -> bool:
    """Whether a day of a course can be meant."""
    return FIRST <= day <= LAST
