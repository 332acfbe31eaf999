"""A mentor approves from the inbox with one tap, and takes it back with another."""

from __future__ import annotations

import pytest

from models import Audit, Enrolment, Move, Party, Scan
from tests.cast import days_ago, entry_for, logged
from tests.reviews.steps import approve, card_form, is_counted, is_waiting, later, live_audit, undo, verbs_of
from workflows.history import verification
from workflows.refusals import Conflict, Refused
from workflows.reviews import reviews
from workflows.scans import scans


@pytest.fixture
def scan(cast):
    return logged(cast.amara, cast.ravi)


@pytest.fixture
def ravi(browse, cast):
    return browse(cast.ravi)


def test_one_tap_counts_an_unaided_scan_and_answers_with_the_cards_new_state(ravi, scan, cast):
    answer = approve(ravi, scan, htmx=True)
    assert answer.status_code == 200
    assert f'id="scan-{scan.id}"' in answer.text
    assert "Approved" in answer.text and ">Undo</button>" in answer.text
    assert "Agree" not in answer.text
    assert is_counted(scan)
    assert verbs_of(scan) == ["log", "approve"]
    assert live_audit(scan) is None
    assert verification.verify().sound


def test_the_counters_and_the_heading_are_updated_beside_the_card(ravi, scan, cast):
    logged(cast.tom, cast.ravi, support="aided")
    answer = approve(ravi, scan, htmx=True).text
    assert '<span id="inbox-number" hx-swap-oob="true">1 waiting</span>' in answer
    assert "All 1" in answer and "Aided 1" in answer and "Unaided 0" in answer
    assert 'id="said"' in answer and "Approved: Shoulder · right, Amara O." in answer


def test_agree_and_approve_audits_an_aided_scan(ravi, cast):
    scan = logged(cast.amara, cast.ravi, support="aided")
    assert "Agree &amp; approve" in ravi.get("/inbox").text
    approve(ravi, scan, htmx=True)
    audit = live_audit(scan)
    assert (audit.image, audit.report, audit.agreement, audit.by_id) == ("good", "good", "agree", cast.ravi.id)
    assert is_counted(scan)


def test_a_second_tap_changes_nothing(ravi, scan):
    form = card_form(ravi, scan)
    first = approve(ravi, scan, form, htmx=True)
    second = approve(ravi, scan, form, htmx=True)
    assert (first.status_code, second.status_code) == (200, 200)
    assert "Approved" in second.text and "Undo" in second.text
    assert verbs_of(scan) == ["log", "approve"]


def test_a_resend_after_the_answer_was_lost_is_answered_as_the_first(ravi, scan, monkeypatch):
    form = card_form(ravi, scan)
    first = approve(ravi, scan, form, json=True)
    with later(monkeypatch, hours=2):
        again = approve(ravi, scan, form, json=True)
    assert (again.status_code, again.json) == (200, first.json)
    assert verbs_of(scan) == ["log", "approve"]


def test_undo_brings_the_card_back_as_it_was(ravi, cast):
    scan = logged(cast.amara, cast.ravi, support="aided")
    approve(ravi, scan, htmx=True)
    answer = undo(ravi, scan, htmx=True)
    assert answer.status_code == 200
    assert "Agree &amp; approve" in answer.text
    assert "1 waiting" in answer.text
    assert is_waiting(scan)
    assert live_audit(scan) is None and Audit.select().count() == 1, "the audit is void, not gone"
    assert approve(ravi, scan, htmx=True).status_code == 200, "and it can be approved again"


def test_undo_twice_is_undo_once(ravi, scan):
    approve(ravi, scan, htmx=True)
    form = card_form(ravi, scan)
    assert undo(ravi, scan, form, htmx=True).status_code == 200
    assert undo(ravi, scan, form, htmx=True).status_code == 200
    assert verbs_of(scan) == ["log", "approve", "undo"]


