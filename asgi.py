"""Sonofolio as the server runs it: `granian --interface asginl --factory asgi:create_app` (see serve.py).

The event loop reads each request whole, within a size and a time, before the application sees it: a client that is slow
or silent costs a connection and nothing else, no thread, no turn to write, no connection of the database. Requests that
write wait for their turn here too, so that a thousand phones at once take no threads. Then the WSGI application answers
in a thread (docs/decisions/0021-whole-requests.md).
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from peewee import SqliteDatabase
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from blueprints.access import OWN_QUEUE, SAFE
from blueprints.errors import BUSY_AGAIN_SECONDS
from blueprints.hypermedia import ABOUT, CUT_OFF, prefers_json, repeated
from blueprints.request_checks import BUSY, WRITING_SINCE
from serve import end_with_parent

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment
    from flask import Flask

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]

THREADS = 32  # of one process
PASSWORD_THREADS = 12  # more than may wait in workflows/accounts/password_queue.py
BODY_SECONDS = 30  # until a body is here
IDLE_SECONDS = 10  # without any of it
MOST_PARTS = 4096  # that a body comes in: each costs the event loop time, and may be one byte
SMALL = 64 * 1024  # bytes of a body; every form that people fill in is less
LARGE_AT_ONCE = 16  # larger bodies in memory at once
ANSWER_SECONDS = 30  # that the other side takes nothing of its answer

LINE = 640  # phones that wait to write, in one process; the next is asked to come back
PHONE_SECONDS = 15  # that a phone waits: less than its own time limit in static/scan-queue.js
PERSON_SECONDS = 5  # that a person waits
ALONE_SECONDS = 0.25  # that a request waits for the one before it; after that both are served
BESIDE_POSTGRES = 8  # requests served at once there: they wait for another process at every statement

SENTENCES = {
    400: "The request was cut off or not understood. Try again.",
    408: "The request did not arrive in time. Try again.",
    413: "That is too much at once. Shorten it and try again.",
    503: "Sonofolio is busy. Nothing was changed; try again in a few seconds.",
}
HEADERS = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"), (b"connection", b"close")]
HEADERS += [(b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")]


class Refused(Exception):
    """A request that goes no further; the status says why (SENTENCES)."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class WriteQueue:
    """The requests of one process that wait to write: phones in one line, people in another, so that a person's tap
    does not wait behind a thousand phones. One of each line is served at a time; between them the database queues.

    Each first part of a path has lines of its own: however busy `/inbox` is kept, scans are saved.
    """

    def __init__(self, rooms: frozenset[str], most: int = LINE) -> None:
        self.rooms, self.most, self.waiting = rooms, most, 0
        self.turns: dict[tuple[str, bool], asyncio.Semaphore] = {}
        self.since: dict[tuple[str, bool], float] = {}  # line -> when its turn was taken

    def line_of(self, path: str, accept: str) -> tuple[str, bool]:
        """The line of a request: its room, and whether it is a phone's."""
        room = path.split("/")[1] if path.startswith("/") else ""
        return (room if room in self.rooms else "", _is_phones(accept))

    async def enter(self, line: tuple[str, bool]) -> bool:
        """Wait for a turn. True when it came, and `leave` gives it back; False when it did not, or too many wait."""
        by_phone = line[1]
        if by_phone and self.waiting >= self.most:
            return False
        turn = self.turns.setdefault(line, asyncio.Semaphore(1))
        self.waiting += by_phone
        try:
            async with asyncio.timeout(PHONE_SECONDS if by_phone else PERSON_SECONDS):
                await turn.acquire()
        except TimeoutError:
            return False
        finally:
            self.waiting -= by_phone
        self.since[line] = time.monotonic()
        return True

    def leave(self, line: tuple[str, bool]) -> None:
        """The next of this line may go on."""
        del self.since[line]
        self.turns[line].release()


@lru_cache(64)
def _is_phones(accept: str) -> bool:
    """An outbox asks for JSON; a person's own form, with htmx or without, for a page."""
    return prefers_json(parse_accept_header(accept, MIMEAccept))


