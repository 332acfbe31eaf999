"""What every test may ask for: a fresh database with the cast in it, the app, and a client signed in as somebody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import groupby, islice
from pathlib import Path

import hypothesis
import pytest
from _pytest.mark import ParameterSet
from jinja2 import FileSystemBytecodeCache

import clock
import config
from models import db
from rules import programme
from scripts import postgres
from tests import cast as people
from tests.cast import SECRET
from tests.client import Client
from tests.databases import KINDS, Postgres, Sqlite
from tests.faults.ground import FULL
from workflows.history import keys

EACH = [Path(__file__).parent / name for name in ("workflows", "faults", "test_migrations.py")]
LONG = ("faults", "browser", "slow")
# A machine that is busy is no fault: no example has to be done by a time.
hypothesis.settings.register_profile("few", deadline=None, max_examples=30, derandomize=True)
hypothesis.settings.register_profile("many", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("many" if FULL else "few")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=(*KINDS, "both"), default="both", help="which databases to run on")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What touches a database runs on SQLite, and on PostgreSQL too where the two can differ: workflows, migrations
    and races (EACH), and what is marked `both` for its queries. What is about one kind (marked so) runs on that alone.
    """
    if "databases" not in metafunc.fixturenames:
        return
    wanted = [kind for kind in KINDS if metafunc.config.getoption("database") in (kind, "both")]
    about = [kind for kind in KINDS if metafunc.definition.get_closest_marker(kind)]
    kinds = [kind for kind in wanted if kind in (about or KINDS)]
    if not about and not _runs_on_each(metafunc.definition):
        kinds = kinds[:1]
    metafunc.parametrize("databases", [_if_there(kind) for kind in kinds], indirect=True, scope="session")


def _runs_on_each(test: pytest.Function) -> bool:
    """Whether a test is to run on every kind of database: by its own mark, else its file's, else its folder."""
    marks = [mark.name for mark in test.iter_markers() if mark.name in ("both", "both_in_full")]  # the nearest first
    if marks:
        return marks[0] == "both" or FULL
    return bool(set(EACH) & {*test.path.parents, test.path})


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long comes first in each process's share, so that at the end none is left alone with it. A share is
    what `--dist worksteal` gives a process to begin with: as many tests as each other's, in a row.
    """
    shares: list[list[pytest.Item]] = [
        [] for _ in range(getattr(config, "workerinput", {"workercount": 1})["workercount"])
    ]
    long = [item for item in items if _takes_long(item)]
    short = (item for item in items if not _takes_long(item))
    for _, of_file in groupby(long, key=lambda item: item.path):
        min(shares, key=len).extend(of_file)
    most = -(-len(items) // len(shares))
    items[:] = [item for share in shares for item in (*share, *islice(short, max(0, most - len(share))))]


def _takes_long(item: pytest.Item) -> bool:
    return any(map(item.get_closest_marker, LONG))


def _if_there(kind: str) -> str | ParameterSet:
    if kind == "postgresql" and postgres.find() is None:
        return pytest.param(kind, marks=pytest.mark.skip(reason=postgres.HOW))
    return kind


keys.use(SECRET)


@pytest.fixture(autouse=True)
def signed():
    """History is signed with the tests' own key, whatever an application of an earlier test was started with."""
    keys.use(SECRET)


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    return Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[Postgres]:
    with postgres.server() as address:
        ready = Postgres(address)
        yield ready
        ready.close()


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Sqlite | Postgres:
    """Each kind of database in turn: see tests/databases.py."""
    return request.getfixturevalue(f"{request.param}_databases")


@pytest.fixture
def settings(tmp_path: Path, databases: Sqlite | Postgres) -> config.Settings:
    return config.Settings(secret_key=SECRET, database_url=databases.emptied(tmp_path), instance=tmp_path)


@pytest.fixture(scope="session")
def read_programme():
    """Reads a programme's file: each as it stands once in a run, whoever reads its vocabulary."""
    load = programme.load
    loaded = cache(lambda path, changed_at: load(path))
    return lambda path, load_vocabulary=None: loaded(Path(path), tuple(_changed_at(Path(path).parent)))


def _changed_at(folder: Path) -> Iterator[int]:
    return (file.stat().st_mtime_ns for file in sorted(folder.glob("*.toml")))


@pytest.fixture
def database(settings: config.Settings, databases: Sqlite | Postgres, read_programme, monkeypatch):
    """The database, connected, as a workflow's caller has it; the programmes are read."""
    from database import open_database
    from workflows import files
    from workflows.course import programmes
    from workflows.scans import hidden_list

    files.use("", settings.instance)
    hidden_list.use(settings.instance)
    monkeypatch.setattr(programme, "load", read_programme)
    programmes.load_all(settings.programmes)
    opened = open_database(settings.database_url)
    with opened.connection_context():
        yield db
    databases.let_go(opened)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """The templates, compiled once for all the apps of a run."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, compiled):
    """The application, put together once: no test changes it. Elsewhere, one calls `create_app`."""
    from app import create_app

    folder = tmp_path_factory.mktemp("house")
    url = f"sqlite:///{folder / 'none.sqlite3'}"
    made = create_app(config.Settings(secret_key=SECRET, database_url=url, instance=folder))
    made.jinja_env.bytecode_cache = compiled
    return made


@pytest.fixture
def app(house, settings: config.Settings, database):
    """The Flask application on that database."""
    house.config["SONOFOLIO"] = settings
    house.extensions["database"] = db.obj
    return house


@pytest.fixture
def cast(database) -> people.Cast:
    """The cast, in that database."""
    return people.gather()


@pytest.fixture
def later(monkeypatch):
    """`later(minutes=11)`: from now on it is that much later."""
    real, passed = clock.now, timedelta()

    def move(**by):
        nonlocal passed
        passed += timedelta(**by)

    monkeypatch.setattr(clock, "now", lambda: real() + passed)
    return move


@pytest.fixture
def browse(app, cast):
    """`browse(person)` is a client signed in as that person; `browse(None)` is nobody. It reads every page it opens."""
    return lambda person: Client(app, person)
