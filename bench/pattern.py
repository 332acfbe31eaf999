"""A few students' scans with their timelines, made once by the demo course's own code, as rows to copy.

Every student of a large database is one of these with ids of their own and the clock moved a little.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from peewee import Model

from demo import cases, cast
from demo.days import DAY, WEEK, Clock, clinic_days
from demo.portfolio import Learner, Portfolio, Post
from demo.story import Book
from models import Audit, Move, Notice, Scan
from rules.programme import Programme

SCANS = 250  # of each student
WEEKS = 40  # since the cohort started
STUDENT, MENTORS = 1, (2, 3)  # who the people of a story are, until a student's own take their places
TABLES = (Scan, Move, Audit, Notice)
PLACE = cast.SITES["croydon"]

STORIES = (
    cast.Student("0", "", (), waiting=8, returned=2, drafts=2, withdrawn=1, days=(1, 3), skill=0.6),
    cast.Student("1", "", (), waiting=7, returned=1, drafts=3, withdrawn=2, days=(0, 2, 4), skill=0.4),
    cast.Student("2", "", (), waiting=9, forgotten=2, drafts=1, withdrawn=30, days=(0, 3), skill=0.3),
    cast.Student("3", "", (), waiting=6, returned=3, withdrawn=55, days=(1, 4), skill=0.5, silent=16),
    cast.Student("4", "", (), waiting=8, drafts=4, withdrawn=18, days=(2, 4), skill=0.7),
    cast.Student("5", "", (), waiting=10, forgotten=1, returned=1, withdrawn=3, days=(0, 1, 2, 3, 4), skill=0.8),
)


class Step(NamedTuple):
    """One row of history in the making: who (STUDENT or one of MENTORS), when, what, and with which payload."""

    by: int
    at: int
    verb: str
    payload: dict[str, Any]


@dataclass
class Pattern:
    """One student's rows, each behind the number of its scan, from 1: those of `TABLES`, and the steps of history."""

    rows: dict[type[Model], list[tuple]]
    steps: dict[int, list[Step]]


def columns(table: type[Model]) -> list[str]:
    """The names of a table's columns, without the key that the database gives by itself."""
    return [column.column_name for column in table._meta.sorted_fields if column.name != "id" or table is Scan]


def patterns_of(programme: Programme, today: date) -> list[Pattern]:
    """The stories as rows, all of them as of `today`."""
    clinical = cases.load()
    found = []
    for story in STORIES:
        chance = random.Random(f"{story.key} {today}")
        start = today - WEEKS * WEEK
        days = tuple(clinic_days(start + WEEK, today - DAY * (1 + story.silent), story.days, chance))
        learner = Learner(story, STUDENT, 0, (Post(0, MENTORS, PLACE, start),), days, _counted(story))
        book = Book()
        Portfolio(book, programme, clinical, Clock(programme, today), chance).fill(learner)
        found.append(_pattern(book))
    return found


def _counted(story: cast.Student) -> int:
    """How many count, so that with the waiting, the returned and the guided procedures there are SCANS in all."""
    others = story.waiting + story.returned + story.drafts + story.withdrawn
    return next(number for number in range(SCANS) if number + round(number / 22) + others == SCANS)


def _pattern(book: Book) -> Pattern:
    numbers = {scan.id: scan.case_number for scan in book.scans}
    pattern = Pattern(
        {
            Scan: [(scan.case_number, *_row(Scan, scan.__data__)) for scan in book.scans],
            Move: [(numbers[move["scan"]], *_row(Move, move)) for move in book.moves],
            Audit: [(numbers[audit["scan"]], *_row(Audit, audit)) for audit in book.audits],
            Notice: [(numbers[one["subject"].removeprefix("scan:")], *_row(Notice, one)) for one in book.notices],
        },
        defaultdict(list),
    )
    for action in book.actions:
        step = Step(action.by or STUDENT, Scan.received_at.db_value(action.at), action.verb, dict(action.payload))
        pattern.steps[numbers[action.thing.removeprefix("scan:")]].append(step)
    return pattern


def _row(table: type[Model], values: dict[str, Any]) -> tuple:
    row = []
    for column in table._meta.sorted_fields:
        if column.name == "id" and table is not Scan:
            continue
        value = values.get(column.name)
        if value is None and column.default is not None:
            value = column.default() if callable(column.default) else column.default
        value = column.db_value(value)
        row.append(value.isoformat() if isinstance(value, date) else value)
    return tuple(row)


def shift_of(rank: int) -> int:
    """How far a student's clock is from their story's, in microseconds: within a quarter of an hour."""
    return (rank * 7919 % 1800 - 900) * timedelta(seconds=1) // timedelta(microseconds=1) // 2
