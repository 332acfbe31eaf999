"""What a director has on a student's page: the weeks, mail begun, and with whom they spoke."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta

import pytest

import clock
from blueprints.students.weekly_chart import weekly_chart
from models import Contact, Enrolment, History
from tests.cast import days_ago, logged
from tests.cohort.steps import counted, days_earlier
from tests.scans.steps import text_of

pytestmark = pytest.mark.both_in_full


@pytest.fixture
def page(cast) -> str:
    return f"/students/{Enrolment.get(Enrolment.person == cast.tom).id}"


def test_the_weeks_say_what_was_logged_and_what_has_become_of_it(browse, cast, page):
    with days_earlier(15):
        counted(cast.tom, cast.ravi)
        logged(cast.tom, cast.ravi, region="knee", findings=(), normal=("all",), report="")
        logged(cast.tom, cast.ravi, region="hip", later=True, findings=(), normal=("all",), report="")
    said = text_of(browse(cast.dana).get(page))
    assert re.search(r"3 scans logged in \d+ weeks: 1 counted, 1 waiting, 1 to correct or drafts today", said)
    assert "Scans logged in each week" in said


def test_the_chart_has_a_bar_of_each_week_and_a_number_for_each():
    start, today = date(2026, 9, 21), date(2026, 11, 27)
    days = [(start, "counted"), (start, "with_mentor"), (start + timedelta(days=20), "draft"), (today, "returned")]
    drawn = weekly_chart(days, start, today)
    assert len(drawn.weeks) == 10 and [week.logged for week in drawn.weeks] == [2, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    assert [bar.kind for bar in drawn.bars] == ["counted", "waiting", "other", "other"]
    assert drawn.top == 2 and all(bar.y >= 0 and bar.x + bar.width <= drawn.width for bar in drawn.bars)
    assert weekly_chart([], start, today) is None
    far = weekly_chart([(date(2020, 1, 1), "counted"), (today, "counted")], start, today)
    assert len(far.bars) == 1 and far.text.startswith("1 scan logged in 60 weeks")


def test_a_director_keeps_with_whom_they_spoke_and_when(browse, cast, page):
    dana = browse(cast.dana)
    first = dana.get(page)
    assert "Mail to Tom Bright" in first.text and "mailto:ravi@example.test" in first.text
    sent = {"person": cast.ravi.id, "spoken_on": days_ago(1).isoformat(), "note": "Will look at all of it on Friday."}
    for _ in range(2):  # pressed twice
        answer = dana.post(f"{page}/contacts", sent)
        assert (answer.status_code, answer.location) == (303, f"{page}#contacts")
    (kept,) = Contact.select()
    assert (kept.person_id, kept.by_id, kept.spoken_on) == (cast.ravi.id, cast.dana.id, days_ago(1))
    assert History.select().where(History.verb == "note_contact").count() == 1
    said = text_of(dana.get(page))
    assert "Ravi Patel" in said and "noted by Dana Director" in said and "Will look at all of it on Friday." in said


def test_what_is_wrong_with_a_note_stands_beside_it_and_nothing_typed_is_lost(browse, cast, page):
    dana = browse(cast.dana)
    tomorrow = (clock.now().date() + timedelta(days=2)).isoformat()
    for changes, said in (
        ({"person": cast.mei.id}, "Choose the student, or somebody of their placements."),
        ({"person": "x"}, "Choose the student, or somebody of their placements."),
        ({"spoken_on": tomorrow}, "Write the day on which you spoke"),
        ({"spoken_on": "yesterday"}, "Write the day on which you spoke"),
        ({"note": "NHS 943 476 5919"}, "NHS number"),
        ({"note": "a" * 2001}, "At most 2,000 characters"),
    ):
        sent = {
            "person": cast.tom.id,
            "spoken_on": days_ago(1).isoformat(),
            "note": "Agreed on eight a week.",
            **changes,
        }
        answer = dana.post(f"{page}/contacts", sent)
        assert answer.status_code == 422 and said in text_of(answer), (changes, text_of(answer)[:500])
        assert (
            html.unescape(re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", answer.text, re.DOTALL).group(1))
            == sent["note"]
        )
    assert not Contact.select().exists()


def test_the_note_is_the_directors_alone(browse, cast, page):
    sent = {"person": cast.tom.id, "spoken_on": days_ago(1).isoformat(), "note": "Struggles at home."}
    for person in (cast.tom, cast.ravi, cast.ian, cast.helen):
        assert browse(person).post(f"{page}/contacts", sent).status_code == 403
    assert browse(cast.dana).post("/students/987654/contacts", sent).status_code == 404
    browse(cast.dana).post(f"{page}/contacts", sent)
    for person in (cast.ravi, cast.ian, cast.helen):
        text = browse(person).get(page).text
        assert "Struggles" not in text and "mailto:" not in text
    assert "Struggles" not in browse(cast.tom).get("/").text
