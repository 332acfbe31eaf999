"""A database for each test, of both kinds: a file of SQLite, and a database on a PostgreSQL server of the tests' own.

Each kind gives the address (`DATABASE_URL`) of a database:

    bare(folder)      without tables
    fresh(folder)     migrated, without rows; the caller's own
    emptied(folder)   as `fresh`, and quicker; good until it is asked for again
    copy(url, folder) all that is in another one, which nobody has open
    let_go(opened)    nobody needs it open any more
    drop(url)         away with it; of SQLite with its folder
    content(url)      everything that is in it, as bytes to search in
"""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from peewee import AutoField, Database, PostgresqlDatabase

import database
from models import TABLES, db

KINDS = ("sqlite", "postgresql")


def _migrate(url: str) -> str:
    opened = database.open_database(url)
    database.migrate(opened)
    opened.close_all()
    return url


class Sqlite:
    """Files, copied from a migrated one."""

    name = "sqlite"

    def __init__(self, folder: Path):
        self.numbers = count(1)
        self.empty = _migrate(self.bare(folder))

    def bare(self, folder: Path) -> str:
        return f"sqlite:///{folder / f'sonofolio{next(self.numbers)}.sqlite3'}"

    def fresh(self, folder: Path) -> str:
        return self.copy(self.empty, folder)

    emptied = fresh

    def copy(self, url: str, folder: Path) -> str:
        made = self.bare(folder)
        shutil.copy(file_of(url), file_of(made))
        return made

    def let_go(self, opened: Database) -> None:
        opened.close_all()

    def drop(self, url: str) -> None:
        shutil.rmtree(file_of(url).parent)

    def content(self, url: str) -> bytes:
        """The file itself, and what waits beside it."""
        return b"".join(file.read_bytes() for file in file_of(url).parent.glob(f"{file_of(url).name}*"))


def file_of(url: str) -> Path:
    """The file of a SQLite database."""
    return Path(url.removeprefix("sqlite:///"))


class Postgres:
    """Databases on one server, copied from a migrated one; most tests share one, emptied between them."""

    name = "postgresql"

    def __init__(self, address: str):
        """`address`: as scripts.postgres.server yields it."""
        self.address, self.numbers = address, count(1)
        self.server = psycopg.connect(address.format(name="postgres"), autocommit=True)
        self.empty = _migrate(self.bare())
        self.shared = self.fresh()
        self.broom = psycopg.connect(self.shared, autocommit=True)
        self.broom.execute("SET lock_timeout = '2s'")
        names = [row[0] for row in self.broom.execute("SELECT sequencename FROM pg_sequences ORDER BY 1")]
        # Keys are not followed meanwhile. Measured for our few rows: 5 ms; TRUNCATE takes 20, a new database 30.
        self.sweep = "; ".join(
            [
                "BEGIN; SET LOCAL session_replication_role = replica",
                *(f'DELETE FROM "{table._meta.table_name}"' for table in TABLES),
                *(f"SELECT setval('{name}', 1, false)" for name in names if name != "schema_migration_id_seq"),
                "COMMIT",
            ]
        )

    def bare(self, folder: Path | None = None) -> str:
        return self._make()

    def fresh(self, folder: Path | None = None) -> str:
        return self._make(self.empty)

    def emptied(self, folder: Path | None = None) -> str:
        try:
            self.broom.execute(self.sweep)
        except psycopg.errors.LockNotAvailable:  # a test has left a transaction open
            self.broom.execute("ROLLBACK")
            self._send_away(self.shared)
            self.broom.execute(self.sweep)
        return self.shared

    def copy(self, url: str, folder: Path | None = None) -> str:
        return self._make(url)

    def let_go(self, opened: Database) -> None:
        """Its connections stay warm for the next test."""

    def drop(self, url: str) -> None:
        """Away with it, whoever has it open."""
        self.server.execute(f"DROP DATABASE {name_of(url)} WITH (FORCE)")

    def content(self, url: str) -> bytes:
        """Every row of every table."""
        with psycopg.connect(url) as reader:
            rows = [reader.execute(f'SELECT t::text FROM "{table._meta.table_name}" t').fetchall() for table in TABLES]
        return str(rows).encode()

    def close(self) -> None:
        self.broom.close()
        self.server.close()

    def _make(self, template: str = "") -> str:
        made = self.address.format(name=f"test{next(self.numbers)}")
        like = f" TEMPLATE {name_of(template)} STRATEGY file_copy" if template else ""
        if template:
            self._send_away(template)
        self.server.execute(f"CREATE DATABASE {name_of(made)}{like}")
        return made

    def _send_away(self, url: str) -> None:
        ours = self.broom.info.backend_pid if hasattr(self, "broom") else 0
        sql = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND pid <> %s"
        self.server.execute(sql, (name_of(url), ours))


def every_row() -> dict[str, list[tuple]]:
    """Table -> its rows, in the database that the models are bound to."""
    asked = {table._meta.table_name: f'SELECT * FROM "{table._meta.table_name}" ORDER BY 1' for table in TABLES}
    if not isinstance(db.obj, PostgresqlDatabase):
        return {name: db.execute_sql(sql).fetchall() for name, sql in asked.items()}
    cursor = db.connection().cursor()
    cursor.execute("; ".join(asked.values()), prepare=False)  # all in one message: it is asked thousands of times
    found = {}
    for name in asked:
        found[name] = cursor.fetchall()
        cursor.nextset()
    return found


def numbered_as_before() -> None:
    """After something was taken back: PostgreSQL would not give its numbers again, as SQLite does."""
    if isinstance(db.obj, PostgresqlDatabase):
        numbered = [(table._meta.table_name, table._meta.primary_key) for table in TABLES]
        keys = [(name, key.column_name) for name, key in numbered if isinstance(key, AutoField)]
        again = "setval('{0}_{1}_seq', (SELECT coalesce(max({1}), 0) + 1 FROM {0}), false)"
        db.execute_sql("SELECT " + ", ".join(again.format(*key) for key in keys))


def name_of(url: str) -> str:
    """The name of a PostgreSQL database."""
    return urlsplit(url).path.removeprefix("/")
