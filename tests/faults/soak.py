"""F25: a course at work for many minutes, a worker killed in each: `make soak ARGS="--minutes 20"`.

Students log, mentors approve, everybody reads, at the pace of people. Prints a row for each minute and exits with 1
when a bound is broken: memory that grows, a write-ahead log that is not written back, a 5xx outside the kills, a scan
that was acknowledged and is lost or doubled.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import database
from models import Person
from scripts.demo_server import Server, serve
from tests.databases import file_of
from tests.faults.crowd import A_MENTOR, Student, enrol
from tests.faults.ground import Ground, Phone, prepare, scan_fields, workers_of

STUDENTS, LOGGING, PAUSE_SECONDS, SAMPLE_SECONDS = 40, 4, 1.0, 1.0
MOST_GROWTH, MOST_WAL_BYTES = 0.10, 64 * 1024 * 1024
AGAIN_SECONDS = 5  # after a kill: what is not answered, or with a 5xx, is the kill's
FEWEST_MINUTES = 10  # of fewer, the first of them warm-up, growth is told and not judged


@dataclass(frozen=True)
class Answer:
    """One request: when it was sent, whether it read or wrote, its status (0: no answer), and how long it took."""

    at: float
    writes: bool
    status: int
    seconds: float


@dataclass
class Minute:
    """What one minute (or `--every` so many seconds) was like. Memory in bytes, of all processes and of the
    worker that is never killed."""

    answers: list[Answer] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    survivor: list[int] = field(default_factory=list)
    wal: int = 0  # bytes of the write-ahead log, at most
    killed: int = 0  # workers
    faults: int = 0  # 5xx, and requests without an answer, outside the kills

    def row(self, number: int) -> str:
        """The minute as a row of the table that `HEAD` begins."""
        cells = [number, len(self.answers), self.faults, _megabytes(self.memory), _megabytes(self.survivor)]
        cells.append(f"{self.wal / 1e6:.1f}")
        for writes in (False, True):
            took = [answer.seconds for answer in self.answers if answer.writes is writes and answer.status]
            cells.append(" / ".join(f"{1000 * one:.0f}" for one in _percentiles(took)))
        return "| " + " | ".join(map(str, cells)) + " |"


HEAD = (
    "| minute | answers | faults outside the kills | memory, MB | of the worker that lives | WAL, MB "
    "| reading, ms (p50 / p95 / p99) | writing, ms |\n| --- | --- | --- | --- | --- | --- | --- | --- |"
)


def _megabytes(sizes: list[int]) -> str:
    return f"{statistics.median(sizes) / 1e6:.0f}" if sizes else "-"


def _percentiles(values: list[float]) -> list[float]:
    ordered = sorted(values) or [0.0]
    return [ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.95, 0.99)]


class Load:
    """People at work, each in a thread, until told to stop. `answers` are all that they had, `acknowledged` the scans
    that a phone was told of, `wrong` what kept somebody from going on.
    """

    def __init__(self, ground: Ground, students: list[Student]):
        self.stop, self.answers, self.acknowledged, self.wrong = threading.Event(), [], {}, []
        with ground.app.extensions["database"].connection_context():
            mentors = list(Person.select().where(Person.email.startswith("mentor")).order_by(Person.id))
        phones = [ground.phone(mentor) for mentor in mentors]
        dana = ground.phone(ground.cast.dana)
        jobs: list[Callable[[], None]] = []
        for first in range(LOGGING):
            theirs = [(one.phone, mentors[at // A_MENTOR]) for at, one in enumerate(students)][first::LOGGING]
            jobs.append(partial(self.log, theirs))
        jobs += [partial(self.approve, phone) for phone in phones]
        jobs += [partial(self.read, students[-1].phone, path) for path in ("/", "/scans", "/scans/new", "/scans.csv")]
        jobs += [partial(self.read, dana, path) for path in ("/cohort?cohort=2", "/cohort.csv?cohort=2")]
        self.threads = [threading.Thread(target=self._again_and_again, args=(job,), daemon=True) for job in jobs]

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(60)

    def _again_and_again(self, job: Callable[[], None]) -> None:
        while not self.stop.wait(PAUSE_SECONDS * random.uniform(0.5, 1.5)):
            try:
                job()
            except Exception as fault:  # told at the end: whoever stops working lightens the load
                self.wrong.append(f"somebody had to stop: {fault!r}")
                return

    def ask(self, method: Callable[..., tuple[int, dict, str]], *what: object, **headers: str) -> tuple[int, str]:
        """Status (0 without an answer) and text of a request, which is remembered."""
        at, status, text = time.monotonic(), 0, ""
        with suppress(OSError):
            status, _, text = method(*what, **headers)
        self.answers.append(Answer(at, method.__name__ == "post", status, time.monotonic() - at))
        return status, text

    def log(self, students: list[tuple[Phone, Person]]) -> None:
        """One of them logs a scan, and sends the same again until it is answered."""
        phone, mentor = random.choice(students)
        number, status = str(uuid.uuid4()), 0
        fields = scan_fields(number, mentor)
        while status in (0, 502, 503, 504) and not self.stop.wait(0 if status else 0.1):
            status, text = self.ask(phone.post, "/scans", fields)
            if status == 503:
                self.stop.wait(PAUSE_SECONDS)
        if status == 201:
            self.acknowledged[number] = {}
        elif status not in (0, 503):
            raise AssertionError(f"{status} {text[:300]}")

    def approve(self, mentor: Phone) -> None:
        """What waits in the inbox, a page of it at once, as the mentor saw it."""
        _, page = self.ask(mentor.get, "/inbox", Accept="text/html")
        waiting = re.findall(r'type="checkbox" name="scan" value="([^"]+)"', page)
        if waiting:
            self.ask(mentor.post, "/inbox/approvals", [("scan", one) for one in waiting])

    def read(self, phone: Phone, path: str) -> None:
        self.ask(phone.get, path, Accept="text/html")


def processes_of(server: Server) -> list[int]:
    """The server's process and all that it has started."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
    found = [server.process.pid]
    for process in found:
        found += parents.get(process, [])
    return found


