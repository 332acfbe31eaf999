"""The days of many stored instants, by a programme's calendar."""

from datetime import date

from models import INSTANT
from rules.programme import Programme

_QUARTER = 15 * 60 * 1_000_000  # of an hour, in microseconds


class Days:
    """The programme's day of each instant (microseconds, as stored) that it is asked for. A list of a thousand students
    asks for thousands; no clock changes within a quarter of an hour, so each is worked out once.
    """

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.known: dict[int, date] = {}

    def __call__(self, moment: int) -> date:
        quarter = moment // _QUARTER
        if quarter not in self.known:
            self.known[quarter] = self.programme.today(INSTANT.python_value(moment))
        return self.known[quarter]
