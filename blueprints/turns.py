"""Who writes takes turns, so that who reads need not wait behind them (docs/decisions/0017-turns.md).

When a course comes back into signal at once, its phones send more in a second than can be written. They stand in a
line; beyond its end a phone, which tries again by itself, is asked to come back. A person's own tap waits for one turn,
not for the line. Reading never waits for any of this. Between processes the database queues.

Of those who may go on, one at a time is served, as long as that is quick: a process computes one thing at a time
whatever it is asked, and threads that wrest the interpreter from each other take a quarter longer over the same work.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from threading import Lock, Semaphore
from typing import IO, TYPE_CHECKING

from flask import Flask, Response, g, request
from peewee import SqliteDatabase
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header
from werkzeug.wsgi import get_content_length

from blueprints.access import OWN_QUEUE, SAFE
from blueprints.errors import busy
from blueprints.hypermedia import prefers_json

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TURN = "sonofolio.turn"
MOST = 640  # phones in the line of one process; fewer than the threads of its server (docs/running.md)
BESIDE_A_SERVER = 8  # served at once where the database is a server's: it computes while they wait for it
SECONDS = 5  # that a person waits
IN_LINE_SECONDS = 15  # that a phone waits: less than its own patience in static/outbox.js
AT_DESK_SECONDS = 0.25  # that anybody waits while another is served; then both are: it takes long, or waits itself


class Turns:
    """The line of phones, the one turn to write, and the desk at which everybody is served, of one process."""

    def __init__(self, most: int = MOST, at_once: int = 1) -> None:
        self.places, self.front, self.turn = Semaphore(most), Lock(), Lock()
        self.desk = Lock() if at_once == 1 else Semaphore(at_once)  # a lock is the quicker one
        self.patience = {self.places: 0, self.front: IN_LINE_SECONDS}

    def taken(self, by_phone: bool) -> list[Semaphore | Lock]:
        """Wait for a turn; what is held then, to be given back in the end. Empty when it did not come."""
        held: list[Semaphore | Lock] = []
        for one in (self.places, self.front, self.turn) if by_phone else (self.turn,):
            if not one.acquire(timeout=self.patience.get(one, SECONDS)):
                give_back(held)
                return []
            held.append(one)
        return held


def give_back(held: list[Semaphore | Lock]) -> None:
    """The next may go on."""
    while held:
        held.pop().release()


def init_app(app: Flask) -> None:
    """Before the application begins: of a thousand at once, what each costs before its turn keeps the pages waiting."""
    at_once = 1 if isinstance(app.extensions["database"], SqliteDatabase) else BESIDE_A_SERVER
    app.extensions["turns"] = Turns(at_once=at_once)
    serve = app.wsgi_app

    def at_the_desk(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        desk = app.extensions["turns"].desk
        alone = desk.acquire(timeout=AT_DESK_SECONDS)
        try:
            return serve(environ, start_response)
        finally:
            if alone:
                desk.release()

    def one_at_a_time(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in SAFE:
            return at_the_desk(environ, start_response)
        length = get_content_length(environ)
        if length and length <= app.config["MAX_CONTENT_LENGTH"]:  # else it is refused unread, or its end is not known
            environ["wsgi.input"] = _received(environ["wsgi.input"], length)
        if environ["PATH_INFO"].startswith(OWN_QUEUE):
            return serve(environ, start_response)
        held = app.extensions["turns"].taken(_is_phones(environ.get("HTTP_ACCEPT", "")))
        environ[TURN] = bool(held)
        try:
            return at_the_desk(environ, start_response)
        finally:
            give_back(held)

    @app.before_request
    def come_back_later() -> Response | None:
        if request.environ.get(TURN, True):
            return None
        g.nobody = True  # the database is not asked who it is: nobody would give that connection back
        return busy()

    app.wsgi_app = one_at_a_time  # type: ignore[method-assign]


@lru_cache(64)
def _is_phones(accept: str) -> bool:
    """An outbox asks for JSON; a person's own form, with htmx or without, for a page."""
    return prefers_json(parse_accept_header(accept, MIMEAccept))


def _received(source: IO[bytes], left: int) -> BytesIO:
    """What is sent, once it is here: on a slow line that takes its time, which is nobody else's."""
    parts = []
    while left and (part := source.read(left)):
        parts.append(part)
        left -= len(part)
    return BytesIO(b"".join(parts))
