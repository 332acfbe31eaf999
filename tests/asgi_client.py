"""Ask the product as its server asks it (asgi.py), without a server."""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import asgi
from blueprints.access import SAFE

T = TypeVar("T")


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


def run(work: Coroutine[None, None, T]) -> T:
    """Do it, in a thread of its own: the browser tests of the same process have an event loop running in theirs."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, work).result()


async def ask(server: asgi.Server, method: str, path: str, fields: dict | None = None, **headers: str) -> Answer:
    """One request, its body whole; `fields` are a form's."""
    body = urllib.parse.urlencode(fields or {}, doseq=True).encode()
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    if method not in SAFE:
        pairs += [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/x-www-form-urlencoded")]
    return await say(server, method, path, pairs, [body])


async def say(server: asgi.Server, method: str, path: str, headers: list[tuple[bytes, bytes]], parts: list[bytes]):
    """One request whose body comes in these parts; what would come after the last never does."""
    sent, coming = [], list(parts)

    async def receive():
        if coming:
            return {"type": "http.request", "body": coming.pop(0), "more_body": True}
        return await asyncio.Future()

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "raw_path": path.encode(), "query_string": b"", "http_version": "1.1"}
    scope |= {"scheme": "http", "server": ("localhost", 80), "client": ("127.0.0.1", 1), "headers": headers}
    await server(scope, receive, send)
    start, end = sent
    told = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], told, end["body"].decode())
