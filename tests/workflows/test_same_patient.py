"""*Same patient*: the other side widens the first entry, a neighbouring region is linked; once, and undone at a tap."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

import clock
from models import Move, Scan
from rules import states
from rules.vocabulary import NotSeen, Pair
from tests.cast import entry_for
from workflows.counts import recount
from workflows.course import programmes
from workflows.history import verification
from workflows.refusals import Conflict, Invalid, NotFound
from workflows.reviews import reviews
from workflows.scans import other_side, same_patient, scans, transitions

WORDS = "Degenerate, no retraction."


def log(cast, student=None, **changes) -> Scan:
    number = str(uuid.uuid4())
    flags = {name: changes.pop(name) for name in ("later", "another") if name in changes}
    entry = entry_for(cast.ravi, **changes)
    return scans.log(number, entry, by=student or cast.amara, received={"id": number}, **flags).scan


def left(cast, **changes) -> Scan:
    said = {"side": "left", "findings": (), "normal": ("all",), "report": "", **changes}
    return log(cast, **said)


def same(cast, scan: Scan, by=None, **more):
    step = more.pop("step", transitions.last_step(scan.id))
    return same_patient.answer(scan.id, by=by or cast.amara, version=more.pop("version", scan.version), step=step)


def undo(cast, first: Scan, step=None, version=2) -> Scan:
    step = step or transitions.last_step(first.id)
    return same_patient.take_back(first.id, by=cast.amara, version=version, step=step)


def again(scan: Scan) -> Scan:
    return Scan.get_by_id(scan.id)


def story(scan: Scan) -> list[tuple[str, str]]:
    return list(Move.select(Move.verb, Move.why).where(Move.scan == scan).order_by(Move.id).tuples())


def test_which_scans_of_the_last_minutes_are_asked_about(cast, monkeypatch):
    asked = {
        "the other side": ({}, {"side": "left"}, True),
        "the ankle, then the foot": ({"region": "ankle"}, {"region": "foot"}, True),
        "the hand, then the wrist": ({"region": "hand"}, {"region": "wrist"}, True),
        "one side of both": ({"side": "both"}, {}, True),
        "the foot of the other leg": ({"region": "ankle"}, {"region": "foot", "side": "left"}, False),
        "another region": ({"region": "ankle"}, {"region": "knee"}, False),
        "another patient, as it is said": ({}, {"side": "left", "another": True}, False),
        "no side yet": ({}, {"side": ""}, False),
    }
    at = clock.now()
    for name, (one, other, is_asked) in asked.items():
        at += timedelta(minutes=11)
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        bare = {"findings": (), "normal": ("all",), "report": ""}
        first = log(cast, **{**bare, **one})
        at += timedelta(minutes=10)
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        second = log(cast, **{**bare, **other})
        assert second.duplicate_of_id == (first.id if is_asked else None), name
        assert second.state == (states.DRAFT if is_asked or not second.side else states.WITH_MENTOR), name


def test_the_same_side_again_is_asked_about_before_the_other_side_and_that_before_a_neighbour(cast):
    bare = {"findings": (), "normal": ("all",), "report": "", "another": True}
    same_side, other_side_, _ = (
        log(cast, **bare, **one)
        for one in ({"region": "foot"}, {"region": "foot", "side": "left"}, {"region": "ankle"})
    )
    assert log(cast, **{**bare, "another": False, "region": "foot"}).duplicate_of_id == same_side.id
    scans.withdraw(same_side.id, by=cast.amara, version=1)
    Scan.update(state=states.WITHDRAWN).where(Scan.duplicate_of == same_side.id).execute()
    assert log(cast, **{**bare, "another": False, "region": "foot"}).duplicate_of_id == other_side_.id


def test_another_student_and_a_guided_procedure_are_not_asked_about(cast):
    log(cast)
    assert left(cast, student=cast.tom).duplicate_of_id is None
    assert left(cast, procedure="knee joint injection", procedure_role="assisted").duplicate_of_id is None


def test_the_other_side_widens_the_first_which_keeps_its_words_and_the_second_is_withdrawn(cast):
    first, second = log(cast), left(cast, not_seen=(NotSeen("lhb", "pain"),), report=WORDS)
    assert second.state == states.DRAFT
    scan, joined = same(cast, second)
    kept = again(first)
    assert (scan.state, joined.id) == (states.WITHDRAWN, first.id)
    assert (kept.side, kept.state, kept.version) == ("both", states.WITH_MENTOR, 2)
    assert kept.findings == [["ssp", "full-thickness tear", "right"], ["sasd", "bursitis", "right"]]
    assert (kept.normal, kept.not_seen) == (["left | all"], [["lhb", "pain", "left"]])
    assert first.report in kept.report and f"Left shoulder: {WORDS}" in kept.report
    assert story(first)[-1] == ("correct", "Case 0002, left shoulder, of the same patient, was joined to it.")
    note = "The same patient as case 0001, right shoulder, to which it was joined."
    assert story(second)[-1] == ("same_patient", note)
    assert verification.verify().sound and recount.check(cast.cohort) == []


def test_the_answer_is_applied_once_however_often_and_in_whatever_order_it_comes(cast):
    first, second = log(cast), left(cast)
    seen = transitions.last_step(second.id)
    for _ in range(2):
        assert same(cast, second, step=seen)[1].id == first.id
    assert again(first).version == 2
    for other in (scans.send, scans.withdraw):
        with pytest.raises(Conflict):
            other(second.id, by=cast.amara, version=1, step=seen)
    third = log(cast, region="knee", findings=(), normal=("all",), report="")
    fourth = log(cast, region="knee", side="left", findings=(), normal=("all",), report="")
    seen = transitions.last_step(fourth.id)
    scans.send(fourth.id, by=cast.amara, version=1, step=seen)
    with pytest.raises(Conflict):
        same(cast, fourth, step=seen)
    assert (again(third).version, again(third).side, again(fourth).state) == (1, "right", states.WITH_MENTOR)


def test_the_widening_is_undone_to_the_very_entries_of_before_and_asked_about_again(cast):
    first, second = log(cast, report_base=""), left(cast, report=WORDS)  # drafts from the taps, and words of one's own
    same(cast, second)
    seen = transitions.last_step(first.id)
    for _ in range(2):
        assert undo(cast, first, step=seen).id == second.id
    kept = again(first)
    assert transitions.content(kept) == transitions.content(first) and (kept.version, kept.state) == (3, first.state)
    assert (again(second).state, again(second).duplicate_of_id) == (states.DRAFT, first.id)
    same(cast, again(second))
    assert again(first).side == "both" and verification.verify().sound


def test_a_widening_is_not_undone_after_something_else_was_done(cast):
    first, second = log(cast), left(cast)
    same(cast, second)
    seen = transitions.last_step(first.id)
    with pytest.raises(Conflict):
        other_side.take_side_back(first.id, "right", by=cast.amara, version=2)
    reviews.send_back(first.id, by=cast.ravi, version=2, why="Measure it.")
    with pytest.raises(Conflict):
        undo(cast, first, step=seen)
    with pytest.raises(Conflict):
        undo(cast, first)
    assert (again(first).side, again(second).state) == ("both", states.WITHDRAWN)


@pytest.mark.parametrize("what", ["support", "outcome", "limitations", "modifiers", "transducer", "indication"])
def test_two_entries_that_differ_in_what_one_says_once_are_not_joined_until_they_are_alike(cast, what):
    said = {
        "support": "aided",
        "outcome": "indeterminate, further imaging",
        "limitations": ("pain",),
        "modifiers": ("after arthroplasty",),
        "transducer": "convex",
        "indication": "pain, cuff tear?",
    }
    first, second = log(cast), left(cast, normal=("ssp",), **{what: said[what]})
    with pytest.raises(Invalid) as refusal:
        same(cast, second)
    assert "case 0001" in refusal.value.sentence and "edit one of the two" in refusal.value.sentence
    assert (again(first).version, again(second).state) == (1, states.DRAFT)
    alike = entry_for(cast.ravi, side="left", findings=(), normal=("ssp",), report="")
    edited = scans.correct(second.id, alike, by=cast.amara, version=1).scan
    assert edited.duplicate_of_id == first.id, "it is still asked about"
    assert same(cast, edited)[1].id == first.id


def test_an_approved_first_is_not_widened_and_a_hidden_approval_stays_hidden(cast, monkeypatch):
    first, second = log(cast), left(cast)
    reviews.approve(first.id, by=cast.ravi, version=1)
    with pytest.raises(Conflict) as refusal:
        same(cast, second)
    assert refusal.value.sentence == transitions.JUDGING
    assert same_patient.why_not_joined(*_programme_and(second)) == [], "the page betrays it no more than the answer"
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(Conflict) as refusal:
        same(cast, second)
    assert "Case 0001 is approved" in refusal.value.sentence
    assert (again(first).version, again(first).state, again(second).state) == (1, states.COUNTED, states.DRAFT)


def _programme_and(scan: Scan):
    return programmes.get(scan.enrolment.cohort.programme), again(scan)


def test_a_first_that_is_a_draft_or_returned_is_widened_where_it_is(cast):
    first, second = log(cast, later=True), left(cast)
    same(cast, second)
    assert (again(first).state, again(first).side) == (states.DRAFT, "both")
    first = log(cast, region="knee", findings=(Pair("recess", "effusion"),))
    reviews.send_back(first.id, by=cast.ravi, version=1, why="Measure it.")
    same(cast, left(cast, region="knee"))
    assert (again(first).state, again(first).side) == (states.RETURNED, "both")


def test_a_first_that_is_asked_about_or_was_withdrawn_is_not_widened(cast):
    first = log(cast)
    twin, second = log(cast), left(cast)
    assert second.duplicate_of_id == twin.id
    with pytest.raises(Invalid, match="Say first whether case 0002 is another patient"):
        same(cast, second)
    scans.withdraw(twin.id, by=cast.amara, version=1)
    with pytest.raises(Conflict):
        same(cast, again(second))
    assert again(first).version == 1
    with pytest.raises(Conflict):
        same(cast, first)


def test_what_contradicts_itself_is_meant_in_the_joined_entry_and_in_those_of_before(cast):
    odd = {"outcome": "normal for age", "findings": (Pair("ssp", "full-thickness tear"),), "report_base": ""}
    first, second = log(cast, later=True, **odd), log(cast, **odd, side="left")
    (key,) = first.first_answer["asks"][0][1:2]
    first = scans.send(first.id, by=cast.amara, version=1, meant=[key])
    answered = {"by": cast.amara, "version": 1}
    with pytest.raises(Invalid) as refusal:
        same_patient.answer(second.id, **answered)
    assert "outcome" in refusal.value.problems and (again(first).version, again(second).state) == (1, states.DRAFT)
    same_patient.answer(second.id, **answered, meant=[key])
    assert (again(first).side, again(first).meant) == ("both", [f"both | {key}"])
    undo(cast, first)
    assert (again(first).meant, transitions.content(again(first))) == ([key], transitions.content(first))


def test_neighbouring_regions_of_one_patient_stay_two_entries_that_name_each_other(cast):
    bare = {"findings": (), "normal": ("all",), "report": ""}
    first, second = log(cast, region="ankle", **bare), log(cast, region="foot", **bare)
    seen, first_seen = transitions.last_step(second.id), transitions.last_step(first.id)
    for _ in range(2):
        scan, joined = same(cast, second, step=seen)
        assert joined is None and (scan.state, scan.duplicate_of_id) == (states.WITH_MENTOR, None)
    assert story(second)[1:] == [("same_patient", "The same patient as case 0001, right ankle.")]
    assert story(first)[1:] == [("link", "The same patient as case 0002, right foot.")]
    assert transitions.content(again(first)) == transitions.content(first) and again(first).version == 1
    with pytest.raises(Conflict):
        scans.send(second.id, by=cast.amara, version=1, step=seen)
    reviews.approve(first.id, by=cast.ravi, version=1, step=first_seen)  # the page that the mentor had open
    assert again(first).state == states.COUNTED
    assert verification.verify().sound and recount.check(cast.cohort) == []


def test_a_counted_first_is_linked_and_stays_counted(cast):
    bare = {"findings": (), "normal": ("all",), "report": ""}
    first, second = log(cast, region="wrist", **bare), log(cast, region="hand", **bare)
    reviews.approve(first.id, by=cast.ravi, version=1)
    same(cast, second)
    assert (again(first).state, story(first)[-1][0]) == (states.COUNTED, "link")
    reviews.undo(first.id, by=cast.ravi, version=1, step=transitions.last_step(first.id))
    assert again(first).state == states.WITH_MENTOR


def test_a_strangers_scan_is_not_found(cast):
    first, second = log(cast), left(cast)
    for action in (
        lambda: same(cast, second, by=cast.tom),
        lambda: same_patient.take_back(first.id, by=cast.mei, version=1),
    ):
        with pytest.raises(NotFound):
            action()
