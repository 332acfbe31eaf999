"""Clients as no browser is: raw sockets to a real server, that say half of a request, or nothing, and hold on.

wire = Wire("127.0.0.1:8000")
wire.ask(b"GET / HTTP/1.1\\r\\n...")         all that comes back until the server hangs up, or has answered
with wire.silent(300, *SILENT.values()):    so many connections held open, opened again within a second when dropped
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

FORM = b"Host: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
POST = b"POST /sign-in HTTP/1.1\r\n" + FORM
GET = b"GET /sign-in HTTP/1.1\r\nHost: x\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def http2(streams: int) -> bytes:
    """HTTP/2 without TLS: the preface, and so many POSTs of which no body ends."""
    block = b"\x83\x86\x84\x41\x01x"  # RFC 7541: :method POST, :scheme http, :path /, :authority x
    frames = [_frame(4, 0, 0, b"")]
    frames += [_frame(1, 4, 1 + 2 * number, block) for number in range(streams)]  # END_HEADERS, and no END_STREAM
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"".join(frames)


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


# What each kind of silent client says before it says no more.
SILENT = {
    "nothing": b"",
    "half of the headers": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nCookie: a",
    "half of a body": POST + b"Content-Length: 1000\r\n\r\nemail=a",
    "a chunked POST": POST + CHUNKED + b"7\r\nemail=a\r\n",
    "a chunked GET": GET + CHUNKED,
    "a GET with half of a body": GET + b"Content-Length: 1000\r\n\r\na",
    "a whole request, then nothing": b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/2 streams": http2(200),
}
# These go on, a byte a second, or ask and do not read what they are answered.
DRIP = POST + b"Content-Length: 1000\r\n\r\nemail="
UNREAD = b"GET /static/app.css HTTP/1.1\r\nHost: x\r\n\r\n" * 200


@dataclass
class Held:
    """What came of holding connections open."""

    opened: int = 0
    refused: int = 0
    dropped: int = 0  # how often the server hung up


@dataclass
class Wire:
    """The way to a server: `host:port`."""

    address: str

    def open(self, said: bytes = b"", timeout: float = 60) -> socket.socket:
        """A connection on which this was said."""
        host, _, port = self.address.partition(":")
        line = socket.create_connection((host, int(port)), timeout=timeout)
        with suppress(OSError):  # it may have been refused in the middle of it
            line.sendall(said)
        return line

    def ask(self, said: bytes, timeout: float = 60) -> bytes:
        """Everything that is answered to this until the server hangs up. Raises TimeoutError when it does not."""
        with self.open(said, timeout) as line:
            return read(line)

    @contextmanager
    def silent(self, number: int, *kinds: bytes, drip: bool = False) -> Iterator[Held]:
        """Hold so many connections open, of these kinds in turn. One that is dropped is opened again within a second:
        at once would be a flood of connections, which is another attack. With `drip` each says one byte more a second.
        """
        over, held = threading.Event(), Held()
        holding = threading.Thread(target=self._hold, args=(number, kinds, drip, over, held), daemon=True)
        holding.start()
        deadline = time.monotonic() + 60
        while held.opened < number:
            assert time.monotonic() < deadline and holding.is_alive(), f"{held.opened} of {number} were let in"
            time.sleep(0.02)
        try:
            yield held
        finally:
            over.set()
            holding.join(60)

    def _hold(self, number: int, kinds: tuple[bytes, ...], drip: bool, over: threading.Event, held: Held) -> None:
        with selectors.DefaultSelector() as lines:
            for at in range(number):
                self._add(lines, kinds[at % len(kinds)], held)
            last, dropped = time.monotonic(), []
            while not over.is_set():
                for key, _ in lines.select(0.2):
                    if self._is_dropped(key):
                        lines.unregister(key.fileobj)
                        key.fileobj.close()
                        dropped.append(key.data)
                        held.dropped += 1
                if time.monotonic() - last < 1:
                    continue
                last = time.monotonic()
                while dropped:
                    self._add(lines, dropped.pop(), held)
                for key in list(lines.get_map().values()) if drip else ():
                    with suppress(OSError):
                        key.fileobj.send(b"a")
            for key in list(lines.get_map().values()):
                key.fileobj.close()

    def _is_dropped(self, key: selectors.SelectorKey) -> bool:
        try:
            return not key.fileobj.recv(65536)
        except OSError:
            return True

    def _add(self, lines: selectors.BaseSelector, said: bytes, held: Held) -> None:
        try:
            line = self.open(said)
        except OSError:
            held.refused += 1
            return
        line.setblocking(False)
        lines.register(line, selectors.EVENT_READ, said)
        held.opened += 1


def read(line: socket.socket) -> bytes:
    """All that comes until the other side hangs up. Raises TimeoutError when it does not."""
    parts = []
    with suppress(ConnectionError):
        while part := line.recv(65536):
            parts.append(part)
    return b"".join(parts)


def statuses(answer: bytes) -> list[int]:
    """The statuses of the answers in what came back, in order."""
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]
