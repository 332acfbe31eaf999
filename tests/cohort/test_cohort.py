"""The director's room: who is fine, who is not, and why, in one row a student."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

import clock
from models import Cohort, Enrolment, Party, Person, Placement, Staff, Tally
from tests.cast import logged
from tests.client import queries_of
from tests.cohort.steps import another_cohort, at_risk, counted, counters, days_earlier, more_students, names, row_of
from workflows.reviews import reviews

pytestmark = pytest.mark.both_in_full

TEXTS = "14 mm full-thickness tear of the anterior supraspinatus"


def test_who_is_at_risk_and_why_stands_first(browse, cast):
    with days_earlier(20):
        logged(cast.mei, cast.grace)
    logged(cast.tom, cast.ravi)
    page = browse(cast.dana).get("/cohort").text
    said = dict(at_risk(page))
    assert list(said) == ["Mei Chen", "Amara Okafor", "Tom Bright"]
    assert said["Mei Chen"] == "Mentor 1 waits with Grace Adeyemi, 20 days Student 63 behind"
    assert said["Amara Okafor"].startswith("Student 64 behind, silent 70 days")
    assert page.index("Who is in the way") < page.index('id="students"')


def test_a_cohort_without_risk_says_so(browse, cast):
    Enrolment.update(enrolled_on=clock.now().date()).execute()
    page = browse(cast.dana).get("/cohort").text
    assert at_risk(page) == [] and "Nobody is in the way" in page


def test_a_filtered_page_begins_with_what_was_asked_for(browse, cast):
    page = browse(cast.dana).get("/cohort?show=at-risk").text
    assert at_risk(page) == [] and len(names(page)) == 3


def test_each_row_says_how_far_what_waits_and_why(browse, cast):
    counted(cast.amara, cast.ravi, 2)
    logged(cast.amara, cast.ravi, support="aided")
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=scan.version, why="Again, please.")
    page = browse(cast.dana).get("/cohort").text
    row = row_of(page, "Amara Okafor")
    said = dict(re.findall(r'data-label="([^"]+)">(?:<span class="label">needs </span>)?([\d.]+)', row))
    assert said == {
        "aided": "0",
        "unaided": "2",
        "with mentor": "1",
        "returned": "1",
        "audit debt": "1",
        "a week": "8.6",
    }
    assert 'class="mini"' in row and '<span class="label">logged </span>today' in row
    assert re.search(
        r'class="status bad">.*At risk</span><span class="reasons"><span class="link"><b>Student</b> 60 behind', row
    )
    enrolment = Enrolment.get(Enrolment.person == cast.amara)
    assert f'href="/students/{enrolment.id}?back=' in row


def test_an_overdue_audit_is_told_in_the_row(browse, cast):
    with days_earlier(16):
        logged(cast.amara, cast.ravi, support="aided")
    row = row_of(browse(cast.dana).get("/cohort").text, "Amara Okafor")
    assert 'data-label="audit debt, 1 overdue">1<small>1 overdue</small>' in row and "1 audit overdue" in row


def test_a_forecast_is_made_of_what_counts_and_not_of_too_few(browse, cast):
    for kind in ("aided", "unaided"):
        counted(cast.amara, cast.ravi, 7, support=kind)
    row = row_of(browse(cast.dana).get("/cohort").text, "Amara Okafor")
    assert "none yet" in row and "after due" not in row
    for kind in ("aided", "unaided"):
        counted(cast.amara, cast.ravi, support=kind)
    row = row_of(browse(cast.dana).get("/cohort").text, "Amara Okafor")
    assert "none yet" not in row and "after due" in row


def test_the_director_reads_no_report_here(browse, cast):
    logged(cast.amara, cast.ravi)
    assert TEXTS not in browse(cast.dana).get("/cohort").text


def test_who_has_left_is_last_and_no_risk(browse, cast):
    ended = Enrolment.update(ended_on=date(2026, 6, 12), ended_as="left")
    ended.where(Enrolment.person == cast.amara).execute()
    dana = browse(cast.dana)
    page = dana.get("/cohort").text
    assert names(page)[-1] == "Amara Okafor" and "Amara Okafor" not in dict(at_risk(page))
    found = counters(dana, cast.cohort)
    assert (found["students"], found["at risk"]) == ("2", "2")
    assert "Amara Okafor" not in names(dana.get("/cohort?show=at-risk").text)


# --- Several cohorts and programmes ----------------------------------------------------------------------------


def test_one_cohort_among_several_is_chosen_by_its_address(browse, cast):
    older = another_cohort()
    dana = browse(cast.dana)
    page = dana.get("/cohort").text
    assert "Cohort · September 2026" in page and f"/cohort?cohort={older.id}" in page
    page = dana.get(f"/cohort?cohort={older.id}").text
    assert "Cohort · September 2025" in page and "Nobody is enrolled in this cohort yet." in page


def test_the_cohorts_of_two_programmes_stand_under_their_names(browse, cast):
    another_cohort()
    Staff.create(person=cast.dana, programme="course-without-a-file", role="director")
    another_cohort("course-without-a-file", "Diploma 2025")
    page = browse(cast.dana).get("/cohort").text
    picker = page[page.index("Other cohorts") : page.index('id="students"')]
    assert re.findall(r'<h2 class="section">([^<]+)</h2>', picker) == [
        "PgCert Musculoskeletal Ultrasound Imaging",
        "course-without-a-file",
    ]
    assert re.findall(r'<a href="/cohort\?cohort=\d+">([^<]+)</a>', picker) == ["September 2025", "Diploma 2025"]


def test_a_cohort_that_has_not_started_is_not_opened_first(browse, cast):
    today = clock.now().date()
    Cohort.create(
        programme="msk-pgcert", name="Next", starts_on=today + timedelta(days=90), due_on=today + timedelta(days=400)
    )
    assert "Cohort · September 2026" in browse(cast.dana).get("/cohort").text


def test_another_programmes_cohort_is_not_there(browse, cast):
    theirs = another_cohort("somebody-elses", "Theirs")
    dana = browse(cast.dana)
    for path in ("/cohort", "/cohort.csv", "/cohort.xlsx"):
        assert dana.get(f"{path}?cohort={theirs.id}").status_code == 404
        assert dana.get(f"{path}?cohort=first").status_code == 404
    assert dana.get(f"/cohorts/{theirs.id}/counters").status_code == 404
    assert dana.get("/cohorts/999/counters").status_code == 404
    assert "Theirs" not in dana.get("/cohort").text


def test_a_director_of_nothing_yet_is_told_what_will_be_here(browse, cast):
    director = Person.create(email="d@example.test", name="New Director", made_at=clock.now())
    Staff.create(person=director, programme="msk-pgcert", role="director")
    for table in (Tally, Party, Placement, Enrolment, Cohort):
        table.delete().execute()
    client = browse(director)
    assert "There is no cohort yet." in client.get("/cohort").text
    assert client.get("/cohort.csv").status_code == client.get("/cohort.xlsx").status_code == 404


@pytest.mark.parametrize("who", ["amara", "ravi", "helen", "ian", "esther"])
def test_the_cohort_is_the_directors_alone(browse, cast, who):
    client = browse(getattr(cast, who))
    for path in ("/cohort", "/cohort.csv", "/cohort.xlsx", f"/cohorts/{cast.cohort.id}/counters"):
        assert client.get(path).status_code == 403


# Who asks, their cohorts, its version, students, numbers, places, what waits; then the pace, how mentors answered, who
# left, who is to be confirmed, what is held by that, mails that failed. A file says where history ends (two).
@pytest.mark.parametrize(
    ("path", "most"), [("/cohort", 13), ("/cohort?show=at-risk&sort=-needed&q=s", 13), ("/cohort.csv", 8)]
)
def test_the_cohort_asks_as_much_for_five_students_as_for_fifty(browse, cast, database, path, most):
    dana = browse(cast.dana)
    asked_for = []
    for total in (5, 50):
        more_students(cast.cohort, total)
        counted(cast.amara, cast.ravi)
        with queries_of(database) as asked:
            assert dana.get(path).status_code == 200
        asked_for.append(len(asked))
    assert asked_for[0] == asked_for[1] <= most
