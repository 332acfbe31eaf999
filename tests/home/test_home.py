"""The home page: what came back first, then how far, then what to do next; everybody else is shown to their room."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

import clock
from blueprints.home import queries
from models import Cohort, Enrolment, Move, Notice, Party, Person, Placement, Scan
from rules.vocabulary import Pair
from tests.cast import happened, logged
from tests.client import queries_of
from workflows.counts import recount
from workflows.course import programmes
from workflows.notices import notices
from workflows.reviews import reopening, reviews
from workflows.scans import scans

pytestmark = pytest.mark.both_in_full


@pytest.fixture
def programme(database):
    return programmes.get("msk-pgcert")


def home_of(browse, person) -> str:
    answer = browse(person).get("/")
    assert answer.status_code == 200
    return answer.text


def words_of(page: str) -> str:
    """What a person reads of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace(" ,", ",").split())


def returned(student, mentor, why="Add the long-axis view.", **changes):
    scan = logged(student, mentor, **changes)
    return reviews.send_back(scan.id, by=mentor, version=scan.version, why=why)


def commented(student, mentor, comment, ago=timedelta(hours=1), **changes):
    """An approval with a comment, given some time ago."""
    scan = logged(student, mentor, **changes)
    reviews.approve(scan.id, by=mentor, version=scan.version, comment=comment)
    happened(scan, clock.now() - ago, "approve")
    return scan


# --- What came back --------------------------------------------------------------------------------------------


def test_a_returned_scan_comes_first_on_toms_home_with_the_mentors_reason(browse, cast):
    scan = returned(cast.tom, cast.ravi, "Add the long-axis view.")
    page = home_of(browse, cast.tom)
    assert "Right shoulder returned" in page and "Ravi Patel: Add the long-axis view." in page
    assert f'href="/scans/{scan.id}"' in page
    assert page.index("Add the long-axis view.") < page.index('class="sector"')


def test_what_came_back_to_tom_is_not_on_amaras_home(browse, cast):
    returned(cast.tom, cast.ravi, "Add the long-axis view.")
    assert "long-axis" not in home_of(browse, cast.amara)


def test_a_returned_scan_stays_until_it_is_sent_again_even_when_seen(browse, cast):
    scan = returned(cast.tom, cast.ravi)
    notices.mark_read([f"scan:{scan.id}"], by=cast.tom)
    page = home_of(browse, cast.tom)
    assert "Right shoulder returned" in page and ">New<" not in page
    scans.send(scan.id, by=cast.tom, version=scan.version)
    assert "Right shoulder returned" not in home_of(browse, cast.tom)


def test_a_scan_that_came_back_twice_is_told_once_with_the_newest_reason(browse, cast):
    scan = returned(cast.tom, cast.ravi, "The first reason.")
    scan = scans.send(scan.id, by=cast.tom, version=scan.version)
    reviews.send_back(scan.id, by=cast.ravi, version=scan.version, why="The second reason.")
    page = home_of(browse, cast.tom)
    assert "The second reason." in page and "The first reason." not in page


def test_the_unseen_comes_before_the_seen(browse, cast):
    old = returned(cast.tom, cast.ravi, "The older one.", region="knee", findings=(), normal=("all",))
    new = returned(cast.tom, cast.ravi, "The newer one.")
    notices.mark_read([f"scan:{new.id}"], by=cast.tom)
    page = home_of(browse, cast.tom)
    assert page.index("The older one.") < page.index("The newer one.")
    notices.mark_read([f"scan:{old.id}"], by=cast.tom)
    page = home_of(browse, cast.tom)
    assert page.index("The newer one.") < page.index("The older one.")


def test_what_wants_doing_comes_before_a_newer_comment(browse, cast):
    scan = returned(cast.tom, cast.ravi, "Add the long-axis view.")
    commented(cast.tom, cast.ravi, "Lovely probe pressure.", ago=timedelta(minutes=1))
    happened(scan, clock.now() - timedelta(days=2), "send_back")
    page = home_of(browse, cast.tom)
    assert page.index("Add the long-axis view.") < page.index("Lovely probe pressure.")


def test_an_approval_is_told_only_when_it_can_no_longer_be_undone(browse, cast, programme):
    window = timedelta(seconds=programme.undo_seconds + programme.undo_grace_seconds)
    scan = commented(cast.tom, cast.ravi, "Lovely probe pressure.", ago=timedelta(0))
    assert "Lovely probe pressure." not in home_of(browse, cast.tom)
    happened(scan, clock.now() - window, "approve")
    assert "Lovely probe pressure." in home_of(browse, cast.tom)


def test_an_approval_that_was_undone_is_never_told(browse, cast):
    scan = logged(cast.tom, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=scan.version, comment="Too quick.")
    reviews.undo(scan.id, by=cast.ravi, version=scan.version)
    Move.update(at=clock.now() - timedelta(hours=2)).where(Move.scan == scan).execute()
    assert "Too quick." not in home_of(browse, cast.tom)


def test_an_approval_without_a_comment_is_only_counted(browse, cast):
    commented(cast.tom, cast.ravi, "")
    page = home_of(browse, cast.tom)
    assert "approved, with a comment" not in page and "1 of 250 counted" in page


