"""More is sent than can be written: outboxes are asked to come back, a person's own tap waits, reading never does."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import urllib.parse
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from werkzeug.test import create_environ, run_wsgi_app

import asgi
from blueprints.hypermedia import ABOUT, ANSWER
from models import db
from tests.asgi_client import ask, run, say
from tests.client import queries_of
from tests.faults.ground import scan_fields
from workflows.scans import scans

# The queue stands before the application, whatever its database; a crowd on PostgreSQL: test_f24_thousand_phones.py
pytestmark = pytest.mark.sqlite

JSON = {"accept": "application/json"}
MOST = 3  # in the line, in these tests
FORM = [(b"content-type", b"application/x-www-form-urlencoded")]


@pytest.fixture
def server(house, app):
    """The product as its server asks it, with a short line."""
    made = asgi.serve(house)
    made.queue.most = MOST
    yield made
    made.threads.shutdown()


@pytest.fixture
def held(monkeypatch):
    """Nobody's scan is logged until `held.set()`; `held.begun` says that the first has its turn."""
    go_on, log = threading.Event(), scans.log
    go_on.begun = threading.Event()

    def slowly(*args, **named):
        go_on.begun.set()
        assert go_on.wait(30)
        return log(*args, **named)

    monkeypatch.setattr(scans, "log", slowly)
    yield go_on
    go_on.set()


def signed_in(client):
    """The headers of this client's browser."""
    token = client.token()
    cookie = client.http.get_cookie("sonofolio")
    return {"cookie": f"{cookie.key}={cookie.value}", "x-csrftoken": token}


def scan(cast):
    return scan_fields(str(uuid.uuid4()), cast.ravi)


def test_outboxes_beyond_a_few_come_back_later_and_pages_are_read_meanwhile(server, browse, cast, held):
    browser = signed_in(browse(cast.amara))

    async def crowd():
        phones = [
            asyncio.create_task(ask(server, "POST", "/scans", scan(cast), **JSON, **browser)) for _ in range(MOST + 3)
        ]
        refused = []
        while len(refused) < 2:  # one is being served, MOST wait, and these are beyond
            done, _ = await asyncio.wait(phones, return_when=asyncio.FIRST_COMPLETED)
            refused += done
            phones = [phone for phone in phones if phone not in done]
        for phone in refused:
            answer = phone.result()
            assert (answer.status, int(answer.headers["retry-after"]) > 0) == (503, True)
            assert json.loads(answer.text)["scan_id"]
        person = asyncio.create_task(ask(server, "POST", "/scans", scan(cast), **browser))  # somebody looks at it
        assert (await ask(server, "GET", "/scans", **browser)).status == 200
        assert not person.done()
        held.set()
        assert [answer.status for answer in await asyncio.gather(*phones)] == [201] * (MOST + 1)
        assert (await person).status == 303
        assert (await ask(server, "POST", "/scans", scan(cast), **JSON, **browser)).status == 201

    run(crowd())


def test_who_is_asked_to_come_back_costs_the_database_nothing(server, browse, cast):
    amara = browse(cast.amara)
    with amara.http.session_transaction() as session:
        session["seen"] -= 3600  # their cookie would be due for a new mark
    browser, server.queue.most = signed_in(amara), 0
    with queries_of(db) as seen:
        answer = run(ask(server, "POST", "/scans", scan(cast), **JSON, **browser))
    assert (answer.status, seen) == (503, [])


def test_a_turn_is_given_back_whatever_came_of_it(server, browse, cast, monkeypatch):
    browser = signed_in(browse(cast.amara))

    async def one_after_the_other():
        for _ in range(MOST + 2):
            monkeypatch.setattr(scans, "log", lambda *args, **named: 1 / 0)
            assert (await ask(server, "POST", "/scans", scan(cast), **JSON, **browser)).status == 500
            assert (await ask(server, "POST", "/scans", {}, **JSON, cookie=browser["cookie"])).status == 400  # no token
        monkeypatch.undo()
        assert (await ask(server, "POST", "/scans", scan(cast), **JSON, **browser)).status == 201

    run(one_after_the_other())


