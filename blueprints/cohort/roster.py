"""The cohort's students as a director asked for them: filtered, in order, a page at a time, and how many each filter
would show. All in memory: one row a student, a thousand of them at most.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import chain
from math import inf
from typing import Any

from werkzeug.datastructures import MultiDict

from blueprints.cohort import filters, queries
from blueprints.cohort.filters import Asked
from blueprints.cohort.queries import Places
from blueprints.student_rows import LEFT, Standing, standings
from models import Cohort
from rules.programme import Programme
from workflows.course import programmes

PAGE = 30
Facet = tuple[str, str | int]  # ("show", "at-risk"), ("mentor", 7)
STATUSES = ("at risk", "behind", "not started", "on pace", "ahead", "complete")

# Column -> what it sorts by, the smallest first. Who never logged was silent longest; no forecast is the latest.
KEYS: dict[str, Callable[[Standing], Any]] = {
    "": lambda row: not row.at_risk,
    "name": lambda row: 0,  # as they come
    "aided": lambda row: row.progress.aided.counted,
    "unaided": lambda row: row.progress.unaided.counted,
    "counted": lambda row: row.progress.counted,
    "waiting": lambda row: row.progress.with_mentor,
    "returned": lambda row: row.progress.returned,
    "debt": lambda row: (row.progress.counts.debt_overdue, row.progress.counts.debt),
    "logged": lambda row: row.progress.last_logged_on or date.min,
    "needed": lambda row: inf if row.progress.per_week_needed is None else row.progress.per_week_needed,
    "forecast": lambda row: row.progress.forecast_on or (date.max if row.progress.to_scan else date.min),
    "status": lambda row: STATUSES.index(row.key),
}


@dataclass(frozen=True)
class Counters:
    """The cohort in four numbers: students who have not left, scans counted, scans with a mentor, students at risk."""

    students: int
    counted: int
    with_mentor: int
    at_risk: int


@dataclass(frozen=True)
class Roster:
    """A cohort and what is asked of it. `rows` is everybody, by name."""

    cohort: Cohort
    programme: Programme
    today: date
    rows: list[Standing]
    places: Places
    asked: Asked

    @cached_property
    def found(self) -> list[Standing]:
        """Who matches, in the order asked for; students whose enrolment has ended are last in all but the name."""
        wanted = {(name, value) for name in ("region", "site", "mentor") if (value := getattr(self.asked, name))}
        wanted |= {("show", one) for one in self.asked.show}
        words = plain(self.asked.q).split()
        matching = self.rows
        if wanted:
            matching = [row for row in matching if wanted.issubset(self._facets[row.enrolment.id])]
        if words:
            matching = [row for row in matching if all(word in plain(row.name) for word in words)]
        return in_order(matching, self.asked.sort)

    @cached_property
    def counts(self) -> Counter[Facet]:
        """("show", "at-risk") -> how many students of the whole cohort are so."""
        return Counter(chain.from_iterable(self._facets.values()))

    @property
    def areas(self) -> dict[str, str]:
        """The areas of breadth in which somebody can be short: key -> name."""
        return {area.key: area.name for area in self.programme.breadth if area.target}

    @cached_property
    def _facets(self) -> dict[int, list[Facet]]:
        return {row.enrolment.id: _facets(row, self.places) for row in self.rows}

    @cached_property
    def at_risk(self) -> list[Standing]:
        return [row for row in self.rows if row.at_risk]

    @property
    def last_page(self) -> int:
        return max(1, -(-len(self.found) // PAGE))

    @property
    def page(self) -> int:
        return min(self.asked.page, self.last_page)

    @property
    def part(self) -> list[Standing]:
        """The rows of the page asked for."""
        return self.found[(self.page - 1) * PAGE : self.page * PAGE]

    @property
    def target(self) -> int:
        """How many scans the students who have not left are to bring together."""
        return self.programme.total * sum(row.enrolment.ended_as != LEFT for row in self.rows)

    @property
    def words(self) -> str:
        """The filters in words, for the head of an export."""
        said = [filters.SHOWS[one] for one in self.asked.show]
        said += [f"short in {area.name}" for area in self.programme.breadth if area.key == self.asked.region]
        said += [self.places.sites[self.asked.site]] if self.asked.site else []
        said += [f"with {self.places.mentors[self.asked.mentor]}"] if self.asked.mentor else []
        said += [f"named “{self.asked.q}”"] if self.asked.q else []
        return "; ".join(said) or "everybody"


def of(cohort: Cohort, args: MultiDict[str, str], now: datetime) -> Roster:
    """The cohort as the address asks for it. Three queries: students, their numbers, their places."""
    programme = programmes.get(cohort.programme)
    today = programme.today(now)
    places = queries.places(cohort, today)
    regions = [area.key for area in programme.breadth]
    what = filters.read(args, cohort.id, regions, places.sites, places.mentors)
    return Roster(cohort, programme, today, standings(queries.students(cohort), now), places, what)


def counters(rows: list[Standing]) -> Counters:
    """The four numbers of these rows."""
    studying = counted = with_mentor = at_risk = 0
    for row in rows:
        progress = row.progress
        studying += row.enrolment.ended_as != LEFT
        counted += progress.counted
        with_mentor += progress.with_mentor
        at_risk += row.at_risk
    return Counters(studying, counted, with_mentor, at_risk)


def in_order(rows: list[Standing], sort: str) -> list[Standing]:
    """The rows (by name as they come) as asked."""
    name = sort.removeprefix("-")
    key, backwards = KEYS.get(name, KEYS[""]), sort.startswith("-")
    if name == "name":
        return rows[::-1] if backwards else rows
    ordered = sorted(rows, key=key, reverse=backwards)
    return sorted(ordered, key=lambda row: row.enrolment.ended_as is not None)


def _facets(row: Standing, places: Places) -> list[Facet]:
    """What a filter can ask of this student. Who has left or graduated owes nothing any more."""
    progress = row.progress
    found: list[Facet] = [*places.of.get(row.enrolment.id, ())]
    if row.enrolment.ended_as is not None:
        return found
    if row.at_risk:
        found.append(("show", "at-risk"))
    if progress.counts.debt:
        found.append(("show", "audit-debt"))
    if progress.mentor_silent:
        found.append(("show", "silent-mentor"))
    if progress.gaps:
        found.append(("show", "breadth-gap"))
        found += [("region", area.key) for area in progress.gaps]
    return found


def plain(text: str) -> str:
    """Letters as somebody types who looks for a name: no capitals, no accents."""
    return "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
