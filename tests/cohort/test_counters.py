"""The counters that keep themselves up to date: cheap while nothing changes, and quiet when something does."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

import clock
from models import Enrolment, Scan
from tests.cast import logged
from tests.client import queries_of
from tests.cohort.steps import counters, days_earlier
from workflows.reviews import reviews

pytestmark = pytest.mark.both


def own_validator(piece: str) -> str:
    """The ETag that the piece asks with the next time."""
    return re.search(r'W/\\"([^\\]+)\\"', piece).group(1)


def again(client, cohort, validator: str, *, page: str = "", **query):
    """As the open page asks: with the validator of the piece that it shows, and its own address."""
    headers = {"If-None-Match": f'W/"{validator}"', "HX-Current-URL": page}
    return client.get(f"/cohorts/{cohort.id}/counters", htmx=True, headers=headers, query_string=query)


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


def test_while_nothing_changes_the_answer_is_that_and_nothing_else(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    dana = browse(cast.dana)
    answer = dana.get(f"/cohorts/{cast.cohort.id}/counters", htmx=True)
    validator = own_validator(answer.text)
    assert answer.headers["ETag"].startswith(f'W/"{validator}')
    same = again(dana, cast.cohort, validator)
    assert same.status_code == 304 and same.data == b"" and same.headers["Cache-Control"] == "no-store"
    reviews.approve(scan.id, by=cast.ravi, version=scan.version)
    moved = again(dana, cast.cohort, validator)
    assert moved.status_code == 200 and own_validator(moved.text) != validator


@pytest.mark.parametrize("event", ["approved", "undone", "sent", "joined", "left", "next day", "came back"])
def test_whatever_changes_a_number_changes_the_validator(browse, cast, event, monkeypatch):
    scan = logged(cast.amara, cast.ravi)
    if event == "undone":
        reviews.approve(scan.id, by=cast.ravi, version=scan.version)
    if event == "came back":
        Enrolment.update(ended_on=date(2026, 1, 1), ended_as="left").where(Enrolment.person == cast.tom).execute()
    dana = browse(cast.dana)
    before = own_validator(dana.get("/cohort").text)
    if event == "approved":
        reviews.approve(scan.id, by=cast.ravi, version=scan.version)
    elif event == "undone":
        reviews.undo(scan.id, by=cast.ravi, version=scan.version)
    elif event == "sent":
        logged(cast.amara, cast.ravi, side="left")
    elif event == "joined":
        Enrolment.create(person=cast.helen, cohort=cast.cohort, enrolled_on=cast.cohort.starts_on)
    elif event == "next day":
        real = clock.now
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=1))
        dana = browse(cast.dana)
    else:
        ended = {"left": (date(2026, 1, 1), "left"), "came back": (None, None)}[event]
        Enrolment.update(ended_on=ended[0], ended_as=ended[1]).where(Enrolment.person == cast.tom).execute()
    assert again(dana, cast.cohort, before).status_code == 200


def test_a_page_that_is_no_longer_so_is_told_and_shown_at_the_same_address(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    dana = browse(cast.dana)
    page = dana.get("/cohort?sort=-aided&q=a").text
    made = re.search(r'id="made" name="made" value="([^"]+)"', page).group(1)
    assert "The cohort has changed" not in page
    reviews.approve(scan.id, by=cast.ravi, version=scan.version)
    here = "http://localhost/cohort?sort=-aided&q=a"
    told = again(dana, cast.cohort, "older", made=made, page=here).text
    assert '<p role="status">The cohort has changed. <a href="/cohort?sort=-aided&amp;q=a">Show it</a></p>' in told
    assert again(dana, cast.cohort, own_validator(told), made=made, page=here).status_code == 304
    # The list was asked for once more meanwhile: pace and mentors are old still, so the line stays, and leads there.
    assert 'id="made"' not in dana.get("/cohort?q=am", htmx=True).text
    moved = again(dana, cast.cohort, own_validator(told), made=made, page="http://localhost/cohort?q=am")
    assert 'The cohort has changed. <a href="/cohort?q=am">Show it</a>' in moved.text
    newer = dana.get("/cohort?q=am").text
    made = re.search(r'id="made" name="made" value="([^"]+)"', newer).group(1)
    quiet = again(dana, cast.cohort, own_validator(told), made=made)
    assert quiet.status_code == 200 and "The cohort has changed" not in quiet.text


@pytest.mark.parametrize("page", ["http://elsewhere.example//x/cohort", "javascript:x", "http://[", "/cohort.csv", ""])
def test_the_line_leads_nowhere_but_to_the_cohort(browse, cast, page):
    told = browse(cast.dana).get(
        f"/cohorts/{cast.cohort.id}/counters?made=old", htmx=True, headers={"HX-Current-URL": page}
    )
    assert f'href="/cohort?cohort={cast.cohort.id}">Show it' in told.text


def test_an_unchanged_cohort_costs_three_small_questions(browse, cast, database):
    dana = browse(cast.dana)
    validator = own_validator(dana.get("/cohort").text)
    with queries_of(database) as asked:
        assert again(dana, cast.cohort, validator).status_code == 304
    assert len(asked) <= 3
    assert not any(Scan._meta.table_name in sql.replace("scans", "") for sql in asked)


def test_a_page_that_nobody_looks_at_keeps_nobody_signed_in(browse, cast):
    dana = browse(cast.dana)
    with dana.http.session_transaction() as session:
        before = session["seen"] = session["seen"] - 600
    dana.get(f"/cohorts/{cast.cohort.id}/counters", htmx=True)
    with dana.http.session_transaction() as session:
        assert session["seen"] == before
    dana.get("/cohort")
    with dana.http.session_transaction() as session:
        assert session["seen"] > before


def test_who_was_signed_out_meanwhile_comes_back_to_the_page_and_not_to_the_piece(browse, cast):
    here = {"HX-Current-URL": "http://localhost/cohort?sort=name"}
    answer = browse(None).get(f"/cohorts/{cast.cohort.id}/counters", htmx=True, headers=here)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/cohort?sort%3Dname"


def test_days_gone_by_are_counted_from_when_it_happened(browse, cast):
    with days_earlier(3):
        logged(cast.amara, cast.ravi)
    assert counters(browse(cast.dana), cast.cohort)["awaiting mentor"] == "1"