def test_a_turn_that_does_not_come_is_told(server, browse, cast, held, monkeypatch):
    monkeypatch.setattr(asgi, "PERSON_SECONDS", 0.01)
    browser = signed_in(browse(cast.amara))

    async def two():
        first = asyncio.create_task(ask(server, "POST", "/scans", scan(cast), **browser))
        await asyncio.to_thread(held.begun.wait, 30)
        assert (await ask(server, "POST", "/scans", scan(cast), **browser)).status == 503
        held.set()
        assert (await first).status == 303

    run(two())


def test_who_keeps_one_room_busy_holds_up_no_other(server, browse, cast, held):
    """Nor do paths that nobody serves make lines of their own."""
    browser = signed_in(browse(cast.amara))

    async def both():
        first = asyncio.create_task(ask(server, "POST", "/scans", scan(cast), **browser))
        await asyncio.to_thread(held.begun.wait, 30)
        assert (await ask(server, "POST", "/sign-in", {}, **browser)).status == 422
        assert (await ask(server, "POST", "/inbox/approvals", {}, **browser)).status == 403
        assert [(await ask(server, "POST", f"/none-{at}")).status for at in range(20)] == [404] * 20
        assert len(server.queue.turns) == 3
        held.set()
        assert (await first).status == 303

    run(both())


def test_one_is_served_at_a_time(server, browse, cast, house, monkeypatch):
    server.at_once = asyncio.Semaphore(1)
    monkeypatch.setattr(asgi, "ALONE_SECONDS", 30)
    browser, at_once, most = signed_in(browse(cast.amara)), 0, 0
    index = house.view_functions["scans.index"]

    def counted():
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        answer = index()  # waits for the database, where another could come in
        at_once -= 1
        return answer

    counted.allowed = index.allowed
    monkeypatch.setitem(house.view_functions, "scans.index", counted)

    async def readers():
        return await asyncio.gather(*[ask(server, "GET", "/scans", **browser) for _ in range(40)])

    assert {answer.status for answer in run(readers())} == {200}
    assert most == 1


def test_more_threads_than_connections_refuse_nobody(server, browse, cast, monkeypatch):
    monkeypatch.setattr(db.obj, "_max_connections", 2)
    server.at_once = asyncio.Semaphore(asgi.THREADS)
    browser = signed_in(browse(cast.amara))

    async def readers():
        return await asyncio.gather(*[ask(server, "GET", "/scans", **browser) for _ in range(100)])

    assert {answer.status for answer in run(readers())} == {200}


def test_a_server_that_starts_leaves_no_file_open(server, browse, cast):
    browser, before = signed_in(browse(cast.amara)), set(Path("/dev/fd").iterdir())
    assert run(ask(server, "GET", "/healthz", **browser)).status == 200
    assert len(set(Path("/dev/fd").iterdir()) - before) < 8  # its own connections to the database


SLOW = {
    # headers, parts -> the status
    "the second half never comes": ([(b"content-length", b"9")], [b"a=b"], 408),
    "a chunk never comes": ([(b"transfer-encoding", b"chunked")], [b"a=b"], 408),
    "a byte now and then": ([(b"content-length", b"9999")], [b"a"] * 20, 408),
    "too much": ([(b"transfer-encoding", b"chunked")], [b"a" * 1_048_577], 413),
    "too much in all": ([(b"transfer-encoding", b"chunked")], [b"a" * 600_000] * 2, 413),
    "in too many parts": ([(b"transfer-encoding", b"chunked")], [b"a"] * 5000, 413),
    "large, while many are": ([(b"transfer-encoding", b"chunked")], [b"a" * 70_000] * 2, 503),
    "a GET": ([(b"content-length", b"9")], [], 400),
}


