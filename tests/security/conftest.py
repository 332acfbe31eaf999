"""`world`: the cast at work (tests/security/world.py), with an app on a copy of its own for each file of tests."""

import pytest

from tests.security import world as worlds


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


@pytest.fixture
def undone(world):
    """Whatever this test writes is taken back after it."""
    with world.undone():
        yield
