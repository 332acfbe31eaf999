"""Many clients at once over the real server: each logs, opens the inbox, approves, looks at home and at the cohort."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import cysqlite

from bench.measure import Bench, Side, settle
from bench.phone import OverHttp

CLIENTS = 16
SETTLED_EVERY = 0.1  # seconds: what was done is made an hour old, so that inboxes stay as long as they were
WARM = 2.0


@dataclass
class Crowd:
    """What a crowd got: answers in so many seconds, how long each took, and what went wrong."""

    seconds: float
    took: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.took) / self.seconds


def crowd(bench: Bench, name: str, url: str, seconds: float) -> Crowd:
    """Let CLIENTS people work on one side for so many seconds, after a warm-up."""
    found, begin = Crowd(seconds), time.monotonic() + WARM
    end = begin + seconds
    done: list[str] = []

    def work(turn: int) -> None:
        side = Side(name, bench.files[name], OverHttp(url))
        while time.monotonic() < end:
            for what, send in bench.round(turn):
                if what == "cohort of 1,000":
                    continue
                try:
                    answer = send(side)
                except Exception as fault:  # whatever it is, it is one error of the crowd's
                    found.errors.append(f"{what}: {str(fault)[:200]}")
                    side.transport = OverHttp(url)
                    break
                if begin < time.monotonic() < end:
                    found.took.append(answer.seconds)
            done.extend(side.logged)
            side.logged.clear()
            turn += CLIENTS

    workers = [threading.Thread(target=work, args=(turn,), daemon=True) for turn in range(CLIENTS)]
    for worker in workers:
        worker.start()
    with cysqlite.connect(str(bench.files[name]), pragmas=[("busy_timeout", 5000)]) as connection:
        while any(worker.is_alive() for worker in workers):
            time.sleep(SETTLED_EVERY)
            settle(connection, [done.pop() for _ in range(len(done))])
    return found
