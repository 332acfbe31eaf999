"""The list of a cohort as a file: all its pages, in its order, with the headings in the first row."""

import re
from collections.abc import Iterator
from datetime import datetime

from flask import Response

from blueprints.cohort.roster import Roster
from blueprints.exports import Cell, csv_file, history_head, xlsx_file
from rules.folding import fold

LETTERS = 40  # of a cohort's name in the name of a file


def csv_of(roster: Roster) -> Response:
    """With where history ends in a header of the answer, since the file holds the table alone."""
    response = csv_file(name_of(roster, "csv"), _table(roster))
    response.headers["X-History-Head"] = history_head()
    return response


def xlsx_of(roster: Roster, now: datetime) -> Response:
    return xlsx_file(name_of(roster, "xlsx"), "Cohort", _table(roster), _about(roster, now))


def name_of(roster: Roster, kind: str) -> str:
    """The file's name: the cohort, the filters or that it is a part, and the day. Letters, digits, dots and dashes
    alone, and nobody's name.
    """
    cohort = re.sub("[^a-z0-9]+", "-", fold(roster.cohort.name))[:LETTERS].strip("-") or "cohort"
    part = ["part"] if roster.filters.q or roster.filters.waits or roster.filters.folded else []
    return "-".join(["sonofolio", cohort, *roster.filters.show, *part, f"{roster.today:%Y-%m-%d}"]) + f".{kind}"


def _about(roster: Roster, now: datetime) -> list[list[Cell]]:
    return [
        ["Cohort", roster.cohort.name],
        ["Programme", roster.programme.name],
        ["Made", f"{roster.programme.local(now):%Y-%m-%d %H:%M}"],
        ["Shows", f"{roster.words}, in this order: {roster.order.lower()}"],
        ["History", history_head()],
    ]


def _table(roster: Roster) -> Iterator[list[Cell]]:
    yield [column.title for column in roster.columns]
    for row in roster.found:
        yield [column.value(row) for column in roster.columns]
