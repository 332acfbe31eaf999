"""A student logs, corrects, withdraws; what was acknowledged is kept once, and only what may be is sent."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

import clock
from models import History, Move, Party, Scan
from rules import states
from rules.vocabulary import Pair
from tests.cast import both_sides, days_ago, entry_for, logged
from workflows.history import history, verification
from workflows.refusals import Conflict, Invalid, NotFound, Refused
from workflows.reviews import reviews
from workflows.scans import scan_entry, scans


def log(cast, number=None, *, received=None, **changes):
    number = number or str(uuid.uuid4())
    flags = {name: changes.pop(name) for name in ("later", "another") if name in changes}
    entry = entry_for(cast.ravi, **changes)
    return scans.log(number, entry, by=cast.amara, received=received or {"id": number}, **flags)


def test_a_complete_scan_goes_to_the_mentor(cast):
    scan = log(cast).scan
    assert (scan.state, scan.mentor_id, scan.version) == (states.WITH_MENTOR, cast.ravi.id, 1)
    assert scan.sent_at is not None
    assert scan.case_number == 1


def test_finish_later_keeps_a_complete_scan_as_a_draft(cast):
    assert log(cast, later=True).scan.state == states.DRAFT


@pytest.mark.parametrize(
    ("lacking", "word"),
    [
        ({"support": ""}, "support"),
        ({"side": ""}, "side"),
        ({"mentor": None}, "mentor"),
        ({"findings": ()}, "findings"),
    ],
)
def test_a_scan_that_lacks_something_is_a_draft_and_says_what(cast, lacking, word):
    done = log(cast, **lacking)
    assert done.scan.state == states.DRAFT
    assert any(word in lack for lack in done.missing)


def test_the_same_scan_sent_again_is_stored_once_and_answered_as_the_first_time(cast):
    number = str(uuid.uuid4())
    first, second = log(cast, number), log(cast, number)
    assert second.replayed
    assert (first.state, first.version) == (second.state, second.version)
    assert Scan.select().count() == 1
    assert Move.select().where(Move.scan == number).count() == 1


def test_a_replay_after_an_edit_is_still_a_replay(cast):
    number = str(uuid.uuid4())
    log(cast, number)
    scans.correct(number, entry_for(cast.ravi, side="left"), by=cast.amara, version=1)
    again = log(cast, number)
    assert (again.replayed, again.version) == (True, 1)
    assert Scan.get_by_id(number).side == "left"


def test_the_same_id_with_other_content_is_a_conflict_and_the_first_is_kept(cast):
    number = str(uuid.uuid4())
    log(cast, number)
    with pytest.raises(Conflict) as conflict:
        log(cast, number, received={"id": number, "side": "left"}, side="left")
    assert conflict.value.current.side == "right"
    assert Scan.get_by_id(number).side == "right"


def test_an_id_that_is_somebody_elses_is_not_found(cast):
    number = str(uuid.uuid4())
    log(cast, number)
    with pytest.raises(NotFound):
        scans.log(number, entry_for(cast.grace), by=cast.mei, received={"id": number})


def test_the_report_writes_itself_when_none_was_written(cast):
    scan = log(cast, report="").scan
    assert "shoulder" in scan.report
    assert scan.report == scan.composed
    assert not scan.own_words


def test_the_students_own_words_are_remembered_as_such(cast):
    assert log(cast).scan.own_words


def test_an_abnormal_scan_without_own_words_is_sent_and_marked(cast):
    scan = log(cast, report="").scan
    assert (scan.state, scan.own_words) == (states.WITH_MENTOR, False)


def test_a_day_to_come_is_refused(cast):
    with pytest.raises(Invalid) as refusal:
        log(cast, scanned_on=days_ago(-2))
    assert "scanned_on" in refusal.value.problems


def test_a_day_before_the_enrolment_is_refused_with_the_reason(cast):
    with pytest.raises(Invalid) as refusal:
        log(cast, scanned_on=days_ago(90))
    assert "Your enrolment began on" in refusal.value.problems["scanned_on"][0]


def test_what_identifies_a_patient_is_refused_before_it_is_stored(cast):
    with pytest.raises(Invalid) as refusal:
        log(cast, report="Seen with jane.doe@example.com today.")
    assert "report" in refusal.value.problems
    assert "jane" not in str(refusal.value.problems)
    assert Scan.select().count() == 0


def test_a_mentor_of_another_placement_cannot_be_chosen(cast):
    with pytest.raises(Invalid) as refusal:
        log(cast, mentor=cast.grace.id)
    assert "mentor" in refusal.value.problems


def test_a_site_that_is_not_ones_own_cannot_be_chosen(cast):
    with pytest.raises(Invalid) as refusal:
        log(cast, site=cast.brighton.id)
    assert "site" in refusal.value.problems


def test_a_machine_of_another_site_cannot_be_chosen(cast):
    with pytest.raises(Invalid) as refusal:
        log(cast, machine="Esaote MyLab Omega")
    assert "machine" in refusal.value.problems


def test_a_structure_cannot_be_normal_and_have_a_finding(cast):
    with pytest.raises(Invalid) as refusal:
        log(cast, normal=("ssp",))
    assert "Supraspinatus is marked normal and has a finding" in refusal.value.problems["finding"][0]


def test_a_finding_of_another_region_is_refused(cast):
    with pytest.raises(Invalid):
        log(cast, findings=(Pair("baker", "Baker cyst"),))


def test_the_same_region_and_side_within_minutes_is_asked_about_before_it_is_sent(cast):
    first = log(cast)
    second = log(cast)
    assert second.duplicate_of.id == first.scan.id
    assert second.scan.state == states.DRAFT
    sent = scans.send(second.scan.id, by=cast.amara, version=1)
    assert (sent.state, sent.duplicate_of_id) == (states.WITH_MENTOR, None)


def test_another_patient_is_not_asked_about_when_the_student_said_so(cast):
    log(cast)
    assert log(cast, another=True).scan.state == states.WITH_MENTOR


def test_the_same_region_later_that_day_is_no_duplicate(cast, monkeypatch):
    log(cast)
    later = clock.now() + timedelta(minutes=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert log(cast).duplicate_of is None


def test_a_scan_edited_while_with_the_mentor_stays_there_under_a_new_version(cast):
    scan = log(cast).scan
    edited = scans.correct(scan.id, entry_for(cast.ravi, side="left"), by=cast.amara, version=1).scan
    assert (edited.state, edited.version, edited.sent_at) == (states.WITH_MENTOR, 2, scan.sent_at)
    assert edited.digest != scan.digest


def test_an_edit_of_an_older_version_is_refused_and_changes_nothing(cast):
    scan = log(cast).scan
    scans.correct(scan.id, entry_for(cast.ravi, side="left"), by=cast.amara, version=1)
    with pytest.raises(Conflict) as conflict:
        scans.correct(scan.id, entry_for(cast.ravi, side="both"), by=cast.amara, version=1)
    assert conflict.value.current.side == "left"
    assert Scan.get_by_id(scan.id).side == "left"


def test_a_scan_with_the_mentor_cannot_be_made_incomplete(cast):
    scan = log(cast).scan
    with pytest.raises(Invalid):
        scans.correct(scan.id, entry_for(cast.ravi, support=""), by=cast.amara, version=1)


def test_nobody_corrects_a_scan_of_somebody_else(cast):
    scan = log(cast).scan
    for person in (cast.tom, cast.ravi, cast.dana):
        with pytest.raises(NotFound):
            scans.correct(scan.id, entry_for(cast.ravi), by=person, version=1)


def test_a_person_who_is_not_enrolled_cannot_log(cast):
    with pytest.raises(Refused):
        scans.log(str(uuid.uuid4()), entry_for(cast.ravi), by=cast.ravi, received={})


def test_a_withdrawn_scan_can_be_brought_back_as_a_draft(cast):
    scan = log(cast).scan
    gone = scans.withdraw(scan.id, by=cast.amara, version=1)
    assert gone.state == states.WITHDRAWN
    assert scans.restore(scan.id, by=cast.amara, version=1).state == states.DRAFT


def test_a_correction_that_was_entered_again_unchanged_keeps_what_it_says(cast):
    scan = log(cast).scan
    entry = replace(scan_entry.entry_of(scan), report_base=scan.composed)
    again = scans.correct(scan.id, entry, by=cast.amara, version=1).scan
    assert again.digest == scan.digest


def test_each_move_writes_one_line_of_story_and_one_row_of_history(cast):
    before = History.select().count()
    scan = log(cast).scan
    scans.correct(scan.id, entry_for(cast.ravi, side="left"), by=cast.amara, version=1)
    scans.withdraw(scan.id, by=cast.amara, version=2)
    assert [move.verb for move in Move.select().where(Move.scan == scan).order_by(Move.id)] == [
        "log",
        "correct",
        "withdraw",
    ]
    assert History.select().count() == before + 3
    assert verification.verify().sound


def test_nothing_is_kept_when_the_story_cannot_be_written(cast, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(history, "record", broken)
    with pytest.raises(RuntimeError):
        logged(cast.amara, cast.ravi)
    assert Scan.select().count() == Move.select().count() == 0


def test_case_numbers_are_the_students_own_and_follow_each_other(cast):
    numbers = [logged(cast.amara, cast.ravi).case_number for _ in range(3)]
    assert numbers == [1, 2, 3]
    assert logged(cast.tom, cast.ravi).case_number == 1


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"report": ""}, True),
        ({}, False),
        ({"report": "", "findings": (), "normal": ("all",)}, False),
        ({"report": "", "region": "knee", "findings": (Pair("vessels", "patent"),)}, False),
    ],
)
def test_own_words_are_missing_only_where_something_abnormal_has_none(cast, changes, missing):
    assert log(cast, **changes).scan.words_missing is missing


def test_a_scan_handed_over_while_the_form_was_open_stays_with_whom_it_was_given_to(cast):
    scan = log(cast).scan
    reviews.hand_over(scan.id, by=cast.ravi, to=cast.priya.id)
    edited = scans.correct(scan.id, entry_for(cast.ravi, side="left"), by=cast.amara, version=1).scan
    assert edited.mentor_id == cast.priya.id
    assert both_sides(scan, cast.amara, version=2).mentor_id == cast.priya.id


def test_a_scan_whose_mentor_has_left_goes_to_the_one_that_the_student_names(cast):
    scan = log(cast).scan
    Party.update(ended_on=days_ago(0)).where(Party.person == cast.ravi).execute()
    assert scans.correct(scan.id, entry_for(cast.priya), by=cast.amara, version=1).scan.mentor_id == cast.priya.id


def test_a_returned_scan_keeps_what_it_was_about(cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Which side?")
    emptied = entry_for(cast.ravi, support="", findings=(), normal=("all",))
    with pytest.raises(Invalid, match="support"):
        scans.correct(scan.id, emptied, by=cast.amara, version=1, later=True)
    assert Scan.get_by_id(scan.id).support == "unaided"
