"""Statements that run with nearly every request: their SQL is made once, and from then on only the values change.

Making the SQL of a query takes peewee ten to a hundred times as long as SQLite needs to run it. A query of peewee's is
kept by `Prepared`; what is written out as SQL is run by `run` and `change`.
"""

# ruff: noqa: S608 - the names in these statements are those of our models, the values are bound

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any

from peewee import ColumnBase, Context, Model, Query, SqliteDatabase

import clock
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
    """A value in a query of `Prepared` that each call gives anew. In the SQL it is a placeholder; among the parameters
    that peewee returns with it, the Slot itself says which of the call's values belongs there.
    """

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place

    def __sql__(self, ctx: Context) -> Context:
        ctx._values.append(self)  # type: ignore[attr-defined]
        return ctx.literal(ctx.state.param or "?")


class _Today(ColumnBase):
    """The day on which a statement runs (`clock.today`), also where its SQL was made on an earlier one."""

    def __sql__(self, ctx: Context) -> Context:
        ctx._values.append(self if ctx.state.prepared else self.value())  # type: ignore[attr-defined]
        return ctx.literal(ctx.state.param or "?")

    @staticmethod
    def value() -> str:
        return clock.today().isoformat()


TODAY = _Today()


@dataclass
class _Statement:
    """A query as one kind of database takes it."""

    query: Query
    sql: str
    parameters: list[Any]  # a Slot where the call's value belongs, TODAY where the day does
    convert: Callable[[tuple], Any] | None = None  # what peewee makes of a row; known after the first run

    def execute(self, values: tuple) -> Any:
        return db.execute_sql(self.sql, [self._value(one, values) for one in self.parameters])

    @staticmethod
    def _value(parameter: Any, values: tuple) -> Any:
        if isinstance(parameter, Slot):
            return values[parameter.place]
        return parameter.value() if isinstance(parameter, _Today) else parameter


class Prepared:
    """A query whose SQL is made when it is first run. `build` takes a Slot for each value and returns the query:

        scan_of = Prepared(lambda number: Scan.select().where(Scan.id == number))
        scan = scan_of.first("8f14e45f-...")

    Values are given as they are stored: an instant in microseconds, a truth value as it is. A list is no value.
    """

    def __init__(self, build: Callable[..., Query]) -> None:
        self.build = build
        self.slots = [Slot(place) for place in range(len(inspect.signature(build).parameters))]
        self.statements: dict[str, _Statement] = {}  # by the database's placeholder: "?" of SQLite, "%s" of PostgreSQL

    def __call__(self, *values: Any) -> list[Any]:
        """Every row, as the query gives it: a model, a tuple, a dict."""
        statement = self._statement(values)
        cursor = statement.execute(values)
        if statement.convert is None:
            statement.convert = _converter(statement.query, cursor)
        return [statement.convert(row) for row in cursor.fetchall()]

    def rows(self, *values: Any) -> list[tuple]:
        """Every row as it is stored, nothing converted: for long lists of numbers and texts."""
        return self._statement(values).execute(values).fetchall()

    def first(self, *values: Any) -> Any:
        """The first row, or None."""
        rows = self(*values)
        return rows[0] if rows else None

    def value(self, *values: Any) -> Any:
        """The first column of the first row of a query of tuples, or None."""
        row = self.first(*values)
        return row[0] if row else None

    def _statement(self, values: tuple) -> _Statement:
        if len(values) != len(self.slots):
            raise TypeError(f"This query takes {len(self.slots)} values, not {len(values)}.")
        if db.param not in self.statements:
            query = self.build(*self.slots)
            self.statements[db.param] = _Statement(query, *db.get_sql_context(prepared=True).parse(query))
        return self.statements[db.param]


def _converter(query: Query, cursor: Any) -> Callable[[tuple], Any]:
    """The function by which peewee makes a result of a row. It follows from the names of the cursor's columns, which
    are the same in every run, and takes longer to find than one row takes to convert.
    """
    wrapper = query._get_cursor_wrapper(cursor)  # type: ignore[attr-defined]
    wrapper.initialize()
    wrapper.cursor = None  # it is kept for good, and the cursor is not
    return wrapper.process_row


def insert(model: type[Model], **values: Any) -> None:
    """Write one row of these columns, named as the model names its fields; the others keep the database's default."""
    sql, fields = insert_sql(model, tuple(values))
    run(sql, *(field.db_value(value) for field, value in zip(fields, values.values(), strict=True)))


def parts_of(many: Iterable[Any]) -> Iterator[list[Any]]:
    """So many of them at a time as one statement takes."""
    left = iter(many)
    while part := list(islice(left, AT_ONCE)):
        yield part


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
    assignments = [f'"{field.column_name}" = ?' for field in fields]
    table, cut = model._meta.table_name, len(names)
    return f'UPDATE "{table}" SET {", ".join(assignments[:cut])} WHERE {" AND ".join(assignments[cut:])}', fields
