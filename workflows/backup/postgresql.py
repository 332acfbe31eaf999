"""A PostgreSQL database: dumped while people write, looked at whether it is empty, and a dump loaded into it.

By PostgreSQL's own programs, pg_dump and pg_restore. Looked for in the folder that POSTGRES_BIN names, in Debian's
place (the newest version), on the PATH.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from models import File
from statements import run, snapshot
from workflows.backup import manifest
from workflows.backup.sqlite import not_empty
from workflows.refusals import Refused

KIND = "postgresql"
# Whoever else is connected; PostgreSQL's own processes, which are nobody's, are not. A connection that was just closed
# is listed for a moment longer, so this is asked again for a while before it is said.
LEAVING_SECONDS = 2.0
_OTHERS = """
SELECT COUNT(*) FROM pg_stat_activity
WHERE datname = current_database() AND usesysid IS NOT NULL AND pid <> pg_backend_pid()
"""
_MISSING = (
    "{name} was not found. Install PostgreSQL's client programs (Debian, Ubuntu: `apt-get install postgresql-client`), "
    "or name their folder in POSTGRES_BIN."
)


def copy(url: str, target: Path) -> tuple[dict, list[File]]:
    """Dump the database that the models use, as it is at one moment, and return what the manifest says of it, and the
    stored files that it names. Nobody waits for it.
    Raises Refused: pg_dump is missing or does not do it.
    """
    program("pg_dump")

    def rows(statement: str) -> list[tuple]:
        return run(statement).fetchall()

    with snapshot():
        run("SET LOCAL idle_in_transaction_session_timeout = 0")  # it is held while pg_dump reads
        found = manifest.facts(rows), manifest.stored_files(rows)
        number = rows("SELECT pg_export_snapshot()")[0][0]
        # Without a compression of its own: the archive has one.
        options = ("--format=custom", "--compress=0", "--no-owner", "--no-privileges", f"--snapshot={number}")
        _run("pg_dump", url, *options, f"--file={target}")
    return found


def check_empty(url: str) -> None:
    """Look whether there is a place for a restored database.
    Raises Refused: there are people in it, or somebody else is connected to it.
    """
    with _connected(url) as there:
        name = there.info.dbname
        if there.execute("SELECT to_regclass('person')").fetchall()[0][0] is not None:
            people = there.execute("SELECT COUNT(*) FROM person").fetchall()[0][0]
            if people:
                raise Refused(not_empty(f"The database {name}", people))
        until = time.monotonic() + LEAVING_SECONDS
        while there.execute(_OTHERS).fetchall()[0][0]:
            if time.monotonic() > until:
                raise Refused(f"The database {name} is in use. Stop the service and its worker first.")
            time.sleep(0.05)


@contextmanager
def beside(url: str, unpacked: Path) -> Iterator[str]:
    """The address of a database of its own with what was unpacked, on the same server; dropped at the end.
    Raises Refused: the role may not make databases, or it cannot be loaded.
    """
    with _connected(url) as there:
        name = f"{there.info.dbname[:40]}_being_checked"
        _drop(there, name)  # of one that was killed
        locale = "SELECT datcollate, datctype FROM pg_database WHERE datname = current_database()"
        collate, ctype = there.execute(locale).fetchall()[0]
        make = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE {} LC_CTYPE {}"
        try:
            there.execute(sql.SQL(make).format(sql.Identifier(name), sql.Literal(collate), sql.Literal(ctype)))
        except psycopg.errors.InsufficientPrivilege:
            raise Refused(
                "A backup is checked in a database of its own, and this role may not make one: "
                f'`ALTER ROLE "{there.info.user}" CREATEDB` as a superuser.'
            ) from None
    try:
        address = urlsplit(url)._replace(path=f"/{name}").geturl()
        _load(address, unpacked)
        yield address
    finally:
        with _connected(url) as there:
            _drop(there, name)


def _drop(there: psycopg.Connection, name: str) -> None:
    there.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def put_in_place(url: str, unpacked: Path) -> None:
    """Load what was unpacked into the empty database, in one transaction: all of it, or nothing changes.
    Raises Refused as `check_empty`, or it cannot be loaded.
    """
    check_empty(url)
    _load(url, unpacked)


def _load(url: str, dump: Path) -> None:
    # Tables without rows, as `flask migrate` makes them, are made anew.
    options = ("--single-transaction", "--exit-on-error", "--clean", "--if-exists", "--no-owner", "--no-privileges")
    _run("pg_restore", url, *options, str(dump))


def program(name: str) -> Path:
    """One of PostgreSQL's programs. Raises Refused: it is not here; the sentence says what to install."""
    named = os.environ.get("POSTGRES_BIN")
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which(name)
    found = [Path(named) / name] if named else [*reversed(debian), *([Path(on_path)] if on_path else [])]
    there = next((path for path in found if path.exists()), None)
    if there is None:
        raise Refused(_MISSING.format(name=name))
    return there


def _run(name: str, url: str, *options: str) -> None:
    """Run one of the programs on a database. The password goes in the environment, where no list of processes has it.
    Raises Refused: with the first line of what it says, when it fails.
    """
    parts: dict[str, Any] = conninfo_to_dict(url)
    password = parts.pop("password", None)
    environ = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    command = [str(program(name)), *options, f"--dbname={make_conninfo(**parts)}", "--no-password"]
    ran = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if ran.returncode:
        lines = [line for line in ran.stderr.splitlines() if "error" in line] or ran.stderr.splitlines()
        raise Refused((lines[0] if lines else f"{name} ended with {ran.returncode}") + ".")


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as fault:
        raise Refused(f"The database does not answer: {str(fault).partition(chr(10))[0]}") from None
    with connection:
        yield connection