def test_undo_is_offered_for_the_programmes_seconds_and_accepted_a_little_longer(ravi, scan, monkeypatch):
    approve(ravi, scan, htmx=True)
    form = card_form(ravi, scan)
    with later(monkeypatch, seconds=9):
        assert "Undo" in ravi.get(f"/scans/{scan.id}/card").text
    with later(monkeypatch, seconds=11):
        assert "Undo" not in ravi.get(f"/scans/{scan.id}/card").text
    with later(monkeypatch, seconds=29):
        assert undo(ravi, scan, form, htmx=True).status_code == 200
    assert is_waiting(scan)


def test_undo_after_the_time_is_refused_with_a_way_out(ravi, scan, monkeypatch):
    approve(ravi, scan, htmx=True)
    form = card_form(ravi, scan)
    with later(monkeypatch, seconds=31):
        answer = undo(ravi, scan, form, htmx=True)
    assert answer.status_code == 403
    assert "Reopen the scan, with a reason, instead" in answer.text
    assert is_counted(scan)


def test_an_approval_that_was_held_up_does_not_outlive_its_undo(ravi, scan):
    tapped = card_form(ravi, scan)
    approve(ravi, scan, tapped, htmx=True)
    undo(ravi, scan, htmx=True)
    late = approve(ravi, scan, tapped, htmx=True)
    assert late.status_code == 409
    assert "overtaken" in late.text
    assert is_waiting(scan)


def test_an_undo_that_was_held_up_does_not_undo_a_later_approval(ravi, scan):
    approve(ravi, scan, htmx=True)
    tapped = card_form(ravi, scan)
    undo(ravi, scan, tapped, htmx=True)
    approve(ravi, scan, htmx=True)
    assert undo(ravi, scan, tapped, htmx=True).status_code == 409
    assert is_counted(scan)


def test_what_was_said_with_an_undone_approval_leaves_the_story(cast, scan):
    reviews.approve(scan.id, by=cast.ravi, version=1, comment="Meant for another scan.")
    reviews.undo(scan.id, by=cast.ravi, version=1)
    assert verbs_of(scan) == ["log", "approve", "undo"]
    assert not Move.select().where(Move.why.contains("another scan")).exists()


# --- A plain browser, without JavaScript -----------------------------------------------------------------------


def test_without_javascript_the_approval_leads_back_to_the_inbox_with_undo(ravi, scan):
    answer = approve(ravi, scan)
    assert answer.status_code == 303
    assert answer.location == f"/inbox#scan-{scan.id}"
    page = ravi.get("/inbox").text
    assert "Inbox · <span" in page and "nothing waiting" in page
    assert "Approved" in page and ">Undo</button>" in page
    assert undo(ravi, scan).status_code == 303
    assert "1 waiting" in ravi.get("/inbox").text


def test_what_was_approved_a_while_ago_is_not_in_the_inbox(ravi, scan, monkeypatch):
    approve(ravi, scan)
    with later(monkeypatch, seconds=11):
        page = ravi.get("/inbox").text
    assert scan.id not in page and "Nothing waits for you." in page


def test_the_filter_stays_when_a_form_leads_back(ravi, scan):
    form = card_form(ravi, scan)
    answer = ravi.post(f"/scans/{scan.id}/approval?support=unaided", form)
    assert answer.location == f"/inbox?support=unaided#scan-{scan.id}"


# --- Meanwhile the student changed it --------------------------------------------------------------------------


@pytest.fixture
def edited(ravi, scan, cast):
    """The mentor's form of version 1, after the student has made version 2."""
    form = card_form(ravi, scan)
    entry = entry_for(cast.ravi, side="left", report="9 mm tear after all, and the other side.")
    scans.correct(scan.id, entry, by=cast.amara, version=1)
    return form


def test_a_version_that_was_not_seen_is_never_approved(ravi, scan, edited):
    answer = approve(ravi, scan, edited, htmx=True)
    assert answer.status_code == 409
    assert is_waiting(scan)
    assert verbs_of(scan) == ["log", "correct"]
    assert "Amara changed the region or side and the report while you were looking." in answer.text
    assert "9 mm tear after all" in answer.text, "the card shows what it says now"
    assert 'name="version" value="2"' in answer.text