def test_a_comment_leaves_a_week_after_it_was_seen(browse, cast):
    scan = commented(cast.tom, cast.ravi, "Lovely probe pressure.")
    notices.mark_read([f"scan:{scan.id}"], by=cast.tom)
    assert "Lovely probe pressure." in home_of(browse, cast.tom)
    Notice.update(read_at=clock.now() - timedelta(days=8)).where(Notice.read_at.is_null(False)).execute()
    assert "Lovely probe pressure." not in home_of(browse, cast.tom)


def test_a_reopened_scan_is_told_with_its_reason(browse, cast):
    scan = commented(cast.tom, cast.ravi, "")
    reopening.reopen(scan.id, by=cast.ravi, why="The side was wrong.")
    page = home_of(browse, cast.tom)
    assert "Right shoulder reopened" in page and "The side was wrong." in page


def test_what_a_mentor_writes_stays_text(browse, cast):
    returned(cast.tom, cast.ravi, "<script>alert(1)</script>")
    page = home_of(browse, cast.tom)
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


# --- How far ---------------------------------------------------------------------------------------------------


def test_the_home_says_what_counts_in_dots_and_in_words(browse, cast):
    commented(cast.tom, cast.ravi, "")
    commented(cast.tom, cast.ravi, "", support="aided", region="knee", findings=(), normal=("all",))
    logged(cast.tom, cast.ravi, region="elbow", findings=(), normal=("all",))
    page = home_of(browse, cast.tom)
    drawn = re.findall(r'<path class="(?:un)?aided [a-z_]+" d="([^"]+)"', page)
    assert sum(outline.count("M") for outline in drawn) == 250
    assert "2 of 250 counted: 1 of 100 aided and audited, 1 of 150 unaided; 1 with mentor." in page
    assert "behind starts at" in page or "at risk starts at" in page  # the threshold stands beside the status


def test_audit_debt_is_told_with_its_age(browse, cast):
    scan = logged(cast.tom, cast.ravi, support="aided")
    Scan.update(sent_at=clock.now() - timedelta(days=9)).where(Scan.id == scan.id).execute()
    recount.mend_all()
    page = home_of(browse, cast.tom)
    assert "1 aided scan waits for its audit, sent 9 days ago; 1 overdue (after 7 days)." in page


def test_a_guided_procedure_has_its_own_counter(browse, cast):
    commented(cast.tom, cast.ravi, "", procedure="barbotage", procedure_role="assisted")
    page = home_of(browse, cast.tom)
    assert "0 of 250 counted" in page and "recorded apart, not counted" in page
    assert "Assisted 1 approved" in words_of(page)


def test_an_enrolment_that_begins_next_year_takes_nothing_over_before_its_first_day(browse, cast):
    now = Enrolment.get(person=cast.tom)
    cohort = Cohort.create(
        programme="msk-pgcert",
        name="The year after",
        starts_on=now.enrolled_on + timedelta(days=700),
        due_on=now.enrolled_on + timedelta(days=1400),
    )
    Enrolment.create(person=cast.tom, cohort=cohort, enrolled_on=clock.now().date() + timedelta(days=200))
    assert logged(cast.tom, cast.ravi).enrolment_id == now.id
    assert now.cohort.name in home_of(browse, cast.tom)
    assert "The year after" not in home_of(browse, cast.tom)
    Enrolment.update(enrolled_on=clock.now().date()).where(Enrolment.cohort == cohort).execute()
    assert "The year after" in home_of(browse, cast.tom)


def test_procedures_are_told_by_the_part_in_them_approved_and_not(browse, cast):
    for role in ("performed", "observed", "observed"):
        commented(cast.tom, cast.ravi, "", procedure="barbotage", procedure_role=role)
    logged(cast.tom, cast.ravi, procedure="barbotage", procedure_role="observed", report="Barbotage, watched.")
    parts = "Observed 2 approved, 1 not yet Assisted 0 approved Performed 1 approved"
    assert parts in words_of(home_of(browse, cast.tom))
    enrolment = Enrolment.get(person=cast.tom)
    assert parts in words_of(browse(cast.ravi).get(f"/students/{enrolment.id}").text)


def test_an_approved_procedure_is_recorded_never_counted(browse, cast):
    scan = commented(cast.tom, cast.ravi, "", procedure="barbotage", procedure_role="assisted")
    Scan.update(approved_at=clock.now() - timedelta(hours=1)).where(Scan.id == scan.id).execute()
    pages = [("tom", "/scans"), ("tom", f"/scans/{scan.id}"), ("ravi", f"/scans/{scan.id}/review")]
    for who, path in (*pages, ("ravi", f"/students/{scan.enrolment_id}")):
        tags = re.findall(r'class="tag counted">.*?<span>([a-z ]+)</span>', browse(getattr(cast, who)).get(path).text)
        assert tags == ["recorded"], (who, path)
    assert "Recorded" in browse(cast.tom).get("/scans.csv").text


