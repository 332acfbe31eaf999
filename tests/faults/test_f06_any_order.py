"""F6: whatever a network does to what phones send (late, twice, in another order, cut off, long ago), the server
answers and keeps what a plain model says."""

from __future__ import annotations

import json
import socket
import urllib.parse
from contextlib import suppress
from random import Random

from database import open_database
from models import Enrolment, Person, Scan, db
from tests import cast as people
from tests.cast import days_ago
from tests.client import Client
from tests.faults.ground import reckon, rounds
from tests.faults.plain_model import Book, Request, sequence

SEQUENCES, A_BATCH, STEPS = rounds(60, 10_000), 50, 12
OVER_THE_WIRE = rounds(3, 200)
WHO = ("amara", "tom", "mei")
FORM = "application/x-www-form-urlencoded"


def pairs_of(request: Request, cast) -> list[tuple[str, str]]:
    """The body, the scan's number last or first as it comes: the order of fields says nothing."""
    support, side, report = request.says
    mentor = cast.grace if request.who == "mei" else cast.ravi
    pairs = [("region", "shoulder"), ("side", side), ("finding", "ssp: full-thickness tear"), ("report", report)]
    pairs += [("support", support), ("mentor", str(mentor.id)), ("another", "yes"), ("scan_id", request.scan)]
    if request.verb != "log":
        pairs.append(("version", str(request.version)))
    if request.kept_for:
        pairs.append(("kept_for", str(getattr(cast, request.kept_for).id)))
    if request.impossible:
        pairs.append(("scanned_on", days_ago(-2).isoformat()))
    if request.verb in ("withdraw", "restore"):
        pairs = [pair for pair in pairs if pair[0] in ("version", "kept_for")]
    return pairs if len(report) % 2 else pairs[::-1]


def run(seed: int, cast, send) -> Book:
    """One sequence, each answer compared with the model's, and at its end what is kept."""
    book = Book({who: scans_of(getattr(cast, who)).count() for who in WHO})
    for step, request in enumerate(sequence(Random(seed), WHO, STEPS)):
        status, said = send(request)
        wanted, says = book.answer(request)
        where = f"seed {seed}, step {step}: {request}\nanswered {status} {said}\nmodel    {wanted} {says}"
        assert status == wanted, where
        assert {name: said.get(name) for name in says} == says, where
        assert said.get("scan_id") == request.scan or request.cut, where
        assert status < 400 or said["message"], where
    for number, known in book.kept.items():
        scan = Scan.get_by_id(number)
        stands = (scan.case_number, (scan.support, scan.side, scan.report), scan.state, scan.version)
        assert stands == (known.case, known.says, known.state, known.version), f"seed {seed}: {number}"
    total = sum(book.before.values()) + len(book.kept)
    assert Scan.select().count() == total, f"seed {seed}: something else was kept"
    return book


def scans_of(person: Person):
    return Scan.select().join(Enrolment).where(Enrolment.person == person)


def test_whatever_the_network_does_what_is_kept_and_answered_is_what_a_plain_model_says(house, databases, tmp_path):
    for first in range(0, SEQUENCES, A_BATCH):
        folder = tmp_path / str(first)
        folder.mkdir()
        house.extensions["database"] = opened = open_database(databases.emptied(folder))
        with opened.connection_context():
            cast = people.gather()
            clients = {who: Client(house, getattr(cast, who)) for who in WHO}
            tokens = {who: client.token() for who, client in clients.items()}

            def send(request: Request, cast=cast, clients=clients, tokens=tokens):
                body = urllib.parse.urlencode(pairs_of(request, cast)).encode()
                answer = clients[request.who].http.post(
                    request.path,
                    data=body[: -request.cut] if request.cut else body,
                    content_type=FORM,
                    headers={"X-CSRFToken": tokens[request.who], "Accept": "application/json"},
                    environ_overrides={"CONTENT_LENGTH": str(len(body)), "wsgi.input_terminated": True},
                )
                return answer.status_code, answer.json

            acknowledged = set()
            for seed in range(first, min(first + A_BATCH, SEQUENCES)):
                acknowledged |= run(seed, cast, send).kept.keys()
            assert reckon(acknowledged) == len(acknowledged)
        databases.let_go(opened)


def test_the_real_server_does_so_too(ground, running):
    phones = {who: ground.phone(getattr(ground.cast, who)) for who in WHO}

    def send(request: Request):
        phone, pairs = phones[request.who], pairs_of(request, ground.cast)
        if request.cut:
            return cut_off(phone, request.path, urllib.parse.urlencode(pairs).encode(), request.cut)
        status, _, text = phone.post(request.path, pairs)
        return status, json.loads(text)

    with db.connection_context():
        for seed in range(OVER_THE_WIRE):
            run(seed, ground.cast, send)
    ground.reckon(set())


def cut_off(phone, path, body: bytes, cut: int):
    """The signal goes before the whole body is out; the status, if the phone still hears it."""
    host, port = phone.address.split(":")
    head = f"POST {path} HTTP/1.1\r\nHost: {phone.address}\r\nCookie: {phone.cookie}\r\nX-CSRFToken: {phone.csrf}\r\n"
    head += (
        f"Accept: application/json\r\nContent-Type: {FORM}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=30) as line:
        line.sendall(head.encode() + body[:-cut])
        line.shutdown(socket.SHUT_WR)
        heard = b""
        with suppress(ConnectionError):
            while more := line.recv(65536):
                heard += more
    if not heard:
        return 400, {"error": "refused", "message": "not heard"}
    return int(heard.split()[1]), json.loads(heard.partition(b"\r\n\r\n")[2])
