"""The director's room: who is fine, who is not, and why, in one row a student."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from models import Cohort, Enrolment, Party, Person, Placement, Staff
from tests.cast import logged
from tests.client import queries_of
from workflows import clock, reviews

TEXTS = "14 mm full-thickness tear of the anterior supraspinatus"


def counters(client, cohort) -> dict[str, str]:
    """The four numbers of the piece, by their label."""
    text = client.get(f"/cohorts/{cohort.id}/counters", htmx=True).text
    return {
        label.strip(): value
        for value, label in re.findall(r"<b>([\d,]+)</b> <span>(?:<svg.*?</svg>)?(.*?)</span>", text)
    }


def names(page: str) -> list[str]:
    """The students in the order of the rows."""
    return re.findall(r'class="name"><a [^>]*>([^<]+)<', page)


def another_cohort(programme: str = "msk-pgcert", name: str = "September 2025") -> Cohort:
    today = clock.now().date()
    return Cohort.create(
        programme=programme, name=name, starts_on=today - timedelta(days=435), due_on=today - timedelta(days=165)
    )


def test_the_directors_counters_move_when_a_mentor_approves(browse, cast):
    dana = browse(cast.dana)
    scan = logged(cast.amara, cast.ravi)
    before = counters(dana, cast.cohort)
    assert (before["students"], before["scans counted"], before["awaiting mentor"]) == ("3", "0", "1")
    reviews.approve(scan.id, by=cast.ravi, version=scan.version)
    after = counters(dana, cast.cohort)
    assert (after["scans counted"], after["awaiting mentor"]) == ("1", "0")
    reviews.undo(scan.id, by=cast.ravi, version=scan.version)
    assert counters(dana, cast.cohort) == before


def test_the_page_holds_the_piece_as_its_own_address_answers_it(browse, cast):
    logged(cast.amara, cast.ravi)
    dana = browse(cast.dana)
    piece = dana.get(f"/cohorts/{cast.cohort.id}/counters", htmx=True).text
    assert piece.strip() in dana.get("/cohort").text
    assert f'id="counters-{cast.cohort.id}"' in piece


def test_each_row_says_how_far_what_waits_and_what_is_missing(browse, cast):
    for _ in range(2):
        scan = logged(cast.amara, cast.ravi)
        reviews.approve(scan.id, by=cast.ravi, version=scan.version)
    logged(cast.amara, cast.ravi, support="aided")
    logged(cast.amara, cast.ravi, later=True)
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=scan.version, why="Again, please.")
    page = browse(cast.dana).get("/cohort").text
    row = re.search(r"<tr>(?:(?!<tr>).)*Amara Okafor.*?</tr>", page, re.DOTALL).group()
    said = dict(re.findall(r'data-label="([^"]+)">(\d+)', row))
    assert said == {"aided": "0", "unaided": "2", "with mentor": "1", "returned": "1", "draft": "1", "audit debt": "1"}
    assert "100 aided and 148 unaided to go; short in elbow 20" in row
    assert 'class="mini"' in row and "today" in row
    enrolment = Enrolment.get(Enrolment.person == cast.amara)
    assert f'href="/students/{enrolment.id}"' in row


def test_the_director_reads_no_report_here(browse, cast):
    logged(cast.amara, cast.ravi)
    assert TEXTS not in browse(cast.dana).get("/cohort").text


def test_students_at_risk_come_first_then_by_name(browse, cast):
    page = browse(cast.dana).get("/cohort").text
    assert names(page) == ["Amara Okafor", "Mei Chen", "Tom Bright"]  # all three at risk: nothing logged for 70 days
    Enrolment.update(enrolled_on=clock.now().date()).where(Enrolment.person == cast.amara).execute()
    page = browse(cast.dana).get("/cohort").text
    assert names(page) == ["Mei Chen", "Tom Bright", "Amara Okafor"]
    assert counters(browse(cast.dana), cast.cohort)["at risk"] == "2"


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["Amara Okafor", "Mei Chen", "Tom Bright"]),
        ("counted", ["Mei Chen", "Tom Bright", "Amara Okafor"]),
        ("status", ["Mei Chen", "Tom Bright", "Amara Okafor"]),
        ("; DROP TABLE scan", ["Mei Chen", "Tom Bright", "Amara Okafor"]),
    ],
)
def test_the_rows_come_in_the_order_asked_for(browse, cast, sort, order):
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=scan.version)
    Enrolment.update(enrolled_on=clock.now().date()).where(Enrolment.person == cast.amara).execute()
    assert names(browse(cast.dana).get("/cohort", query_string={"sort": sort}).text) == order


def test_who_has_left_is_last_and_no_risk(browse, cast):
    ended = Enrolment.update(ended_on=date(2026, 6, 12), ended_as="left")
    ended.where(Enrolment.person == cast.amara).execute()
    dana = browse(cast.dana)
    assert names(dana.get("/cohort").text)[-1] == "Amara Okafor"
    found = counters(dana, cast.cohort)
    assert (found["students"], found["at risk"]) == ("2", "2")


def test_one_cohort_among_several_is_chosen_by_its_address(browse, cast):
    older = another_cohort()
    dana = browse(cast.dana)
    page = dana.get("/cohort").text
    assert "Cohort · September 2026" in page and f"/cohort?cohort={older.id}" in page
    page = dana.get(f"/cohort?cohort={older.id}").text
    assert "Cohort · September 2025" in page and "Nobody is enrolled in this cohort yet." in page


def test_a_cohort_that_has_not_started_is_not_opened_first(browse, cast):
    today = clock.now().date()
    Cohort.create(
        programme="msk-pgcert", name="Next", starts_on=today + timedelta(days=90), due_on=today + timedelta(days=400)
    )
    assert "Cohort · September 2026" in browse(cast.dana).get("/cohort").text


def test_another_programmes_cohort_is_not_there(browse, cast):
    theirs = another_cohort("somebody-elses", "Theirs")
    dana = browse(cast.dana)
    assert dana.get(f"/cohort?cohort={theirs.id}").status_code == 404
    assert dana.get(f"/cohorts/{theirs.id}/counters").status_code == 404
    assert dana.get("/cohort?cohort=first").status_code == 404
    assert dana.get("/cohorts/999/counters").status_code == 404
    assert "Theirs" not in dana.get("/cohort").text


def test_a_director_of_nothing_yet_is_told_what_will_be_here(browse, cast):
    director = Person.create(email="d@example.test", name="New Director", made_at=clock.now())
    Staff.create(person=director, programme="msk-pgcert", role="director")
    for table in (Party, Placement, Enrolment, Cohort):
        table.delete().execute()
    assert "There is no cohort yet." in browse(director).get("/cohort").text


@pytest.mark.parametrize("who", ["amara", "ravi", "helen", "ian", "esther"])
def test_the_cohort_is_the_directors_alone(browse, cast, who):
    client = browse(getattr(cast, who))
    assert client.get("/cohort").status_code == 403
    assert client.get(f"/cohorts/{cast.cohort.id}/counters").status_code == 403


def test_the_cohort_asks_four_questions_for_five_students_and_for_fifty(browse, cast, database):
    dana = browse(cast.dana)
    asked_for = []
    for total in (5, 50):
        for number in range(Enrolment.select().count(), total):
            person = Person.create(email=f"{number}@example.test", name=f"Student {number}", made_at=clock.now())
            Enrolment.create(person=person, cohort=cast.cohort, enrolled_on=cast.cohort.starts_on)
        with queries_of(database) as asked:
            assert len(names(dana.get("/cohort").text)) == total
        asked_for.append(len(asked))
    assert asked_for[0] == asked_for[1] <= 4