class Server:
    """An ASGI application that reads requests whole, and answers them by a WSGI application in threads.

    Args:
        application: the WSGI application.
        limit: the longest body, in bytes.
        at_once: how many requests it serves at the same time, as long as each is quick. A Python process computes one
            thing at a time; threads that compete for the interpreter take a quarter longer over the same work.
        queue: who waits to write.
    """

    def __init__(self, application: WSGIApplication, limit: int, at_once: int, queue: WriteQueue) -> None:
        self.application, self.limit, self.queue = application, limit, queue
        self.threads = ThreadPoolExecutor(THREADS, "request")
        self.for_health = ThreadPoolExecutor(1, "health")  # so that it is answered when all the others are taken
        self.for_passwords = ThreadPoolExecutor(PASSWORD_THREADS, "password")  # whose queue keeps nobody waiting
        self.at_once = asyncio.Semaphore(at_once)
        self.large = asyncio.Semaphore(LARGE_AT_ONCE)
        self.first = True

    async def __call__(
        self, scope: Scope, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])  # how an application says that it has no such thing
        if self.first:
            self.first = False
            _drop_clients_that_stop_reading()
        try:
            with ExitStack() as room:
                environ = environ_of(scope, await self._body(scope, receive, room))
                status, headers, body = await self._answer(environ)
        except Refused as refused:
            status, headers, body = _refusal(refused.status, scope)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _body(self, scope: Scope, receive: Callable[[], Awaitable[Message]], room: ExitStack) -> bytes:
        """The whole body; a large one has a place among few, which `room` gives back in the end.

        Raises:
            Refused: when it is too long, too slow, breaks off, or may not be there.
        """
        announced, chunked = _header(scope, b"content-length"), _header(scope, b"transfer-encoding")
        if not chunked and announced in ("", "0"):
            return b""
        if scope["method"] in SAFE or (chunked and announced):
            raise Refused(400)
        length = None if chunked else int(announced)  # the server has seen to it that it is a number
        if (length or 0) > self.limit:
            raise Refused(413)
        body, small = bytearray(), True
        try:
            async with asyncio.timeout(None) as patience:
                end = asyncio.get_running_loop().time() + BODY_SECONDS
                for _ in range(MOST_PARTS):
                    patience.reschedule(min(end, asyncio.get_running_loop().time() + IDLE_SECONDS))
                    message = await receive()
                    if message["type"] != "http.request":
                        raise Refused(400)
                    body += message.get("body", b"")
                    if len(body) > self.limit:
                        raise Refused(413)
                    if small and len(body) > SMALL:
                        if self.large.locked():
                            raise Refused(503)
                        await self.large.acquire()
                        room.callback(self.large.release)
                        small = False
                    if len(body) == length or not message.get("more_body"):
                        return bytes(body)
        except TimeoutError:
            raise Refused(408) from None
        raise Refused(413)

    async def _answer(self, environ: WSGIEnvironment) -> Answer:
        """The application's answer, in this request's turn if it may write."""
        environ[WRITING_SINCE] = min(self.queue.since.values(), default=None)
        if environ["REQUEST_METHOD"] in SAFE:
            return await self._run(environ)
        if environ["PATH_INFO"].startswith(OWN_QUEUE):
            return await self._in(self.for_passwords, environ)
        line = self.queue.line_of(environ["PATH_INFO"], environ.get("HTTP_ACCEPT", ""))
        if not await self.queue.enter(line):
            environ[BUSY] = True
            return await self._run(environ)
        try:
            return await self._run(environ)
        finally:
            self.queue.leave(line)

    async def _run(self, environ: WSGIEnvironment) -> Answer:
        if environ["PATH_INFO"] == "/healthz":
            return await self._in(self.for_health, environ)
        alone = False
        with suppress(TimeoutError):
            async with asyncio.timeout(ALONE_SECONDS):
                alone = await self.at_once.acquire()
        try:
            return await self._in(self.threads, environ)
        finally:
            if alone:
                self.at_once.release()

    async def _in(self, threads: ThreadPoolExecutor, environ: WSGIEnvironment) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(threads, run, self.application, environ)


def _header(scope: Scope, wanted: bytes) -> str:
    """What this header says, or nothing."""
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def _refusal(status: int, scope: Scope) -> Answer:
    """The answer to what the application never sees: JSON for a phone's outbox, else a sentence; marked as ours."""
    kind, body = "text/plain; charset=utf-8", f"{SENTENCES[status]}\n"
    if _is_phones(_header(scope, b"accept")):
        error = CUT_OFF if status in (400, 408) else "refused"
        kind, body = "application/json", json.dumps({"error": error, "message": SENTENCES[status]})
    marks = repeated(_header(scope, ABOUT.lower().encode()))
    headers = [(b"content-type", kind.encode()), *HEADERS]
    headers += [(name.lower().encode(), value.encode()) for name, value in marks.items()]
    if status == 503:
        headers.append((b"retry-after", str(BUSY_AGAIN_SECONDS).encode()))
    return status, headers, body.encode()


def environ_of(scope: Scope, body: bytes) -> WSGIEnvironment:
    """The request as a WSGI application takes it (PEP 3333), its body whole."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": str(scope["server"][1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" in name or name == b"transfer-encoding":  # X_Forwarded_For would become what our proxy says
            continue
        key, text = name.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        environ[key] = f"{environ[key]}{'; ' if name == b'cookie' else ','}{text}" if key in environ else text
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def run(application: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """The application's answer to this request, whole."""
    started: list[Any] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        started[:] = int(status[:3]), pairs
        return lambda part: None  # nothing of ours writes in this way

    parts = application(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        if close := getattr(parts, "close", None):
            close()
    return started[0], started[1], body


def _drop_clients_that_stop_reading() -> None:
    """Have the kernel end a connection whose other side takes nothing of its answer: granian has no time for that.
    New connections inherit it from the sockets that listen. Linux alone has it.
    """
    if not hasattr(socket, "TCP_USER_TIMEOUT"):
        return
    for file in Path("/dev/fd").iterdir():
        if not file.is_socket():  # of another file `fromfd` would leave a copy open
            continue
        with suppress(OSError), socket.fromfd(int(file.name), socket.AF_INET, socket.SOCK_STREAM) as one:
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, ANSWER_SECONDS * 1000)


def serve(app: Flask) -> Server:
    """An ASGI application that answers by this Flask application."""
    at_once = 1 if isinstance(app.extensions.get("database"), SqliteDatabase) else BESIDE_POSTGRES
    rooms = frozenset(rule.rule.split("/")[1] for rule in app.url_map.iter_rules())
    return Server(app, app.config["MAX_CONTENT_LENGTH"], at_once, WriteQueue(rooms))


def create_app() -> Server:
    """What granian serves, in a process that ends with its parent."""
    from app import create_app

    end_with_parent()
    return serve(create_app())
