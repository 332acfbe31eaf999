"""A client that is signed in as somebody, fills in CSRF tokens as a browser would, and reads every page it opens."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from peewee import Database
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

import clock
from models import Person, db
from tests.pages import faults
from tests.tree import Page, path_of
from workflows.accounts import accounts


class UnreadablePage(AssertionError):
    """A page or a piece that is not what ours must be; the message says the repair."""


class Client:
    """One browser of one person. Answers are werkzeug's, with `.text` and `.status_code`.

    Every HTML answer to `get` and `post` is read (tests/pages.py); a fault in it fails the test. `http` is the bare
    client for what no page of ours would send.
    """

    def __init__(self, app: Flask, person: Person | None = None, *, shared: bool = False):
        self.app = app
        self.http = app.test_client()
        self.page: Page | None = None  # the page that is open
        if person is not None:
            self._sign_in(person, shared)

    def _sign_in(self, person: Person, shared: bool) -> None:
        with db.connection_context() if db.is_closed() else nullcontext():
            token = accounts.start(person, shared=shared)
        with self.http.session_transaction() as session:
            session.update({"_user_id": token, "_fresh": True, "seen": int(clock.now().timestamp())})

    def get(self, path: str, *, htmx: bool = False, **options: Any) -> TestResponse:
        """Open a page; as htmx a piece at its own address."""
        if htmx:
            options["headers"] = {**options.get("headers", {}), "HX-Request": "true"}
        return self._read("GET", path, self.http.get(path, **options), htmx)

    def post(
        self, path: str, data: Any = None, *, htmx: bool = False, json: bool = False, **options: Any
    ) -> TestResponse:
        """Post a form with a valid CSRF token; as htmx, or as the phone's outbox that asks for JSON, if told so."""
        headers = dict(options.pop("headers", {}))
        headers.setdefault("X-CSRFToken", self.token())
        if htmx:
            headers["HX-Request"] = "true"
        if json:
            headers["Accept"] = "application/json"
        answer = self.http.post(path, data=data or {}, headers=headers, **options)
        answer.request.environ["wsgi.input"].close()  # a long body is in a temporary file of the test client's
        return self._read("POST", path, answer, htmx)

    def token(self) -> str:
        """The CSRF token of this browser's session, as its pages carry it."""
        with self.http.session_transaction() as session:
            secret = session.setdefault("csrf_token", secrets.token_hex(20))
        return URLSafeTimedSerializer(self.app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(secret)

    def _read(self, method: str, path: str, response: TestResponse, htmx: bool) -> TestResponse:
        if response.mimetype != "text/html" or not response.data or 300 <= response.status_code < 400:
            return response
        page = Page(response.text)
        # A piece goes into the page that asked for it; when another page is open, nobody knows where it goes.
        asked = self.page is not None and path_of(path) in self.page.addresses
        found = faults(page, knows(self.app), at=path, around=self.page.ids if asked and self.page else None)
        if page.whole and htmx:
            found.append("a whole page in answer to htmx, which would put it into a corner of the page; answer a piece")
        if found:
            raise UnreadablePage(f"{method} {path} ({response.status_code}):\n  " + "\n  ".join(found))
        if page.whole:
            self.page = page
        return response


def knows(app: Flask) -> Callable[[str, str], bool]:
    """Whether a method and a path are an address of this app."""
    addresses = app.url_map.bind("localhost")

    def known(method: str, path: str) -> bool:
        try:
            addresses.match(path, method)
        except RequestRedirect:
            return False  # a detour: write the address itself
        except HTTPException:
            return False
        return True

    return known


@contextmanager
def queries_of(database: Database) -> Iterator[list[str]]:
    """The SQL of every query that is run meanwhile, beginnings and ends of transactions left out."""
    seen: list[str] = []

    def note(event: Any) -> None:
        if event.sql.split(None, 1)[0].upper() not in ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA"):
            seen.append(event.sql)

    real = getattr(database, "obj", database)
    real.query_hooks.append(note)
    try:
        yield seen
    finally:
        real.query_hooks.remove(note)
