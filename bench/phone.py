"""Requests as a person's browser sends them, read from the product's own pages: cookie, CSRF token, forms, htmx.

The same request goes to the floor, which believes the header that names the person and reads nothing else of it.
"""

from __future__ import annotations

import gzip
import http.client
import re
import secrets
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode

import brotli
from flask import Flask

import clock
from models import Person
from tests.tree import Form, Page
from workflows.accounts import accounts

BROWSER = {
    "Host": "127.0.0.1",
    "User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/140 Mobile",
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB,en;q=0.9",
    "Sec-Fetch-Site": "same-origin",
}
IDLE_SECONDS = 5  # the server ends a connection after twice as long (serve.py, HEADERS_MS)
FORM_TYPE = "application/x-www-form-urlencoded"
SIDES = ("left", "right", "both")
REPORT = (
    "{region}, {side}: the symptomatic side was examined and compared with the other where it helped. "
    "Fibrillar pattern is kept throughout; no gap on dynamic assessment. Fluid is trace, no hyperaemia on Doppler. "
    "Measured 14 x 9 x 3 mm at its widest. Conclusion: findings explain the symptoms; discuss with the referrer."
)


@dataclass(frozen=True)
class Request:
    """One request. `name` is what it is counted as."""

    name: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    scan: str = ""  # the scan that it logs or approves


@dataclass(frozen=True)
class Answer:
    """What came back, and how long it took in seconds, from the first byte sent to the last received."""

    status: int
    encoding: str
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        """The body as the browser would read it."""
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress}.get(self.encoding, bytes)
        return unpack(self.body).decode()


class InProcess:
    """Requests straight to a WSGI application in this process."""

    def __init__(self, app: Flask):
        self.client = app.test_client(use_cookies=False)

    def send(self, request: Request) -> Answer:
        begun = time.perf_counter()
        answer = self.client.open(
            request.path, method=request.method, headers=request.headers, data=request.body or None
        )
        took = time.perf_counter() - begun
        return Answer(answer.status_code, answer.headers.get("Content-Encoding", ""), answer.data, took)


class OverHttp:
    """Over HTTP to a server, on one connection; a new one when it was idle for so long that the server may end it."""

    def __init__(self, url: str):
        self.connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
        self.connection.connect()
        self.used = time.monotonic()

    def send(self, request: Request) -> Answer:
        if time.monotonic() - self.used > IDLE_SECONDS:
            self.connection.close()
            self.connection.connect()
        begun = time.perf_counter()
        self.connection.request(request.method, request.path, request.body or None, request.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - begun
        self.used = time.monotonic()
        return Answer(answer.status, answer.getheader("Content-Encoding", ""), body, took)


@dataclass
class Phone:
    """Somebody's browser, with their cookie."""

    person: int
    cookie: str

    def get(self, name: str, path: str) -> Request:
        return Request(name, "GET", path, self._headers(name))

    def post(self, name: str, path: str, fields: list[tuple[str, str]], scan: str, *, htmx: bool = False) -> Request:
        headers = self._headers(name) | {"Content-Type": FORM_TYPE}
        if htmx:
            headers |= {"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1/inbox", "Accept": "*/*"}
        body = urlencode(fields).encode()
        return Request(name, "POST", path, headers | {"Content-Length": str(len(body))}, body, scan)

    def _headers(self, name: str) -> dict[str, str]:
        return BROWSER | {"Cookie": self.cookie, "X-Person": str(self.person), "X-Page": name}


def phones(app: Flask, people: list[int]) -> dict[int, Phone]:
    """A phone for each of these people, signed in. Wants the database at hand."""
    signer = app.session_interface.get_signing_serializer(app)
    found = {}
    for person in people:
        mark = {"_user_id": accounts.start(Person(id=person)), "_fresh": True, "_permanent": True}
        mark |= {"seen": int(clock.now().timestamp()), "csrf_token": secrets.token_hex(20)}
        found[person] = Phone(person, f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(mark)}")
    return found


# --- What a page holds -----------------------------------------------------------------------------------------


class LogForm:
    """The log form of one student, as their phone has it open, and what can be chosen for each region."""

    def __init__(self, transport, phone: Phone):
        self.phone, self.made = phone, 0
        page = Page(transport.send(phone.get("", "/scans/new")).text)
        self.form = next(form for form in page.forms if "scan_id" in dict(form.fields))
        self.choices = _choices(self.form)

    def regions(self, transport) -> dict[str, dict[str, list[str]]]:
        """Region -> name of a field -> what can be chosen there."""
        found = {}
        for region in self.choices["region"]:
            piece = transport.send(self.phone.get("", f"/scans/new/findings/{region}")).text
            found[region] = _choices(Page(f"<form>{piece}</form>").forms[0])
        return found

    def entry(self, regions: dict[str, dict[str, list[str]]], mentor: int) -> Request:
        """A new scan: no two of a student alike in region and side until all are used up, and none right after one of a
        neighbouring region (wrist, hand), which would be asked about as the same patient's.
        """
        names, number = [*list(regions)[::2], *list(regions)[1::2]], self.made
        self.made += 1
        region, side = names[number % len(names)], SIDES[number // len(names) % len(SIDES)]
        choices, scan = regions[region], str(uuid.uuid4())
        entered = {
            "scan_id": scan,
            "support": ("aided", "unaided")[number % 2],
            "region": region,
            "side": side,
            "protocol": "focused",
            "indication": choices["indication"][0],
            "outcome": self.choices["outcome"][1],
            "report": REPORT.format(region=region.capitalize(), side=side),
            "report_base": "",
            "mentor": str(mentor),
        }
        fields = [(name, value) for name, value in self.form.fields if name not in entered]
        fields += [*entered.items(), *(("finding", pair) for pair in choices["finding"][:2])]
        return self.phone.post("log", self.form.action, fields, scan)


def _choices(form: Form) -> dict[str, list[str]]:
    found = defaultdict(list)
    for name, value in form.choices:
        found[name].append(value)
    return found


_INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def approval(phone: Phone, inbox: str, scan: str) -> Request:
    """The one tap on this scan's card, as the inbox was answered. Searched as text: parsing it takes longer than the
    request.
    """
    begin = inbox.index(f'action="/scans/{scan}/approval')
    form = inbox[begin : inbox.index("</form>", begin)]
    fields = [(name, unescape(value)) for name, value in _INPUT.findall(form)]
    return phone.post("approve", unescape(form.split('"', 2)[1]), fields, scan, htmx=True)
