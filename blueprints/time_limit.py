"""Ends a request that computes for too long, so that nobody's form holds up everybody (decision 22).

What counts is the processor time of the request's own thread: waiting, for the database or on a busy machine, is not
the request's doing. A thread of ours looks several times a second; where a request has used up its time it raises
`TookTooLong` there. The request is answered 503, its transaction is rolled back, its connection is closed.

Its limits: Python raises between two of its own steps, so a call into C (a search with a pattern, a sort) ends first.
A statement does not: SQLite's is interrupted, PostgreSQL has a limit of its own (`statement_timeout`). What is sent
after the view has returned (a file, line by line) is not timed.
"""

import ctypes
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock, Thread, get_ident
from typing import Any

from flask import Flask, Response, g, request
from peewee import PeeweeException

from blueprints.hypermedia import refusal
from models import db

log = logging.getLogger("sonofolio")

SECONDS = 5.0  # of computing for one request; the slowest page takes a tenth of one
LOOK_EVERY = 0.25
AGAIN_AFTER = 1.0  # of further computing: what was raised was swallowed
SENTENCE = "This took too long, so it was stopped. Try again; nothing is saved twice."
_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc


class TookTooLong(BaseException):
    """Raised in the middle of a request. No `Exception`, so that no handler of a view's or the database's takes it."""


@dataclass
class _Running:
    clock: int  # of its thread's processor time
    until: float
    interrupt: Callable[[], object] | None = None  # stops a statement that its connection is running


class TimeLimit:
    """The requests that are running in this process, by their threads, and the thread that looks after them.

    A request is told only while it is known here, under the lock, and what it was told and has not heard is taken back
    under the same lock when it ends: the next request of that thread never hears it.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self.lock = Lock()
        self.running: dict[int, _Running] = {}
        self.watcher: Thread | None = None

    def begin(self) -> None:
        """This thread's request begins."""
        thread = get_ident()
        clock = time.pthread_getcpuclockid(thread)
        with self.lock:
            self.running[thread] = _Running(clock, time.clock_gettime(clock) + self.seconds)
            if self.watcher is None or not self.watcher.is_alive():  # the first request of this process
                self.watcher = Thread(target=self._watch, name="time limit", daemon=True)
                self.watcher.start()

    def end(self) -> None:
        """It has ended. To be called once more when this very call was interrupted."""
        thread = get_ident()
        with self.lock:
            self.running.pop(thread, None)
            _raise_in(ctypes.c_ulong(thread), None)

    def extend(self, seconds: float) -> None:
        """This thread's request may compute for so much longer: it makes a file of everything that somebody has."""
        with self.lock:
            if one := self.running.get(get_ident()):
                one.until += seconds

    def uses(self, connection: Any) -> None:
        """This thread's request asks the database over this connection."""
        if one := self.running.get(get_ident()):
            one.interrupt = getattr(connection, "interrupt", None)

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_EVERY)
            with self.lock:
                for thread, one in self.running.items():
                    if time.clock_gettime(one.clock) > one.until:
                        one.until += AGAIN_AFTER
                        _raise_in(ctypes.c_ulong(thread), ctypes.py_object(TookTooLong))
                        if one.interrupt:
                            one.interrupt()


LIMIT = TimeLimit()  # of this process


def init_app(app: Flask) -> None:
    """Around everything that Flask does for a request, and within its context, so that the answer is a page of ours."""
    dispatch = app.full_dispatch_request
    app.full_dispatch_request = lambda: _within(dispatch)  # type: ignore[method-assign]
    app.before_request(_watch_connections)


def _watch_connections() -> None:
    """A request takes its connection with its first query; a test's requests share one that is open already."""
    db.obj.opened = LIMIT.uses
    if not db.is_closed():
        LIMIT.uses(db.connection())


def _within(dispatch: Callable[[], Response]) -> Response:
    try:
        try:
            LIMIT.begin()
            return dispatch()
        finally:
            LIMIT.end()
    except TookTooLong:
        LIMIT.end()
        return _ended()


def _ended() -> Response:
    log.error("stopped after %g s of computing: %s %s", LIMIT.seconds, request.method, request.url_rule or "no route")
    if not g.get("connected_before", True) and not db.is_closed():
        _throw_away_connection()
    g.nobody = True  # the database is not asked whose page it is
    return refusal(SENTENCE, 503)


def _throw_away_connection() -> None:
    """Nobody can say what it was doing: what it had begun is rolled back, and nobody gets it next."""
    while db.in_transaction():
        db.pop_transaction()
    with suppress(PeeweeException):
        db.rollback()
    db.manual_close()
