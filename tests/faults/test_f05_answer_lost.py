"""F5: the server dies after the commit, before the answer. The phone sends the same again and is answered as the first
time; nothing is there twice."""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from pathlib import Path

import pytest

from models import History, Move, Scan, db
from scripts.demo_server import serve
from tests.faults.dying import UNSENT
from tests.faults.ground import rounds, scan_fields

TIMES = rounds(1, 50)
AGAIN_SECONDS = 120


@pytest.fixture
def dying(ground):
    """The real server, with workers that die of every request that says so."""
    with serve(ground.env, what="tests.faults.dying:create_app") as server:
        yield server


def test_a_scan_whose_answer_was_lost_is_answered_as_the_first_time(ground, dying):
    phone, acknowledged = ground.phone(ground.cast.amara), set()
    for _ in range(TIMES):
        number = str(uuid.uuid4())
        fields = scan_fields(number, ground.cast.ravi)
        unsent = lose(phone, dying, "/scans", fields)
        assert send_again(phone, dying, "/scans", fields) == (201, unsent)
        assert send_again(phone, dying, "/scans", fields) == (201, unsent)
        acknowledged.add(number)
    assert ground.reckon(acknowledged) == TIMES


def test_every_other_action_whose_answer_was_lost_is_done_once(ground, dying):
    amara, ravi = ground.phone(ground.cast.amara), ground.phone(ground.cast.ravi)
    for _ in range(TIMES):
        number = str(uuid.uuid4())
        assert send_again(amara, dying, "/scans", scan_fields(number, ground.cast.ravi, support="aided"))[0] == 201
        wider = scan_fields(number, ground.cast.ravi, support="aided", side="both", version="1")
        actions = [
            (amara, f"/scans/{number}", wider, "correct"),
            (ravi, f"/scans/{number}/approval", {"version": "2"}, "approve"),
            (ravi, f"/scans/{number}/approval/undo", {"version": "2"}, "undo"),
            (amara, f"/scans/{number}/withdrawal", {"version": "2"}, "withdraw"),
        ]
        for who, path, fields, verb in actions:
            unsent = lose(who, dying, path, fields)
            assert send_again(who, dying, path, fields) == (200, unsent), verb
            assert times(number, verb) == (1, 1)
    ground.reckon(set())


def lose(phone, dying, path, fields) -> str:
    """Send it to a worker that dies of it; returns the answer that nobody got."""
    file = Path(dying.environment["SONOFOLIO_INSTANCE"], UNSENT)
    file.unlink(missing_ok=True)
    deadline = time.monotonic() + AGAIN_SECONDS
    while not file.exists():  # the other worker may not have started again yet
        assert time.monotonic() < deadline, "nobody did it"
        with suppress(OSError):
            status, _, text = phone.post(path, fields, **{"X-Die": "now"})
            raise AssertionError(f"it was answered: {status} {text}")
    return file.read_text()


def send_again(phone, dying, path, fields) -> tuple[int, str]:
    """As a phone does: until there is an answer."""
    deadline = time.monotonic() + AGAIN_SECONDS
    while True:
        try:
            status, _, text = phone.post(path, fields)
            return status, text
        except OSError:
            assert time.monotonic() < deadline, "nobody answers"
            time.sleep(0.02)


def times(number, verb) -> tuple[int, int]:
    """How often it was done: in the scan's story, in history."""
    with db.connection_context():
        assert Scan.select().where(Scan.id == number).count() == 1
        of_it = (History.object == f"scan:{number}") & (History.verb == verb)
        return Move.select().where(Move.scan == number, Move.verb == verb).count(), History.select().where(
            of_it
        ).count()
