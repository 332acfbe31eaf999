"""Clients that are slow, silent or broken, on the wire: they cost a connection until they are dropped, nothing else."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest

from tests.faults.ground import FULL, rounds, workers_of
from tests.security.wire import CHUNKED, DRIP, FORM, GET, SILENT, UNREAD, http2, read, statuses

pytestmark = pytest.mark.faults

CONNECTIONS = 300
SECONDS = rounds(3, 120)
TIMES = 2 if FULL else 5  # slower than without them, at most; a few seconds measure less well than minutes
MEMORY = 1.25


class Pair(threading.Thread):
    """A student who logs scan after scan and the mentor who approves each, and what they were answered."""

    def __init__(self, ground, student, mentor, over):
        super().__init__(daemon=True)
        self.student, self.mentor = ground.phone(student), ground.phone(mentor)
        self.person, self.over = mentor, over
        self.statuses, self.seconds = [], []

    def run(self):
        while not self.over.is_set():
            number, status, _ = self._timed(lambda: self.student.log(self.person))
            self.statuses.append(status)
            status, _, _ = self._timed(
                lambda number=number: self.mentor.post(f"/scans/{number}/approval", {"version": 1})
            )
            self.statuses.append(status)

    def _timed(self, action):
        begun = time.monotonic()
        try:
            return action()
        except OSError as cut:
            return "", str(cut), {}
        finally:
            self.seconds.append(time.monotonic() - begun)


def work(ground, seconds):
    """Eight people at work for so long; the statuses of their answers, and the 95th percentile of the seconds."""
    over, cast = threading.Event(), ground.cast
    couples = [(cast.amara, cast.ravi), (cast.tom, cast.ravi), (cast.mei, cast.grace), (cast.amara, cast.priya)]
    pairs = [Pair(ground, *couple, over) for couple in couples]
    for pair in pairs:
        pair.start()
    over.wait(seconds)
    over.set()
    for pair in pairs:
        pair.join(60)
    took = sorted(one for pair in pairs for one in pair.seconds)
    return {status for pair in pairs for status in pair.statuses}, took[int(len(took) * 0.95)]


def memory(server):
    """Bytes that the workers hold."""
    return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 for pid in workers_of(server))


def test_three_hundred_silent_connections_keep_nobody_from_working(ground, running, wire):
    _, alone = work(ground, SECONDS)
    before = memory(running)
    with wire.silent(CONNECTIONS, *SILENT.values()) as held, wire.silent(20, DRIP, drip=True):
        answered, beside = work(ground, SECONDS)
        assert ground.phone(ground.cast.dana).get("/healthz")[0] == 200
    print(
        f"\n{CONNECTIONS} silent: p95 {alone * 1000:.0f} ms without, {beside * 1000:.0f} beside; {held.opened} opened"
    )
    assert answered == {200, 201}
    assert held.refused == 0
    assert beside <= TIMES * alone
    with wire.silent(50, UNREAD):
        assert work(ground, SECONDS)[0] == {200, 201}
    assert memory(running) < MEMORY * before or not FULL
    assert ground.reckon(set()) > 0


def test_who_is_silent_is_dropped_and_told_why_where_that_can_be_said(wire):
    told = {
        "half of a body": [408],
        "a chunked POST": [408],
        "a chunked GET": [400],
        "a GET with half of a body": [400],
        "a whole request, then nothing": [200],
    }
    with ThreadPoolExecutor(len(SILENT)) as pool:
        answers = dict(zip(SILENT, pool.map(wire.ask, SILENT.values()), strict=True))
    assert {kind: statuses(answer) for kind, answer in answers.items()} == {kind: told.get(kind, []) for kind in SILENT}


def form(body: bytes, *headers: bytes, path: bytes = b"/sign-in") -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return b"POST " + path + b" HTTP/1.1\r\n" + FORM + b"Connection: close\r\n" + lines + b"\r\n" + body


LONG = 2 * 1024 * 1024
CLOSE = b"Connection: close\r\n\r\n"
ODD = {
    # what is said -> the statuses that may be answered; none: the server hangs up
    "a body on a HEAD": (b"HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na", [400]),
    "a body on an OPTIONS": (b"OPTIONS / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na", [400]),
    "a whole body on a GET": (GET + b"Content-Length: 1\r\n\r\na", [400]),
    "a chunked body on a static file": (b"GET /static/app.css HTTP/1.1\r\nHost: x\r\n" + CHUNKED + b"0\r\n\r\n", [400]),
    "a GET that says that it has none": (GET + b"Content-Length: 0\r\n" + CLOSE, [200]),
    "a length beyond the limit, unsent": (form(b"", b"Content-Length: %d" % LONG), [413]),
    "chunks beyond the limit": (form(b"%x\r\n" % LONG + b"a" * LONG, b"Transfer-Encoding: chunked"), [413]),
    "chunks of one byte": (form(b"1\r\na\r\n" * 5000, b"Transfer-Encoding: chunked"), [413]),
    "a chunked form": (form(b"7\r\nemail=a\r\n0\r\n\r\n", b"Transfer-Encoding: chunked"), [400]),  # no token
    "a length and chunks": (form(b"0\r\n\r\n", b"Content-Length: 5", b"Transfer-Encoding: chunked"), [400]),
    "two lengths": (form(b"abcde", b"Content-Length: 5", b"Content-Length: 6"), [400]),
    "a length that is no number": (form(b"abcde", b"Content-Length: five"), [400]),
    "a negative length": (form(b"abcde", b"Content-Length: -5"), [400]),
    "a coding that is not chunked": (form(b"abcde", b"Transfer-Encoding: gzip"), [400]),
    "a chunk that says no length": (form(b"zz\r\nabcde\r\n", b"Transfer-Encoding: chunked"), [400]),
    "more than was announced": (form(b"abcdeGET /healthz HTTP/1.1\r\n", b"Content-Length: 5"), [400]),
    "a space before the colon": (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", [400]),
    "a header of 500 kB": (GET + b"A: " + b"a" * 500_000 + b"\r\n" + CLOSE, [431]),
    "two hundred headers": (GET + b"A: a\r\n" * 200 + CLOSE, [431]),
    "ten thousand fields": (form(b"a=&" * 10_000, b"Content-Length: 30000"), [413]),
    "HTTP/2 without TLS": (http2(200), []),
    "an upgrade to HTTP/2": (GET + b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n" + CLOSE, [200]),
    "two at once": (GET + b"\r\n" + GET + CLOSE, [200, 200]),
    "OPTIONS *": (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n" + CLOSE, [404]),
    "TRACE": (b"TRACE / HTTP/1.1\r\nHost: x\r\n" + CLOSE, [405]),
    "a proxy's CONNECT": (b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n" + CLOSE, [404]),
    "a whole address": (b"GET http://evil.test/sign-in HTTP/1.1\r\nHost: x\r\n" + CLOSE, [200]),
    "bytes that are no text": (b"GET /%ff%00%c3%28 HTTP/1.1\r\nHost: x\r\nA: \xff\r\n" + CLOSE, [404]),
    "a method of its own": (b"X /sign-in HTTP/1.1\r\nHost: x\r\n" + CLOSE, [405]),
    "no HTTP": (b"EHLO x\r\n\r\n", [400]),
}


def test_odd_requests_are_refused_and_the_connection_is_closed(ground, wire):
    told = {kind: statuses(wire.ask(said)) for kind, (said, _) in ODD.items()}
    assert told == {kind: expected for kind, (_, expected) in ODD.items()}
    assert ground.phone(ground.cast.amara).log(ground.cast.ravi)[1] == 201


def test_a_body_is_asked_for_when_a_client_waits_to_be_asked(ground, wire):
    with wire.open(form(b"", b"Content-Length: 7", b"Expect: 100-continue")) as line:
        assert line.recv(1000).startswith(b"HTTP/1.1 100")
        line.sendall(b"email=a")
        assert statuses(read(line)) == [400]  # no token


def test_a_header_with_an_underscore_is_not_taken_for_the_proxy_s(wire):
    from wsgi_adapter import environ_of

    scope = {
        "method": "GET",
        "raw_path": b"/caf%C3%A9",
        "query_string": b"a=%20",
        "server": ("x", 1),
        "client": ("192.0.2.1", 1),
        "http_version": "1.1",
        "scheme": "http",
        "headers": [
            (b"x-forwarded-for", b"192.0.2.7"),
            (b"x_forwarded_for", b"1.1.1.1"),
            (b"cookie", b"a"),
            (b"cookie", b"b"),
        ],
    }
    environ = environ_of(scope, BytesIO(), 0)
    assert environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.7"
    assert environ["HTTP_COOKIE"] == "a; b"
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/café"


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux alone drops who stops reading")
@pytest.mark.skipif(not FULL, reason="takes a minute: make faults")
def test_who_stops_reading_is_dropped(wire, running):
    with wire.silent(50, UNREAD) as held:
        deadline = time.monotonic() + 180
        while not held.dropped:
            assert time.monotonic() < deadline
            time.sleep(1)
