"""A client that is signed in as somebody and fills in CSRF tokens as a browser would."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from models import Person, db
from workflows import accounts, clock


class Client:
    """One browser of one person. Answers are werkzeug's, with `.text` and `.status_code`."""

    def __init__(self, app: Flask, person: Person | None = None, *, shared: bool = False):
        self.app = app
        self.http = app.test_client()
        self.csrf = ""
        if person is not None:
            self._sign_in(person, shared)

    def _sign_in(self, person: Person, shared: bool) -> None:
        with db.connection_context() if db.is_closed() else _Nothing():
            token = accounts.start(person, shared=shared)
        with self.http.session_transaction() as session:
            session.update({"_user_id": token, "_fresh": True, "seen": int(clock.now().timestamp())})

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.http.get(path, **options)

    def post(self, path: str, data: Any = None, *, htmx: bool = False, json: bool = False, **options: Any) -> TestResponse:
        """Post a form with a valid CSRF token; as htmx, or as the phone's outbox that asks for JSON, if told so."""
        headers = dict(options.pop("headers", {}))
        headers.setdefault("X-CSRFToken", self.token())
        if htmx:
            headers["HX-Request"] = "true"
        if json:
            headers["Accept"] = "application/json"
        return self.http.post(path, data=data or {}, headers=headers, **options)

    def token(self) -> str:
        if not self.csrf:
            page = self.http.get("/me").text
            found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page) or re.search(
                r'name="csrf-token" content="([^"]+)"', page
            )
            self.csrf = found.group(1) if found else ""
        return self.csrf


class _Nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...
