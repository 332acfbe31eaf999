"""What the numbered steps share: statements for both databases, and the rebuilding of tables on SQLite.

A step has `up(migrator, db)`. The runner takes it in one transaction, on SQLite with foreign keys switched off before
it begins. Steps stay as they are for ever: nothing here may change what an earlier step makes.
"""

from __future__ import annotations

from peewee import Database, IntegrityError, SqliteDatabase

# What a self-numbering key, an instant in microseconds and a truth value are called in each database.
TYPES = {
    "sqlite": {"key": "INTEGER", "instant": "INTEGER", "truth": "INTEGER"},
    "postgresql": {"key": "SERIAL", "instant": "BIGINT", "truth": "BOOLEAN"},
}


def run(db: Database, statements: str) -> None:
    """Run statements, each ended by a semicolon at the end of its line. `{key}`, `{instant}` and `{truth}` stand for
    what the database calls them.
    """
    for name, word in TYPES["sqlite" if isinstance(db, SqliteDatabase) else "postgresql"].items():
        statements = statements.replace(f"{{{name}}}", word)
    for statement in statements.split(";\n"):
        if statement.strip():
            db.execute_sql(statement)


def rebuild(db: Database, tables: dict[str, dict[str, str]], postgresql: str) -> None:
    """Change what SQLite cannot alter, such as a CHECK or a NOT NULL. Rows, indexes and references stay.

    SQLite makes each table anew, copies its rows (a new column has its default) and puts it in the place of the old
    one; then it looks whether every reference still leads somewhere.

    Args:
        tables: the name of a table -> pieces of the statement that made it -> what is to stand there instead.
        postgresql: the statements that do the same there, where the check of a column is `<table>_<column>_check`.

    Raises:
        ValueError: a piece is not in that statement, or more than once.
        RuntimeError: foreign keys are on, so that dropping the old table would delete what refers to it.
        IntegrityError: a row refers to one that does not exist.
    """
    if not isinstance(db, SqliteDatabase):
        run(db, postgresql)
        return
    if db.pragma("foreign_keys"):
        raise RuntimeError("tables are rebuilt in a migration alone, where foreign keys are off")
    for table, changes in tables.items():
        _rebuild(db, table, changes)
    if lost := db.execute_sql("PRAGMA foreign_key_check").fetchall():
        raise IntegrityError(f"{len(lost)} rows refer to one that does not exist, the first in {lost[0][0]}")


def _rebuild(db: SqliteDatabase, table: str, changes: dict[str, str]) -> None:
    # The table first, then its indexes; those that SQLite makes itself have no statement.
    found = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type <> 'table'"
    create, *indexes = [sql for (sql,) in db.execute_sql(found, (table,)).fetchall()]
    for old, new in changes.items():
        if create.count(old) != 1:
            raise ValueError(f"{table} was made with {create.count(old)} times {old!r}, not once")
        create = create.replace(old, new)
    db.execute_sql(create.replace(f'"{table}"', f'"{table}_rebuilt"', 1))
    # Of both alone: SQLite takes the quoted name of a column that there is not for a text, and says nothing.
    before, after = ([column.name for column in db.get_columns(name)] for name in (table, f"{table}_rebuilt"))
    columns = ", ".join(f'"{name}"' for name in after if name in before)
    db.execute_sql(f'INSERT INTO "{table}_rebuilt" ({columns}) SELECT {columns} FROM "{table}"')  # noqa: S608
    db.execute_sql(f'DROP TABLE "{table}"')
    db.execute_sql(f'ALTER TABLE "{table}_rebuilt" RENAME TO "{table}"')
    for index in indexes:
        db.execute_sql(index)
