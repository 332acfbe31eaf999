"""Statements for what runs with every request: written once, run often.

Building a query costs ten to a hundred times what running it does. A `Prepared` query is built when it is first asked;
from then on only its values change. `insert` and `update` write rows with statements that are kept alike.
"""

# ruff: noqa: S608 - the names in these statements are those of our models, the values are bound

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any

from peewee import ColumnBase, Context, Model, Query, SqliteDatabase

from models import db

AT_ONCE = 500  # values of one statement


def snapshot() -> AbstractContextManager:
    """A transaction that only reads: all that is read in it is of one moment, and no writer waits for it."""
    return db.transaction("DEFERRED" if isinstance(db.obj, SqliteDatabase) else "REPEATABLE READ")


def run(sql: str, *values: Any) -> Any:
    """Run a statement that is written out, with `?` for each value as it is stored, and return the cursor."""
    return db.execute_sql(sql if db.param == "?" else sql.replace("?", "%s"), values)


def change(sql: str, *values: Any) -> int:
    """Run a statement as `run` does, and say how many rows it changed."""
    return db.rows_affected(run(sql, *values))


@lru_cache(maxsize=4096)  # a list has the same few days in each of its rows
def day_of(stored: date | str) -> date:
    """A day as it is stored: SQLite has it as text."""
    return date.fromisoformat(stored) if isinstance(stored, str) else stored


class Slot(ColumnBase):
    """The place of a value in a prepared query."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place

    def __sql__(self, ctx: Context) -> Context:
        ctx._values.append(self)  # type: ignore[attr-defined]
        return ctx.literal(ctx.state.param or "?")


class Prepared:
    """A query that is built once for each kind of database. `build` takes a slot for each value and returns the query:

        scan_of = Prepared(lambda number: Scan.select().where(Scan.id == number))
        scan = scan_of.first("8f14e45f-...")

    Values are given as they are stored: an instant in microseconds, a truth value as it is. A list is no value.
    """

    def __init__(self, build: Callable[..., Query]) -> None:
        self.build = build
        self.slots = [Slot(place) for place in range(len(inspect.signature(build).parameters))]
        self.built: dict[str, tuple[Query, str, list[Any]]] = {}
        self.made: dict[str, Callable[[tuple], Any]] = {}  # what peewee makes of a row, once it has learned the columns

    def __call__(self, *values: Any) -> list[Any]:
        """Every row, as the query gives it: a model, a tuple, a dict."""
        query, cursor = self._run(values)
        if made := self.made.get(db.param):
            return [made(row) for row in cursor.fetchall()]
        first = cursor.fetchone()
        if first is None:
            return []  # a query that found nothing has not told its columns yet
        made = self.made[db.param] = self._learn(query, cursor)
        return [made(first), *map(made, cursor.fetchall())]

    def _learn(self, query: Query, cursor: Any) -> Callable[[tuple], Any]:
        """What peewee makes of a row of this cursor's columns."""
        learning = query._get_cursor_wrapper(cursor)  # type: ignore[attr-defined]
        learning.initialize()
        learning.cursor = None
        return learning.process_row

    def _run(self, values: tuple) -> tuple[Query, Any]:
        if len(values) != len(self.slots):
            raise TypeError(f"This query takes {len(self.slots)} values, not {len(values)}.")
        query, sql, places = self.built.get(db.param) or self._build()
        bound = [values[place.place] if isinstance(place, Slot) else place for place in places]
        return query, db.execute_sql(sql, bound)

    def rows(self, *values: Any) -> list[tuple]:
        """Every row as it is stored, nothing converted: for long lists of numbers and texts."""
        _, cursor = self._run(values)
        return cursor.fetchall()

    def first(self, *values: Any) -> Any:
        """The first row, or None."""
        rows = self(*values)
        return rows[0] if rows else None

    def value(self, *values: Any) -> Any:
        """The first column of the first row of a query of tuples, or None."""
        row = self.first(*values)
        return row[0] if row else None

    def _build(self) -> tuple[Query, str, list[Any]]:
        query = self.build(*self.slots)
        sql, places = query.sql()
        self.built[db.param] = query, sql, places
        return self.built[db.param]


def insert(model: type[Model], **values: Any) -> None:
    """Write one row of these columns, named as the model names its fields; the others keep the database's default."""
    sql, fields = insert_sql(model, tuple(values))
    run(sql, *(field.db_value(value) for field, value in zip(fields, values.values(), strict=True)))


def parts_of(many: Iterable[Any]) -> Iterator[list[Any]]:
    """So many of them at a time as one statement takes."""
    left = iter(many)
    while part := list(islice(left, AT_ONCE)):
        yield part


def update(model: type[Model], values: dict[str, Any], **where: Any) -> int:
    """Set these columns where all of those have these values, and say how many rows it was."""
    sql, fields = update_sql(model, tuple(values), tuple(where))
    given = (*values.values(), *where.values())
    return change(sql, *(field.db_value(value) for field, value in zip(fields, given, strict=True)))


@lru_cache
def insert_sql(model: type[Model], names: tuple[str, ...]) -> tuple[str, list[Any]]:
    """The statement that writes a row of these fields, and the fields in the order of their values."""
    fields = [getattr(model, name) for name in names]
    columns = ", ".join(f'"{field.column_name}"' for field in fields)
    return f'INSERT INTO "{model._meta.table_name}" ({columns}) VALUES ({", ".join("?" * len(fields))})', fields


@lru_cache
def update_sql(model: type[Model], names: tuple[str, ...], where: tuple[str, ...]) -> tuple[str, list[Any]]:
    """The statement that sets these fields where those are as given, and all of them in the order of their values."""
    fields = [getattr(model, name) for name in (*names, *where)]
    said = [f'"{field.column_name}" = ?' for field in fields]
    table, cut = model._meta.table_name, len(names)
    return f'UPDATE "{table}" SET {", ".join(said[:cut])} WHERE {" AND ".join(said[cut:])}', fields
