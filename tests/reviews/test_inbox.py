"""The inbox: what waits, complete enough to judge, by student and day, for one mentor alone."""

from __future__ import annotations

import re

import pytest
from playhouse.test_utils import count_queries

from blueprints.reviews import queries
from models import Enrolment, Person
from tests.cast import days_ago, entry_for, logged
from tests.reviews.steps import later
from workflows.reviews import reviews
from workflows.scans import scans

pytestmark = pytest.mark.both


@pytest.fixture
def ravi(browse, cast):
    return browse(cast.ravi)


def order(page: str, *words: str) -> list[int]:
    return [page.index(word) for word in words]


def test_an_empty_inbox_says_what_it_will_show(ravi):
    page = ravi.get("/inbox").text
    assert "Nothing waits for you." in page and "one tap approves it" in page
    assert "Croydon MSK clinic" in page


def test_each_card_is_complete_enough_to_judge(ravi, cast):
    machine = "Esaote MyLab X8"
    logged(
        cast.amara,
        cast.ravi,
        machine=machine,
        indication="pain, cuff tear?",
        outcome="abnormal, explains symptoms",
        limitations=("body habitus",),
    )
    page = ravi.get("/inbox").text
    assert "Inbox · <span" in page and "1 waiting" in page
    for told in (
        *("Unaided", "Amara O.", "Shoulder · right", "Full-thickness supraspinatus tear", "pain, cuff tear?"),
        *("abnormal, explains symptoms", "body habitus", "Case 0001", machine, "just now"),
    ):
        assert told in page, told
    assert re.search(r"<mark>.*14 mm", page, re.DOTALL), "the student's own words are marked"
    assert "Own words missing" not in page


def test_an_abnormal_report_that_only_the_taps_wrote_is_marked(ravi, cast):
    logged(cast.amara, cast.ravi, report="")
    assert "Own words missing" in ravi.get("/inbox").text


def test_a_normal_report_that_only_the_taps_wrote_is_not(ravi, cast):
    logged(cast.amara, cast.ravi, report="", findings=(), normal=("all",))
    assert "Own words missing" not in ravi.get("/inbox").text


def test_a_guided_procedure_is_named_with_the_students_part(ravi, cast, app):
    from workflows.course import programmes

    words = programmes.get("msk-pgcert").vocabulary
    procedure, part = words.procedures[0], words.procedure_roles[0]
    logged(cast.amara, cast.ravi, procedure=procedure, procedure_role=part, findings=(), report="")
    page = ravi.get("/inbox").text
    assert procedure.lower() in page.lower() and part in page
    assert "Own words missing" not in page


def test_agree_and_approve_says_what_it_records(ravi, cast):
    logged(cast.amara, cast.ravi, support="aided")
    page = ravi.get("/inbox").text
    assert "image good, report good, findings agreed" in page
    assert "the mentor has judged image, report and agreement" in page