def test_regions_are_listed_by_the_largest_gap(browse, cast):
    for _ in range(2):
        commented(cast.tom, cast.ravi, "")
    commented(cast.tom, cast.ravi, "", region="elbow", findings=(), normal=("all",))
    page = home_of(browse, cast.tom)
    names = ["Knee: 0 of 20", "Elbow: 1 of 20", "Shoulder: 2 of 20"]
    assert sorted(names, key=page.index) == names


def test_finish_later_counts_drafts_and_scans_without_own_words(browse, cast):
    logged(cast.tom, cast.ravi, later=True)
    logged(cast.tom, cast.ravi, support="", later=True)
    logged(cast.tom, cast.ravi, report="", findings=(Pair("ssp", "tendinosis"),))
    logged(cast.tom, cast.ravi, report="", findings=(), normal=("all",))
    page = home_of(browse, cast.tom)
    assert "2 drafts, 1 without words" in page and "/scans?finish=later" in page


# --- What to do next -------------------------------------------------------------------------------------------


def test_same_again_names_the_last_scan_and_opens_it_as_a_pattern(browse, cast):
    logged(cast.tom, cast.ravi)
    scan = logged(cast.tom, cast.ravi, region="knee", side="both", findings=(), normal=("all",))
    page = home_of(browse, cast.tom)
    assert "Same again: both knees" in page and f"/scans/new?like={scan.id}" in page
    scans.withdraw(scan.id, by=cast.tom, version=scan.version)
    assert "Same again: right shoulder" in home_of(browse, cast.tom)


def test_a_new_student_learns_what_the_dots_are_and_where_to_begin(browse, cast):
    page = home_of(browse, cast.tom)
    assert "Your first scan" in page and "Log scan" in page
    assert "Same again" not in page and "Finish later" not in page


def test_a_graduate_reads_on_and_logs_nothing(browse, cast):
    logged(cast.tom, cast.ravi)
    ended = Enrolment.update(ended_on=date(2026, 6, 12), ended_as="graduated")
    ended.where(Enrolment.person == cast.tom).execute()
    page = home_of(browse, cast.tom)
    assert "You have graduated" in page and "Graduated on 12 June 2026." in page
    assert "Same again" not in page and "Where to scan next" not in page and "behind" not in page


@pytest.mark.parametrize(
    ("utc", "says"),
    [
        (datetime(2026, 7, 1, 3, 30, tzinfo=UTC), "Good morning, Amara"),  # 4:30 in London's summer
        (datetime(2026, 7, 1, 11, 30, tzinfo=UTC), "Good afternoon, Amara"),  # half past twelve there
        (datetime(2026, 1, 1, 11, 30, tzinfo=UTC), "Good morning, Amara"),
        (datetime(2026, 1, 1, 18, 0, tzinfo=UTC), "Good evening, Amara"),
        (datetime(2026, 1, 1, 2, 0, tzinfo=UTC), "Good evening, Amara"),
    ],
)
def test_the_greeting_goes_by_the_programmes_clock(programme, utc, says):
    assert queries.greeting("Amara Okafor", programme.local(utc)) == says


# --- Whose home ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "room"),
    [("ravi", "/inbox"), ("dana", "/cohort"), ("helen", "/students"), ("ian", "/students"), ("esther", "/students")],
)
def test_everybody_else_is_shown_to_their_own_room(browse, cast, who, room):
    answer = browse(getattr(cast, who)).get("/")
    assert (answer.status_code, answer.location) == (302, room)


def test_a_student_who_is_a_mentor_too_has_a_way_to_the_inbox(browse, cast):
    placement = Placement.select().join(Enrolment).where(Enrolment.person == cast.mei).get()
    Party.create(placement=placement, person=cast.amara, role="mentor")
    logged(cast.mei, cast.amara)
    page = home_of(browse, cast.amara)
    assert "<b>1 scan</b> of your own students waits in your inbox" in page


def test_somebody_without_any_part_is_told_so(browse, cast):
    nobody = Person.create(email="new@example.test", name="New Person", made_at=clock.now())
    assert "You have no part in a course at the moment." in home_of(browse, nobody)


def test_the_home_asks_five_questions_however_many_scans(browse, cast, database):
    client = browse(cast.tom)
    asked_for = []
    for _ in range(2):
        for _ in range(5):
            returned(cast.tom, cast.ravi)
            logged(cast.tom, cast.ravi)
        with queries_of(database) as asked:
            client.get("/")
        asked_for.append(len(asked))
    assert asked_for[0] == asked_for[1] <= 5


def test_log_scan_stands_once_on_every_screen_that_has_it(browse, cast):
    scan, tom, mei = logged(cast.tom, cast.ravi), browse(cast.tom), browse(cast.mei)
    assert "Your first scan" in mei.get("/").text, "of a new student too"
    for client, path in (
        (tom, "/"),
        (mei, "/"),
        (mei, "/scans"),
        (tom, f"/scans/{scan.id}?saved=1"),
        (tom, "/offline"),
    ):
        links = re.findall(r"<a [^>]*>(?:(?!</a>).)*Log scan</", client.get(path).text, re.DOTALL)
        assert len(links) == 1, (path, links)
