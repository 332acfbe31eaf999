"""The transition table is the whole truth about a scan's moves: the code, the docs and the workflows agree with it."""

from __future__ import annotations

import pytest

from models import Confirmation
from rules import states
from scripts import states as docs
from tests.cast import logged
from workflows.people import confirmations
from workflows.refusals import Conflict
from workflows.reviews import reopening, reviews
from workflows.scans import scans, transitions


def test_the_docs_diagram_is_drawn_from_the_table():
    page = docs.DOCS / "states.md"
    assert page.read_text(encoding="utf-8") == docs.pages()[page], "run `python -m scripts.states`"


def test_every_verb_of_the_table_is_explained():
    assert set(docs.SCAN) == {move.verb for move in states.TABLE}


def test_every_state_can_be_reached_and_none_but_withdrawn_and_counted_is_left_by_the_mentor_or_student_alone():
    assert {move.after for move in states.TABLE} == set(states.STATES)
    assert {move.before for move in states.TABLE} == {None, *states.STATES}


def test_a_move_that_the_table_lacks_does_not_exist():
    with pytest.raises(states.NoSuchMove):
        states.move("approve", states.DRAFT)


def seen(scan):
    """The step of a scan that is held and that the course's refusal has made void."""
    return {"step": transitions.last_step(scan.id)} if scan.state == states.HELD else {}


ACTIONS = {
    "send": lambda scan, cast: scans.send(scan.id, by=cast.amara, version=scan.version),
    "approve": lambda scan, cast: reviews.approve(scan.id, by=cast.ravi, version=scan.version),
    "undo": lambda scan, cast: reviews.undo(scan.id, by=cast.ravi, version=scan.version),
    "reopen": lambda scan, cast: reopening.reopen(scan.id, by=cast.ravi, why="The side is wrong."),
    "send_back": lambda scan, cast: reviews.send_back(scan.id, by=cast.ravi, version=scan.version, why="Measure it."),
    "hand_over": lambda scan, cast: reviews.hand_over(scan.id, by=cast.ravi, to=cast.priya.id, **seen(scan)),
    "withdraw": lambda scan, cast: scans.withdraw(scan.id, by=cast.amara, version=scan.version),
    "restore": lambda scan, cast: scans.restore(scan.id, by=cast.amara, version=scan.version),
}


def in_state(state, cast):
    if state == states.HELD:
        Confirmation.delete().where(Confirmation.person == cast.ravi).execute()
    scan = logged(cast.amara, cast.ravi, later=state == states.DRAFT)
    path = {
        states.RETURNED: "send_back",
        states.COUNTED: "approve",
        states.HELD: "approve",
        states.WITHDRAWN: "withdraw",
    }
    if state in path:
        scan = ACTIONS[path[state]](scan, cast)
    assert scan.state == state
    if state == states.HELD:
        part = {"programme": "msk-pgcert", "kind": "mentor"}
        confirmations.refuse(cast.ravi.id, **part, by=cast.dana, why="No such registration.")
    return scan


@pytest.mark.parametrize("state", states.STATES)
@pytest.mark.parametrize("verb", ACTIONS)
def test_each_verb_moves_a_scan_only_as_the_table_says(verb, state, cast):
    from models import Move

    scan = in_state(state, cast)
    before = Move.select().where(Move.scan == scan).count()
    after = {move.after for move in states.TABLE if move.verb == verb and move.before == state}
    if after:
        assert ACTIONS[verb](scan, cast).state in after
        assert Move.select().where(Move.scan == scan).count() == before + 1
        return
    try:
        ACTIONS[verb](scan, cast)
    except Exception as refusal:
        from workflows.refusals import Refused

        assert isinstance(refusal, (Conflict, Refused))
    assert type(scan).get_by_id(scan.id).state == state, "a second tap may be answered, but moves nothing"
    assert Move.select().where(Move.scan == scan).count() == before
