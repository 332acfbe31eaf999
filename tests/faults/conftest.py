from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models import db
from scripts.demo_server import serve
from tests.faults import ground as faults
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
def at_once():
    """`at_once(deed, deed, ...)` does them at the same moment, each on its own connection; returns what each answered,
    a refusal included."""
    pool = ThreadPoolExecutor(8)

    def run(*deeds: Callable):
        barrier = threading.Barrier(len(deeds))

        def one(deed):
            with db.connection_context():
                barrier.wait(30)
                try:
                    return deed()
                except Refused as refused:
                    return refused

        return [waiting.result(60) for waiting in [pool.submit(one, deed) for deed in deeds]]

    yield run
    pool.shutdown()
