"""The numbered steps make exactly the tables that the models describe, on each kind of database."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from cysqlite import SQLITE_DBCONFIG_ENABLE_QPSG
from peewee import SqliteDatabase

from database import migrate, open_database, pending
from models import TABLES, db

OURS = "n.nspname = current_schema() AND t.relname <> 'schema_migration'"
# Column order apart, which a later step cannot choose, and the names of constraints, which nobody uses.
POSTGRESQL = f"""
SELECT t.relname, 'column', a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ||
    CASE WHEN a.attnotnull THEN ' not null ' ELSE ' ' END || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid JOIN pg_namespace n ON n.oid = t.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
WHERE t.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND {OURS}
UNION ALL
SELECT t.relname, 'constraint', pg_get_constraintdef(c.oid)
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace WHERE {OURS}
UNION ALL
SELECT t.relname, 'index', pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace WHERE {OURS}
"""
SQLITE = """
SELECT tbl_name, type, sql FROM sqlite_master
WHERE sql IS NOT NULL AND tbl_name NOT IN ('schema_migration', 'sqlite_sequence')
"""


def shape(opened) -> dict[str, list]:
    """Table -> its columns, its own checks, and its indexes, spelled alike."""
    with opened.connection_context():
        rows = opened.execute_sql(SQLITE if isinstance(opened, SqliteDatabase) else POSTGRESQL).fetchall()
    found: dict[str, list] = {}
    for table, kind, sql in rows:
        words = re.sub(r"\s+", "", sql.replace("IF NOT EXISTS", "")).lower()
        found.setdefault(table, []).append((kind, words))
    return {table: sorted(parts) for table, parts in found.items()}


def test_the_steps_make_what_the_models_say(databases, tmp_path):
    stepped = open_database(databases.bare(tmp_path))
    migrate(stepped)
    made = open_database(databases.bare(tmp_path))
    with made.connection_context():
        made.create_tables(TABLES)
    by_steps, by_models = shape(stepped), shape(made)
    stepped.close_all(), made.close_all()
    assert by_steps.keys() == by_models.keys() and len(by_models) == len(TABLES)
    for table in by_models:
        assert by_steps[table] == by_models[table], table


def test_taking_the_steps_again_changes_nothing(databases, tmp_path):
    opened = open_database(databases.bare(tmp_path))
    assert pending(opened) == migrate(opened)
    assert migrate(opened) == pending(opened) == []
    assert db.obj is opened
    opened.close_all()


@pytest.mark.postgresql
def test_of_two_servers_that_migrate_at_once_the_second_finds_nothing_left_to_do(databases):
    opened = open_database(databases.bare())
    with ThreadPoolExecutor(2) as both:
        done = sorted(both.map(lambda _: migrate(opened), range(2)), key=len)
    assert done[0] == [] and done[1]
    opened.close_all()


def test_what_was_acknowledged_survives_a_power_cut_since_each_commit_is_synced(settings):
    opened = open_database(settings.database_url)
    with opened.connection_context():
        if isinstance(opened, SqliteDatabase):
            assert (opened.pragma("journal_mode"), opened.pragma("synchronous")) == ("wal", 2)
            assert opened.connection().db_config(SQLITE_DBCONFIG_ENABLE_QPSG) == 1, "a statement is planned once"
            assert opened.pragma("foreign_keys") == 1
        else:
            assert opened.execute_sql("SHOW synchronous_commit").fetchone() == ("on",)
    opened.close_all()
