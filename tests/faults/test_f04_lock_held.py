"""F4: another process holds the database's lock. We wait for as long as promised, then say when to come back."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from config import ROOT
from database import BUSY_SECONDS
from tests.databases import file_of
from tests.faults.ground import FULL

HOLD = """
import sys, time, cysqlite
held = cysqlite.Connection(sys.argv[1])
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
held.execute("ROLLBACK")
"""
HOLD_POSTGRESQL = """
import sys, time, psycopg
from database import BEGIN
with psycopg.connect(sys.argv[1], autocommit=True) as held:
    held.execute(BEGIN)
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def test_a_lock_held_by_somebody_else_is_waited_for_then_told_with_when_to_come_back(ground, running):
    phone, saved = ground.phone(ground.cast.amara), set()
    for seconds in (1, 4, 10) if FULL else (1,):
        holder = _hold(ground.url, seconds)
        number, status, answer = phone.log(ground.cast.ravi)
        if seconds < BUSY_SECONDS:
            assert status == 201, answer
        else:
            _is_told(phone, ground, number, status, answer)
        holder.wait(30)
        assert phone.log(ground.cast.ravi, number)[1] == 201
        saved.add(number)
        assert ground.reckon(saved) == len(saved)

    holder = _hold(ground.url, 60)
    try:
        with ThreadPoolExecutor(2) as at_once:
            logged, asked = at_once.submit(phone.log, ground.cast.ravi), at_once.submit(phone.get, "/healthz")
            number, status, answer = logged.result()
        _is_told(phone, ground, number, status, answer)
        status, _, said = asked.result()
        assert (status, json.loads(said)["what"]) == (503, "nothing can be saved")
    finally:
        holder.kill()
        holder.wait(10)
    assert phone.log(ground.cast.ravi, number)[1] == 201
    assert phone.get("/healthz")[0] == 200
    saved.add(number)
    assert ground.reckon(saved) == len(saved)


def _is_told(phone, ground, number, status, answer):
    assert status == 503, answer
    assert "busy" in answer["message"]
    assert phone.get("/scans", Accept="text/html")[0] == 200, "reading goes on"


def _hold(url, seconds):
    program, what = (HOLD, str(file_of(url))) if url.startswith("sqlite") else (HOLD_POSTGRESQL, url)
    command = [sys.executable, "-c", program, what, str(seconds)]
    holder = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline().strip() == "held"
    holder.stdout.close()
    return holder
