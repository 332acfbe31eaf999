"""The README's steps, word for word, in a fresh copy: the demo course, then a real one which nobody of it enters."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from config import ROOT
from demo.cast import PASSWORD
from scripts.demo_server import free_port

NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "instance", "node_modules", ".*_cache", "__pycache__", "*.env")
README = (ROOT / "README.md").read_text("utf-8")
START_SECONDS, END_SECONDS = 120, 30
NEW_PASSWORD = "seven lanterns beside quiet water"


def steps(heading: str) -> str:
    """The commands under a heading of the README, as they stand there."""
    section = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return "".join(f"{line[4:]}\n" for line in section.splitlines() if line.startswith("    "))


def table_of_people() -> list[str]:
    return re.findall(r"\S+@demo\.sonofolio\.test", README)


@pytest.fixture
def copy(tmp_path) -> Path:
    """A fresh copy of the project. What `make` would install is the environment that runs these tests, by links."""
    fresh = tmp_path / "sonofolio"
    shutil.copytree(ROOT, fresh, ignore=NOT_COPIED)
    (fresh / ".venv").mkdir()
    for part in Path(sys.prefix).iterdir():
        if part.suffix != ".stamp":
            (fresh / ".venv" / part.name).symlink_to(part)
    (fresh / ".venv/run.stamp").touch()
    return fresh


class Browser:
    """Speaks to the port as the proxy in front does, and keeps cookies, `Secure` ones too."""

    def __init__(self, port: int):
        self.port, self.cookies = port, {}

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        line = HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
        line.request(method, path, urlencode(fields) if fields else None, headers)
        answer = line.getresponse()
        for sent in answer.headers.get_all("Set-Cookie", ()):
            self.cookies |= {name: one.value for name, one in SimpleCookie(sent).items()}
        text = answer.read().decode()
        line.close()
        return answer.status, text

    def get(self, path: str) -> tuple[int, str]:
        return self.ask("GET", path)

    def post(self, path: str, page: str, **fields: str) -> int:
        """Send a form that stands on `page`, with the token that the page carries."""
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(page)[1])[1]
        return self.ask("POST", path, {**fields, "csrf_token": token})[0]


@contextmanager
def running(commands: str, folder: Path) -> Iterator[tuple[int, Path]]:
    """Run commands of the README whose last one serves; the port, and the file with what they print."""
    ours = (
        "SONOFOLIO_",
        "DATABASE_URL",
        "SECRET_KEY",
        "SMTP_URL",
        "BASE_URL",
        "TRUST_PROXY",
        "VAPID_",
        "MAKE",
        "FLASK_",
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    port, out = free_port(), folder / "printed.txt"
    with (
        out.open("w") as printed,
        subprocess.Popen(
            ["sh", "-e", "-c", commands],
            cwd=folder,
            env={**env, "PORT": str(port)},  # another may use the usual one on this machine
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            wait_for_health(port, process, out)
            yield port, out
        finally:
            end(process)


def wait_for_health(port: int, process: subprocess.Popen, out: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, out.read_text()
        try:
            if Browser(port).get("/healthz")[0] == 200:
                return
        except (OSError, HTTPException):
            time.sleep(0.1)
    pytest.fail(f"No answer. It printed:\n{out.read_text()}")


def end(process: subprocess.Popen) -> None:
    """As Ctrl-C does it, then whatever is left."""
    for how in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
            process.wait(END_SECONDS)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


@pytest.mark.slow
def test_the_steps_of_the_readme_make_a_demo_and_then_a_course_that_no_demo_person_enters(copy):
    assert steps("Run it") == "make run\n" and len(table_of_people()) >= 9

    with running(steps("Run it"), copy) as (port, _):
        for email in table_of_people():
            assert Browser(port).post("/sign-in/as", "/sign-in", person=email) == 303, email
        dana = Browser(port)
        assert dana.post("/sign-in", "/sign-in", email="director@demo.sonofolio.test", password=PASSWORD) == 303
        assert dana.get("/cohort")[0] == 200

    with running(steps("Start a real course"), copy) as (port, out):
        link = urlsplit(re.search(r"^https://scans\.example\.ac\.uk/\S+$", out.read_text(), re.MULTILINE)[0]).path
        director = Browser(port)
        assert director.post(link, link, password=NEW_PASSWORD) == 303
        assert "Dana Reid" in director.get("/me")[1]
        again = Browser(port)
        assert again.post("/sign-in", "/sign-in", email="d.reid@example.ac.uk", password=NEW_PASSWORD) == 303
        assert "Dana Reid" in again.get("/me")[1]
        assert "preview" in out.read_text()

        for email in table_of_people():
            stranger = Browser(port)
            assert stranger.post("/sign-in", "/sign-in", email=email, password=PASSWORD) in (422, 429)
            assert stranger.post("/sign-in/as", "/sign-in", person=email) == 404
            assert stranger.get("/me")[0] == 303
        assert "Look around as" not in Browser(port).get("/sign-in")[1]

    names = {path.name: path.stat().st_mode & 0o777 for path in copy.joinpath("instance").iterdir()}
    assert {"demo.sqlite3", "sonofolio.sqlite3"} <= set(names)
    assert set(names.values()) <= {0o600, 0o700} and (copy / "production.env").stat().st_mode & 0o777 == 0o600


def test_the_file_of_people_in_the_steps_is_the_one_that_the_page_on_imports_shows():
    assert (ROOT / "docs/people.csv").read_text("utf-8") in (ROOT / "docs/import.md").read_text("utf-8")