def memory_of(process: int) -> int:
    """Bytes that are this process's own, its share of the shared ones included; 0 when it is gone."""
    with suppress(OSError):
        return 1024 * int(re.search(r"^Pss: +([0-9]+)", Path(f"/proc/{process}/smaps_rollup").read_text(), re.M)[1])
    return 0


def by_age(server: Server) -> list[int]:
    """The workers, the one that was started first before the others."""
    born = {}
    for worker in workers_of(server):
        with suppress(OSError):
            born[worker] = int(Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[19])
    return sorted(born, key=born.get)


def minutes_of(server: Server, load: Load, wal: Path, number: int, every: float) -> Iterator[Minute]:
    """So many minutes, each begun by killing the worker that was started last: the other one shows
    what a long life does to it."""
    for _ in range(number):
        begun, minute = time.monotonic(), Minute()
        first = len(load.answers)
        if len(by_age(server)) > 1:
            os.kill(by_age(server)[-1], signal.SIGKILL)
            minute.killed += 1
        while (now := time.monotonic()) < begun + every:
            if now > begun + AGAIN_SECONDS:  # both are there again
                minute.memory.append(sum(map(memory_of, processes_of(server))))
                minute.survivor.append(memory_of(by_age(server)[0]))
            if wal.exists():
                minute.wal = max(minute.wal, wal.stat().st_size)
            load.stop.wait(SAMPLE_SECONDS)
        minute.answers = load.answers[first:]
        bad = [one for one in minute.answers if one.status >= 500 or not one.status]
        minute.faults = sum(one.at > begun + AGAIN_SECONDS for one in bad)
        yield minute


def growth(minutes: list[Minute]) -> float:
    """How much more memory all processes take in the last minute than in the second, as a share."""
    first, last = (statistics.median(minutes[at].memory or [0]) for at in (min(1, len(minutes) - 1), -1))
    return last / first - 1 if first else 0.0


def summary(minutes: list[Minute]) -> str:
    """What all of it comes to, in a line."""
    judged = "" if len(minutes) >= FEWEST_MINUTES else " (too short to judge)"
    return (
        f"memory {growth(minutes):+.1%} from the second minute to the last{judged}; "
        f"WAL at most {max(minute.wal for minute in minutes) / 1e6:.1f} MB; "
        f"{sum(minute.faults for minute in minutes)} faults outside {sum(minute.killed for minute in minutes)} kills; "
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )


def broken(minutes: list[Minute]) -> list[str]:
    """The bounds that these minutes broke, in words."""
    found = []
    if len(minutes) >= FEWEST_MINUTES and growth(minutes) >= MOST_GROWTH:
        found.append(f"memory grew by {growth(minutes):.1%}; the bound is {MOST_GROWTH:.0%}")
    if (wal := max(minute.wal for minute in minutes)) >= MOST_WAL_BYTES:
        found.append(f"the write-ahead log took {wal / 1e6:.0f} MB; the bound is {MOST_WAL_BYTES / 1e6:.0f} MB")
    if faults := sum(minute.faults for minute in minutes):
        found.append(f"{faults} requests had no answer, or a 5xx, outside the kills")
    if idle := sum(not minute.killed for minute in minutes):
        found.append(f"no worker could be killed in {idle} minutes: there were never two of them")
    if not any(answer.writes and answer.status < 400 for minute in minutes for answer in minute.answers):
        found.append("nothing was saved at all")
    return found


def soak(folder: Path, number: int, every: float) -> list[str]:
    """Run it, print its rows, and return what was broken."""
    url = f"sqlite:///{folder / 'soak.sqlite3'}"
    database.migrate(database.open_database(url))
    ground, minutes = prepare(folder, url), []
    students = enrol(ground, STUDENTS, 0)
    print(HEAD)
    with serve(ground.env) as server, Load(ground, students) as load:
        for minute in minutes_of(server, load, file_of(f"{url}-wal"), number, every):
            minutes.append(minute)
            print(minute.row(len(minutes)), flush=True)
    scans = ground.reckon(load.acknowledged)
    ground.app.extensions["database"].close_all()
    print(f"\n{len(load.acknowledged):,} scans acknowledged, {scans:,} there, each once; {summary(minutes)}")
    return broken(minutes) + load.wrong


def main() -> None:
    asked = argparse.ArgumentParser(prog="make soak", description=__doc__.partition("\n")[0])
    asked.add_argument("--minutes", type=int, default=20)
    asked.add_argument("--every", type=float, default=60, help="seconds of a minute, to try the command itself")
    words = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        faults = soak(Path(folder), words.minutes, words.every)
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
