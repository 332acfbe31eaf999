from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

import clock as server_clock
from models import db
from scripts.demo_server import serve
from tests.faults import ground as faults
from tests.faults.outbox import Clock, Outbox
from workflows.refusals import Refused


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture
def ground(tmp_path, databases):
    """A prepared database with the cast."""
    made = faults.prepare(tmp_path, databases.emptied(tmp_path))
    yield made
    made.app.extensions["database"].close_all()


@pytest.fixture
def running(ground):
    """The real server on that database."""
    with serve(ground.env) as server:
        yield server


@pytest.fixture
def clock(monkeypatch):
    """The server's clock, to be set by hand: `clock.at`, `clock.go(days=8)`."""
    by_hand = Clock(server_clock.now())
    monkeypatch.setattr(server_clock, "now", by_hand.now)
    return by_hand


@pytest.fixture
def outbox(request):
    """`outbox(student, mentor)` is a phone's; it goes by the server's clock, set by hand or not, or as `wrong` says."""
    by_hand = "clock" in request.fixturenames and request.getfixturevalue("clock")
    return partial(_outbox, by_hand or Clock(server_clock.now()))


def _outbox(clock, owner, mentor, **more):
    return Outbox(owner, mentor, clock, **more)


@pytest.fixture
def at_once():
    """`at_once(action, action, ...)` does them at the same moment, each on its own connection; returns what each
    answered, a refusal included."""
    pool = ThreadPoolExecutor(8)

    def run(*actions: Callable):
        barrier = threading.Barrier(len(actions))

        def one(action):
            with db.connection_context():
                barrier.wait(30)
                try:
                    return action()
                except Refused as refused:
                    return refused

        return [waiting.result(60) for waiting in [pool.submit(one, action) for action in actions]]

    yield run
    pool.shutdown()
