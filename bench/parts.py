"""Where a request's time goes in this process: by part (named functions, timed) and by kind of work (the profiler)."""

from __future__ import annotations

import cProfile
import importlib
import pstats
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask

from bench.measure import Bench, Side
from bench.phone import Inside
from models import db

# part -> the functions that do it, as module:name. What one part calls of another counts as the other's own time.
PARTS = {
    "sign-in: cookie read": ("flask.sessions:SecureCookieSessionInterface.open_session",),
    "sign-in: who, with which roles": ("workflows.accounts:visitor",),
    "sign-in: cookie signed anew": ("flask.sessions:SecureCookieSessionInterface.save_session",),
    "CSRF check": ("flask_wtf.csrf:CSRFProtect.protect",),
    "form": (
        "blueprints.scans.forms:readable_entry",
        "blueprints.scans.forms:received",
        "blueprints.reviews.views:_seen",
    ),
    "checks, report, own words": (
        "workflows.entering:written",
        "workflows.entering:columns_of",
        "workflows.entering:lacks",
    ),
    "history (two chains)": ("workflows.history:record",),
    "tallies": ("workflows.tallies:moved",),
    "templates": ("flask.templating:_render",),
    "compression": ("flask_compress.flask_compress:Compress.after_request",),
    "peewee: writing the SQL": ("peewee:Database.execute",),
    "peewee: rows into objects": ("peewee:CursorWrapper.iterate",),
    "SQLite: statements": ("peewee:Database._execute_cursor",),
    "SQLite: begin and commit": (
        "playhouse.cysqlite_ext:CySqliteDatabase.begin",
        "playhouse.cysqlite_ext:CySqliteDatabase.commit",
    ),
}
WHOLE, REST, QUERIES = "whole request", "Flask, and the rest of ours", "queries"


class Watch:
    """Who is at work now, and how long each has been: `whole` with what they called, `own` without."""

    def __init__(self) -> None:
        self.whole: Counter[str] = Counter()
        self.own: Counter[str] = Counter()
        self.queries = 0
        self.at_work: list[list] = []  # [part, seconds that others took within it]

    def clear(self) -> None:
        self.whole.clear()
        self.own.clear()
        self.queries = 0

    def timing(self, real: Callable, part: str) -> Callable:
        """`real`, timed as this part."""

        def timed(*args: Any, **named: Any) -> Any:
            self.at_work.append([part, 0.0])
            self.queries += part == "SQLite: statements"
            begun = time.perf_counter()
            try:
                return real(*args, **named)
            finally:
                took = time.perf_counter() - begun
                _, others = self.at_work.pop()
                self.own[part] += took - others
                if all(name != part for name, _ in self.at_work):
                    self.whole[part] += took
                if self.at_work:
                    self.at_work[-1][1] += took

        timed.__dict__.update(vars(real))
        return timed


Spent = dict[str, tuple[float, float]]


def parts_of(bench: Bench, repeats: int = 100) -> dict[str, Spent]:
    """Request -> part -> median seconds as a whole and of its own; under QUERIES their number, twice."""
    found: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    watch = Watch()
    with _watched(watch, bench.product):
        side = Side("product", bench.files["product"], Inside(bench.product))
        for turn in range(repeats + 10):
            if turn % len(bench.company.pairs) == 0:
                side.settle()
            for name, send in bench.round(turn):
                watch.clear()
                answer = send(side)
                if turn < 10:
                    continue
                whole = answer.seconds
                for part in PARTS:
                    found[name][part].append((watch.whole[part], watch.own[part]))
                found[name][REST].append((whole, whole - sum(watch.own.values())))
                found[name][WHOLE].append((whole, whole))
                found[name][QUERIES].append((watch.queries, watch.queries))
        side.settle()
    return {
        name: {part: tuple(map(statistics.median, zip(*values, strict=True))) for part, values in of.items()}
        for name, of in found.items()
    }  # type: ignore[return-value]


