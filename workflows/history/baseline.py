"""Rows that were there before history held digests, taken over as they stand.

`flask migrate` calls `enter` once, when history becomes keyed, and again for a table whose columns have changed since.
What makes rows in bulk (the demo course, the bench) ends with it too. What was altered before is not found by it: from
here on, every change is.
"""

import json
from collections.abc import Callable, Iterable, Iterator

from peewee import Model, fn

import clock
from models import History, db
from workflows.history import history, keys, records
from workflows.history.history import Action

VERB = "baseline"


def missing() -> list[type[Model]]:
    """The tables that were never taken over with the columns that they have now."""
    latest = History.select(fn.MAX(History.seq)).where(History.verb == VERB).group_by(History.object)
    rows = History.select(History.object, History.payload).where(History.seq.in_(latest)).tuples()
    taken = {thing: json.loads(payload)["columns"] for thing, payload in rows}
    return [model for model in records.COVERED if taken.get(_thing(model)) != _shape(model)]


def size(models: Iterable[type[Model]]) -> int:
    """How many rows there are to take over."""
    return sum(model.select().count() for model in models)


def enter(models: Iterable[type[Model]] | None = None, each: Callable[[int], object] = lambda rows: None) -> None:
    """Enter the digest of every row of these tables, or of all, in one transaction.
    `each`: called with a number of rows after those were read, for a progress bar.
    """
    with db.atomic():
        history.record_all(_actions(records.COVERED if models is None else models, each), batch=1)


def _actions(models: Iterable[type[Model]], each: Callable[[int], object]) -> Iterator[Action]:
    now, key = clock.now(), keys.current()
    for model in models:
        for rows in records.stored(model):
            found = {records.name_of(model, row[0]): records.digest(key, model, row) for row in rows}
            yield Action(VERB, _thing(model), None, now, None, {"columns": _shape(model), "records": found})
            each(len(rows))
        yield Action(VERB, _thing(model), None, now, None, {"columns": _shape(model)})


def _thing(model: type[Model]) -> str:
    return f"table:{model._meta.table_name}"


def _shape(model: type[Model]) -> str:
    """A short name for the columns that the digests cover."""
    return history.digest(records.columns(model))[:16]
