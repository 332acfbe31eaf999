"""When things happen in the demo course: a September cohort around today, clinic days, working hours."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from rules.programme import Programme

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LEAST_WEEKS = 8  # a younger cohort has no story to tell yet: until then it is last year's
PORTFOLIO_WEEKS = 36  # from mid September to late May


def cohort_days(today: date) -> tuple[date, date]:
    """The first day and the day on which the scans are due, of the September cohort that is under way."""
    starts_on = _september(today.year)
    if today < starts_on + LEAST_WEEKS * WEEK:
        starts_on = _september(today.year - 1)
    return starts_on, max(starts_on + PORTFOLIO_WEEKS * WEEK, today + LEAST_WEEKS * WEEK)


def _september(year: int) -> date:
    """The Monday in the middle of the month."""
    middle = date(year, 9, 14)
    return middle + (7 - middle.weekday()) % 7 * DAY


def clinic_days(first: date, last: date, weekdays: Sequence[int], chance: random.Random) -> list[date]:
    """The days between the two on which a student scans: their weekdays, without Christmas and days off."""
    days = [first + DAY * number for number in range((last - first).days + 1)]
    usual = [day for day in days if day.weekday() in weekdays and not _closed(day)]
    return [day for day in usual if chance.random() > 0.06] or usual or [last]


def _closed(day: date) -> bool:
    return (day.month, day.day) == (1, 1) or (day.month == 12 and day.day >= 24)


def shared_out(number: int, days: Sequence[date], chance: random.Random) -> list[date]:
    """So many scans over these days, in order: fewer at first, and no two days alike."""
    weights = [(0.6 + 0.4 * min(1.0, 8 * place / len(days))) * chance.uniform(0.5, 1.5) for place in range(len(days))]
    reached = list(accumulate(weights))
    evenly = ((place + chance.random()) / number * reached[-1] for place in range(number))
    return [days[bisect(reached, where)] for where in evenly]


class Clock:
    """The programme's local hours, turned into instants; nothing happens at or after `until` (this morning, 0:00)."""

    def __init__(self, programme: Programme, today: date) -> None:
        self.zone = ZoneInfo(programme.timezone)
        self.programme = programme
        self.until = self.at(today, 0)

    def at(self, day: date, minutes: float) -> datetime:
        """So many minutes after midnight of this day."""
        midnight = datetime.combine(day, time(0), tzinfo=self.zone)
        return self.programme.local(midnight + timedelta(minutes=minutes))

    def list_of(self, number: int, day: date, chance: random.Random) -> list[datetime]:
        """When each patient of a day's list was scanned: from nine, 20 to 45 minutes each."""
        minutes, found = 9 * 60 + chance.uniform(0, 25), []
        for place in range(number):
            found.append(self.at(day, minutes))
            minutes += chance.uniform(22, 45) if number < 9 else chance.uniform(20, 32)
            if place == 4:
                minutes += 40  # lunch
        return found

    def working(self, moment: datetime, chance: random.Random) -> datetime:
        """This instant, or the next at which a mentor would look: not at night, rarely on a Sunday."""
        local = self.programme.local(moment)
        if local.weekday() == 6 and chance.random() < 0.7:
            local = self.at(local.date() + DAY, 7.5 * 60 + chance.uniform(0, 240))
        elif local.hour >= 21:
            local = self.at(local.date() + DAY, 7.5 * 60 + chance.uniform(0, 150))
        elif local.hour < 7:
            local = self.at(local.date(), 7.5 * 60 + chance.uniform(0, 150))
        return local

    def between(self, after: datetime, wanted: datetime, chance: random.Random) -> datetime:
        """`wanted` in working hours, but after `after` and before `until`."""
        moment = self.working(wanted, chance)
        if moment >= self.until:
            moment = after + (self.until - after) * chance.uniform(0.1, 0.8)
        return max(moment, after + timedelta(seconds=chance.uniform(60, 300)))
