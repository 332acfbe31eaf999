from __future__ import annotations

from pathlib import Path

import pytest

from scripts.demo_server import serve
from tests.faults import ground as faults


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
