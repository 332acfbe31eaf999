"""The review page: one scan in full, audited, returned with a reason, or reopened."""

from __future__ import annotations

import pytest
from peewee import IntegrityError

import clock
from models import Audit, Move, Party, Scan
from rules import states
from tests.cast import days_ago, entry_for, logged
from tests.reviews.steps import (
    approve,
    is_counted,
    is_waiting,
    later,
    live_audit,
    review_form,
    state_of,
    undo,
    verbs_of,
)
from workflows.refusals import Conflict, Invalid, Refused
from workflows.reviews import reopening, reviews
from workflows.scans import scans


@pytest.fixture
def scan(cast):
    return logged(cast.amara, cast.ravi, support="aided", age_band="50 to 59", modifiers=("dynamic",))


@pytest.fixture
def ravi(browse, cast):
    return browse(cast.ravi)


def audit(ravi, scan, how=None, **changes):
    return ravi.post(f"/scans/{scan.id}/audit", review_form(ravi, scan, **changes), **(how or {}))


def test_the_page_shows_the_scan_in_full(ravi, scan):
    page = ravi.get(f"/scans/{scan.id}/review").text
    for told in ("Review scan", "Amara Okafor", "Supraspinatus: full-thickness tear", "50 to 59", "dynamic", "Aided"):
        assert told in page, told
    for asked in (
        "Do you agree with the findings?",
        "Image quality",
        "Report quality",
        "Feedback to Amara",
        "Not seen",
    ):
        assert asked in page, asked
    assert ">Return</button>" in page and ">Audit &amp; approve</button>" in page


def test_an_audit_keeps_every_judgement_and_counts_the_scan(ravi, scan, cast):
    answer = audit(
        ravi, scan, agreement="minor", image="acceptable", report="good", seen="pacs", comment="Next time both axes."
    )
    assert answer.status_code == 303 and answer.location == f"/inbox#scan-{scan.id}"
    kept = live_audit(scan)
    assert (kept.agreement, kept.image, kept.report, kept.seen) == ("minor", "acceptable", "good", "pacs")
    assert (kept.comment, kept.version, kept.by_id) == ("Next time both axes.", 1, cast.ravi.id)
    assert is_counted(scan)
    assert Move.get(Move.verb == "approve").why == "Next time both axes."
    assert "Undo" in ravi.get("/inbox").text


def test_htmx_is_led_back_to_the_inbox(ravi, scan):
    answer = audit(ravi, scan, {"htmx": True})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/inbox#scan-{scan.id}")


def test_an_unaided_scan_may_be_audited_too(ravi, cast):
    scan = logged(cast.amara, cast.ravi)
    audit(ravi, scan, image="acceptable")
    assert is_counted(scan) and live_audit(scan).image == "acceptable"
    assert Scan.get_by_id(scan.id).audited_at is not None


@pytest.mark.parametrize("field", ["agreement", "image", "report", "seen"])
def test_a_judgement_that_is_none_is_refused_and_the_rest_kept(ravi, scan, field):
    for how in ({}, {"htmx": True}):
        answer = audit(ravi, scan, how, comment="Keep these words.", **{field: "splendid"})
        assert answer.status_code == 422
        assert "Choose one of these." in answer.text and "Keep these words." in answer.text
    assert is_waiting(scan) and Audit.select().count() == 0


def test_a_missing_judgement_is_asked_for(ravi, scan):
    form = review_form(ravi, scan)
    del form["image"]
    assert ravi.post(f"/scans/{scan.id}/audit", form).status_code == 422
    assert is_waiting(scan)


@pytest.mark.parametrize("words", ["Call me on 020 7946 0018.", "NHS 943 476 5919", "born 3/4/1956", "x" * 2001])
def test_a_comment_that_identifies_a_patient_or_never_ends_is_refused(ravi, scan, words):
    answer = audit(ravi, scan, comment=words, agreement="major")
    assert answer.status_code == 422
    assert words in answer.text.replace("&#39;", "'"), "what was typed is kept"
    assert 'value="major" id="agreement-2" checked' in " ".join(answer.text.split())
    assert 'id="comment-error"' in answer.text
    assert is_waiting(scan)


def test_two_thousand_characters_on_several_lines_are_two_thousand(cast, scan):
    reviews.approve(scan.id, by=cast.ravi, version=1, comment="\r\n".join(["x" * 199] * 10))
    assert is_counted(scan)


def test_an_aided_scan_counts_only_with_an_audit(scan, cast):
    with pytest.raises(IntegrityError):
        Scan.update(
            state="counted", approved_at=clock.now(), approved_by=cast.ravi.id, approved_version=1, audited_at=None
        ).where(Scan.id == scan.id).execute()
    reviews.approve(scan.id, by=cast.ravi, version=1)
    with pytest.raises(IntegrityError):
        Scan.update(audited_at=None).where(Scan.id == scan.id).execute()


