"""Writing rows so that history can prove them: an action's entry holds a keyed digest of each row that it wrote.

Workflows write the tables of `COVERED` through `insert`, `create` and `write`. Each row is remembered, as the database
now has it, in the transaction that is under way; the next entry of history in that transaction takes the digests of all
of them (`digests`). So `verification` can compare each row in the database with what history last says of it.

A table that is not in `NOT_COVERED` is covered, and so is a column that is not in `OWN_CHOICE`: a new one must be
written through here, or be listed there with the reason.
"""

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from peewee import BooleanField, Delete, Model, _WriteQuery

from models import (
    TABLES,
    Answered,
    Attempt,
    CountedDay,
    FailedMail,
    Hiding,
    History,
    Letter,
    Link,
    Notice,
    Person,
    SpentChallenge,
    Subscription,
    Tally,
    db,
)
from statements import AT_ONCE, insert_sql, run, update_sql
from workflows.history.keys import Key, current

NOT_COVERED: dict[type[Model], str] = {
    History: "it is the record itself: its entries are chained and signed",
    Tally: "added up from the scans: verification counts them again",
    CountedDay: "added up from the scans: verification counts them again",
    Answered: "added up from the scans: verification counts them again",
    Notice: "what people are told of actions that history proves: it decides nothing, and reading is no action",
    Subscription: "where browsers take push messages: bookkeeping of the delivery, it decides nothing",
    Letter: "mails that are to go: bookkeeping of the delivery, it decides nothing",
    SpentChallenge: "challenges that were answered: kept for minutes, so that none is answered twice",
    FailedMail: "mails that did not go: bookkeeping of the delivery, it decides nothing",
    Attempt: "failed tries to sign in: counted for 15 minutes and deleted",
}
OWN_CHOICE: dict[type[Model], dict[str, str]] = {
    Hiding: {"cleared_at": "when the database's files were cleared: bookkeeping, it decides nothing"},
    Link: {"tries": "wrong codes that were counted: the link itself is covered"},
    Person: {
        "theme": "how somebody's own pages look",
        "by_mail": "how somebody wants to be told",
        "quiet_from": "how somebody wants to be told",
        "quiet_until": "how somebody wants to be told",
        "mailed_at": "bookkeeping of the delivery",
        "record_mailed_at": "bookkeeping of the delivery",
    },
}
COVERED: list[type[Model]] = [model for model in TABLES if model not in NOT_COVERED]

DIGITS = 32  # of the hex of a digest: 128 bits
PAGE = 2000  # rows that are read at a time
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=str).encode  # a day as its ISO text


@lru_cache
def columns(model: type[Model]) -> tuple[str, ...]:
    """The columns that a row's digest covers, the key first."""
    left_out = OWN_CHOICE.get(model, {})
    return tuple(field.column_name for field in model._meta.sorted_fields if field.name not in left_out)


@lru_cache
def _selected(model: type[Model]) -> str:
    return ", ".join(f'"{name}"' for name in columns(model))


@lru_cache
def _returning(sql: str, model: type[Model]) -> str:
    """The statement, answered with each row that it wrote. Kept: a statement that is the same text is found quicker."""
    return f"{sql} RETURNING {_selected(model)}"


@lru_cache
def _has_truths(model: type[Model]) -> bool:
    return any(isinstance(field, BooleanField) for field in model._meta.sorted_fields)


def name_of(model: type[Model], key: Any) -> str:
    """What history calls a row: "scan:8f14e45f-...", "staff:3"."""
    return f"{model._meta.table_name}:{key}"


def digest(key: Key, model: type[Model], row: tuple) -> str:
    """The keyed digest of a row, given as the values of `columns(model)` as they are stored."""
    values = row if not _has_truths(model) else [int(one) if one is True or one is False else one for one in row]
    return key.sign(f"{model._meta.table_name}{_encode(values)}")[:DIGITS]


def insert(model: type[Model], **values: Any) -> tuple:
    """Write one row, and remember it for the action's entry. Returns it as stored: the values of `columns(model)`."""
    sql, fields = insert_sql(model, tuple(values))
    given = (field.db_value(value) for field, value in zip(fields, values.values(), strict=True))
    return _written(model, run(_returning(sql, model), *given))[0]


def insert_all(model: type[Model], rows: Sequence[dict[str, Any]]) -> None:
    """Write many rows with few statements, and remember each of them. Every row names the same fields."""
    if not rows:
        return
    sql, fields = insert_sql(model, tuple(rows[0]))
    head, one = sql.split(" VALUES ")
    at_once = AT_ONCE // len(fields)
    for start in range(0, len(rows), at_once):
        part = rows[start : start + at_once]
        given = (field.db_value(row[field.name]) for row in part for field in fields)
        _written(model, run(f"{head} VALUES {', '.join([one] * len(part))} RETURNING {_selected(model)}", *given))


def create(model: type[Model], **values: Any) -> Any:
    """As `Model.create`: write one row with the model's defaults, remember it, and return the model."""
    made = model(**values)
    made.__data__[model._meta.sorted_fields[0].name] = insert(model, **made.__data__)[0]
    return made


def update(model: type[Model], values: dict[str, Any], **where: Any) -> int:
    """Set columns where all of `where` have these values, remember each row, and say how many it was."""
    sql, fields = update_sql(model, tuple(values), tuple(where))
    given = (*values.values(), *where.values())
    return execute(model, sql, *(field.db_value(value) for field, value in zip(fields, given, strict=True)))


def execute(model: type[Model], sql: str, *values: Any) -> int:
    """Run an UPDATE that is written out, as `statements.run` does, remember each row, and say how many it was."""
    return len(_written(model, run(_returning(sql, model), *values)))


def write(query: _WriteQuery) -> int:
    """Run a query that inserts, updates or deletes rows, remember each of them, and say how many it was.

    records.write(SignIn.update(ended_at=now).where(SignIn.person == person))
    """
    model = query.model  # type: ignore[attr-defined]
    returned = [field for field in model._meta.sorted_fields if field.column_name in columns(model)]
    sql, values = query.returning(*returned).sql()
    return len(_written(model, db.execute_sql(sql, values), gone=isinstance(query, Delete)))


def _written(model: type[Model], cursor: Any, gone: bool = False) -> list[tuple]:
    """The rows that a statement has returned, remembered for the action's entry."""
    transaction = db.top_transaction()
    if transaction is None:
        raise RuntimeError("a row that history proves is written inside the transaction of the action")
    remembered = vars(transaction).setdefault("rows_written", {})
    rows = cursor.fetchall()
    for row in rows:
        remembered[model, row[0]] = None if gone else row
    return rows


def digests() -> dict[str, str | None]:
    """The digest of each row that this transaction has written since this was last asked; None for a deleted one.

    For `history` alone. An action whose savepoint is undone is undone whole: what it wrote is still remembered here.
    """
    remembered = vars(db.top_transaction()).pop("rows_written", None)
    if not remembered:
        return {}
    key = current()
    return {
        name_of(model, number): None if row is None else digest(key, model, row)
        for (model, number), row in remembered.items()
    }


def stored(model: type[Model]) -> Iterator[list[tuple]]:
    """Every row of a table in the order of its key, as stored, some at a time: a large table never is in memory."""
    key, table = columns(model)[0], model._meta.table_name
    sql = f'SELECT {_selected(model)} FROM "{table}" {{}} ORDER BY "{key}" LIMIT {PAGE}'  # noqa: S608 - our own names
    rows = run(sql.format("")).fetchall()
    while rows:
        yield rows
        rows = run(sql.format(f'WHERE "{key}" > ?'), rows[-1][0]).fetchall()
