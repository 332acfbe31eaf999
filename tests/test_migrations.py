"""The numbered steps make exactly the tables that the models describe."""

from __future__ import annotations

import re

from database import migrate, open_database, pending
from models import TABLES, db


def shape(opened) -> dict[str, list]:
    """Table -> its columns, its own checks, and its indexes, spelled alike."""
    with opened.connection_context():
        rows = opened.execute_sql("SELECT tbl_name, type, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    found: dict[str, list] = {}
    for table, kind, sql in rows:
        if table not in ("schema_migration", "sqlite_sequence"):
            words = re.sub(r"\s+", "", sql.replace("IF NOT EXISTS", "")).lower()
            found.setdefault(table, []).append((kind, words))
    return {table: sorted(parts) for table, parts in found.items()}


def test_the_steps_make_what_the_models_say(tmp_path):
    stepped = open_database(f"sqlite:///{tmp_path / 'stepped.sqlite3'}")
    migrate(stepped)
    made = open_database(f"sqlite:///{tmp_path / 'made.sqlite3'}")
    with made.connection_context():
        made.create_tables(TABLES)
    by_steps, by_models = shape(stepped), shape(made)
    stepped.close_all(), made.close_all()
    assert by_steps.keys() == by_models.keys()
    for table in by_models:
        assert by_steps[table] == by_models[table], table


def test_taking_the_steps_again_changes_nothing(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path / 'again.sqlite3'}")
    assert pending(opened) == migrate(opened)
    assert migrate(opened) == pending(opened) == []
    with opened.connection_context():
        assert opened.pragma("journal_mode") == "wal"
        assert opened.pragma("foreign_keys") == 1
        assert opened.pragma("synchronous") == 2, "FULL: what was acknowledged survives a power cut"
    opened.close_all()
    assert db.obj is opened