def test_a_scan_changed_meanwhile_is_shown_anew_and_what_was_entered_kept(ravi, scan, cast):
    form = review_form(ravi, scan, agreement="minor", comment="Which side?")
    scans.correct(scan.id, entry_for(cast.ravi, support="aided", side="left"), by=cast.amara, version=1)
    for how in ({}, {"htmx": True}):
        answer = ravi.post(f"/scans/{scan.id}/audit", form, **how)
        assert answer.status_code == 409
        assert "Amara changed the region or side" in answer.text and "Shoulder · left" in answer.text
        assert "Which side?" in answer.text
        assert 'name="version" type="hidden" value="2"' in answer.text, "the next press is for what is shown now"
    assert is_waiting(scan)
    again = {**form, **review_form(ravi, scan), "agreement": "minor", "comment": "Which side?"}
    assert ravi.post(f"/scans/{scan.id}/audit", again).status_code == 303
    assert live_audit(scan).version == 2


def test_another_judgement_of_an_approved_scan_is_not_dropped_in_silence(ravi, scan):
    form = review_form(ravi, scan, agreement="major", comment="Look at the biceps again.")
    approve(ravi, scan)
    answer = ravi.post(f"/scans/{scan.id}/audit", form)
    assert answer.status_code == 409
    assert "You have approved this scan already." in answer.text and "Look at the biceps again." in answer.text
    assert live_audit(scan).agreement == "agree"


def test_after_an_undo_the_form_holds_what_was_entered(ravi, scan):
    audit(ravi, scan, agreement="minor", comment="Next time both axes.")
    undo(ravi, scan)
    page = ravi.get(f"/scans/{scan.id}/review").text
    assert "Next time both axes." in page
    assert 'value="minor" id="agreement-1" checked' in " ".join(page.split())


# --- Return ----------------------------------------------------------------------------------------------------


def send_back(ravi, scan, how=None, **changes):
    return ravi.post(f"/scans/{scan.id}/return", review_form(ravi, scan, **changes), **(how or {}))


@pytest.mark.parametrize("how", [{}, {"htmx": True}])
def test_return_first_asks_why(ravi, scan, how):
    answer = send_back(ravi, scan, how, comment="Add the long axis.", image="poor")
    assert answer.status_code == 422
    assert "Why do you return it?" in answer.text
    assert answer.text.count("Add the long axis.") == 2, "what they had begun to say may be the reason"
    assert 'value="poor" id="image-2" checked' in " ".join(answer.text.split())
    assert "To put right" not in answer.text, "nothing is wrong yet"
    assert is_waiting(scan)


def test_a_reason_is_required_beside_its_field(ravi, scan):
    answer = send_back(ravi, scan, why="  ", comment="Nice work otherwise.")
    assert answer.status_code == 422
    assert 'id="why-error"' in answer.text and "Say why" in answer.text and "Nice work otherwise." in answer.text
    assert is_waiting(scan)


def test_a_reason_that_identifies_a_patient_is_refused(ravi, scan):
    answer = send_back(ravi, scan, why="Ask ravi@example.test for it.")
    assert answer.status_code == 422 and 'id="why-error"' in answer.text
    assert is_waiting(scan)


def test_a_returned_scan_is_with_the_student_with_the_reason(ravi, scan, cast):
    answer = send_back(ravi, scan, why="Add the long axis.", agreement="", image="", report="")
    assert answer.status_code == 303
    assert state_of(scan) == states.RETURNED
    assert Move.get(Move.verb == "send_back").why == "Add the long axis."
    assert live_audit(scan) is None, "nothing was judged, so nothing is kept"
    assert "Returned to Amara, with your reason." in ravi.get("/inbox").text
    page = ravi.get(f"/scans/{scan.id}/review").text
    assert "Returned to Amara" in page and "Add the long axis." in page and "Audit &amp; approve" not in page


def test_an_appraisal_made_on_the_way_is_kept(ravi, scan):
    send_back(ravi, scan, why="Add the long axis.", image="poor")
    assert live_audit(scan).image == "poor"
    assert Scan.get_by_id(scan.id).audited_at is None, "but it is not audited: it does not count"


def test_a_return_sent_twice_is_one(ravi, scan):
    form = review_form(ravi, scan, why="Add the long axis.")
    for _ in range(2):
        assert ravi.post(f"/scans/{scan.id}/return", form, json=True).status_code == 200
    assert verbs_of(scan) == ["log", "send_back"]


