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
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from peewee import SqliteDatabase
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from blueprints.access import OWN_QUEUE, SAFE
from blueprints.errors import BUSY_AGAIN_SECONDS, NO_ROOM
from blueprints.hypermedia import ABOUT, CUT_OFF, prefers_json, repeated
from blueprints.request_checks import BUSY, WRITING_SINCE
from blueprints.uploads import FILE_TO_COME, longest_body
from serve import end_with_parent
from wsgi_adapter import Answer, Scope, environ_of, run

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment
    from flask import Flask

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

THREADS = 32  # of one process
PASSWORD_THREADS = 12  # more than may wait in workflows/accounts/password_queue.py
BODY_SECONDS = 30  # until a body is here
IDLE_SECONDS = 10  # without any of it
MOST_PARTS = 4096  # that a body comes in: each costs the event loop time, and may be one byte
SMALL = 64 * 1024  # bytes of a body; every form that people fill in is less
LARGE_AT_ONCE = 16  # larger bodies in memory at once
FILES_AT_ONCE = 8  # forms with a file that come in at the same time
SLOWEST = 64 * 1024  # bytes a second in which a file may come: its form has so much longer
SMALLEST_PART = 1024  # bytes, on average, of the parts of a file
MOST_DROPPED = 64 * 1024 * 1024  # bytes that are taken in and dropped, so that their sender reads why
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
    507: NO_ROOM,
}
HEADERS = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"), (b"connection", b"close")]
HEADERS += [(b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")]


class Refused(Exception):
    """A request that goes no further; the status says why (SENTENCES)."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Answered(Exception):
    """The application has answered before the body was read."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer[0])
        self.answer = answer


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
        longest_file: for a method and a path, how long a form with a file may be; 0 where none is taken.
    """

    def __init__(
        self,
        application: WSGIApplication,
        limit: int,
        at_once: int,
        queue: WriteQueue,
        longest_file: Callable[[str, str], int] = lambda method, path: 0,
    ) -> None:
        self.application, self.limit, self.queue, self.longest_file = application, limit, queue, longest_file
        self.threads = ThreadPoolExecutor(THREADS, "request")
        self.for_health = ThreadPoolExecutor(1, "health")  # so that it is answered when all the others are taken
        self.for_passwords = ThreadPoolExecutor(PASSWORD_THREADS, "password")  # whose queue keeps nobody waiting
        self.at_once = asyncio.Semaphore(at_once)
        self.large = asyncio.Semaphore(LARGE_AT_ONCE)
        self.files = asyncio.Semaphore(FILES_AT_ONCE)
        self.first = True

    async def __call__(self, scope: Scope, receive: Receive, send: Callable[[Message], Awaitable[None]]) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])  # how an application says that it has no such thing
        if self.first:
            self.first = False
            _drop_clients_that_stop_reading()
        try:
            with ExitStack() as room:
                environ = environ_of(scope, *await self._body(scope, receive, room))
                status, headers, body = await self._answer(environ)
        except Refused as refused:
            status, headers, body = _refusal(refused.status, scope)
        except Answered as answered:
            status, headers, body = answered.answer
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if isinstance(body, bytes):
            await send({"type": "http.response.body", "body": body})
            return
        try:
            while part := await asyncio.get_running_loop().run_in_executor(self.threads, body.next):
                await send({"type": "http.response.body", "body": part, "more_body": True})
        finally:
            body.close()
        await send({"type": "http.response.body", "body": b""})

    async def _body(self, scope: Scope, receive: Receive, room: ExitStack) -> tuple[BinaryIO, int]:
        """The whole body and its length; a large one has a place among few, which `room` gives back in the end.

        Raises:
            Refused: when it is too long, too slow, breaks off, or may not be there. Answered: see `_file`.
        """
        announced, chunked = _header(scope, b"content-length"), _header(scope, b"transfer-encoding")
        if not chunked and announced in ("", "0"):
            return BytesIO(), 0
        if scope["method"] in SAFE or (chunked and announced):
            raise Refused(400)
        length = None if chunked else int(announced)  # the server has seen to it that it is a number
        if (length or 0) > self.limit:
            return await self._file(scope, receive, room, length or 0), length or 0
        body, small = bytearray(), True
        async for part in _parts(receive, length, BODY_SECONDS, MOST_PARTS):
            body += part
            if len(body) > self.limit:
                raise Refused(413)
            if small and len(body) > SMALL:
                if self.large.locked():
                    raise Refused(503)
                await self.large.acquire()
                room.callback(self.large.release)
                small = False
        return BytesIO(body), len(body)

    async def _file(self, scope: Scope, receive: Receive, room: ExitStack, length: int) -> BinaryIO:
        """The body of a form with a file, on the disk. The application is asked before it is read whether the one who
        sends it may: it answers 204, or what they are told instead.

        Raises:
            Refused: as `_body`, or there is no room on the disk. Answered: they may not, or it is too large.
        """
        environ = environ_of(scope, BytesIO(), 0)
        if not self.longest_file(scope["method"], environ["PATH_INFO"].encode("latin-1").decode(errors="replace")):
            raise Refused(413)
        answer = await self._run(environ | {FILE_TO_COME: length, WRITING_SINCE: None})
        seconds, parts = BODY_SECONDS + length / SLOWEST, MOST_PARTS + length // SMALLEST_PART
        if answer[0] != 204:
            with suppress(Refused):  # a browser that is still sending reads no answer
                async for _ in _parts(receive, min(length, MOST_DROPPED), BODY_SECONDS, parts):
                    pass
            raise Answered(answer)
        if self.files.locked():
            raise Refused(503)
        await self.files.acquire()
        room.callback(self.files.release)
        try:
            file = room.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - it is read in another thread
            async for part in _parts(receive, length, seconds, parts):
                file.write(part)
            file.seek(0)
        except OSError:
            raise Refused(507) from None
        return file

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


async def _parts(receive: Receive, length: int | None, seconds: float, most: int) -> AsyncIterator[bytes]:
    """The parts of a body of this length, or of one whose end is told.

    Raises:
        Refused: when it takes longer, breaks off, comes in more parts or is more.
    """
    end, got = asyncio.get_running_loop().time() + seconds, 0
    for _ in range(most):
        try:
            async with asyncio.timeout_at(min(end, asyncio.get_running_loop().time() + IDLE_SECONDS)):
                message = await receive()
        except TimeoutError:
            raise Refused(408) from None
        if message["type"] != "http.request":
            raise Refused(400)
        part = message.get("body", b"")
        got += len(part)
        if length is not None and got > length:
            raise Refused(400)
        yield part
        if got == length or not message.get("more_body"):
            return
    raise Refused(413)


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
    longest_file = partial(longest_body, app)
    return Server(app, app.config["MAX_CONTENT_LENGTH"], at_once, WriteQueue(rooms), longest_file)


def create_app() -> Server:
    """What granian serves, in a process that ends with its parent."""
    from app import create_app

    end_with_parent()
    return serve(create_app(with_commands=False))
