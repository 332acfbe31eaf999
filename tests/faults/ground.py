"""The ground for fault runs: the real server on a real database, people who log without mercy, the reckoning."""

from __future__ import annotations

import http.client
import json
import os
import urllib.parse
import uuid
from dataclasses import dataclass
from pathlib import Path

from flask import session
from flask_wtf.csrf import generate_csrf
from peewee import SqliteDatabase

import clock
import config
from models import Move, Person, Scan, db
from scripts.demo_server import Server, environment, free_port
from tests import cast as people
from tests.cast import SECRET
from workflows.accounts import accounts
from workflows.history import verification

FULL = os.environ.get("SONOFOLIO_FAULTS") == "full"


def rounds(short: int, full: int) -> int:
    """How often to try: a few by default, all with SONOFOLIO_FAULTS=full."""
    return full if FULL else short


@dataclass
class Phone:
    """Somebody's browser, reduced to what a resend needs: a cookie, a token, and honest HTTP."""

    address: str
    cookie: str
    csrf: str
    timeout: float = 30

    def post(self, path: str, fields: dict | list, **headers: str) -> tuple[int, dict, str]:
        """Post a form as the outbox does; returns status, headers and text. Raises OSError when nothing answers."""
        body = urllib.parse.urlencode(fields, doseq=True)
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", **headers})

    def get(self, path: str, **headers: str) -> tuple[int, dict, str]:
        return self._ask("GET", path, None, headers)

    def _ask(self, method: str, path: str, body: str | None, headers: dict) -> tuple[int, dict, str]:
        connection = http.client.HTTPConnection(self.address, timeout=self.timeout)
        try:
            standard = {"Cookie": self.cookie, "X-CSRFToken": self.csrf, "Accept": "application/json"}
            connection.request(method, path, body, {**standard, **headers})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        except http.client.HTTPException as cut:
            raise OSError(str(cut)) from cut
        finally:
            connection.close()

    def log(self, mentor: Person, number: str | None = None, **fields: str) -> tuple[str, int, dict]:
        """Log a scan; returns its id, the status and the JSON of the answer."""
        number = number or str(uuid.uuid4())
        status, _, text = self.post("/scans", scan_fields(number, mentor, **fields))
        return number, status, json.loads(text) if text.startswith("{") else {}


def scan_fields(number: str, mentor: Person, **changes: str) -> dict:
    """The fields of a complete right shoulder, as a phone sends them."""
    fields = {
        "scan_id": number,
        "support": "unaided",
        "region": "shoulder",
        "side": "right",
        "finding": ["ssp: full-thickness tear", "sasd: bursitis"],
        "report": "14 mm full-thickness tear of the anterior supraspinatus. Bursal fluid.",
        "mentor": str(mentor.id),
        "another": "yes",
    }
    return {**fields, **changes}


@dataclass
class Ground:
    """A prepared database with the cast in it, and how to reach a server on it."""

    app: object
    env: dict[str, str]
    cast: people.Cast
    url: str

    def phone(self, person: Person) -> Phone:
        """A browser in which this person is signed in."""
        with self.app.extensions["database"].connection_context():
            token = accounts.start(person)
        return self.browser(token)

    def browser(self, token: str) -> Phone:
        """A browser that holds this sign-in."""
        with self.app.test_request_context():
            session.update({"_user_id": token, "_fresh": True, "seen": int(clock.now().timestamp())})
            session.permanent = True
            csrf = generate_csrf()
            signer = self.app.session_interface.get_signing_serializer(self.app)
            value = signer.dumps(dict(session))
        return Phone(f"127.0.0.1:{self.env['PORT']}", f"{self.app.config['SESSION_COOKIE_NAME']}={value}", csrf)

    def reckon(self, acknowledged: dict[str, dict] | set[str]) -> int:
        """After any fault: each acknowledged scan is there exactly once, nothing is half-written, the chain holds.

        Returns the number of scans that are there.
        """
        with self.app.extensions["database"].connection_context():
            return reckon(acknowledged)


def reckon(acknowledged: dict[str, dict] | set[str]) -> int:
    """The reckoning on the database that the models are bound to; see `Ground.reckon`."""
    if isinstance(db.obj, SqliteDatabase):  # PostgreSQL has no such question: it checks as it writes
        assert db.execute_sql("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute_sql("PRAGMA foreign_key_check").fetchall() == []
    there = [scan_id for (scan_id,) in Scan.select(Scan.id).tuples()]
    assert len(there) == len(set(there))
    lost = set(acknowledged) - set(there)
    assert not lost, f"acknowledged and lost: {sorted(lost)[:5]} and {max(0, len(lost) - 5)} more"
    logged = [scan_id for (scan_id,) in Move.select(Move.scan).where(Move.verb == "log").tuples()]
    assert sorted(logged) == sorted(there), "a scan without its story, or a story without its scan"
    findings = verification.verify().findings
    assert findings == [], findings
    return len(there)


def prepare(folder: Path, url: str) -> Ground:
    """The migrated database at `url` with the cast in it."""
    from app import create_app

    env = environment(folder, free_port(), url) | {"SECRET_KEY": SECRET}
    app = create_app(config.from_environment(env))
    with app.extensions["database"].connection_context():
        cast = people.gather()
    return Ground(app, env, cast, url)


def main_process_of(server: Server) -> int:
    """Process id of granian's main process; 0 between two."""
    return next(iter(_children(server.process.pid)), 0)


def workers_of(server: Server) -> list[int]:
    """Process ids of the server's workers."""
    return [child for child in _children(main_process_of(server)) if _is_worker(child)]


def descendants(pid: int) -> list[int]:
    """Every process that this one has started, and those that they have."""
    return [one for child in _children(pid) for one in (child, *descendants(child))]


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _is_worker(pid: int) -> bool:
    try:
        return b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
