"""Opening the database: SQLite or PostgreSQL, the same promises (durability, one writer, waiting), its migrations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cysqlite
from peewee import Database, __exception_wrapper__
from playhouse.cysqlite_ext import PooledCySqliteDatabase
from playhouse.migrations import Runner
from playhouse.postgres_ext import PooledPsycopg3Database

from models import db

MIGRATIONS = Path(__file__).resolve().parent / "migrations"

# FULL: what was acknowledged survives a power cut. Measured: NORMAL lost 1 in 20 acknowledged rows.
# What is deleted is overwritten, so that a text that was hidden stands in no page of the file.
PRAGMAS = {"foreign_keys": 1, "synchronous": "FULL", "temp_store": "MEMORY", "secure_delete": 1}
BUSY_SECONDS = 5

# The advisory lock that is the writers' queue of a PostgreSQL database (docs/decisions/0009-one-writer.md).
WRITERS_QUEUE = 0x50_4E_4F_46
BEGIN = f"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({WRITERS_QUEUE})"
# Set for each connection as it opens. A writer that has gone silent gives its place to the next.
POSTGRES = {
    "lock_timeout": f"{BUSY_SECONDS}s",
    "idle_in_transaction_session_timeout": "60s",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "statement_timeout": "30s",  # of one that computes for ever; migrations may take longer
}
POOL = 16  # connections of one process at most; requests are short, and a thread that finds none free waits for one
POOL_SECONDS = 30


def open_database(url: str) -> Database:
    """Make `url` the database that the models use, and return it. Connects lazily, pooled, safe under threads.

    Args:
        url: `sqlite:///path` or `postgresql://...`.
    """
    if url not in _opened:
        _opened[url] = _open(url)
    db.initialize(_opened[url])
    return _opened[url]


_opened: dict[str, Database] = {}  # one pool for one database in a process


@contextmanager
def another_database(url: str) -> Iterator[Database]:
    """Have the models use this database until the end, connected, and then the one from before again. For a process in
    which nobody else asks a database meanwhile.
    """
    before = db.obj
    opened = open_database(url)
    try:
        with opened.connection_context():
            yield opened
    finally:
        opened.close_all()
        del _opened[url]
        db.initialize(before)


def _open(url: str) -> Database:
    if urlsplit(url).scheme == "sqlite":
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            with suppress(OSError):  # SQLite says it, where it can be answered
                path.touch(mode=0o600)  # what SQLite makes beside it has the same mode
        # IMMEDIATE: a transaction that will write takes its place in the queue at once; with the default BEGIN
        # the lock upgrade fails without waiting.
        return OnePlanSqlite(
            str(path),
            pragmas={**PRAGMAS, "busy_timeout": BUSY_SECONDS * 1000},
            timeout=POOL_SECONDS,
            max_connections=POOL,
            lock_type="IMMEDIATE",
            rank_functions=False,
        )
    return OneWriterPostgres(
        url.replace("postgres://", "postgresql://", 1),
        options=" ".join(f"-c {name}={value}" for name, value in POSTGRES.items()),
        client_encoding="utf8",
        connect_timeout=BUSY_SECONDS,
        timeout=POOL_SECONDS,
        max_connections=POOL,
    )


class _SaysWhatItOpens:
    """Calls `opened` with the connection, in the thread that takes it: who limits a request's time can interrupt it."""

    opened: Callable[[Any], object] = staticmethod(lambda connection: None)

    def connect(self, reuse_if_open: bool = False) -> bool:
        taken = super().connect(reuse_if_open)  # type: ignore[misc]
        if taken:
            self.opened(self.connection())  # type: ignore[attr-defined]
        return taken


class OnePlanSqlite(_SaysWhatItOpens, PooledCySqliteDatabase):
    """SQLite that plans a statement once. As it is built here it would plan one that joins tables anew for every value
    that is put into it, in the hope of statistics that we do not keep: that took longer than most statements do.
    """

    def _connect(self) -> cysqlite.Connection:
        connection = super()._connect()
        connection.db_config(cysqlite.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        return connection


class OneWriterPostgres(_SaysWhatItOpens, PooledPsycopg3Database):
    """PostgreSQL whose transactions queue as SQLite's do: one at a time, from their first word to their commit.

    Only what will write opens a transaction, so what a workflow has checked still holds when it writes; readers never
    wait. Each statement after the lock sees all that the writers before it have committed (READ COMMITTED).
    """

    def begin(self, isolation_level: str | None = None) -> None:
        """Begin, in the queue. With an isolation level it is for reading alone, and waits for nobody.

        Raises:
            peewee.OperationalError: when the turn has not come within BUSY_SECONDS.
        """
        if isolation_level:
            with __exception_wrapper__:
                self.cursor().execute(f"BEGIN ISOLATION LEVEL {isolation_level} READ ONLY")
            return
        with __exception_wrapper__:
            try:
                self.cursor().execute(BEGIN)
            except Exception:
                self.rollback()  # the turn did not come; the connection can still read
                raise


def migrate(database: Database, directory: Path = MIGRATIONS) -> list[str]:
    """Bring the schema up to date and return the names of the steps taken; repeatable."""
    with database.connection_context():
        if isinstance(database, PooledCySqliteDatabase):
            # Kept in the file for ever. Set here alone: two processes that switch a fresh database at once collide.
            database.pragma("journal_mode", "wal")
            return Runner(database, str(directory)).up()
        with database.atomic():  # of two servers that start at once, the second finds nothing left to do
            database.execute_sql("SET LOCAL statement_timeout = 0")  # only here: the connection goes back to the pool
            return Runner(database, str(directory)).up()


def pending(database: Database, directory: Path = MIGRATIONS) -> list[str]:
    """The migrations that are not applied yet."""
    with database.connection_context():
        return [step.name for step in Runner(database, str(directory)).status() if not step.applied]
