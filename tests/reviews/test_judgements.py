"""What an audit records, a failed one, and a student's request to reopen a counted scan."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

import clock
from models import Audit, Notice, Scan
from tests.cast import logged
from tests.reviews.steps import approve, is_counted, is_waiting, later, live_audit, review_form, state_of
from workflows.course import programmes
from workflows.refusals import Conflict, Invalid
from workflows.reviews import appraisals, reopening, reviews
from workflows.scans.transitions import last_step


@pytest.fixture
def scan(cast):
    return logged(cast.amara, cast.ravi, support="aided")


@pytest.fixture
def ravi(browse, cast):
    return browse(cast.ravi)


def test_one_tap_is_kept_as_one_tap_and_a_review_as_a_review(ravi, scan, cast):
    approve(ravi, scan, htmx=True)
    assert (live_audit(scan).made, live_audit(scan).seen) == ("one_tap", "")
    page = ravi.get(f"/scans/{scan.id}").text
    assert "With one tap, Agree &amp; approve" in page and "Not stated" in page
    other = logged(cast.amara, cast.ravi, support="aided")
    ravi.post(f"/scans/{other.id}/audit", review_form(ravi, other, seen="pacs"))
    assert live_audit(other).made == "review"


def test_in_a_review_nothing_is_chosen_before_the_mentor_does(ravi, scan):
    assert "checked" not in ravi.get(f"/scans/{scan.id}/review").text
    answer = ravi.post(f"/scans/{scan.id}/audit", review_form(ravi, scan, agreement="", image="", report=""))
    assert answer.status_code == 422 and is_waiting(scan)


def test_images_that_were_not_seen_have_no_grade(ravi, scan):
    assert ravi.post(f"/scans/{scan.id}/audit", review_form(ravi, scan, seen="not_seen")).status_code == 422
    answer = ravi.post(f"/scans/{scan.id}/audit", review_form(ravi, scan, seen="not_seen", image="none"))
    assert answer.status_code == 303 and live_audit(scan).image == ""


def test_a_failed_audit_needs_words_and_goes_back(ravi, scan):
    for failing in ({"agreement": "major"}, {"image": "poor"}, {"report": "poor"}):
        silent = ravi.post(f"/scans/{scan.id}/audit", review_form(ravi, scan, **failing))
        assert silent.status_code == 422 and appraisals.NO_WORDS in silent.text
        form = review_form(ravi, scan, comment="The other tendon.", count_failed="yes", **failing)
        said = ravi.post(f"/scans/{scan.id}/audit", form)
        assert said.status_code == 422 and reviews.GOES_BACK in said.text and "The other tendon." in said.text
        assert is_waiting(scan) and not Audit.select().exists()


def test_reasons_for_a_return_can_be_tapped(ravi, scan):
    form = review_form(ravi, scan, agreement="", image="", report="", why="See the long axis.", reason="measurement")
    assert ravi.post(f"/scans/{scan.id}/return", form).status_code == 303
    page = ravi.get(f"/scans/{scan.id}/review").text
    assert "Add the measurement." in page and "See the long axis." in page and live_audit(scan) is None


def test_a_reopened_scan_waits_from_then_on(scan, cast, monkeypatch):
    reviews.approve(scan.id, by=cast.ravi, version=1)
    with later(monkeypatch, days=9):
        reopening.reopen(scan.id, by=cast.ravi, why="Which side?")
        assert Scan.get_by_id(scan.id).sent_at == clock.now()


def test_a_student_asks_to_reopen_once_at_a_time_and_is_answered(scan, cast, browse, monkeypatch):
    reviews.approve(scan.id, by=cast.ravi, version=1)
    with pytest.raises(Conflict):
        reopening.ask(scan.id, by=cast.amara, why="The side is wrong.")
    with later(monkeypatch, minutes=5):
        with pytest.raises(Invalid):
            reopening.ask(scan.id, by=cast.amara, why="NHS 943 476 5919")
        reopening.ask(scan.id, by=cast.amara, why="The side is wrong.")
        with pytest.raises(Conflict):
            reopening.ask(scan.id, by=cast.amara, why="The side is wrong, truly.")
        assert Notice.select().where(Notice.kind == "reopen_asked", Notice.recipient == cast.ravi.id).count() == 1
        reopening.decline(scan.id, by=cast.ravi, why="The side is right.", step=last_step(scan.id))
        assert is_counted(scan) and Notice.select().where(Notice.kind == "reopen_declined").count() == 1
        reopening.ask(scan.id, by=cast.amara, why="Look again, please.")
        reopening.reopen(scan.id, by=cast.ravi, why="So it is.", step=last_step(scan.id))
        assert state_of(scan) == "with_mentor" and Scan.get_by_id(scan.id).reopen_asked_at is None


def test_a_failed_audit_of_a_procedure_that_counts_apart_is_recorded_never_counted(ravi, browse, cast, monkeypatch):
    whole = programmes.get(cast.cohort.programme)
    monkeypatch.setitem(programmes._loaded, whole.key, replace(whole, failed_audit_counts=True))
    guided = {"procedure": "barbotage", "procedure_role": "assisted", "report": "Barbotage."}
    for more, said, other in (({}, "Count", "Record"), (guided, "Record", "Count")):
        scan = logged(cast.amara, cast.ravi, support="aided", **more)
        form = {"image": "poor", "comment": "Too dark."}
        asked = ravi.post(f"/scans/{scan.id}/audit", review_form(ravi, scan, **form)).text
        assert f"{said} it all the same" in asked and f"{other} it all the same" not in asked
        ravi.post(f"/scans/{scan.id}/audit", review_form(ravi, scan, count_failed="yes", **form))
        pages = [ravi.get(f"/scans/{scan.id}{page}").text for page in ("", "/review")]
        assert all(f"Failed audit that {'is recorded' if more else 'counts'}" in page for page in pages)
        assert not more or not any("stops counting" in page or ">counted<" in page for page in pages)


def test_who_is_late_reads_that_a_procedure_is_recorded_and_a_scan_counted(browse, cast, ravi):
    guided = {"procedure": "barbotage", "procedure_role": "observed", "report": "Barbotage."}
    for more, said in (({}, "counted"), (guided, "recorded")):
        scan = logged(cast.amara, cast.ravi, **more)
        amara = browse(cast.amara)
        step = last_step(scan.id)
        reviews.approve(scan.id, by=cast.ravi, version=scan.version)
        Scan.update(approved_at=clock.now() - timedelta(hours=1)).where(Scan.id == scan.id).execute()
        answer = amara.post(f"/scans/{scan.id}/withdrawal", {"version": scan.version, "step": step})
        tags = re.findall(r'class="tag counted">.*?<span>([a-z ]+)</span>', answer.text)
        assert (answer.status_code, tags) == (409, [said])
        assert "This scan is approved." in answer.text and not (
            more and "counted" in re.sub("<[^>]+>", "", answer.text)
        )
