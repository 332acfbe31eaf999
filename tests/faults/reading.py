"""People who read pages while something else happens, in a process of their own: `python -m tests.faults.reading`.

Takes lines of JSON [address, cookie, path] and opens each page again and again, half a second between, until its input
ends; then prints a JSON list of [status, seconds].
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

from config import ROOT
from tests.faults.ground import Phone

LOOKS_SECONDS = 0.5


@contextmanager
def read_by(readers: dict[str, Phone]) -> Iterator[list[tuple[int, float]]]:
    """`readers` (path -> who opens it) read meanwhile; at the end the list holds each page's status and seconds."""
    found: list[tuple[int, float]] = []
    command = [sys.executable, "-m", "tests.faults.reading"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as apart:
        for path, phone in readers.items():
            apart.stdin.write(json.dumps([phone.address, phone.cookie, path]) + "\n")
        apart.stdin.write("\n")
        apart.stdin.flush()
        assert apart.stdout.readline() == "reading\n"
        try:
            yield found
        finally:
            said, _ = apart.communicate(timeout=60)
        found += [tuple(one) for one in json.loads(said)]


def _read(address: str, cookie: str, path: str, over: threading.Event, found: list) -> None:
    line = HTTPConnection(address, timeout=60)
    while not over.is_set():
        begun = time.monotonic()
        line.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html"})
        answer = line.getresponse()
        answer.read()
        found.append((answer.status, time.monotonic() - begun))
        over.wait(LOOKS_SECONDS)


def main() -> None:
    over, found = threading.Event(), []
    wanted = [json.loads(line) for line in iter(sys.stdin.readline, "\n")]
    people = [threading.Thread(target=_read, args=(*one, over, found)) for one in wanted]
    for person in people:
        person.start()
    print("reading", flush=True)
    sys.stdin.read()
    over.set()
    for person in people:
        person.join()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
