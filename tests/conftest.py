"""What every test may ask for: a fresh database with the cast in it, the app, and a client signed in as somebody."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from jinja2 import FileSystemBytecodeCache

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
    return config.Settings(secret_key=SECRET, database_url=f"sqlite:///{tmp_path / 'test.sqlite3'}", instance=tmp_path)


@pytest.fixture
def database(settings: config.Settings):
    """The database, connected, as a workflow's caller has it; the programmes are read."""
    from database import open_database
    from workflows import programmes

    programmes.load_all(settings.programmes)
    opened = open_database(settings.database_url)
    with opened.connection_context():
        yield db
    opened.close_all()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """The templates, compiled once for all the apps of a run."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings: config.Settings, database, compiled):
    """The Flask application on that database."""
    from app import create_app

    app = create_app(settings)
    app.jinja_env.bytecode_cache = compiled
    return app


@pytest.fixture
def cast(database) -> people.Cast:
    """The cast, in that database."""
    return people.gather()


@pytest.fixture
def browse(app, cast):
    """`browse(person)` is a client signed in as that person; `browse(None)` is nobody. It reads every page it opens."""
    return lambda person: Client(app, person)
