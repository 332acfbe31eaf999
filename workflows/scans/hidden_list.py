"""What a hiding still wants outside the database: a line in `instance/hidden.jsonl`, by which a restored backup hides
the scan again, and pages of the database's files without the text. Rows say what is left to do (`Hiding.cleared_at`).

The file is appended to and never rewritten: a line is {"scan", "at" in microseconds since 1970, "by": id of a person}.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from peewee import PeeweeException, SqliteDatabase

import clock
from models import EPOCH, INSTANT, File, Hiding, db
from statements import run
from workflows import files
from workflows.atomic_file import sync

log = logging.getLogger("sonofolio")

FILE = "hidden.jsonl"
PATIENCE = 200  # milliseconds that readers are waited for; then the worker tries again
TABLES = ("scan", "move", "audit", "letter", "edition", "hiding", "history")
_used: list[Path] = []
_OPEN = Hiding.at.is_null(False) & Hiding.cleared_at.is_null()


def use(instance: Path) -> None:
    """Keep the list in this instance's folder from now on."""
    _used[:] = [instance / FILE]


def is_due() -> bool:
    """Whether something is left to do."""
    return Hiding.select().where(_OPEN).exists()


def begin() -> None:
    """What is done at once, outside a transaction: the line in the list, and the pages that the row had. Whatever fails
    is left to `finish`.
    """
    try:
        _list(_open_rows())
        _checkpoint()
    except (OSError, PeeweeException) as fault:
        log.warning("hide: the worker goes on: %s", str(fault).partition("\n")[0])


def finish() -> int:
    """What the worker does: the list, the bytes of editions, and every page written anew. Returns how many hidings are
    done with; it is tried again until all are.
    """
    rows = _open_rows()
    _list(rows)
    if not rows or not _erase_files() or not _clear_pages():
        return 0
    return Hiding.update(cleared_at=clock.now()).where(Hiding.id.in_([number for number, *_ in rows])).execute()


def _open_rows() -> list[tuple]:
    return list(Hiding.select(Hiding.id, Hiding.scan, Hiding.at, Hiding.by).where(_OPEN).tuples())


def _list(rows: list[tuple]) -> None:
    if rows:
        add([{"scan": scan, "at": INSTANT.db_value(at), "by": by} for _, scan, at, by in rows])


def add(lines: list[dict[str, Any]]) -> None:
    """Write these lines where they are missing, on the disk when this returns.
    Raises OSError: they cannot be written.
    """
    path = _used[0]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)  # of two that write at once, the second sees what the first has written
        known = list(read(path))
        new = [line for line in lines if line not in known]
        if new:
            whole = path.stat().st_size == 0 or path.read_bytes().endswith(b"\n")
            text = "".join(json.dumps(line, sort_keys=True) + "\n" for line in new)
            os.write(number, (text if whole else "\n" + text).encode())
            os.fsync(number)
    finally:
        os.close(number)
    sync(path.parent)


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a list; one that was cut off is left out. Without a file there are none.
    Raises OSError: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    for line in text.splitlines():
        try:
            found = json.loads(line)
            yield {"scan": str(found["scan"]), "at": int(found["at"]), "by": int(found["by"])}
        except (ValueError, KeyError, TypeError):
            log.warning("%s: a line cannot be read, and is left out", path)


def instant(microseconds: int) -> datetime:
    """When it was, as a line says it."""
    return EPOCH + timedelta(microseconds=microseconds)


def _erase_files() -> bool:
    """Delete what is left of files that were erased. False where the store still has some of it, or does not answer."""
    hashes = [sha256 for (sha256,) in File.select(File.sha256).where(File.erased_at.is_null(False)).tuples()]
    left = [sha256 for sha256 in hashes if files.is_stored(sha256)]
    files.discard(*left)
    return not any(files.is_stored(sha256) for sha256 in left)


def _clear_pages() -> bool:
    """Have no page of the database's files hold what was deleted. False where readers are in the way.

    `secure_delete` overwrites what a row has left behind, but not what a page that was split kept of it: measured, in 1
    of 100 databases. So SQLite writes every page anew, which takes as long as copying the file and as much memory as it
    is large: our driver's SQLite has its temporary files in memory, whatever `PRAGMA temp_store` says.
    """
    if not isinstance(db.obj, SqliteDatabase):
        run("SET statement_timeout = 0")  # a large table takes longer than a page may
        try:
            for table in TABLES:
                run(f'VACUUM "{table}"')
        finally:
            run("RESET statement_timeout")
        return True
    run("VACUUM")
    return _checkpoint()


def _checkpoint() -> bool:
    """Have SQLite's write-ahead file emptied into the database. False where readers are in the way."""
    if not isinstance(db.obj, SqliteDatabase):
        return True
    before = run("PRAGMA busy_timeout").fetchone()[0]
    try:
        run(f"PRAGMA busy_timeout = {PATIENCE}")
        return run("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    finally:
        run(f"PRAGMA busy_timeout = {before}")
