"""Below the list: the case mix of its students, the cohort's pace, and the mentors' load."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

import clock
from blueprints.cohort import pace_chart
from models import Enrolment, Party
from tests.cast import logged
from tests.cohort.steps import counted, days_earlier, more_students
from workflows.reviews import reviews

pytestmark = pytest.mark.both_in_full


def mix_of(page: str, name: str) -> list[tuple[str, str]]:
    """One student's cells: (shade, text)."""
    row = next(row for row in re.findall(r'<tr id="mix-\d+">.*?</tr>', page, re.DOTALL) if f">{name}<" in row)
    return [(shade, re.sub(r"<[^>]+>", "", text)) for shade, text in re.findall(r'<td class="(h\d)">(.*?)</td>', row)]


def load_of(page: str, name: str) -> list[str]:
    """One mentor's cells, in words."""
    table = page[page.index('id="mentors"') :]
    row = next(row for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL) if f">{name}<" in row)
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]


# --- Case mix --------------------------------------------------------------------------------------------------


def test_the_case_mix_says_how_many_count_in_each_region(browse, cast):
    counted(cast.amara, cast.ravi, 3)
    counted(cast.amara, cast.ravi, region="knee", findings=(), normal=("all",), report="")
    cells = mix_of(browse(cast.dana).get("/cohort").text, "Amara Okafor")
    assert [text for _, text in cells] == ["3", "0", "0", "0", "1", "0", "0"]
    assert [shade for shade, _ in cells] == ["h2", "h0", "h0", "h0", "h1", "h0", "h0"]


def test_a_reached_target_has_a_tick_and_one_less_has_none(browse, cast):
    dana = browse(cast.dana)
    counted(cast.amara, cast.ravi, 19)
    assert mix_of(dana.get("/cohort").text, "Amara Okafor")[0] == ("h8", "19")
    counted(cast.amara, cast.ravi)
    assert mix_of(dana.get("/cohort").text, "Amara Okafor")[0] == ("h9", "20 ✓")


def test_a_region_outside_the_remit_is_no_gap(browse, cast):
    Enrolment.update(remit=["shoulder", "wrist", "hand"]).where(Enrolment.person == cast.amara).execute()
    texts = [text for _, text in mix_of(browse(cast.dana).get("/cohort").text, "Amara Okafor")]
    assert texts == ["0", "–not in the remit", "0", *["–not in the remit"] * 4]


def test_the_case_mix_shows_the_students_of_the_list_and_leads_to_each(browse, cast):
    more_students(cast.cohort, 60)
    page = browse(cast.dana).get("/cohort?q=student&page=2").text
    rows = re.findall(r'<tr id="student-(\d+)">', page)
    assert rows and re.findall(r'<tr id="mix-(\d+)">', page) == rows
    assert f'<th scope="row"><a href="/students/{rows[0]}?back=' in page[page.index('id="case-mix"') :]


# --- Pace ------------------------------------------------------------------------------------------------------


def test_the_pace_says_what_counts_and_what_is_expected(browse, cast):
    with days_earlier(40):
        counted(cast.amara, cast.ravi, 4)
    counted(cast.tom, cast.ravi)
    page = browse(cast.dana).get("/cohort").text
    due = cast.cohort.due_on
    assert f"5 counted by today; 194 expected by today on a straight line to 750 on {due.day} {due:%B %Y}." in page
    table = page[page.index("In numbers") : page.index('id="mentors"')]
    today = clock.now().date()
    assert re.search(rf"{today.day} {today:%B %Y}</th><td class=\"n\">5</td><td class=\"n\">194</td>", table)
    assert re.search(rf"{due.day} {due:%B %Y}</th><td class=\"n\"></td><td class=\"n\">750</td>", table)


def test_an_undone_approval_leaves_the_pace(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=scan.version)
    reviews.undo(scan.id, by=cast.ravi, version=scan.version)
    assert "0 counted by today;" in browse(cast.dana).get("/cohort").text


START, DUE = date(2026, 9, 1), date(2027, 5, 31)


def test_the_line_goes_from_nothing_on_the_first_day_to_everything_on_the_last():
    drawn = pace_chart.pace_chart((), START, DUE, date(2026, 12, 1), 6000)
    assert drawn.expected == "M40.0 166.0L352.0 10.0H352.0"
    assert [row.expected for row in drawn.rows][-1] == 6000 and drawn.rows[-1].on == DUE
    assert [mark.label for mark in drawn.numbers] == ["0", "3,000", "6,000"]


