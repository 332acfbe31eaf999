"""Which column of a logbook is which, and which day a cell means."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import earlier_columns
from rules.earlier_columns import DAY_FIRST, LEAVE, MONTH_FIRST, OTHER, NoDay, TwoDays, day_of, guess, order_of
from workflows.portfolio import earlier_file, earlier_rows
from workflows.refusals import Invalid

DAYS = {
    "2024-03-31": date(2024, 3, 31),
    "2024/3/31": date(2024, 3, 31),
    "20240331": date(2024, 3, 31),
    "2024-03-31T10:20:00+01:00": date(2024, 3, 31),
    "31/03/2024": date(2024, 3, 31),
    "03/31/2024": date(2024, 3, 31),
    "31/3/24 14:05": date(2024, 3, 31),
    "04.03.2024": date(2024, 3, 4),
    "03/03/2024": date(2024, 3, 3),
    "3 Mar 2024": date(2024, 3, 3),
    " 3rd  of March 2024 ": date(2024, 3, 3),
    "Sun 3 March 2024": date(2024, 3, 3),
    "Sunday, March 3rd, 2024": date(2024, 3, 3),
    "03-Mar-24": date(2024, 3, 3),
    "5 Sept 2023": date(2023, 9, 5),
    "31/12/98": date(1998, 12, 31),
}
NO_DAYS = ["", "soon", "31/02/2024", "2024-02-30", "13/13/2024", "45355", "3 Mai 2024", "1/1/1024", "30 Feb 2024"]
NO_DAYS += ["12:30", "2024", "Mar 2024", "٣/٣/٢٠٢٤", "1/2/3/2024", "x" * 100_000, "1-2/2024", "943 476 5919"]
HEADINGS = {
    ("Date", "Region", "Side", "Supervision", "Finding", "Report"): [*earlier_columns.FIELDS],
    ("No.", "Exam date", "Body part", "L/R", "Supervisor", "Diagnosis", "Comments"): [
        *(OTHER, "scanned_on", "region", "side", "supervision", "finding", "report")
    ],
    ("Date of birth", "Date of scan", "Patient name", "NHS No", "Patient age", "Joint"): [
        *(LEAVE, "scanned_on", LEAVE, LEAVE, OTHER, "region")
    ],
    ("Report date", "Scan date", "Report"): [OTHER, "scanned_on", "report"],
}


def test_days_are_read_in_the_common_ways_and_what_can_be_two_days_is_not_guessed():
    for cell, day in DAYS.items():
        assert day_of(cell) == day, cell
    for cell in NO_DAYS:
        with pytest.raises(NoDay):
            day_of(cell)
    for cell in ("03/04/2024", "3-4-24", "03 04 2024 09:15"):
        with pytest.raises(TwoDays) as ways:
            day_of(cell)
        assert ways.value.day_first == day_of(cell, DAY_FIRST) == date(2024, 4, 3)
        assert ways.value.month_first == day_of(cell, MONTH_FIRST) == date(2024, 3, 4)
    with pytest.raises(NoDay):
        day_of("31/03/2024", MONTH_FIRST)


def test_the_order_of_days_is_what_the_cells_show_and_is_asked_where_they_show_none_or_both():
    assert order_of(["03/04/2024", "31/04/2024"]) == DAY_FIRST
    assert order_of(["03/04/2024", "4/31/24 10:00"]) == MONTH_FIRST
    assert order_of(["03/04/2024", "31.12.2024", "2024-12-31"]) == order_of(["31/1/2024", "1/31/2024"]) == ""


def test_columns_are_known_by_their_headings_and_where_these_say_nothing_by_their_cells():
    row = ["2024-03-31"] * 8
    for headings, columns in HEADINGS.items():
        assert guess(headings, []) == columns, headings
    assert guess(("Date", "When"), [["soon", "31/03/2024"]] * 3) == [OTHER, "scanned_on"], "of two, the one with days"
    assert guess(("Date", "Region"), [["soon", "Knee"]] * 3) == ["scanned_on", "region"], "so that it is told"
    cells = ["31/03/2024", "Right knee", "R", "Supervised directly", "Small effusion of the knee", "Report " * 30, "GE"]
    assert guess([""] * 7, [cells] * 3) == [*earlier_columns.FIELDS, OTHER]
    assert earlier_columns.has_headings(["Date", "Region"]) and not earlier_columns.has_headings(row)


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_whatever_is_sent_is_read_or_refused_in_a_sentence(content):
    try:
        file = earlier_file.read(content)
    except Invalid as refused:
        assert all(refused.problems["file"])
        return
    again = earlier_file.unpack(earlier_file.pack(file))
    assert again == file, "it is carried along as it was read"
    check(file)


def check(file: earlier_file.EarlierFile) -> None:
    columns = guess(file.headings, [cells for _, cells in file.cells])
    assert len(columns) == len(file.headings) == len(set(file.headings))
    try:
        rows, problems = earlier_rows.rows_of(file, columns, DAY_FIRST, date(2026, 11, 3))
    except Invalid as refused:
        assert all(refused.problems.values())
        return
    assert {problem.row for problem in problems} | {row.number for row in rows} <= {number for number, _ in file.cells}
    assert all(row.values["scanned_on"] is None or row.values["scanned_on"].year >= 1970 for row in rows)


CELLS = [*DAYS, *NO_DAYS[:9], "Knee", "R", "a;b", '"', "'=1", "Date", "NHS", "x,y", "a\nb"]


@given(
    st.lists(st.lists(st.sampled_from(CELLS) | st.text(max_size=9), max_size=6), min_size=1, max_size=8),
    st.sampled_from(",;\t"),
)
def test_every_table_of_a_spreadsheet_keeps_its_cells(table, delimiter):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(table)
    try:
        file = earlier_file.read(text.getvalue().encode("utf-8", "replace"))
    except Invalid:
        return
    assert earlier_file.unpack(earlier_file.pack(file)) == file
    check(file)