@pytest.mark.sqlite
def test_a_body_that_does_not_come_whole_takes_nothing(server, monkeypatch):
    monkeypatch.setattr(asgi, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(server, "application", None)  # it is not asked
    told = {}
    for kind, (headers, parts, _) in SLOW.items():
        server.large = asyncio.Semaphore(0 if "many" in kind else 1)
        method = "GET" if kind == "a GET" else "POST"
        asked = [*FORM, *headers, (ABOUT.lower().encode(), b"a-scan")]
        answer = run(say(server, method, "/scans", asked, parts))
        assert answer.headers[ANSWER.lower()] == "a-scan", "a phone knows that it is ours"
        told[kind] = answer.status
        assert (server.queue.since, server.large.locked()) == ({}, "many" in kind)
    assert told == {kind: status for kind, (_, _, status) in SLOW.items()}


# --- Under another server than ours -----------------------------------------------------------------------------


def test_a_form_of_unknown_or_nonsensical_length_is_left_to_the_application(browse, cast):
    """Other servers than ours hand over bodies in chunks, and lengths that are not numbers."""
    amara, sent = browse(cast.amara), scan(cast)
    body = urllib.parse.urlencode(sent | {"csrf_token": amara.token()}, doseq=True).encode()
    form = {"content_type": "application/x-www-form-urlencoded", "headers": {"Accept": "application/json"}}
    chunks = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    nonsense = {"CONTENT_LENGTH": "abc"}
    assert amara.http.post("/scans", data=body, environ_overrides=nonsense, **form).status_code == 400
    assert amara.http.post("/scans", data=body, environ_overrides=chunks, **form).status_code == 201


class Input:
    """A body of which every part is asked for, and that must find no connection of the database taken."""

    def __init__(self, body):
        self.left = body

    def read(self, size=-1):
        assert db.is_closed()
        part, self.left = self.left[: max(size, 0) or None], self.left[max(size, 0) or len(self.left) :]
        return part

    def readline(self, size=-1):
        raise AssertionError("nobody reads lines")


@pytest.mark.parametrize("size, status", [(100, 400), (2_000_000, 413)])
def test_a_body_is_here_before_the_database_is_asked_anything(house, app, size, status):
    def ask_it():
        environ = create_environ("/sign-in", method="POST", content_type="application/x-www-form-urlencoded")
        chunks = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "wsgi.input": Input(b"a" * size)}
        return run_wsgi_app(house, environ | chunks)[1]

    with ThreadPoolExecutor(1) as apart:  # where no test has a connection
        assert apart.submit(ask_it).result().startswith(str(status))


def test_a_get_with_a_body_is_refused_and_what_asks_the_database_nothing_takes_no_connection(house, app):
    def ask_it():
        client = house.test_client()
        assert client.get("/sign-in", data=b"a").status_code == 400
        for path in ("/manifest.webmanifest", "/static/app.css", "/service-worker.js"):
            with queries_of(db) as seen, client.get(path) as answer:
                assert (answer.status_code, seen, db.is_closed()) == (200, [], True)
        assert client.get("/healthz").status_code == 200
        assert db.is_closed()

    with ThreadPoolExecutor(1) as apart:
        apart.submit(ask_it).result()


# --- On the wire ------------------------------------------------------------------------------------------------


def test_a_phone_on_a_slow_line_holds_up_nobody(ground, running):
    phone = ground.phone(ground.cast.amara)
    slow = [_half_sent(phone, ground.cast.ravi) for _ in range(4)]
    acknowledged = set()
    for _ in range(6):
        number, status, _ = phone.log(ground.cast.ravi)
        assert status == 201
        acknowledged.add(number)
    for number, line, rest in slow:
        line.sendall(rest)
        assert line.recv(1000).startswith(b"HTTP/1.1 201")
        line.close()
        acknowledged.add(number)
    assert ground.reckon(acknowledged) == len(acknowledged)


def _half_sent(phone, mentor):
    """A scan of which only the first half of the body has left the phone."""
    number = str(uuid.uuid4())
    body = urllib.parse.urlencode(scan_fields(number, mentor), doseq=True).encode()
    head = f"POST /scans HTTP/1.1\r\nHost: {phone.address}\r\nCookie: {phone.cookie}\r\nX-CSRFToken: {phone.csrf}\r\n"
    head += "Accept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    host, port = phone.address.split(":")
    line = socket.create_connection((host, int(port)), timeout=30)
    line.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:60])
    return number, line, body[60:]
