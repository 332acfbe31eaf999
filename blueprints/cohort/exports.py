"""The list of a cohort as a file: all its pages, in its order, with what it shows above the headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from flask import Response

from blueprints.cohort.roster import Roster
from blueprints.exports import Cell, csv_file, history_head, xlsx_file
from rules.folding import fold

LETTERS = 40  # of a cohort's name in the name of a file


def csv_of(roster: Roster, now: datetime) -> Response:
    return csv_file(name_of(roster, "csv"), [*_head(roster, now), *_table(roster)])


def xlsx_of(roster: Roster, now: datetime) -> Response:
    head = _head(roster, now)
    rows = [*head, *_table(roster)]
    return xlsx_file(name_of(roster, "xlsx"), "Cohort", rows, len(head), len(roster.columns))


def name_of(roster: Roster, kind: str) -> str:
    """The file's name: the cohort, the filters or that it is a part, and the day. Letters, digits, dots and dashes
    alone, and nobody's name.
    """
    cohort = re.sub("[^a-z0-9]+", "-", fold(roster.cohort.name))[:LETTERS].strip("-") or "cohort"
    part = ["part"] if roster.filters.q or roster.filters.waits or roster.filters.folded else []
    return "-".join(["sonofolio", cohort, *roster.filters.show, *part, f"{roster.today:%Y-%m-%d}"]) + f".{kind}"


def _head(roster: Roster, now: datetime) -> list[list[Cell]]:
    return [
        ["Cohort", roster.cohort.name],
        ["Programme", roster.programme.name],
        ["Made", f"{roster.programme.local(now):%Y-%m-%d %H:%M}"],
        ["Shows", f"{roster.words}, in this order: {roster.order.lower()}"],
        ["History", history_head()],
        [],
    ]


def _table(roster: Roster) -> Iterator[list[Cell]]:
    yield [column.title for column in roster.columns]
    for row in roster.found:
        yield [column.value(row) for column in roster.columns]
