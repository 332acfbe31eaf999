"""What every test may ask for: a fresh database with the cast in it, the app, and a client signed in as somebody."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import config
from models import db
from tests import cast as people
from tests.client import Client

SECRET = "only for the tests, and long enough for them"


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without rows, made once and copied for each test."""
    import database

    path = tmp_path_factory.mktemp("database") / "empty.sqlite3"
    opened = database.open_database(f"sqlite:///{path}")
    database.migrate(opened)
    opened.close_all()
    return path


@pytest.fixture
def settings(tmp_path: Path, empty_database: Path) -> config.Settings:
    shutil.copy(empty_database, tmp_path / "test.sqlite3")
    return config.Settings(
        secret_key=SECRET, database_url=f"sqlite:///{tmp_path / 'test.sqlite3'}", instance=tmp_path
    )


@pytest.fixture
def app(settings: config.Settings):
    from app import create_app

    made = create_app(settings)
    yield made
    made.extensions["database"].close_all()


@pytest.fixture
def database(app):
    """The database, connected, as a workflow's caller has it."""
    with app.extensions["database"].connection_context():
        yield db


@pytest.fixture
def cast(database) -> people.Cast:
    return people.gather()


@pytest.fixture
def browse(app, cast):
    """`browse(person)` is a client signed in as that person; `browse(None)` is nobody. It reads every page it opens."""
    made = []

    def sign_in(person) -> Client:
        client = Client(app, person)
        made.append(client)
        return client

    return sign_in