def test_what_came_back_changed_says_so_with_what_was_asked(ravi, cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Add the long axis.")
    assert "Add the long axis" not in ravi.get("/inbox").text, "it is with the student"
    scans.correct(scan.id, entry_for(cast.ravi, report="Long axis: 14 mm."), by=cast.amara, version=1)
    page = ravi.get("/inbox").text
    assert "Changed since it was sent back" in page and "Add the long axis." in page and "version 2" in page


def test_what_came_back_unchanged_says_that(ravi, cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Add the long axis.")
    scans.send(scan.id, by=cast.amara, version=1)
    assert "Sent again, not changed" in ravi.get("/inbox").text


def test_what_has_waited_too_long_says_for_how_many_days(ravi, cast, monkeypatch):
    logged(cast.amara, cast.ravi)
    assert "Waiting" not in ravi.get("/inbox").text
    with later(monkeypatch, days=6, hours=23):
        assert "Waiting" not in ravi.get("/inbox").text
    with later(monkeypatch, days=7, hours=1):  # as the audit debt counts it
        assert "Waiting 7 days" in ravi.get("/inbox").text


def test_the_oldest_is_first_grouped_by_student_and_day(ravi, cast, monkeypatch):
    def log(student, hours, days, region):
        normal = {"findings": (), "normal": ("all",), "report": "", "scanned_on": days_ago(days)}
        with later(monkeypatch, hours=-hours):  # its day is counted from now: hours ago it may have been yesterday
            logged(student, cast.ravi, region=region, **normal)

    log(cast.tom, 30, 2, "knee")
    log(cast.amara, 3, 1, "shoulder")
    log(cast.amara, 1, 2, "elbow")
    page = ravi.get("/inbox").text
    places = order(page, ">Tom Bright</h2>", "Knee · right", ">Amara Okafor</h2>", "Elbow · right", "Shoulder · right")
    assert places == sorted(places), "who waits longest first; of each student the earlier day first"
    assert page.count('<h3 class="day">Scanned ') == 3, "one heading a day and student"


def test_filters_by_support_and_student_are_links(ravi, cast):
    for student in (cast.amara, cast.tom):
        logged(student, cast.ravi)
    logged(cast.amara, cast.ravi, support="aided", side="left")
    page = ravi.get("/inbox").text
    for chip in ("All 3", "Aided 1", "Unaided 2", "Amara Okafor 2", "Tom Bright 1"):
        assert chip in page, chip
    assert "Shoulder · right" not in ravi.get("/inbox?support=aided").text
    enrolment = Enrolment.get(Enrolment.person == cast.tom).id
    only_tom = ravi.get(f"/inbox?student={enrolment}").text
    assert "Tom B." in only_tom and "Amara O." not in only_tom
    assert "3 waiting" in only_tom, "the heading says how many wait in all"


def test_a_filter_that_nobody_knows_shows_everything(ravi, cast):
    logged(cast.amara, cast.ravi)
    assert "Amara O." in ravi.get("/inbox?support=guided&student=²").text


def test_a_filter_with_nothing_in_it_shows_the_way_back(ravi, cast):
    logged(cast.amara, cast.ravi)
    assert "Show everything" in ravi.get("/inbox?support=aided").text


def test_the_counters_have_their_own_address(ravi, cast):
    logged(cast.amara, cast.ravi)
    ravi.get("/inbox")
    piece = ravi.get("/inbox/counters").text
    assert "<html" not in piece and "Unaided 1" in piece and "1 waiting" in piece


def test_each_mentor_sees_what_waits_for_them(browse, cast):
    logged(cast.amara, cast.ravi)
    logged(cast.mei, cast.grace)
    assert "Mei C." not in browse(cast.ravi).get("/inbox").text
    assert "Amara O." not in browse(cast.grace).get("/inbox").text
    assert "Nothing waits for you." in browse(cast.priya).get("/inbox").text


def test_drafts_and_withdrawn_scans_are_in_no_inbox(ravi, cast):
    logged(cast.amara, cast.ravi, later=True)
    scan = logged(cast.amara, cast.ravi)
    scans.withdraw(scan.id, by=cast.amara, version=1)
    assert "Nothing waits for you." in ravi.get("/inbox").text
    assert ravi.get(f"/scans/{scan.id}/card").status_code == 404


def test_words_of_a_student_are_shown_as_words(ravi, cast):
    logged(cast.amara, cast.ravi, report="<img src=x onerror=alert(1)> 14 mm {{ 7*7 }}")
    page = ravi.get("/inbox").text
    assert "<img src=x" not in page and "&lt;img src=x" in page and "{{ 7*7 }}" in page


def test_fifty_waiting_scans_cost_as_many_queries_as_five(ravi, cast):
    counts = []
    for more in (5, 45):
        for number in range(more):
            student = (cast.amara, cast.tom)[number % 2]
            logged(student, cast.ravi, support=("aided", "unaided")[number % 3 == 0], report=f"{number} mm.")
        with count_queries() as counted:
            assert ravi.get("/inbox").status_code == 200
        counts.append(counted.count)
    assert counts[0] == counts[1] <= 8  # two of them: who covers for whom today, and whether the mentor is confirmed


@pytest.mark.sqlite
def test_a_card_reads_the_story_of_its_own_scan_and_not_all_that_its_mentor_was_told(database):
    asked = queries._CARDS._statement((1,) * len(queries._CARDS.slots))
    every = [1] * len(asked.parameters)
    plan = [row[-1] for row in database.execute_sql(f"EXPLAIN QUERY PLAN {asked.sql}", every).fetchall()]
    steps = [line for line in plan if " t8 " in line]
    notices = [line for line in plan if " t9 " in line]
    assert len(steps) == 6 and all("move_scan_id" in line for line in steps), plan
    assert len(notices) == 1 and "notice_subject (recipient_id=? AND subject=?)" in notices[0], plan


def test_a_very_full_inbox_shows_the_oldest_and_says_how_many_follow(ravi, cast, monkeypatch):
    monkeypatch.setattr("blueprints.reviews.inbox.AT_MOST", 3)
    for number in range(5):
        logged(cast.amara, cast.ravi, report=f"Number {number} here.")
    page = ravi.get("/inbox").text
    assert "5 waiting" in page and "2 more follow" in page
    assert page.count('class="card scan"') == 3
    assert "Number 2" in page and "Number 3" not in page


def test_times_are_said_as_a_person_says_them(database, cast):
    from datetime import UTC, datetime, timedelta

    from blueprints.presenters import short_ago
    from workflows.course import programmes

    programme = programmes.get("msk-pgcert")
    now = datetime(2026, 7, 15, 11, 0, tzinfo=UTC)  # noon in London
    for back, words in {
        timedelta(seconds=20): "just now",
        timedelta(minutes=10): "10 min ago",
        timedelta(hours=3): "3 h ago",
        timedelta(hours=20): "yesterday 16:00",
        timedelta(days=3): "Sun 12 Jul 12:00",
        timedelta(days=300): "Thu 18 Sep 2025 12:00",
        timedelta(seconds=-30): "just now",
    }.items():
        assert short_ago(programme, now - back, now) == words


def test_two_students_of_one_name_are_told_apart_in_the_inbox(browse, cast):
    for person, name in ((cast.amara, "Anna Müller"), (cast.tom, "ANNA MULLER")):
        Person.update(name=name).where(Person.id == person).execute()
    logged(cast.amara, cast.ravi)
    logged(cast.tom, cast.ravi)
    page = browse(cast.ravi).get("/inbox").text
    for name in ("Anna Müller (a…)", "ANNA MULLER (t…)"):
        assert f">{name}</h2>" in page and f"{name} 1</a>" in page


def test_two_mentors_of_one_name_are_told_apart_where_one_is_chosen(browse, cast):
    Person.update(name="Ravi Patel").where(Person.id == cast.priya).execute()
    scan = logged(cast.amara, cast.ravi)
    assert "Ravi Patel (p…)" in browse(cast.ravi).get(f"/scans/{scan.id}/review").text
    for client, path in ((browse(cast.amara), "/scans/new"), (browse(cast.dana), "/cohort")):
        page = client.get(path).text
        assert "Ravi Patel (p…)" in page and "Ravi Patel (r…)" in page
