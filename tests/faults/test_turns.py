"""More is sent than can be written: outboxes are asked to come back, a person's own tap waits, reading never does."""

from __future__ import annotations

import socket
import threading
import urllib.parse
import uuid
from concurrent.futures import ThreadPoolExecutor, as_completed

import pytest

from blueprints.turns import Turns
from models import db
from tests.client import queries_of
from tests.faults.ground import scan_fields
from workflows import scans

MOST = 3  # in the line, in these tests


@pytest.fixture(autouse=True)
def short_line(house, monkeypatch):
    monkeypatch.setitem(house.extensions, "turns", Turns(MOST))


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


def test_outboxes_beyond_a_few_come_back_later_and_pages_are_read_meanwhile(browse, cast, held):
    phones, person, reader = [browse(cast.amara) for _ in range(MOST + 2)], browse(cast.amara), browse(cast.amara)
    tokens = {client: client.token() for client in (*phones, person)}

    def send(client, **headers):
        sent, headers = scan_fields(str(uuid.uuid4()), cast.ravi), {"X-CSRFToken": tokens[client], **headers}
        return client.http.post("/scans", data=sent, headers=headers)

    with ThreadPoolExecutor(MOST + 3) as pool:
        sent = [pool.submit(send, phone, Accept="application/json") for phone in phones]
        answered = as_completed(sent, 30)
        for _ in range(2):
            answer = next(answered).result()
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0 and answer.json["scan_id"]
        waits = pool.submit(send, person)  # a plain form: somebody looks at it
        assert reader.get("/scans").status_code == 200
        assert not waits.done()
        held.set()
        assert [one.result().status_code for one in answered] == [201] * MOST
        assert waits.result(30).status_code == 303
    assert send(phones[0], Accept="application/json").status_code == 201


def test_who_is_asked_to_come_back_costs_the_database_nothing(browse, cast, house, monkeypatch):
    monkeypatch.setitem(house.extensions, "turns", Turns(0))
    amara = browse(cast.amara)
    with amara.http.session_transaction() as session:
        session["seen"] -= 3600  # their cookie would be due for a new mark
    with queries_of(db) as seen:
        answer = amara.post("/scans", scan_fields(str(uuid.uuid4()), cast.ravi), json=True)
    assert (answer.status_code, seen) == (503, [])


def test_a_turn_is_given_back_whatever_came_of_it(browse, cast, monkeypatch):
    amara = browse(cast.amara)
    for _ in range(MOST + 2):
        monkeypatch.setattr(scans, "log", lambda *args, **named: 1 / 0)
        assert amara.post("/scans", scan_fields(str(uuid.uuid4()), cast.ravi), json=True).status_code == 500
        assert amara.http.post("/scans", data={}, headers={"Accept": "application/json"}).status_code == 400
    monkeypatch.undo()
    assert amara.post("/scans", scan_fields(str(uuid.uuid4()), cast.ravi), json=True).status_code == 201


def test_a_form_of_unknown_or_nonsensical_length_is_left_to_the_application(browse, cast):
    """Other servers than ours hand over bodies in chunks, and lengths that are not numbers."""
    amara, sent = browse(cast.amara), scan_fields(str(uuid.uuid4()), cast.ravi)
    body = urllib.parse.urlencode(sent | {"csrf_token": amara.token()}, doseq=True).encode()
    form = {"content_type": "application/x-www-form-urlencoded", "headers": {"Accept": "application/json"}}
    chunks = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    nonsense = {"CONTENT_LENGTH": "abc"}
    assert amara.http.post("/scans", data=body, environ_overrides=nonsense, **form).status_code == 400
    assert amara.http.post("/scans", data=body, environ_overrides=chunks, **form).status_code == 201


def test_one_is_served_at_a_time(browse, cast, house, monkeypatch):
    monkeypatch.setitem(house.extensions, "turns", Turns(MOST, at_once=1))
    monkeypatch.setattr("blueprints.turns.AT_DESK_SECONDS", 30)
    readers, at_once, most = [browse(cast.amara) for _ in range(4)], 0, 0
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
    with ThreadPoolExecutor(4) as pool:
        pages = [pool.submit(reader.get, "/scans") for reader in readers for _ in range(10)]
        assert {page.result().status_code for page in pages} == {200}
    assert most == 1


def test_who_takes_long_holds_up_nobody(browse, cast, held):
    phone, reader = browse(cast.amara), browse(cast.amara)
    token = phone.token()

    def send():
        sent = scan_fields(str(uuid.uuid4()), cast.ravi)
        return phone.http.post("/scans", data=sent, headers={"X-CSRFToken": token, "Accept": "application/json"})

    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(send)
        assert held.begun.wait(30)
        assert reader.get("/scans").status_code == 200
        held.set()
        assert sent.result().status_code == 201


def test_a_phone_on_a_slow_line_holds_up_nobody(ground, running):
    phone = ground.phone(ground.cast.amara)
    slow = [_half_sent(phone, ground.cast.ravi) for _ in range(4)]
    phone.timeout = 4  # less than anybody waits for a turn
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
