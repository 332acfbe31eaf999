"""The numbered steps make exactly the tables that the models describe, on each kind of database."""

from __future__ import annotations

import re
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from cysqlite import SQLITE_DBCONFIG_ENABLE_QPSG
from peewee import IntegrityError, SqliteDatabase

import clock
from database import MIGRATIONS, migrate, open_database, pending
from migrations.schema import rebuild
from models import TABLES, Placement, SignIn, db
from tests import cast as people
from tests.cast import logged
from workflows.reviews import reviews

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

# A step of four tables that refer to each other, with checks and a column that SQLite cannot alter.
REBUILD = """
from migrations.schema import rebuild, run


def up(migrator, db):
    run(db, 'ALTER TABLE "placement" ADD COLUMN "confirmed_at" {instant}')
    rebuild(
        db,
        {
            "person": {
                "'dark', 'light')": "'dark', 'light', 'sepia')",
                '"theme" TEXT NOT NULL,': '"theme" TEXT NOT NULL, "pronoun" TEXT NOT NULL DEFAULT \\'\\',',
            },
            "staff": {"'administrator')": "'administrator', 'moderator')"},
            "placement": {'"enrolment_id" INTEGER NOT NULL': '"enrolment_id" INTEGER'},
            "scan": {"'counted', 'withdrawn')": "'counted', 'withdrawn', 'archived')"},
        },
        postgresql='''
ALTER TABLE person DROP CONSTRAINT person_theme_check, ADD CHECK (theme IN ('system', 'dark', 'light', 'sepia')),
    ADD COLUMN "pronoun" TEXT NOT NULL DEFAULT '';
ALTER TABLE staff DROP CONSTRAINT staff_role_check,
    ADD CHECK (role IN ('director', 'internal_assessor', 'administrator', 'moderator'));
ALTER TABLE placement ALTER COLUMN enrolment_id DROP NOT NULL;
ALTER TABLE scan DROP CONSTRAINT scan_state_check,
    ADD CHECK (state IN ('draft', 'with_mentor', 'returned', 'held', 'counted', 'withdrawn', 'archived'));
''',
    )
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
def test_a_connection_that_took_steps_has_its_limits_again(databases):
    opened = open_database(databases.bare())
    migrate(opened)
    with opened.connection_context():
        assert opened.execute_sql("SHOW statement_timeout").fetchone()[0] == "30s"
    opened.close_all()


@pytest.mark.postgresql
def test_of_two_servers_that_migrate_at_once_the_second_finds_nothing_left_to_do(databases):
    opened = open_database(databases.bare())
    with ThreadPoolExecutor(2) as both:
        done = sorted(both.map(lambda _: migrate(opened), range(2)), key=len)
    assert done[0] == [] and done[1]
    opened.close_all()


def lived_in(databases, folder) -> tuple[str, people.Cast]:
    """A migrated database with people, placements, sign-ins and scans in it, one of which another refers to."""
    url = databases.fresh(folder)
    opened = open_database(url)
    with opened.connection_context():
        cast = people.gather()
        first, second = logged(cast.amara, cast.ravi), logged(cast.amara, cast.ravi)
        reviews.approve(first.id, by=cast.ravi, version=1)
        opened.execute_sql(f"UPDATE scan SET duplicate_of_id = '{first.id}' WHERE id = '{second.id}'")
        SignIn.create(token_hash="x", person=cast.amara, made_at=clock.now(), expires_at=clock.now())
    opened.close_all()
    return url, cast


def steps_before(name: str, folder):
    """A folder with the steps before this one."""
    folder.mkdir()
    for file in MIGRATIONS.glob("0*.py"):
        if file.stem < name:
            shutil.copy(file, folder)
    return folder


def put(opened, table: str, **values) -> None:
    """A row of a table as some step has made it; what must be there and is not given is empty or 0."""
    for column in opened.get_columns(table):
        if not column.null and column.default is None and column.name not in values:
            values[column.name] = "[]" if "text" in column.data_type.lower() else 0
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join([opened.param] * len(values))
    opened.execute_sql(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', tuple(values.values()))


def test_notices_of_before_are_carried_over_with_what_was_read_of_them(databases, tmp_path):
    """Student 1 and mentor 2; told 3 days ago, but for two that were told 90 days ago, one of them read long since."""
    opened = open_database(databases.bare(tmp_path))
    migrate(opened, steps_before("0010_notices", tmp_path / "before"))
    day = 86_400 * 1_000_000
    now = int(time.time()) * 1_000_000
    late, early = now - 3 * day, now - 90 * day
    moves = [  # number, by, verb, why, seen_at, told_id, at
        (1, 1, "log", "", None, 2, late),
        (2, 2, "send_back", "Which side?", None, 1, late + 1),
        (3, 2, "approve", "Fine.", now, 1, late + 2),
        (4, 2, "approve", "", None, 1, late + 3),
        (5, 2, "reopen", "Why.", None, 1, early),
        (6, 2, "send_back", "Why.", early, 1, early + 1),
        (7, 1, "hand_over", "To Priya.", None, 2, late + 4),
        (8, 2, "undo", "", None, None, late + 5),
        (9, 1, "log", "", None, 2, early + 2),
    ]
    with opened.connection_context(), opened.atomic():
        for person in (1, 2):
            put(opened, "person", id=person, email=f"p{person}@example.test", theme="dark", seal="x", by_mail=True)
        put(opened, "cohort", id=1, starts_on="2026-09-01", due_on="2027-09-01")
        put(opened, "enrolment", id=1, person_id=1, cohort_id=1, enrolled_on="2026-09-01")
        numbers = {"words_missing": False, "own_words": False, "scanned_on": "2026-09-02"}
        put(
            opened, "scan", id="8f14", enrolment_id=1, state="draft", support="aided", side="left", version=1, **numbers
        )
        for number, by, verb, why, seen_at, told, at in moves:
            told_at = at + 31 if verb == "approve" else at if told else None
            told = {"told_id": told, "told_at": told_at, "seen_at": seen_at}
            put(opened, "move", id=number, scan_id="8f14", by_id=by, verb=verb, why=why, at=at, after="draft", **told)
    assert "0010_notices" in migrate(opened)
    with opened.connection_context():
        columns = "kind, recipient_id, by_id, at, deliver_at, read_at, listed, subject"
        found = opened.execute_sql(f"SELECT {columns} FROM notice ORDER BY id").fetchall()
        steps = opened.execute_sql("SELECT id, verb, why FROM move ORDER BY id").fetchall()
    opened.close_all()
    assert [tuple(map(int, row[1:5])) + row[5:] for row in found] == [
        (2, 1, late, late, None, False, "scan:8f14"),
        (1, 2, late + 1, late + 1, None, True, "scan:8f14"),
        (1, 2, late + 2, late + 33, now, True, "scan:8f14"),
        (1, 2, late + 3, late + 34, None, True, "scan:8f14"),
        (1, 2, early, early, None, True, "scan:8f14"),
        (2, 1, late + 4, late + 4, None, True, "scan:8f14"),
    ]
    kinds = ["scan_sent", "scan_returned", "scan_commented", "scan_approved", "scan_reopened", "scan_handed_over"]
    assert [row[0] for row in found] == kinds
    assert [tuple(one) for one in steps] == [(move[0], move[2], move[3]) for move in moves]


def step(folder, source: str):
    """A folder with one further step in it."""
    folder.mkdir()
    (folder / "9000_further.py").write_text(source)
    return folder


def rows(opened) -> dict[str, list[str]]:
    with opened.connection_context():
        return {table.__name__: sorted(map(repr, table.select().tuples())) for table in TABLES}


def test_a_step_that_rebuilds_tables_keeps_their_rows_indexes_and_references(house, databases, tmp_path):
    url, cast = lived_in(databases, tmp_path)
    opened = open_database(url)
    rows_before, shape_before = rows(opened), shape(opened)
    assert migrate(opened, step(tmp_path / "steps", REBUILD)) == ["9000_further"]
    assert rows(opened) == rows_before and rows_before["Scan"] and rows_before["SignIn"]
    indexes, indexes_before = (
        {table: [part for part in parts if part[0] == "index"] for table, parts in found.items()}
        for found in (shape(opened), shape_before)
    )
    assert indexes == indexes_before
    with opened.connection_context():
        assert opened.execute_sql("SELECT DISTINCT pronoun FROM person").fetchall() == [("",)], "it has its default"
        opened.execute_sql("UPDATE person SET theme = 'sepia'")
        opened.execute_sql("UPDATE staff SET role = 'moderator'")
        opened.execute_sql(f"UPDATE placement SET enrolment_id = NULL WHERE id = {Placement.select().first().id}")
        for refused in (
            "UPDATE person SET theme = 'neon'",
            "UPDATE staff SET role = 'guest'",
            "UPDATE scan SET state = 'elsewhere'",
            "UPDATE scan SET enrolment_id = 999",
            "UPDATE scan SET duplicate_of_id = 'nothing'",
            f"DELETE FROM person WHERE id = {cast.ravi.id}",
            f"INSERT INTO person (email, name, theme, made_at) VALUES ('{cast.ravi.email}', 'R', 'dark', 1)",
        ):
            with pytest.raises(IntegrityError), opened.atomic():
                opened.execute_sql(refused)
    opened.close_all()


@pytest.mark.sqlite
def test_a_step_that_would_leave_a_reference_to_nothing_or_finds_another_table_than_it_expects_is_not_taken(
    house, databases, tmp_path
):
    opened = open_database(lived_in(databases, tmp_path)[0])
    before = rows(opened), shape(opened)
    lost = REBUILD.replace("    rebuild(", "    run(db, 'DELETE FROM site')\n    rebuild(")
    other = REBUILD.replace("'dark', 'light')\"", "'dark', 'lite')\"", 1)
    for number, (source, error) in enumerate([(lost, IntegrityError), (other, ValueError)]):
        with pytest.raises(error):
            migrate(opened, step(tmp_path / f"steps{number}", source))
        assert (rows(opened), shape(opened)) == before
    with opened.connection_context():
        assert opened.pragma("foreign_keys") == 1
        with pytest.raises(RuntimeError, match="foreign keys are off"):
            rebuild(opened, {"person": {}}, postgresql="")
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
