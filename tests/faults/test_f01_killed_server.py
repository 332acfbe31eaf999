"""F1: the server is killed with -9 under load. Nothing acknowledged is lost, nothing is half-written."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress

from scripts.demo_server import serve
from tests.faults.ground import rounds, workers_of

STUDENTS_LOGGING = 3
ANSWER_AGAIN_SECONDS = 5


class Logging(threading.Thread):
    """A phone that logs scan after scan and remembers what was acknowledged; what got no answer is sent again."""

    def __init__(self, phone, mentor, acknowledged, stop):
        super().__init__(daemon=True)
        self.phone, self.mentor, self.acknowledged, self.stop = phone, mentor, acknowledged, stop
        self.faults: list[str] = []

    def run(self):
        number = None
        while not self.stop.is_set():
            try:
                number, status, answer = self.phone.log(self.mentor, number)
            except OSError:
                continue  # no answer: the same scan is sent again
            if status == 201:
                self.acknowledged[answer["scan_id"]] = answer
                number = None
            elif status != 503:
                self.faults.append(f"{status} {answer}")
                number = None


def test_a_killed_worker_loses_nothing_that_was_acknowledged(ground):
    cast, acknowledged, stop = ground.cast, {}, threading.Event()
    with serve(ground.env) as server:
        phones = [ground.phone(student) for student in (cast.amara, cast.tom, cast.amara)[:STUDENTS_LOGGING]]
        people = [Logging(phone, cast.ravi, acknowledged, stop) for phone in phones]
        for person in people:
            person.start()
        for _ in range(rounds(4, 200)):
            _wait_until_more(acknowledged, 5)
            with suppress(ProcessLookupError):
                os.kill(workers_of(server)[0], signal.SIGKILL)
            _answers_again(ground)
        stop.set()
        for person in people:
            person.join(30)
    assert not [fault for person in people for fault in person.faults]
    assert ground.reckon(acknowledged) >= len(acknowledged) > 0


def test_a_killed_master_is_started_again_by_its_supervisor_and_nothing_is_lost(ground):
    cast, acknowledged = ground.cast, {}
    phone = ground.phone(cast.amara)
    for _ in range(rounds(1, 10)):
        with serve(ground.env) as server:
            for _ in range(3):
                number, status, answer = phone.log(cast.ravi)
                assert status == 201, answer
                acknowledged[number] = answer
            # What a supervisor sees when the whole service is gone: master and workers.
            os.killpg(server.process.pid, signal.SIGKILL)
    with serve(ground.env):
        _answers_again(ground)
    assert ground.reckon(acknowledged) == len(acknowledged)


def _wait_until_more(acknowledged, more, seconds=20):
    goal, deadline = len(acknowledged) + more, time.monotonic() + seconds
    while len(acknowledged) < goal:
        assert time.monotonic() < deadline, "nothing is acknowledged any more"
        time.sleep(0.005)


def _answers_again(ground):
    asking = ground.phone(ground.cast.dana)
    asking.timeout = ANSWER_AGAIN_SECONDS
    deadline = time.monotonic() + ANSWER_AGAIN_SECONDS
    while True:
        with suppress(OSError):
            if asking.get("/healthz")[0] == 200:
                return
        assert time.monotonic() < deadline, f"no answer within {ANSWER_AGAIN_SECONDS} s"
        time.sleep(0.02)
