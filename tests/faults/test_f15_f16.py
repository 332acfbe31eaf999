"""F15: a mentor approves while the student edits. F16: double taps, lost answers, retries.

Real threads, each with a connection of its own, on a real database; and, for what a network does, the real server.
"""

from __future__ import annotations

import http.client
import json
import urllib.parse
from collections import Counter

import pytest

import clock
from models import Audit, Move, Scan, db
from rules import states
from tests.cast import entry_for, logged
from tests.faults.ground import FULL, reckon, rounds
from workflows.refusals import Conflict
from workflows.reviews import reviews
from workflows.scans import scans, transitions

PAIRS = rounds(40, 2000)
TAPS = rounds(20, 500)


def test_f15_of_an_approval_and_an_edit_exactly_one_wins_and_the_other_is_told(cast, at_once):
    won = Counter()
    for number in range(PAIRS):
        scan = logged(cast.amara, cast.ravi, support=("aided", "unaided")[number % 2], report=f"{number} mm as seen.")
        seen = scan.digest
        edit = entry_for(cast.ravi, support=scan.support, report=f"{number} mm, no: {number + 1} mm.")
        actions = [
            lambda scan=scan: reviews.approve(scan.id, by=cast.ravi, version=1),
            lambda scan=scan, edit=edit: scans.correct(scan.id, edit, by=cast.amara, version=1),
        ]
        # Who sets out first changes from pair to pair; who arrives first is the race.
        answers = at_once(*actions) if number % 4 < 2 else at_once(*reversed(actions))[::-1]
        told = [isinstance(answer, Conflict) for answer in answers]
        assert told.count(True) == 1, f"pair {number}: {answers}"
        now = Scan.get_by_id(scan.id)
        if told[1]:
            assert (now.state, now.version, now.digest) == (states.COUNTED, 1, seen)
            assert answers[1].current.state == states.COUNTED, "the student is shown what stands"
        else:
            assert (now.state, now.version) == (states.WITH_MENTOR, 2)
            assert now.approved_at is None and now.audited_at is None
            assert answers[0].current.version == 2, "the mentor is shown what stands"
        won["mentor" if told[1] else "student"] += 1
    assert won.total() == PAIRS
    if FULL:
        assert min(won["mentor"], won["student"]) > PAIRS // 100, f"this was no race: {won}"
    assert not Scan.select().where(Scan.state == states.COUNTED, Scan.approved_version != Scan.version).exists()
    assert reckon(set()) == PAIRS


def test_f15_an_approval_and_its_undo_race_with_an_edit(cast, at_once):
    for number in range(PAIRS // 4):
        scan = logged(cast.amara, cast.ravi, report=f"{number} mm.")
        reviews.approve(scan.id, by=cast.ravi, version=1)
        edit = entry_for(cast.ravi, report="Another.")
        at_once(
            lambda scan=scan: reviews.undo(scan.id, by=cast.ravi, version=1),
            lambda scan=scan, edit=edit: scans.correct(scan.id, edit, by=cast.amara, version=1),
        )
        now = Scan.get_by_id(scan.id)
        assert now.state == states.WITH_MENTOR and now.approved_at is None
    reckon(set())


def test_f15_a_row_that_moved_on_is_not_moved_again(cast):
    """Whoever read it before their turn came is told by the update itself."""
    scan = logged(cast.amara, cast.ravi)
    stale = Scan.get_by_id(scan.id)
    scans.correct(scan.id, entry_for(cast.ravi, report="Another."), by=cast.amara, version=1)
    with pytest.raises(Conflict), db.atomic():
        changes = {"approved_at": clock.now(), "approved_by": cast.ravi, "approved_version": 1}
        transitions.apply(stale, "approve", states.COUNTED, by=cast.ravi, now=clock.now(), changes=changes)
    assert Scan.get_by_id(scan.id).state == states.WITH_MENTOR
    assert Move.select().where(Move.verb == "approve").count() == 0


def test_f16_of_many_taps_at_once_one_approves_and_all_are_answered_alike(cast, at_once):
    for number in range(TAPS):
        scan = logged(cast.amara, cast.ravi, support="aided", report=f"{number} mm.")
        tap = [lambda scan=scan: reviews.approve(scan.id, by=cast.ravi, version=1)] * 4
        answers = {(answer.state, answer.version, answer.approved_at) for answer in at_once(*tap)}
        assert len(answers) == 1
        assert Move.select().where(Move.scan == scan, Move.verb == "approve").count() == 1
        assert Audit.select().where(Audit.scan == scan).count() == 1
    reckon(set())


def test_f16_of_many_undos_at_once_one_undoes(cast, at_once):
    for _ in range(TAPS // 4):
        scan = logged(cast.amara, cast.ravi, support="aided")
        reviews.approve(scan.id, by=cast.ravi, version=1)
        at_once(*[lambda scan=scan: reviews.undo(scan.id, by=cast.ravi, version=1)] * 4)
        assert Move.select().where(Move.scan == scan, Move.verb == "undo").count() == 1
        assert Scan.get_by_id(scan.id).state == states.WITH_MENTOR
    reckon(set())


def test_f16_a_tap_whose_answer_was_lost_is_answered_the_same_when_it_is_sent_again(ground, running, at_once):
    cast = ground.cast
    amara, ravi = ground.phone(cast.amara), ground.phone(cast.ravi)
    for _ in range(rounds(5, 100)):
        number, status, _ = amara.log(cast.ravi, support="aided")
        assert status == 201
        path = f"/scans/{number}/approval"
        _send_and_hang_up(ravi, path, {"version": 1})
        answers = at_once(*[lambda path=path: ravi.post(path, {"version": 1})] * 2)
        answers.append(ravi.post(path, {"version": 1}))
        assert {status for status, _, _ in answers} == {200}
        assert len({text for _, _, text in answers}) == 1
        assert json.loads(answers[0][2])["state"] == states.COUNTED
        with ground.app.extensions["database"].connection_context():
            assert Move.select().where(Move.scan == number, Move.verb == "approve").count() == 1
            assert Audit.select().where(Audit.scan == number).count() == 1
    ground.reckon(set())


def _send_and_hang_up(phone, path: str, fields: dict) -> None:
    """Send the whole request and go away before the answer."""
    connection = http.client.HTTPConnection(phone.address, timeout=10)
    headers = {
        "Cookie": phone.cookie,
        "X-CSRFToken": phone.csrf,
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", path, urllib.parse.urlencode(fields), headers)
    connection.close()
