"""One client's requests over the real server, timed: to the product and to the floor in turn."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
import cysqlite

import config
from bench import fill, floor
from bench.fill import SECRET
from bench.phone import Answer, InProcess, LogForm, OverHttp, Request, approval, phones
from models import db
from scripts import demo_server

NAMES = ("log", "approve", "inbox", "home", "cohort", "cohort of 1,000")
STATUS = {"log": 303}  # the others answer 200
MOST_MENTORS = 48  # mentors that take turns
WARM = 24  # rounds that are not counted
HOUR, MINUTE = 3_600_000_000, 60_000_000

Times = dict[str, list[float]]


@dataclass
class Clients:
    """Who sends requests: students each with a mentor of theirs, and the two directors with their cohorts."""

    pairs: list[tuple[int, int]]
    director: tuple[int, int]  # person, cohort
    large: tuple[int, int] | None

    @property
    def people(self) -> list[int]:
        directors = [self.director[0], *([self.large[0]] if self.large else [])]
        return sorted({person for pair in self.pairs for person in pair} | set(directors))


@dataclass
class Side:
    """The product or the floor: its file, the way to it, and what was logged and approved since it was last settled."""

    name: str
    path: Path
    transport: InProcess | OverHttp
    logged: list[str] = field(default_factory=list)

    def settle(self) -> None:
        """Make what was just done an hour old, so that no scan is a likely twin of the last and none can be undone."""
        with cysqlite.connect(str(self.path), pragmas=[("busy_timeout", 5000)]) as connection:
            settle(connection, self.logged)
        self.logged.clear()


def settle(connection: cysqlite.Connection, scans: list[str]) -> None:
    """Move these scans into the past."""
    with connection.transaction("IMMEDIATE"):
        for scan in scans:
            connection.execute(
                "UPDATE scan SET received_at = received_at - ?, approved_at = approved_at - ? WHERE id = ?",
                (HOUR, MINUTE, scan),
            )
            connection.execute("UPDATE move SET at = at - ? WHERE scan_id = ? AND verb = 'approve'", (MINUTE, scan))


class Bench:
    """The product and the floor on two copies of one database."""

    def __init__(self, folder: Path, source: Path, *, move: bool = False):
        self.folder, self.programmes = folder, fill.courses(source)
        self.files = {name: folder / f"{name}.sqlite3" for name in ("product", "floor")}
        for copy in self.files.values():
            remove(copy)
        shutil.copyfile(source, self.files["floor"])
        (shutil.move if move else shutil.copyfile)(source, self.files["product"])
        self.settings = config.Settings(
            env="production",
            secret_key=SECRET,
            database_url=f"sqlite:///{self.files['product']}",
            instance=folder,
            programmes=self.programmes,
        )
        os.environ["BENCH_DATABASE"] = str(self.files["floor"])
        from app import create_app

        self.product, self.floor = create_app(self.settings), floor.create_app()
        self.clients = clients(self.files["product"])
        with db.connection_context(), db.atomic():
            self.phones = phones(self.product, self.clients.people)
        in_process = InProcess(self.product)
        self.forms = {student: LogForm(in_process, self.phones[student]) for student, _ in self.clients.pairs}
        self.regions = next(iter(self.forms.values())).regions(in_process)
        self.sizes: dict[str, int] = {}
        self.beside: list[subprocess.Popen] = []

    def close(self) -> None:
        """Let go of the files and remove them."""
        db.obj.close_all()
        for copy in self.files.values():
            remove(copy)

    @contextmanager
    def in_process(self) -> Iterator[list[Side]]:
        """Both in this process."""
        yield [self._side("product", InProcess(self.product)), self._side("floor", InProcess(self._floor()))]

    @contextmanager
    def serving(self) -> Iterator[dict[str, demo_server.Server]]:
        """Both as real servers, the product with `flask work` beside it as `make run` has it (`self.beside`)."""
        self._floor()
        with ExitStack() as stack:
            servers = {}
            for name, what in (("product", "asgi:create_app"), ("floor", "bench.floor:create_server")):
                env = demo_server.environment(self.folder, demo_server.free_port())
                env |= {"SONOFOLIO_ENV": "production", "SECRET_KEY": SECRET, "PYTHONPATH": str(demo_server.ROOT)}
                env |= {"DATABASE_URL": f"sqlite:///{self.files[name]}", "SONOFOLIO_PROGRAMMES": str(self.programmes)}
                servers[name] = stack.enter_context(demo_server.serve(env, what=what))
            self.beside = [stack.enter_context(_working(servers["product"]))]
            yield servers

    def over_http(self, servers: dict[str, demo_server.Server]) -> list[Side]:
        return [self._side(name, OverHttp(server.url)) for name, server in servers.items()]

    def _side(self, name: str, transport: InProcess | OverHttp) -> Side:
        return Side(name, self.files[name], transport)

    def _floor(self):
        """The floor, which has learned how long the product's pages are."""
        if not self.sizes:
            self.sizes = self._learn()
            os.environ["BENCH_SIZES"] = json.dumps(self.sizes)
            self.floor = floor.create_app()
        return self.floor

    def _learn(self) -> dict[str, int]:
        side, found = self._side("product", InProcess(self.product)), defaultdict(list)
        for turn in range(min(6, len(self.clients.pairs))):
            for name, send in self.round(turn):
                found[name].append(len(send(side).text.encode()))
        side.settle()
        return {name: sum(lengths) // len(lengths) for name, lengths in found.items()}

    def round(self, turn: int) -> Iterator[tuple[str, Callable[[Side], Answer]]]:
        """What one student, their mentor and the directors ask for in turn; each is sent to one side at a time."""
        student, mentor = self.clients.pairs[turn % len(self.clients.pairs)]
        of_student, of_mentor = self.phones[student], self.phones[mentor]
        entry, inboxes = self.forms[student].entry(self.regions, mentor), {}

        def log(side: Side) -> Answer:
            side.logged.append(entry.scan)
            return self._sent(side, entry)

        def inbox(side: Side) -> Answer:
            inboxes[side.name] = self._sent(side, of_mentor.get("inbox", "/inbox"))
            return inboxes[side.name]

        def approve(side: Side) -> Answer:
            return self._sent(side, approval(of_mentor, inboxes[side.name].text, entry.scan))

        yield "log", log
        yield "inbox", inbox
        yield "approve", approve
        yield "home", lambda side: self._sent(side, of_student.get("home", "/"))
        for name, of in (("cohort", self.clients.director), ("cohort of 1,000", self.clients.large)):
            if of:
                director, cohort = of
                page = self.phones[director].get(name, f"/cohort?cohort={cohort}")
                yield name, lambda side, page=page: self._sent(side, page)

    def _sent(self, side: Side, request: Request) -> Answer:
        answer = side.transport.send(request)
        if answer.status != STATUS.get(request.name, 200):
            text = answer.text[:2000]
            raise RuntimeError(f"{side.name}: {request.method} {request.path} answered {answer.status}:\n{text}")
        return answer


@contextmanager
def _working(server: demo_server.Server) -> Iterator[subprocess.Popen]:
    """`flask work`, as `make run` starts it beside this server."""
    command = [sys.executable, "-m", "flask", "--app", "app", "work", "--beside", str(os.getpid())]
    env = server.environment | {"MALLOC_ARENA_MAX": "1"}
    with subprocess.Popen(command, cwd=demo_server.ROOT, env=env, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def rounds(bench: Bench, sides: list[Side], number: int, label: str) -> dict[str, Times]:
    """Side -> request -> seconds of each of `number` rounds, after some that are not counted."""
    found: dict[str, Times] = {side.name: defaultdict(list) for side in sides}
    with click.progressbar(range(number + WARM), label=label) as bar:
        for turn in bar:
            if turn % len(bench.clients.pairs) == 0:
                for side in sides:
                    side.settle()
            for name, send in bench.round(turn):
                for side in sides:
                    answer = send(side)
                    if turn >= WARM:
                        found[side.name][name].append(answer.seconds)
    for side in sides:
        side.settle()
    return found


def clients(path: Path) -> Clients:
    """Students over the whole length of the database, no two with one mentor; and the directors."""
    with cysqlite.connect(str(path)) as connection:
        students = connection.execute(
            "SELECT e.person_id, t.person_id FROM enrolment e JOIN placement l ON l.enrolment_id = e.id"
            " JOIN party t ON t.placement_id = l.id JOIN tally y ON y.enrolment_id = e.id"
            " WHERE t.id = (SELECT MIN(id) FROM party WHERE placement_id = l.id) AND y.last_logged_at IS NOT NULL"
            " ORDER BY e.id"
        ).fetchall()
        found = [(student, mentor) for mentor, student in {mentor: student for student, mentor in students}.items()]
        step = max(1, len(found) // MOST_MENTORS)
        cohorts = connection.execute(
            "SELECT s.person_id, c.id, COUNT(*) FROM cohort c JOIN staff s ON s.programme = c.programme"
            " JOIN enrolment e ON e.cohort_id = c.id GROUP BY c.id ORDER BY c.id"
        ).fetchall()
    small = next((person, cohort) for person, cohort, size in cohorts if size <= fill.COHORT)
    large = next(((person, cohort) for person, cohort, size in cohorts if size == fill.LARGE), None)
    return Clients(found[::step][:MOST_MENTORS], small, large)


def remove(path: Path) -> None:
    """The file and what SQLite keeps beside it."""
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()


def percentile(values: list[float], part: float) -> float:
    """The value below which this part of all lies, by rank."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]
