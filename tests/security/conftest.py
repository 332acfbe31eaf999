"""`world`: the cast at work (tests/security/world.py), with an app on a copy of its own for each file of tests."""

import pytest

from tests.security import world as worlds


@pytest.fixture(scope="session")
def made(tmp_path_factory, empty_database):
    return worlds.make(tmp_path_factory.mktemp("world"), empty_database)


@pytest.fixture(scope="module")
def world(made, compiled, tmp_path_factory):
    with worlds.opened(made, tmp_path_factory.mktemp("copy"), compiled) as ready:
        yield ready


@pytest.fixture
def undone(world):
    """Whatever this test writes is taken back after it."""
    with world.undone():
        yield
