"""The page on which a director or administrator decides of a student's study, and what the student and others see."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

import clock
from models import Absence, Cohort, Enrolment, Person, Scan, Staff
from rules.phrases import day
from tests.cast import days_ago
from tests.cohort.steps import at_risk, counters, row_of
from tests.scans.steps import abnormal, fields, log, text_of
from workflows.course import programmes
from workflows.people import lifecycle

pytestmark = pytest.mark.both_in_full
OWN = "14 mm full-thickness tear of the anterior supraspinatus at the footprint."


@pytest.fixture
def tom(cast) -> int:
    return Enrolment.get(Enrolment.person == cast.tom).id


def test_a_director_interrupts_resumes_extends_and_moves_by_forms(browse, cast, tom):
    dana, there = browse(cast.dana), f"/enrolments/{tom}"
    later = Cohort.create(
        programme=cast.cohort.programme, name="September 2027", starts_on=days_ago(-300), due_on=days_ago(-560)
    )
    for path, sent, says in (
        ("interruption", {"from_on": days_ago(3), "until_on": ""}, "no end is set yet"),
        ("resumption", {"back_on": days_ago(-11)}, f"until {day(days_ago(-11))}, 14 days"),
        ("extension", {"due_on": days_ago(-260)}, f"{day(days_ago(-260))}, extended"),
        ("transfer", {"cohort": later.id, "seen": cast.cohort.id}, f"{day(later.due_on)}"),
        ("withdrawal", {"ended_as": "left", "ended_on": days_ago(0)}, f"Left {day(days_ago(0))}"),
        ("readmission", {}, "September 2027"),
    ):
        answer = dana.post(f"{there}/{path}", sent)
        assert (answer.status_code, answer.location) == (303, f"{there}/study"), path
        assert says in text_of(dana.get(f"{there}/study")), path
    page = dana.get(f"{there}/study").text
    assert "the reason" in page and 'name="why"' not in page and "<textarea" not in page


def test_a_wrong_day_is_said_beside_its_field_and_what_was_typed_stays(browse, cast, tom):
    dana = browse(cast.dana)
    answer = dana.post(f"/enrolments/{tom}/interruption", {"from_on": "2001-01-01", "until_on": "2001-02-01"})
    assert answer.status_code == 422 and "They enrolled on" in answer.text
    assert 'value="2001-01-01"' in answer.text and 'value="2001-02-01"' in answer.text
    assert re.search(r'<details class="more" id="interrupt" open>', answer.text)
    for path, name in (("interruption", "from_on"), ("resumption", "back_on"), ("extension", "due_on")):
        if path == "resumption":
            lifecycle.interrupt(tom, days_ago(-5), None, by=cast.dana)
        answer = dana.post(f"/enrolments/{tom}/{path}", {name: "no day"})
        assert answer.status_code == 422 and f'id="{name}-error"' in answer.text
    assert dana.post(f"/enrolments/{tom}/transfer", {"cohort": "x", "seen": "y"}).status_code == 422
    lifecycle.withdraw(tom, days_ago(0), by=cast.dana)
    assert dana.post(f"/enrolments/{tom}/extension", {"due_on": days_ago(-400)}).status_code == 409


def test_an_administrator_decides_too(browse, cast, tom):
    adam = Person.create(email="adam@example.test", name="Adam Admin", made_at=clock.now(), password=cast.dana.password)
    Staff.create(person=adam, programme=cast.cohort.programme, role="administrator")
    client = browse(adam)
    assert f'href="/enrolments/{tom}/study"' in client.get(f"/students/{tom}").text
    assert client.get(f"/enrolments/{tom}/study").status_code == 200
    assert client.post(f"/enrolments/{tom}/extension", {"due_on": days_ago(-400)}).status_code == 303


def test_the_student_reads_on_home_that_nothing_is_expected_and_is_told(browse, cast, tom):
    lifecycle.interrupt(tom, days_ago(3), days_ago(-5), by=cast.dana)
    student = browse(cast.tom)
    said = text_of(student.get("/"))
    assert f"Your study is interrupted until {day(days_ago(-5))}. Nothing is expected of you." in said
    assert "at risk" not in said.lower() and "Needed" not in said
    assert "Study interrupted" in text_of(student.get("/news"))
    lifecycle.resume(tom, days_ago(0), by=cast.dana)
    assert "Nothing is expected" not in text_of(student.get("/"))


def test_the_cohort_says_who_is_interrupted_and_nobody_of_them_is_in_the_way(browse, cast, tom):
    dana = browse(cast.dana)
    assert "Tom Bright" in dict(at_risk(dana.get("/cohort").text))
    before = counters(dana, cast.cohort)
    lifecycle.interrupt(tom, days_ago(3), days_ago(-5), by=cast.dana)
    page = dana.get("/cohort").text
    assert "Tom Bright" not in dict(at_risk(page))
    assert "Interrupted until" in row_of(page, "Tom Bright")
    after = counters(dana, cast.cohort)
    assert int(after["at risk"]) == int(before["at risk"]) - 1
    assert after["students"] == before["students"] and "1 interrupted" in page
    only = dana.get("/cohort?show=interrupted").text
    assert "Tom Bright" in only and 'class="name"><a' in only and "Amara Okafor" not in only.split("case-mix")[0]
    assert "One of the students has a line of their own" in page
    rows = list(csv.DictReader(io.StringIO(dana.get("/cohort.csv").text.lstrip("\ufeff"))))
    toms = next(row for row in rows if row["Student"] == "Tom Bright")
    assert toms["Interrupted"] == f"{days_ago(3)} to {days_ago(-4)}"
    assert toms["Due"] == str(cast.cohort.due_on + timedelta(days=8))
    assert toms["Needed a week"] == toms["Forecast"] == ""


def test_the_directors_page_of_a_student_has_the_days_and_the_way_to_change_them(browse, cast, tom):
    lifecycle.interrupt(tom, days_ago(3), days_ago(-5), by=cast.dana)
    page = browse(cast.dana).get(f"/students/{tom}")
    assert f"Interrupted from {day(days_ago(3))} until {day(days_ago(-5))}" in text_of(page)
    assert f'href="/enrolments/{tom}/study"' in page.text
    assert "/study" not in browse(cast.ravi).get(f"/students/{tom}").text


# --- A scan of a day on which study was interrupted ---------------------------------------------------------------


def test_a_scan_dated_within_an_interruption_is_refused_with_the_reason_and_what_was_typed_stays(browse, cast, tom):
    lifecycle.interrupt(tom, days_ago(5), None, by=cast.dana)
    student = browse(cast.tom)
    sent = abnormal(cast, report=OWN, scanned_on=str(days_ago(2)))
    answer = student.post("/scans", sent)
    assert answer.status_code == 422 and 'id="scanned_on-error"' in answer.text
    assert "Your study is interrupted from" in answer.text and "14 mm" in answer.text
    assert not Scan.select().where(Scan.enrolment == tom).count()
    # The phone's outbox reads the same as JSON, and keeps the scan, to be changed.
    refused = student.post("/scans", sent, json=True)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["scanned_on"])
    # Of a day before, sent meanwhile, it is taken; without a day it is of today.
    taken = student.post("/scans", {**sent, "scanned_on": str(days_ago(6))}, json=True)
    assert (taken.status_code, taken.json["state"]) == (201, "with_mentor")
    assert student.post("/scans", abnormal(cast, report=OWN, scanned_on=""), json=True).status_code == 422


def test_a_programme_may_let_scans_be_dated_within_an_interruption(browse, cast, tom, monkeypatch):
    lifecycle.interrupt(tom, days_ago(5), None, by=cast.dana)
    monkeypatch.setitem(vars(programmes.get(cast.cohort.programme)), "log_during_interruption", True)
    sent = abnormal(cast, report=OWN, scanned_on=str(days_ago(2)))
    assert browse(cast.tom).post("/scans", sent, json=True).json["state"] == "with_mentor"


def test_what_was_sent_before_the_interruption_was_entered_stays_and_counts(browse, cast, tom):
    log(browse(cast.tom), fields(cast))
    lifecycle.interrupt(tom, days_ago(1), None, by=cast.dana)
    assert Scan.get(Scan.enrolment == tom).state == "with_mentor"
    assert "1 scan is dated within it" in text_of(browse(cast.dana).get(f"/enrolments/{tom}/study"))
    assert Absence.select().count() == 1
