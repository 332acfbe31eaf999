"""A column of the cohort is declared once: its heading, its cells, its order and its place in the file follow."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from blueprints.cohort import columns, roster
from models import Enrolment, Person
from tests.cohort.steps import counted, names
from workflows.course import programmes

MACROS = Path(__file__).resolve().parents[2] / "templates" / "macros" / "cohort_cells.html"
LEFT_FROM = ("Amara Okafor", "Mei Chen", "Tom Bright")


@pytest.fixture
def with_one_more(monkeypatch):
    """A column with the letters of the student's name."""
    declared = columns.columns_of
    letters = columns.Column("Letters", lambda row: len(row.name), "letters", cell="count")
    monkeypatch.setattr(roster, "columns_of", lambda *given, **more: (letters, *declared(*given, **more)))


def test_a_new_column_has_its_heading_and_a_cell_in_each_row(with_one_more, browse, cast):
    page = browse(cast.dana).get("/cohort").text
    assert re.search(r'<th scope="col" class="n"><a id="by-letters-head"[^>]*>Letters</a></th>', page)
    assert re.findall(r'data-label="letters">(\d+)<', page) == ["12", "8", "10"]


def test_the_list_is_ordered_by_a_new_column_both_ways_and_says_so(with_one_more, browse, cast):
    dana = browse(cast.dana)
    page = dana.get("/cohort?sort=letters").text
    assert names(page) == ["Mei Chen", "Tom Bright", "Amara Okafor"]
    assert 'aria-sort="ascending"' in page and "Letters, smallest first" in page
    assert names(dana.get("/cohort?sort=-letters").text) == ["Amara Okafor", "Tom Bright", "Mei Chen"]


def test_a_new_column_is_in_the_file(with_one_more, browse, cast):
    rows = list(csv.reader(io.StringIO(browse(cast.dana).get("/cohort.csv").data.decode("utf-8-sig"), newline="")))
    assert [row[:2] for row in rows] == [["Letters", "Student"], *([str(len(one)), one] for one in LEFT_FROM)]


def test_each_column_has_a_key_of_its_own_and_a_macro_that_there_is(database):
    found = columns.columns_of(programmes.get("msk-pgcert"), roster.Places())
    keys = [column.key for column in found if column.key]
    assert len(keys) == len(set(keys)) and {one.removeprefix("-") for one in columns.ORDERS} <= {"", *keys}
    macros = set(re.findall(r"{%- macro (\w+)\(", MACROS.read_text()))
    assert {column.cell for column in found if column.cell} == macros


def test_a_column_orders_by_what_its_cell_shows(browse, cast):
    """Each order of a number goes up when what its column shows goes up, for everybody who is still on the course."""
    counted(cast.tom, cast.ravi, times=2)
    Enrolment.update(ended_on=cast.cohort.starts_on, ended_as="left").where(
        Enrolment.person == Person.get(Person.name == "Mei Chen")
    ).execute()
    dana = browse(cast.dana)
    for key in ("unaided", "counted"):
        assert names(dana.get(f"/cohort?sort=-{key}").text) == ["Tom Bright", "Amara Okafor", "Mei Chen"], key
