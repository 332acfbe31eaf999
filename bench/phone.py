"""Requests as a person's browser sends them, read from the product's own pages: cookie, CSRF token, forms, htmx.

The same request goes to the floor, which believes the header that names the person and reads nothing else of it.
"""

from __future__ import annotations

import gzip
import http.client
import io
import re
import secrets
import time
import uuid
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlencode

import brotli
from flask import Flask

import clock
from models import Person
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
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        """The body as the browser would read it."""
        packed = self.headers.get("Content-Encoding") or self.headers.get("content-encoding") or ""
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress}.get(packed, bytes)
        return unpack(self.body).decode()


class Inside:
    """Straight into a WSGI application in this process."""

    def __init__(self, app: Flask):
        self.app = app

    def send(self, request: Request) -> Answer:
        path, _, query = request.path.partition("?")
        environ = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(request.body)),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0),
            "wsgi.input": io.BytesIO(request.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        for name, value in request.headers.items():
            environ["CONTENT_TYPE" if name == "Content-Type" else f"HTTP_{name.upper().replace('-', '_')}"] = value
        heard: list = []
        begun = time.perf_counter()
        parts = self.app.wsgi_app(environ, lambda status, headers, exc_info=None: heard.extend((status, headers)))
        body = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        took = time.perf_counter() - begun
        return Answer(int(heard[0][:3]), dict(heard[1]), body, took)


class Wire:
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
        return Answer(answer.status, dict(answer.getheaders()), body, took)


@dataclass
class Phone:
    """Somebody's browser: their cookie, and the CSRF token of the last page that it opened."""

    person: int
    cookie: str
    token: str = ""
    forms: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

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


@dataclass
class Form:
    """A form of a page: where it goes and what stands in it; `choices` are the values that can be picked."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = [Form("")]  # the first holds what stands outside every form
        self.inside, self.select, self.area = 0, "", ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self.forms.append(Form(given.get("hx-post") or given.get("action") or ""))
            self.inside = len(self.forms) - 1
        form = self.forms[self.inside]
        if tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            form.choices.setdefault(self.select, []).append(value)
            if "selected" in given:
                form.fields.append((self.select, value))
        elif tag == "input" and given.get("type") in ("radio", "checkbox") and name:
            form.choices.setdefault(name, []).append(value)
            if "checked" in given:
                form.fields.append((name, value))
        elif tag == "input" and name:
            form.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = 0
        elif tag == "select":
            self.select = ""


def forms_of(html: str) -> list[Form]:
    """Every form of a page or piece; what stands in none is in a last one without an address."""
    reader = _Reader()
    reader.feed(html)
    return [*reader.forms[1:], reader.forms[0]]


class LogForm:
    """The log form of one student, as their phone has it open, and what can be tapped in each region."""

    def __init__(self, road, phone: Phone):
        self.phone = phone
        page = road.send(phone.get("", "/scans/new")).text
        self.form = next(form for form in forms_of(page) if "scan_id" in dict(form.fields))
        self.made = 0

    def regions(self, road) -> dict[str, Form]:
        """Region -> what can be tapped for it."""
        address = "/scans/new/findings/"
        found = {}
        for region in self.form.choices["region"]:
            found[region] = forms_of(road.send(self.phone.get("", address + region)).text)[-1]
        return found

    def entry(self, taps: dict[str, Form], mentor: int) -> Request:
        """A new scan: no two of a student alike in region and side until all are used up."""
        regions, number = list(taps), self.made
        self.made += 1
        region, side = regions[number % len(regions)], SIDES[number // len(regions) % len(SIDES)]
        choices, scan = taps[region].choices, str(uuid.uuid4())
        ours = {
            "scan_id": scan,
            "support": ("aided", "unaided")[number % 2],
            "region": region,
            "side": side,
            "protocol": "focused",
            "indication": choices["indication"][0],
            "outcome": self.form.choices["outcome"][1],
            "report": REPORT.format(region=region.capitalize(), side=side),
            "report_base": "",
            "mentor": str(mentor),
        }
        fields = [(name, value) for name, value in self.form.fields if name not in ours]
        fields += [*ours.items(), *(("finding", pair) for pair in choices["finding"][:2])]
        return self.phone.post("log", self.form.action, fields, scan)


_INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def approval(phone: Phone, inbox: str, scan: str) -> Request:
    """The one tap on this scan's card, as the inbox was answered. Looked for by hand: reading it whole takes longer
    than the request.
    """
    begin = inbox.index(f'action="/scans/{scan}/approval')
    form = inbox[begin : inbox.index("</form>", begin)]
    fields = [(name, unescape(value)) for name, value in _INPUT.findall(form)]
    return phone.post("approve", unescape(form.split('"', 2)[1]), fields, scan, htmx=True)
