"""A network that can be had as bad as one likes: a proxy of our own between the browser and the server.

    network.plan = lambda request: "lose the answer" if request.path == "/scans" else "pass"

What may befall a request: "pass", "refuse" (cut off before it is sent on), "lose the answer" (the server has done it),
"twice" (it arrives twice), "captive" (a stranger's page, 200 text/html), "busy" (503 of a proxy), a `Stranger` (what
else somebody on the way may answer), "stale" (our word of an old token), "hold" (until `network.let_go()`).
`network.rewrite` changes what is answered, as a newer one does.
`network.seen` keeps (method, path, what befell it), in order.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from blueprints.hypermedia import ABOUT, repeated

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
STALE = b'{"error": "stale-form", "message": "This form is out of date."}'
CAPTIVE = b"<!DOCTYPE html><title>Welcome</title><h1>Welcome to the hospital's guest network</h1>"


@dataclass(frozen=True)
class Stranger:
    """What somebody on the way answers in our place."""

    status: int
    body: bytes
    kind: str = "application/json"


@dataclass
class Asked:
    """A request as the plan sees it."""

    method: str
    path: str
    body: bytes


@dataclass
class BadNetwork:
    """The proxy: its address, what it was asked, and what it does to the next request."""

    upstream: str
    url: str = ""
    plan: Callable[[Asked], str | Stranger] = lambda asked: "pass"
    rewrite: Callable[[str, bytes], bytes] = lambda path, body: body
    seen: list[tuple[str, str, str | Stranger]] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)

    def calm(self) -> None:
        """Everything passes again, and nothing was seen yet."""
        self.let_go()
        self.plan, self.held = (lambda asked: "pass"), threading.Event()
        self.rewrite = lambda path, body: body
        self.seen.clear()

    def down(self) -> None:
        """No signal."""
        self.plan = lambda asked: "refuse"

    def let_go(self) -> None:
        """Send on what is held."""
        self.held.set()

    def posts(self, path: str = "/scans") -> list[str | Stranger]:
        """What befell each POST to this path."""
        return [fate for method, asked, fate in self.seen if (method, asked) == ("POST", path)]


def _handler(network: BadNetwork) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._pass_on()

        do_POST = do_GET  # noqa: N815
        do_HEAD = do_GET  # noqa: N815

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = urlsplit(self.path).path
            fate = network.plan(Asked(self.command, path, body))
            network.seen.append((self.command, path, fate))
            if fate == "hold":
                network.held.wait(30)
            if fate == "refuse":
                return self._cut()
            if isinstance(fate, Stranger):
                return self._answer(fate.status, [("Content-Type", fate.kind)], fate.body)
            if fate == "stale":
                ours = repeated(self.headers[ABOUT]).items()
                return self._answer(400, [("Content-Type", "application/json"), *ours], STALE)
            if fate in ("captive", "busy"):
                return self._answer(200 if fate == "captive" else 503, [("Content-Type", "text/html")], CAPTIVE)
            answers = [self._ask(body) for _ in range(2 if fate == "twice" else 1)]
            if fate == "lose the answer" or answers[0] is None:
                return self._cut()
            status, headers, said = answers[0]
            return self._answer(status, headers, network.rewrite(path, said))

        def _ask(self, body: bytes):
            connection = http.client.HTTPConnection(urlsplit(network.upstream).netloc, timeout=30)
            try:
                headers = {name: value for name, value in self.headers.items() if name != "Accept-Encoding"}
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                return answer.status, answer.getheaders(), answer.read()
            except (OSError, http.client.HTTPException):
                return None  # the server is down
            finally:
                connection.close()

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            if status not in (204, 304):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _cut(self) -> None:
            self.close_connection = True
            self.connection.close()

        def handle(self) -> None:
            try:
                super().handle()
            except (OSError, ValueError):  # the browser has gone, or was cut off
                self.close_connection = True

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def bad_network(upstream: str) -> Iterator[BadNetwork]:
    """The proxy before the server at `upstream`, until the block ends."""
    network = BadNetwork(upstream)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(network))
    server.daemon_threads = True
    server.handle_error = lambda *about: None  # a connection that the browser or the plan has cut
    network.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield network
    finally:
        network.let_go()
        server.shutdown()
        server.server_close()
        thread.join(5)
