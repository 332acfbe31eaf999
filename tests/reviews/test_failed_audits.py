"""A failed audit: it goes back; or, where the programme allows it, it counts and says so wherever the scan is met."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from models import Enrolment, History, Scan
from tests.cast import logged
from tests.reviews.steps import approve, is_counted, is_waiting, later, live_audit, review_form
from workflows.course import programmes
from workflows.reviews import appraisals, reopening, reviews

PILL = "Failed audit that counts"
FAILS = {"agreement": "major", "comment": "It is the other tendon."}


@pytest.fixture
def allowed(cast, monkeypatch):
    """The programme lets a failed audit count."""
    programme = programmes.get("msk-pgcert")
    monkeypatch.setitem(programmes._loaded, programme.key, replace(programme, failed_audit_counts=True))


@pytest.fixture
def scan(cast):
    return logged(cast.amara, cast.ravi, support="aided")


def audit(client, scan, **changes):
    return client.post(f"/scans/{scan.id}/audit", review_form(client, scan, **{**FAILS, **changes}))


def cells(client, address, column) -> list[str]:
    """The cells of one column of a file, below its heading."""
    rows = list(csv.reader(io.StringIO(client.get(address).data.decode("utf-8-sig"))))
    head = next(place for place, row in enumerate(rows) if column in row)
    return [row[rows[head].index(column)] for row in rows[head + 1 :]]


def test_where_the_programme_forbids_it_nothing_makes_it_count(browse, cast, scan):
    ravi = browse(cast.ravi)
    for more in ({}, {"count_failed": "yes"}):
        answer = audit(ravi, scan, **more)
        assert answer.status_code == 422 and reviews.GOES_BACK in answer.text and is_waiting(scan)
        assert ">Return<" in answer.text and "Count it all the same" not in answer.text


def test_where_it_may_count_it_asks_once_needs_words_and_is_recorded(allowed, browse, cast, scan):
    ravi = browse(cast.ravi)
    wordless = audit(ravi, scan, comment="", count_failed="yes")
    assert wordless.status_code == 422 and appraisals.NO_WORDS in wordless.text and is_waiting(scan)
    asked = audit(ravi, scan)
    assert asked.status_code == 422 and reviews.FAILS in asked.text and is_waiting(scan)
    assert asked.text.index(">Return<") < asked.text.index("Count it all the same"), "to return it is offered first"
    assert audit(ravi, scan, count_failed="yes").status_code == 303 and is_counted(scan)
    assert (live_audit(scan).agreement, live_audit(scan).comment) == ("major", "It is the other tendon.")
    recorded = json.loads(History.get(History.verb == "approve", History.object == f"scan:{scan.id}").payload)["audit"]
    assert (recorded["agreement"], recorded["made"]) == ("major", "review")


def test_it_is_shown_as_one_to_student_mentor_and_director_and_in_their_files(allowed, browse, cast, scan, monkeypatch):
    other = logged(cast.amara, cast.ravi, support="aided")
    reviews.approve(other.id, by=cast.ravi, version=1)
    enrolment = Enrolment.get(Enrolment.person == cast.amara)
    amara, ravi, dana = browse(cast.amara), browse(cast.ravi), browse(cast.dana)
    assert audit(ravi, scan, count_failed="yes").status_code == 303
    for page in ("/", "/scans", f"/scans/{scan.id}"):
        text = amara.get(page).text
        assert PILL not in text and "with a failed audit" not in text, "it can be undone yet"
    assert cells(amara, "/scans.csv", PILL) == ["", ""]
    with later(monkeypatch, minutes=5):
        assert "<b>1 scan</b> counts with a failed audit" in amara.get("/").text
        for page in ("/scans", "/scans?audit=failed", f"/scans/{scan.id}"):
            assert amara.get(page).text.count(PILL) == 1, page
        assert other.id not in amara.get("/scans?audit=failed").text
        assert cells(amara, "/scans.csv", PILL) == ["yes", ""]
        for reader in (ravi, dana):
            page = reader.get(f"/students/{enrolment.id}").text
            assert "1 scan counts with a failed audit" in page and page.count(PILL) == 2
        cohort = dana.get("/cohort?show=failed-audit").text
        assert "Failed audit counts <small>1</small>" in cohort and 'data-label="failed audits">1<' in cohort
        assert "Amara Okafor" in cohort and "Tom Bright" not in cohort
        assert cells(dana, "/cohort.csv?show=failed-audit", "Failed audits that count") == ["1"]
        reopening.reopen(scan.id, by=cast.ravi, why="To put it right.")
        assert "with a failed audit" not in amara.get("/").text
        assert cells(amara, "/scans.csv", PILL) == ["", ""] and PILL not in dana.get(f"/students/{enrolment.id}").text
        assert "Failed audit counts <small>0</small>" in dana.get("/cohort").text


def test_what_was_failed_on_the_way_to_a_return_is_not_failed_once_it_counts_with_one_tap(browse, cast, monkeypatch):
    """It was sent again as it was, and approved without an audit."""
    scan, ravi = logged(cast.amara, cast.ravi), browse(cast.ravi)
    back = review_form(ravi, scan, agreement="major", comment="", why="Look again.")
    assert ravi.post(f"/scans/{scan.id}/return", back).status_code == 303
    assert live_audit(scan).is_failed
    assert browse(cast.amara).post(f"/scans/{scan.id}/sending", {"version": "1"}).status_code == 303
    assert is_waiting(scan)
    approve(ravi, scan)
    assert is_counted(scan)
    with later(monkeypatch, minutes=5):
        for page in ("/", "/scans", f"/scans/{scan.id}"):
            text = browse(cast.amara).get(page).text
            assert PILL not in text and "with a failed audit" not in text and "Major difference" not in text
    assert Scan.get_by_id(scan.id).audited_at is None
