"""A push service and browsers of the tests' own: it takes what a real one takes, and reads it as a browser does."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import clock
from models import Subscription
from workflows.accounts import accounts
from workflows.notices import subscriptions
from workflows.notices.push_client import Sender

KEY = base64.urlsafe_b64encode(bytes(range(1, 33))).rstrip(b"=").decode()
SUBJECT = "mailto:sonofolio@example.ac.uk"


def plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Taken:
    """One message as it came in."""

    path: str
    headers: Message  # whatever their capitals
    body: bytes


@dataclass
class Service:
    """A push service. `answers`: statuses (and headers) for the next messages; then 201."""

    url: str = ""
    taken: list[Taken] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def refuse(self, *statuses: int, **headers: str) -> None:
        self.answers += [
            (status, {name.replace("_", "-"): value for name, value in headers.items()}) for status in statuses
        ]


@dataclass
class Browser:
    """Somebody's browser that takes push messages. Its keys are its own."""

    endpoint: str
    service: Service
    private: ec.EllipticCurvePrivateKey
    secret: bytes = bytes(range(16))
    token: str = ""  # of the sign-in that it belongs to

    @property
    def keys(self) -> dict[str, str]:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": plain(point), "auth": plain(self.secret)}

    @property
    def told(self) -> list[dict]:
        """Every message that came for it, decrypted."""
        mine = [one for one in self.service.taken if self.endpoint.endswith(one.path)]
        return [
            json.loads(http_ece.decrypt(one.body, private_key=self.private, auth_secret=self.secret)) for one in mine
        ]

    @property
    def titles(self) -> list[str]:
        return [message["title"] for message in self.told]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        service: Service = self.server.service
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, headers = service.answers.pop(0) if service.answers else (201, {})
        service.taken.append(Taken(self.path, self.headers, body))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *words) -> None:
        pass


@pytest.fixture
def service():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.service = Service(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server.service
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def noon(monkeypatch):
    """`noon(minutes=3)`: it is the middle of a working day, and from now on so much later."""
    real = clock.now
    shift = real().replace(hour=12, minute=0) - real()

    def later(**by):
        nonlocal shift
        shift += timedelta(**by)

    monkeypatch.setattr(clock, "now", lambda: real() + shift)
    return later


@pytest.fixture
def subscribe(service, cast):
    """`subscribe(person)`: a browser of theirs, signed in, that wants to be told."""

    def one(person, **sign_in) -> Browser:
        token = accounts.start(person, **sign_in)
        name = f"/push/{person.id}/{Subscription.select().count()}"
        browser = Browser(service.url + name, service, ec.generate_private_key(ec.SECP256R1()))
        keys = browser.keys
        subscriptions.subscribe(
            accounts.visitor(token), browser.endpoint, keys["p256dh"], keys["auth"], test_origin=service.url
        )
        browser.token = token
        return browser

    return one


@pytest.fixture
def sender():
    return Sender(KEY, SUBJECT)


@pytest.fixture
def with_push(settings, service):
    """The settings of a course that tells by push, through the tests' own service."""
    return replace(settings, vapid_private_key=KEY, vapid_subject=SUBJECT, push_test_origin=service.url)


def subscribed(browser: Browser) -> Subscription | None:
    return Subscription.get_or_none(Subscription.endpoint == browser.endpoint)