@contextmanager
def _watched(watch: Watch, app: Flask) -> Iterator[None]:
    """Time every part while the block runs. A part whose function has another name by now is left out, and said."""
    put_back = []
    for part, functions in PARTS.items():
        for where in functions:
            module, _, path = where.partition(":")
            owner: Any = importlib.import_module(module)
            *way, name = path.split(".")
            for step in way:
                owner = getattr(owner, step, None)
            real = getattr(owner, name, None)
            if real is None:
                click.echo(f"There is no {where} any more: {part} is not timed. See bench/parts.py.", err=True)
                continue
            put_back.append((owner, name, vars(owner).get(name)))
            setattr(owner, name, watch.timing(real, part))
    after = app.after_request_funcs[None]  # these were bound when the app was made
    before = list(after)
    after[:] = [_as_now(function) for function in after]
    try:
        yield
    finally:
        after[:] = before
        for owner, name, real in put_back:
            delattr(owner, name) if real is None else setattr(owner, name, real)  # it was inherited


def _as_now(function: Callable) -> Callable:
    """A bound method as its class has it now."""
    owner = getattr(function, "__self__", None)
    return getattr(owner, function.__name__) if owner is not None else function


KINDS = (
    ("cysqlite", "SQLite"),
    ("peewee.py", "peewee"),
    ("playhouse", "peewee"),
    ("jinja2", "Jinja"),
    ("markupsafe", "Jinja"),
    ("templates/", "Jinja"),
    ("wtforms", "forms"),
    ("flask_wtf", "forms, CSRF"),
    ("itsdangerous", "signing"),
    ("hmac", "signing"),
    ("brotli", "compression"),
    ("flask_compress", "compression"),
    ("flask_login", "sign-in"),
    ("flask/", "Flask"),
    ("werkzeug", "Flask"),
)


def statements(bench: Bench, repeats: int = 60) -> dict[str, list[tuple[float, str]]]:
    """Request -> each statement that it runs, in order, with the median of the seconds that SQLite takes for it."""
    found: dict[str, dict[int, list[tuple[float, str]]]] = defaultdict(lambda: defaultdict(list))
    side = Side("product", bench.files["product"], Inside(bench.product))
    heard: list[tuple[float, str]] = []
    bench_database = db.obj
    bench_database.query_hooks.append(hook := lambda event: heard.append((event.duration, event.sql)))
    for turn in range(repeats):
        if turn % len(bench.company.pairs) == 0:
            side.settle()
        for name, send in bench.round(turn):
            heard.clear()
            send(side)
            for place, one in enumerate(heard):
                found[name][place].append(one)
    side.settle()
    bench_database.query_hooks.remove(hook)
    return {
        name: [(statistics.median(took for took, _ in of), of[-1][1]) for of in places.values()]
        for name, places in found.items()
    }


def profile(bench: Bench, name: str, repeats: int = 100, lines: int = 30) -> str:
    """What the profiler says of one kind of request: the time by kind of work, then the dearest functions."""
    side = Side("product", bench.files["product"], Inside(bench.product))
    profiler = cProfile.Profile()
    for turn in range(repeats + 10):
        if turn % len(bench.company.pairs) == 0:
            side.settle()
        for what, send in bench.round(turn):
            if what == name and turn >= 10:
                profiler.enable()
                send(side)
                profiler.disable()
            else:
                send(side)
    side.settle()
    return _said(profiler, repeats, lines)


def _said(profiler: cProfile.Profile, repeats: int, lines: int) -> str:
    stats = pstats.Stats(profiler)
    kinds: Counter[str] = Counter()
    rows = []
    for (file, line, function), (_, calls, own, whole, _) in stats.stats.items():  # type: ignore[attr-defined]
        where = f"{file} {function}"
        kind = next(
            (kind for mark, kind in KINDS if mark in where), "ours" if "/site-packages/" not in file else "other"
        )
        if file == "~" or "/lib/python" in file and "site-packages" not in file:
            kind = kind if kind != "ours" else "Python"
        kinds[kind] += own
        rows.append((whole, own, calls, f"{'/'.join(file.split('/')[-2:])}:{line} {function}"))
    total = sum(kinds.values())
    said = [f"{total / repeats * 1000:.2f} ms a request under the profiler"]
    said += [f"  {spent / total:5.0%}  {kind}" for kind, spent in kinds.most_common()]
    said.append("  whole ms   own ms   calls  function")
    for whole, own, calls, function in sorted(rows, reverse=True)[:lines]:
        said.append(f"  {whole / repeats * 1000:8.3f} {own / repeats * 1000:8.3f} {calls / repeats:7.1f}  {function}")
    return "\n".join(said)
