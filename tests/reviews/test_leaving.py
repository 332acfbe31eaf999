"""Where a mentor stands after a review, what can be undone there, and what a student changed since a return."""

from __future__ import annotations

import re

import pytest

from tests.cast import entry_for, logged
from tests.reviews.steps import approve, is_counted, is_waiting, later, review_form
from workflows.reviews import reviews
from workflows.scans import scans


@pytest.fixture
def ravi(browse, cast):
    return browse(cast.ravi)


def back_of(page: str) -> str:
    return re.search('<a class="back" href="([^"]*)"', page)[1].replace("&amp;", "&")


def test_a_review_is_left_to_the_part_of_the_inbox_and_the_place_it_was_opened_from(ravi, cast):
    first, second = logged(cast.amara, cast.ravi), logged(cast.amara, cast.ravi)
    logged(cast.tom, cast.ravi, support="aided")
    inbox = ravi.get("/inbox?support=unaided").text
    assert f"/scans/{first.id}/review?support=unaided" in inbox
    page = ravi.get(f"/scans/{first.id}/review?support=unaided").text
    assert back_of(page) == f"/inbox?support=unaided#scan-{first.id}"
    form = review_form(ravi, first)
    assert f'/scans/{first.id}/audit?support=unaided"' in page
    answer = ravi.post(f"/scans/{first.id}/audit?support=unaided", form, htmx=True)
    assert answer.headers["HX-Redirect"] == f"/inbox?support=unaided#scan-{second.id}", "at the next scan"


def test_a_scan_of_a_student_leads_back_to_the_student(ravi, cast):
    scan = logged(cast.amara, cast.ravi)
    assert back_of(ravi.get(f"/scans/{scan.id}").text) == f"/students/{scan.enrolment_id}"


def test_without_javascript_several_are_undone_from_the_top_of_the_next_page(ravi, cast):
    three = [logged(cast.amara, cast.ravi) for _ in range(3)]
    for scan in three:
        approve(ravi, scan)
    page = ravi.get("/students").text
    assert re.search('<main[^>]*><div id="recent"', page) and "3 approved" in page
    undone = {"scan": re.findall('<input type="hidden" name="scan" value="([^"]*)">', page)}
    assert len(undone["scan"]) == 3
    answer = ravi.post("/inbox/approvals/undo", undone)
    assert (answer.status_code, answer.location) == (303, "/inbox")
    assert "3 undone." in ravi.get("/inbox").text and all(map(is_waiting, three))


def test_what_can_no_longer_be_undone_stays_and_says_why_while_the_others_are_undone(ravi, cast, monkeypatch):
    old, new = logged(cast.amara, cast.ravi), logged(cast.amara, cast.ravi)
    approve(ravi, old)
    with later(monkeypatch, seconds=40):
        approve(ravi, new)
        answer = ravi.post("/inbox/approvals/undo", {"scan": [f"{old.id}:1", f"{new.id}:1"]}, json=True)
    told = {one["scan_id"]: one for one in answer.json["answers"]}
    assert (told[old.id]["undone"], told[new.id]["undone"]) == (False, True)
    assert "The time to undo has passed" in told[old.id]["sentence"]
    assert is_counted(old) and is_waiting(new)


def test_another_browser_is_not_asked_to_undo_what_this_one_approved(ravi, browse, cast):
    approve(ravi, logged(cast.amara, cast.ravi))
    assert "Approved: Shoulder" in ravi.get("/students").text
    assert "Approved: Shoulder" not in browse(cast.ravi).get("/students").text


def test_what_was_changed_since_it_was_sent_back_is_marked(ravi, cast):
    scan = logged(cast.amara, cast.ravi, report="A tear. The bursa is full.")
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Measure it.")
    changes = {"report": "A tear of 14 mm. The bursa is full.", "side": "left", "limitations": ("pain",)}
    scans.correct(scan.id, entry_for(cast.ravi, **changes), by=cast.amara, version=1)
    for page in (ravi.get("/inbox").text, ravi.get(f"/scans/{scan.id}/review").text):
        gone = re.findall("<del>.*?</span>(.*?)</del>", page)
        new = re.findall("<ins>.*?</span>(.*?)</ins>", page)
        assert "A tear." in gone and "A tear of 14 mm." in new
        assert "Right" in gone and "Left" in new
        assert "pain" in [words.lower() for words in new]
        assert "The bursa is full." not in gone + new, "what stayed is not marked"


def test_a_return_of_before_differences_were_kept_says_only_that_it_was_changed(ravi, cast, database):
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Measure it.")
    database.execute_sql("UPDATE move SET content = NULL")
    scans.correct(scan.id, entry_for(cast.ravi, report="14 mm."), by=cast.amara, version=1)
    page = ravi.get("/inbox").text
    assert "Changed since it was sent back" in page and "<del>" not in page
