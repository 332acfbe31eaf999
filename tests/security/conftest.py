"""`world`: the cast at work (tests/security/world.py), with an app on a copy of its own for each file of tests.
`wire`: raw sockets to a real server (tests/security/wire.py), one for each file of tests."""

import pytest

from scripts.demo_server import serve
from tests.faults import ground as faults
from tests.security import world as worlds
from tests.security.wire import Wire
from workflows.portfolio import verification


@pytest.fixture(scope="session")
def worlds_made():
    """The world in each kind of database, made when it is first wanted."""
    return {}


@pytest.fixture(scope="module")
def made(tmp_path_factory, databases, worlds_made):
    if databases.name not in worlds_made:
        folder = tmp_path_factory.mktemp("world")
        worlds_made[databases.name] = worlds.make(folder, databases.fresh(folder))
    return worlds_made[databases.name]


@pytest.fixture(scope="module")
def world(made, databases, compiled, tmp_path_factory):
    url = databases.copy(made.settings.database_url, tmp_path_factory.mktemp("copy"))
    with worlds.opened(made, url, compiled) as ready:
        yield ready
    databases.drop(url)


@pytest.fixture(autouse=True)
def no_wrong_codes():
    """Everybody here asks from one address."""
    verification.wrong_codes.forget()


@pytest.fixture
def undone(world):
    """Whatever this test writes is taken back after it."""
    with world.undone():
        yield


@pytest.fixture(scope="module")
def ground(databases, tmp_path_factory):
    """A prepared database with the cast, for a server of its own (tests/faults/ground.py)."""
    folder = tmp_path_factory.mktemp("ground")
    url = databases.fresh(folder)
    made = faults.prepare(folder, url)
    yield made
    made.app.extensions["database"].close_all()
    databases.drop(url)


@pytest.fixture(scope="module")
def running(ground):
    """The real server on that database."""
    with serve(ground.env) as server:
        yield server


@pytest.fixture
def wire(ground, running):
    """Raw sockets to that server."""
    return Wire(f"127.0.0.1:{ground.env['PORT']}")
