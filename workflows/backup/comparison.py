"""A restored database beside the manifest of its backup."""

from peewee import SqliteDatabase

from models import File, db
from statements import run
from workflows.backup import manifest
from workflows.backup.manifest import Manifest


def differences(made: Manifest) -> list[str]:
    """What of the database that the models use is not as the manifest says, a sentence each."""
    found = []
    if isinstance(db.obj, SqliteDatabase):  # PostgreSQL checks as it loads
        found += [f"SQLite: {line}." for (line,) in _rows("PRAGMA integrity_check") if line != "ok"]
        if lost := _rows("PRAGMA foreign_key_check"):
            found.append(f"{len(lost)} rows refer to one that is not there, the first in {lost[0][0]}.")
    for table, stated in made.tables.items():
        if (there := manifest.count(_rows, table)) != stated:
            found.append(f"The table {table} has {there} rows, not {stated} as its manifest says.")
    last = _rows("SELECT seq, hash FROM history ORDER BY seq DESC LIMIT 1")
    head = f"{last[0][0]}:{last[0][1]}" if last else ""
    if head != made.head:
        found.append(f"History ends at {head or 'nothing'}, not at {made.head or 'nothing'} as its manifest says.")
    # An older release has no such table.
    named = {one.sha256 for one in manifest.stored_files(_rows)} if File._meta.table_name in made.tables else set()
    if lacking := named - {*made.stored, *made.missing}:
        found.append(f"{len(lacking)} stored files are not in it, the first {min(lacking)}.")
    return found


def _rows(sql: str) -> list[tuple]:
    return run(sql).fetchall()
