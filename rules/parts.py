"""The days on which somebody has a part in a placement: from its first until the day before `ended_on`."""

from dataclasses import dataclass
from datetime import date, timedelta

from rules import phrases

DAY = timedelta(days=1)
LONGEST_COVER = timedelta(days=366)  # whoever is away for longer has left


@dataclass(frozen=True)
class Days:
    """Days of a part. `ended_on` is the first day on which it holds no more; None: no end is known."""

    first: date
    ended_on: date | None = None

    @property
    def last(self) -> date | None:
        return None if self.ended_on is None else self.ended_on - DAY

    @property
    def is_empty(self) -> bool:
        """Whether it holds on no day: it was called off before it began."""
        return self.ended_on is not None and self.ended_on <= self.first

    def hold(self, on: date) -> bool:
        return self.first <= on and (self.ended_on is None or on < self.ended_on)

    def overlap(self, other: "Days") -> bool:
        """Whether both hold on some day."""
        both = Days(max(self.first, other.first), _earlier(self.ended_on, other.ended_on))
        return not (self.is_empty or other.is_empty or both.is_empty)

    def within(self, other: "Days") -> "Days":
        """Those of these days that are among the others."""
        return Days(max(self.first, other.first), _earlier(self.ended_on, other.ended_on))

    @property
    def words(self) -> str:
        """ "from 3 to 17 August 2026", "from 3 August 2026", "on 3 August 2026"."""
        if self.last is None:
            return f"from {phrases.day(self.first)}"
        if self.last == self.first:
            return f"on {phrases.day(self.first)}"
        same = (self.first.year, self.first.month) == (self.last.year, self.last.month)
        return f"from {self.first.day if same else phrases.day(self.first)} to {phrases.day(self.last)}"


def of(from_on: date | None, ended_on: date | None, placement_starts_on: date) -> Days:
    """The days of a part as it is stored: without a first day of its own, from that of the placement."""
    return Days(from_on or placement_starts_on, ended_on)


def _earlier(one: date | None, other: date | None) -> date | None:
    return min(filter(None, (one, other)), default=None)