def test_without_javascript_the_conflict_is_a_page_that_says_what_changed(ravi, scan, edited):
    answer = approve(ravi, scan, edited)
    assert answer.status_code == 409
    assert "changed the region or side and the report" in answer.text and "9 mm tear after all" in answer.text
    assert is_waiting(scan)


def test_the_version_of_another_day_cannot_be_approved_either(cast, scan):
    with pytest.raises(Conflict):
        reviews.approve(scan.id, by=cast.ravi, version=2)


def test_a_form_without_its_version_is_out_of_date(ravi, scan):
    for version in ("", "x", "0"):
        answer = ravi.post(f"/scans/{scan.id}/approval", {"version": version}, htmx=True)
        assert answer.status_code == 422, version
        assert "out of date" in answer.text
    assert is_waiting(scan)


def test_a_scan_that_was_returned_meanwhile_says_so_on_its_card(ravi, scan, cast):
    form = card_form(ravi, scan)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Add the long axis.")
    answer = approve(ravi, scan, form, htmx=True)
    assert answer.status_code == 409
    assert "was returned to the student" in answer.text
    assert "Undo" not in answer.text


# --- Who may ---------------------------------------------------------------------------------------------------


def test_a_student_approves_nothing_least_of_all_their_own(browse, cast, scan):
    assert browse(cast.amara).post(f"/scans/{scan.id}/approval", {"version": 1}).status_code == 403
    assert browse(cast.tom).post(f"/scans/{scan.id}/approval", {"version": 1}).status_code == 403
    assert is_waiting(scan)


def test_a_mentor_who_is_the_student_approves_nothing_of_their_own(cast, scan):
    Party.create(placement=scan.placement_id, person=cast.amara, role="mentor")
    Scan.update(mentor=cast.amara).where(Scan.id == scan.id).execute()
    with pytest.raises(Refused, match="of their own"):
        reviews.approve(scan.id, by=cast.amara, version=1)


def test_a_stranger_finds_nothing(browse, cast, scan):
    grace = browse(cast.grace)
    for path in ("approval", "approval/undo", "audit", "return", "reopening", "mentor"):
        data = {
            "version": 1,
            "why": "So.",
            "mentor": cast.grace.id,
            "agreement": "agree",
            "image": "good",
            "report": "good",
        }
        assert grace.post(f"/scans/{scan.id}/{path}", data).status_code == 404, path
    for path in ("card", "review"):
        assert grace.get(f"/scans/{scan.id}/{path}").status_code == 404, path
    assert verbs_of(scan) == ["log"]


def test_a_colleague_is_told_with_whom_it_is(browse, cast, scan):
    answer = browse(cast.priya).post(f"/scans/{scan.id}/approval", {"version": 1}, htmx=True)
    assert answer.status_code == 403
    assert "This scan is with Ravi Patel. Take it over first." in answer.text


def test_who_mentors_elsewhere_has_no_card_of_what_they_read_as_a_director(browse, cast, scan):
    Party.create(placement=Enrolment.get(person=cast.mei).placements.get(), person=cast.dana, role="mentor")
    dana = browse(cast.dana)
    assert dana.get("/inbox").status_code == 200
    for path in ("card", "review"):
        assert dana.get(f"/scans/{scan.id}/{path}").status_code == 404


def test_a_director_judges_nothing(browse, cast, scan):
    for person in (cast.dana, cast.ian, cast.esther, cast.helen):
        assert browse(person).post(f"/scans/{scan.id}/approval", {"version": 1}).status_code == 403
    with pytest.raises(Refused, match="Only a mentor of this placement"):
        reviews.approve(scan.id, by=cast.dana, version=1)
    assert is_waiting(scan)


def test_a_mentor_who_has_left_the_placement_judges_nothing(cast, scan):
    Party.update(ended_on=days_ago(1)).where(Party.person == cast.ravi).execute()
    with pytest.raises(Refused):
        reviews.approve(scan.id, by=cast.ravi, version=1)
