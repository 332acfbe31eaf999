"""F1: the server is killed with -9 under load. Nothing acknowledged is lost, nothing is half-written, and it answers
again by itself: after the death of a worker, of both of them again and again, and of granian's main process.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from config import ROOT
from scripts.demo_server import serve
from tests.faults.ground import descendants, main_process_of, rounds, workers_of

STUDENTS_LOGGING = 3
STARTS = 5  # it answers again within so many times what it took to start with nothing else to do
# Which database it is says nothing where no transaction is cut.
ONE_KIND = pytest.mark.both_in_full
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone ends a process with its parent")


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


@pytest.fixture
def started(ground):
    """The real server, and how many seconds it took to start."""
    begun = time.monotonic()
    with serve(ground.env) as server:
        server.start_seconds = time.monotonic() - begun
        yield server


@pytest.fixture
def phones(ground, started):
    """Students who log scan after scan meanwhile; yields what was acknowledged. In the end nothing of it is lost."""
    cast, acknowledged, stop = ground.cast, {}, threading.Event()
    phones = [ground.phone(student) for student in (cast.amara, cast.tom, cast.amara)[:STUDENTS_LOGGING]]
    people = [Logging(phone, cast.ravi, acknowledged, stop) for phone in phones]
    for person in people:
        person.start()
    yield acknowledged
    stop.set()
    for person in people:
        person.join(30)
    assert not [fault for person in people for fault in person.faults]
    assert ground.reckon(acknowledged) >= len(acknowledged) > 0


def test_a_killed_worker_loses_nothing_that_was_acknowledged(ground, started, phones):
    for _ in range(rounds(2, 200)):
        _wait_until_more(phones, 5)
        _kill(workers_of(started)[:1])
        _answers_again(ground, started)


@ONE_KIND
def test_both_workers_killed_again_and_again_are_started_again(ground, started, phones):
    for _ in range(rounds(1, 20)):
        _wait_until_more(phones, 5)
        before = main_process_of(started)
        while main_process_of(started) == before:  # until granian calls it a crash loop, and ends
            _kill(workers_of(started))
        _answers_again(ground, started)
    assert started.process.poll() is None


@ONE_KIND
@LINUX
def test_a_killed_main_process_takes_its_workers_with_it_and_is_started_again(ground, started, phones):
    for _ in range(rounds(1, 20)):
        _wait_until_more(phones, 5)
        before = [main_process_of(started), *workers_of(started)]
        _kill(before[:1])
        _answers_again(ground, started)
        _wait_until(lambda before=before: not any(map(_alive, before)), started)
    assert started.process.poll() is None
    _wait_until(lambda: len(workers_of(started)) == 2, started)


@ONE_KIND
@LINUX
def test_a_port_that_somebody_has_is_told_and_not_shared_and_a_killed_supervisor_leaves_no_server_behind(
    ground, started
):
    second = subprocess.run(
        [sys.executable, "serve.py"], cwd=ROOT, env=ground.env, capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert second.stderr == f"127.0.0.1:{ground.env['PORT']}: Address already in use\n"
    there = [started.process.pid, *descendants(started.process.pid)]
    started.process.kill()
    started.process.wait(10)
    _wait_until(lambda: not any(map(_alive, there)), started)


@ONE_KIND
@LINUX
def test_make_run_serves_again_after_any_of_it_was_killed_and_ends_at_ctrl_c(ground):
    venv, port = Path(sys.executable).parent.parent, ground.env["PORT"]
    production = {
        "SONOFOLIO_ENV": "production",
        "SECRET_KEY": "for this test alone, and long enough",
        "BASE_URL": "https://x.test",
    }
    command = ["make", f"VENV={venv}", "-o", f"{venv}/run.stamp", "run", f"PORT={port}"]
    with subprocess.Popen(command, cwd=ROOT, env=ground.env | production, start_new_session=True) as made:
        made.start_seconds = _answers_again(ground, None)
        try:
            _kill([one for one in descendants(made.pid) if _said(one, "granian")][:1])
            _answers_again(ground, made)
            started = descendants(made.pid)
            assert len([one for one in started if _said(one, "--beside")]) == 1
            os.killpg(made.pid, signal.SIGINT)
            _wait_until(lambda: not any(map(_alive, started)), made)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(made.pid, signal.SIGKILL)


def _kill(pids):
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _alive(pid):
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def _said(pid, word):
    with suppress(OSError):
        return word in Path(f"/proc/{pid}/cmdline").read_text()
    return False


def _wait_until_more(acknowledged, more, seconds=120):
    goal, deadline = len(acknowledged) + more, time.monotonic() + seconds
    while len(acknowledged) < goal:
        assert time.monotonic() < deadline, "nothing is acknowledged any more"
        time.sleep(0.005)


def _wait_until(true, started):
    deadline = time.monotonic() + STARTS * started.start_seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _answers_again(ground, started):
    """Returns how long it took; as against the first start, where there is one to compare with."""
    asking, begun = ground.phone(ground.cast.dana), time.monotonic()
    most = STARTS * started.start_seconds if started else 300
    asking.timeout = most
    while True:
        with suppress(OSError):
            if asking.get("/healthz")[0] == 200:
                return time.monotonic() - begun
        assert time.monotonic() - begun < most, f"no answer within {most:.1f} s"
        time.sleep(0.02)