def test_the_counted_go_up_day_by_day_to_today():
    days = [(date(2026, 9, 10), 5), (date(2026, 10, 1), 10)]
    drawn = pace_chart.pace_chart(tuple(days), START, DUE, date(2026, 12, 1), 20)
    assert drawn.counted.startswith("M40.0 166.0H") and drawn.counted.endswith(f"H{drawn.today}")
    assert [row.counted for row in drawn.rows][:4] == [5, 15, 15, 15]  # September, October, November, today
    assert drawn.rows[-1].counted is None  # not there yet


def test_what_counted_before_the_start_is_told_apart():
    drawn = pace_chart.pace_chart(((date(2025, 3, 1), 250), (date(2026, 9, 10), 5)), START, DUE, date(2026, 12, 1), 500)
    assert drawn.text.startswith("255 counted by today;")
    assert drawn.text.endswith("250 counted before the course started.")
    assert "before" not in pace_chart.pace_chart(((START, 5),), START, DUE, date(2026, 12, 1), 500).text


def test_a_chart_is_drawn_whatever_the_days():
    for today in (START - timedelta(days=90), START, DUE, DUE + timedelta(days=400)):
        for days in ([], [(START - timedelta(days=300), 7)], [(DUE + timedelta(days=9), 7)]):
            for target in (0, 1, 999_999):
                drawn = pace_chart.pace_chart(tuple(days), START, DUE, today, target)
                assert (drawn.today is None) == (today < START) and len(drawn.days) <= 7


# --- Mentors ---------------------------------------------------------------------------------------------------


def test_a_mentors_load_is_told_with_how_fast_they_answer(browse, cast):
    with days_earlier(5):
        logged(cast.amara, cast.ravi)
        slow = logged(cast.tom, cast.ravi)
    with days_earlier(3):
        reviews.approve(slow.id, by=cast.ravi, version=slow.version)
    page = browse(cast.dana).get("/cohort").text
    assert load_of(page, "Ravi Patel") == ["2 students", "1 waiting", "the oldest 5 days", "answers in 2 days"]
    assert load_of(page, "Grace Adeyemi") == ["1 student", "0 waiting", "", ""]
    assert f'href="/cohort?cohort={cast.cohort.id}&amp;mentor={cast.ravi.id}">Ravi Patel<' in page
    assert "waits too long</span>" not in page


def test_a_mentor_for_whom_a_scan_waits_too_long_is_said_so(browse, cast):
    with days_earlier(20):
        logged(cast.mei, cast.grace)
    page = browse(cast.dana).get("/cohort").text
    assert re.search(r"Grace Adeyemi</a> <span class=\"status late\">.*?waits too long</span>", page)


def test_the_mentor_with_the_longest_wait_comes_first(browse, cast):
    with days_earlier(20):
        logged(cast.tom, cast.ravi)
    page = browse(cast.dana).get("/cohort").text
    table = page[page.index('id="mentors"') :]
    assert table.index(">Ravi Patel<") < table.index(">Grace Adeyemi<") < table.index(">Priya Nair<")


def test_of_very_many_mentors_those_are_shown_for_whom_a_scan_waits_longest(browse, cast, monkeypatch):
    monkeypatch.setattr("blueprints.cohort.views.MENTORS", 2)
    with days_earlier(20):
        logged(cast.tom, cast.ravi)
    with days_earlier(3):
        logged(cast.mei, cast.grace)
    page = browse(cast.dana).get("/cohort").text
    table = page[page.index('id="mentors"') :]
    assert table.index(">Ravi Patel<") < table.index(">Grace Adeyemi<") < table.index("1 more. The filter")
    assert ">Priya Nair<" not in table and f'value="{cast.priya.id}"' in page


def test_who_mentors_no_more_but_still_holds_a_scan_is_named_with_what_waits(browse, cast):
    logged(cast.mei, cast.grace)
    Party.update(ended_on=clock.now().date()).where(Party.person == cast.grace).execute()
    page = browse(cast.dana).get("/cohort").text
    assert load_of(page, "Grace Adeyemi")[:2] == ["0 students", "1 waiting"]
    assert f"mentor={cast.grace.id}" not in page and f"waits={cast.grace.id}" in page
