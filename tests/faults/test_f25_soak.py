"""F25: a course at work for many minutes, a worker killed in each. In full: `make soak ARGS="--minutes 20"`."""

from __future__ import annotations

import re
import subprocess
import sys

from config import ROOT
from tests.faults.soak import FEWEST_MINUTES, MOST_WAL_BYTES, Answer, Minute, broken

SAVED = Answer(0.0, True, 201, 0.1)


def test_the_soak_runs_kills_and_tells_each_minute():
    command = [sys.executable, "-m", "tests.faults.soak", "--minutes", "2", "--every", "6"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout + ran.stderr
    rows = re.findall(r"^\| ([0-9]+) \| ([0-9]+) \| 0 \| ([0-9]+) \|", ran.stdout, re.MULTILINE)
    assert [row[0] for row in rows] == ["1", "2"] and all(int(answers) for _, answers, _ in rows)
    assert all(int(memory) > 50 for _, _, memory in rows)
    assert "0 faults outside 2 kills" in ran.stdout
    assert re.search(r"^([0-9,]+) scans acknowledged, [0-9,]+ there, each once", ran.stdout, re.MULTILINE)


def test_each_bound_that_is_broken_is_named():
    def minutes(**last) -> list[Minute]:
        steady = [Minute([SAVED], [100], [50], killed=1) for _ in range(FEWEST_MINUTES - 1)]
        return [*steady, Minute(**{"answers": [SAVED], "memory": [109], "killed": 1, **last})]

    assert broken(minutes()) == []
    assert "memory grew by 10.0%" in broken(minutes(memory=[110]))[0]
    assert broken(minutes(memory=[200])[1:]) == [], "too few minutes to tell growth from warming up"
    assert "write-ahead log took 67 MB" in broken(minutes(wal=MOST_WAL_BYTES))[0]
    assert "3 requests" in broken(minutes(faults=3))[0]
    assert "no worker could be killed in 1 minutes" in broken(minutes(killed=0))[0]
    assert broken([Minute([Answer(0.0, True, 503, 0.1)], killed=1)]) == ["nothing was saved at all"]