def test_a_return_that_was_held_up_does_not_return_what_was_sent_again(ravi, scan, cast):
    form = review_form(ravi, scan, why="Measure it.")
    ravi.post(f"/scans/{scan.id}/return", form)
    scans.send(scan.id, by=cast.amara, version=1)
    assert ravi.post(f"/scans/{scan.id}/return", form).status_code == 409
    assert ravi.post(f"/scans/{scan.id}/audit", form).status_code == 409, "nor does an approval"
    assert verbs_of(scan) == ["log", "send_back", "send"]


def test_a_version_that_was_not_seen_is_not_returned(ravi, scan, cast):
    form = review_form(ravi, scan, why="Add the long axis.")
    scans.correct(scan.id, entry_for(cast.ravi, support="aided", side="left"), by=cast.amara, version=1)
    answer = ravi.post(f"/scans/{scan.id}/return", form)
    assert answer.status_code == 409 and "Add the long axis." in answer.text
    assert is_waiting(scan)


# --- Reopen ----------------------------------------------------------------------------------------------------


@pytest.fixture
def counted(scan, cast):
    reviews.approve(scan.id, by=cast.ravi, version=1)
    return scan


def reopen(client, scan, why, **how):
    return client.post(f"/scans/{scan.id}/reopening", {"why": why}, **how)


def test_a_counted_scan_is_reopened_with_a_reason_however_late(ravi, counted, monkeypatch):
    with later(monkeypatch, days=1):
        page = ravi.get(f"/scans/{counted.id}/review").text
        assert "Audited by you" in page and ">Reopen</button>" in page
        answer = reopen(ravi, counted, "The side is wrong.")
    assert answer.status_code == 303 and answer.location == f"/scans/{counted.id}/review"
    assert is_waiting(counted) and live_audit(counted) is None
    assert Move.get(Move.verb == "reopen").why == "The side is wrong."


@pytest.mark.parametrize("how", [{}, {"htmx": True}])
@pytest.mark.parametrize("why", ["", "Write to a@b.org"])
def test_reopening_wants_a_proper_reason(ravi, counted, why, how):
    answer = reopen(ravi, counted, why, **how)
    assert answer.status_code == 422 and 'id="why-error"' in answer.text and why in answer.text
    assert is_counted(counted)


def test_a_reopening_sent_twice_is_one(ravi, counted):
    for _ in range(2):
        assert reopen(ravi, counted, "The side is wrong.", json=True).status_code == 200
    assert verbs_of(counted) == ["log", "approve", "reopen"]


def test_only_a_counted_scan_is_reopened(ravi, scan):
    assert reopen(ravi, scan, "The side is wrong.").status_code == 409


def test_a_colleague_does_not_reopen_what_another_counted(browse, cast, counted):
    answer = reopen(browse(cast.priya), counted, "The side is wrong.", htmx=True)
    assert answer.status_code == 403 and "Ravi Patel has judged this scan" in answer.text
    assert ">Reopen</button>" not in browse(cast.priya).get(f"/scans/{counted.id}/review").text


def test_a_colleague_does_when_that_mentor_has_left(browse, cast, counted):
    Party.update(ended_on=days_ago(1)).where(Party.person == cast.ravi).execute()
    priya = browse(cast.priya)
    assert ">Reopen</button>" in priya.get(f"/scans/{counted.id}/review").text
    assert reopen(priya, counted, "The side is wrong.").status_code == 303
    assert is_waiting(counted)
    assert Scan.get_by_id(counted.id).mentor_id == cast.priya.id


def test_once_reopened_the_student_may_correct_it(cast, counted):
    with pytest.raises(Conflict):
        scans.correct(counted.id, entry_for(cast.ravi, support="aided", side="left"), by=cast.amara, version=1)
    reopening.reopen(counted.id, by=cast.ravi, why="The side is wrong.")
    done = scans.correct(counted.id, entry_for(cast.ravi, support="aided", side="left"), by=cast.amara, version=1)
    assert (done.version, done.state) == (2, states.WITH_MENTOR)


def test_a_word_that_no_appraisal_knows_is_no_appraisal():
    with pytest.raises(Invalid):
        reviews.Appraisal(image="splendid")


def test_nobody_is_told_before_the_mentor_can_no_longer_undo(database, cast, scan, monkeypatch):
    from workflows.course import programmes

    programme = programmes.get("msk-pgcert")
    approved_at = reviews.approve(scan.id, by=cast.ravi, version=1, comment="Well done.").approved_at
    for seconds in (0, 10, 29):
        with later(monkeypatch, seconds=seconds):
            assert approved_at > reviews.undo_cutoff(programme, clock.now())
    with later(monkeypatch, seconds=31):
        assert approved_at <= reviews.undo_cutoff(programme, clock.now())
        with pytest.raises(Refused):
            reviews.undo(scan.id, by=cast.ravi, version=1)
