"""Many phones at once: students made straight in the database, each with a browser, and an outbox that drains as ours
does: one scan at a time, the same again until it is answered, and when the server says to come back later, later.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import time
import urllib.parse
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import clock
from models import Cohort, Enrolment, Party, Person, Placement, SignIn, db
from tests.cast import confirm
from tests.faults.ground import Ground, Phone, scan_fields
from tests.faults.reading import read_by
from workflows.accounts.accounts import hash_of
from workflows.history import history, records

A_COHORT, A_MENTOR = 50, 20  # students


@dataclass(frozen=True)
class Student:
    """Somebody who has been without signal: their browser, their mentor, and what waits in the outbox."""

    phone: Phone
    outbox: list[dict]


def enrol(ground: Ground, number: int, scans: int) -> list[Student]:
    """So many students in cohorts of fifty, twenty to a mentor, each signed in and with so many scans to send."""
    with ground.app.extensions["database"].connection_context(), db.atomic():
        mentors = _people("mentor", -(-number // A_MENTOR))
        students = _people("student", number)
        for at, student in enumerate(students):
            if at % A_COHORT == 0:
                days = {"starts_on": ground.cast.cohort.starts_on, "due_on": ground.cast.cohort.due_on}
                cohort = records.create(Cohort, programme="msk-pgcert", name=f"Cohort {at // A_COHORT}", **days)
            _place(ground, student, cohort, mentors[at // A_MENTOR])
        tokens = [_signed_in(student) for student in students]
        history.record("gather", "crowd:1", by=None, at=clock.now())
    browsers = [ground.browser(token) for token in tokens]
    return [
        Student(browser, _day_without_signal(mentors[at // A_MENTOR], scans)) for at, browser in enumerate(browsers)
    ]


def _people(what: str, number: int) -> list[Person]:
    now = clock.now()
    return [
        records.create(Person, email=f"{what}{at}@example.test", name=f"{what.title()} {at}", made_at=now)
        for at in range(number)
    ]


def _place(ground: Ground, student: Person, cohort: Cohort, mentor: Person) -> None:
    enrolment = records.create(Enrolment, person=student, cohort=cohort, enrolled_on=cohort.starts_on)
    placement = records.create(Placement, enrolment=enrolment, site=ground.cast.croydon, starts_on=cohort.starts_on)
    records.create(Party, placement=placement, person=mentor, role="mentor")
    confirm(mentor)


def _signed_in(student: Person) -> str:
    token, now = secrets.token_urlsafe(32), clock.now()
    expires_at = now + timedelta(days=1)
    records.create(SignIn, token_hash=hash_of(token), person=student, made_at=now, expires_at=expires_at, device="")
    return token


def _day_without_signal(mentor: Person, scans: int) -> list[dict]:
    """Scans of one day, twenty minutes apart."""
    first = clock.now() - timedelta(minutes=20 * scans)
    found = []
    for number in range(scans):
        at = (first + timedelta(minutes=20 * number)).isoformat()
        fields = scan_fields(str(uuid.uuid4()), mentor, entered_at=at, form="1")
        del fields["another"]
        found.append(fields)
    return found


@dataclass
class Drained:
    """What came of it: the acknowledged scans, every answer's status, how long each page took, and all of it."""

    seconds: float = 0.0
    acknowledged: dict[str, dict] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    pages: list[float] = field(default_factory=list)
    page_statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)

    def page(self, share: float) -> float:
        """How long the slowest page of this share of them took, in seconds."""
        return sorted(self.pages)[min(len(self.pages) - 1, int(share * len(self.pages)))]

    def __str__(self) -> str:
        number = len(self.acknowledged)
        return (
            f"{number:,} scans in {self.seconds:.1f} s ({number / self.seconds:.0f}/s), "
            f"answers {dict(self.statuses)}, an answer took {_middle(self.waits) * 1000:.0f} ms at the median; "
            f"{len(self.pages)} pages meanwhile, median {self.page(0.5) * 1000:.0f} ms, 99th percentile "
            f"{self.page(0.99) * 1000:.0f} ms, slowest {self.page(1) * 1000:.0f} ms"
        )


def drain(students: list[Student], readers: dict[str, Phone]) -> Drained:
    """All phones at once, while `readers` (path -> who opens it) go on opening their pages."""
    # A loop of its own: the browser's may run in this very thread.
    with read_by(readers) as pages, ThreadPoolExecutor(1) as apart:
        found = apart.submit(asyncio.run, _drain(students)).result()
    found.pages, found.page_statuses = [took for _, took in pages], Counter(status for status, _ in pages)
    return found


async def _drain(students: list[Student]) -> Drained:
    found, begun = Drained(), time.monotonic()
    await asyncio.gather(*[_empty(student, found) for student in students])
    found.seconds = time.monotonic() - begun
    return found


async def _empty(student: Student, found: Drained) -> None:
    """One phone's outbox: in its order, one at a time."""
    async with Line(student.phone) as line:
        for fields in student.outbox:
            tries = 0
            while fields["scan_id"] not in found.acknowledged:
                begun = time.monotonic()
                status, headers, text = await line.ask("POST", "/scans", urllib.parse.urlencode(fields, doseq=True))
                found.waits.append(time.monotonic() - begun)
                found.statuses[status] += 1
                if status == 201 and json.loads(text)["scan_id"] == fields["scan_id"]:
                    found.acknowledged[fields["scan_id"]] = json.loads(text)
                elif status == 503:  # asked to come back: static/outbox.js, pause()
                    longest = min(300, 5 * 2**tries) * random.uniform(0.5, 1.5)
                    await asyncio.sleep(max(float(headers["retry-after"]), longest))
                    tries += 1
                else:
                    raise AssertionError(f"{status} {text[:300]}")


class Line:
    """One kept connection of a browser, as small as HTTP can be spoken: the measuring must not be what is measured."""

    def __init__(self, phone: Phone):
        self.phone = phone
        self.host, _, self.port = phone.address.partition(":")

    async def __aenter__(self) -> Line:
        await self._open()
        return self

    async def __aexit__(self, *error: object) -> None:
        self.writer.close()

    async def _open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(self.host, int(self.port))

    async def ask(self, method: str, path: str, body: str = "", accept: str = "application/json"):
        """Status, headers (lower case) and text; the same once more on a new line when the old one was cut."""
        try:
            return await self._ask(method, path, body, accept)
        except (ConnectionError, asyncio.IncompleteReadError):
            await self._open()
            return await self._ask(method, path, body, accept)

    async def _ask(self, method: str, path: str, body: str, accept: str):
        head = {"Host": self.phone.address, "Cookie": self.phone.cookie, "Accept": accept}
        if method == "POST":
            kind = "application/x-www-form-urlencoded"
            head |= {"X-CSRFToken": self.phone.csrf, "Content-Type": kind, "Content-Length": str(len(body))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n{body}".encode())
        top, *rest = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in rest if line)
        text = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return int(top.split()[1]), headers, text.decode()


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
