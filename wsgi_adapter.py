"""A request of an ASGI server as a WSGI application takes it (PEP 3333), and its answer back."""

from __future__ import annotations

import sys
from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote_to_bytes

from blueprints.request_checks import STREAMED

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Scope = MutableMapping[str, Any]
Answer = tuple[int, list[tuple[bytes, bytes]], "bytes | Pieces"]


class Pieces:
    """The pieces of an answer, and how it is ended."""

    def __init__(self, parts: Any) -> None:
        self.parts, self.close = iter(parts), getattr(parts, "close", lambda: None)

    def next(self) -> bytes:
        """The next piece; empty: there is none."""
        return next((part for part in self.parts if part), b"")


def environ_of(scope: Scope, body: BinaryIO, length: int) -> WSGIEnvironment:
    """The request as a WSGI application takes it (PEP 3333), its body whole and so long."""
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
        "wsgi.input": body,
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
    environ.pop("CONTENT_LENGTH", None)
    if length:
        environ["CONTENT_LENGTH"] = str(length)
    return environ


def run(application: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """The application's answer to this request: whole, or in pieces where a view says so."""
    started: list[Any] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        started[:] = int(status[:3]), pairs
        return lambda part: None  # nothing of ours writes in this way

    parts = application(environ, start_response)
    if environ.get(STREAMED):
        return started[0], started[1], Pieces(parts)
    try:
        body = b"".join(parts)
    finally:
        if close := getattr(parts, "close", None):
            close()
    return started[0], started[1], body
