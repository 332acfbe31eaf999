"""A SQLite database: copied while people write, looked at whether it is empty, and one put in its place."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import cysqlite
from peewee import OperationalError

from models import File
from statements import run
from workflows.atomic_file import sync
from workflows.backup import manifest
from workflows.refusals import Refused

KIND = "sqlite"
_BESIDE = ("-wal", "-shm", "-journal")


def copy(url: str, target: Path) -> tuple[dict, list[File]]:
    """Copy the database that the models use, as it is at one moment, and return what the manifest says of the copy, and
    the stored files that it names. Nobody waits for it; what was deleted is not in the copy.
    Raises Refused: there is no room for it.
    """
    try:
        run("VACUUM INTO ?", str(target))
    except OperationalError as fault:
        if "full" in str(fault):
            raise Refused(f"There is no room for a copy of the database in {target.parent}.") from fault
        raise Refused(f"The database cannot be copied to {target.parent}: {fault}.") from fault
    with closing(cysqlite.connect(str(target))) as copied:

        def rows(sql: str) -> list[tuple]:
            return copied.execute(sql).fetchall()

        return manifest.facts(rows), manifest.stored_files(rows)


def check_empty(url: str) -> None:
    """Look whether there is a place for a restored database.
    Raises Refused: there are people in it, or somebody has it open.
    """
    path = _path(url)
    if not path.exists() or not path.stat().st_size:
        return
    try:
        with closing(cysqlite.connect(str(path), timeout=0)) as there:
            tables = there.execute("SELECT 1 FROM sqlite_master WHERE name = 'person'").fetchall()
            people = there.execute("SELECT COUNT(*) FROM person").fetchall()[0][0] if tables else 0
            if people:
                raise Refused(not_empty(str(path), people))
            before = there.execute("PRAGMA journal_mode").fetchall()[0][0]
            there.execute("PRAGMA journal_mode = delete").fetchall()  # only while nobody else has it open
            there.execute(f"PRAGMA journal_mode = {before}").fetchall()
    except cysqlite.DatabaseError as fault:
        if "locked" in str(fault):
            raise Refused(f"{path} is in use. Stop the service and its worker first.") from None
        raise Refused(f"{path} is there and is not a database. Move it away first.") from None


def not_empty(name: str, people: int) -> str:
    """The sentence about a place that is taken."""
    return (
        f"{name} holds {people} {'person' if people == 1 else 'people'}. A backup is restored into an empty place: "
        "move that one away, or name another with DATABASE_URL."
    )


@contextmanager
def beside(url: str, unpacked: Path) -> Iterator[str]:
    """The address of a database of its own with what was unpacked."""
    yield f"sqlite:///{unpacked}"


def put_in_place(url: str, unpacked: Path) -> None:
    """Have what was unpacked, which nobody has open, where the database is to be: all of it, or nothing changes.
    Raises Refused as `check_empty`. OSError: it cannot be moved there.
    """
    path = _path(url)
    new = path.with_name(path.name + ".restored")
    shutil.move(unpacked, new)
    try:
        descriptor = os.open(new, os.O_RDWR)
        os.fchmod(descriptor, 0o600)
        os.fsync(descriptor)
        os.close(descriptor)
        check_empty(url)
        for ending in _BESIDE:  # of the empty one; they must not be taken for the restored one's
            path.with_name(path.name + ending).unlink(missing_ok=True)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    sync(path.parent)


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///")).absolute()
