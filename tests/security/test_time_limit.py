"""A request that computes for too long is ended, and nobody else notices: not the next one of its thread either."""

from __future__ import annotations

import logging
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import wraps

import pytest

from blueprints import time_limit
from models import Person, Scan, db
from tests.cast import entry_for
from tests.faults.ground import scan_fields
from workflows.scans import ownership, scans

NEVER = 60  # seconds of computing after which a test gives up: "for ever" ends here when nothing ends it


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(time_limit.LIMIT, "seconds", 0.3)


@pytest.fixture
def one_thread():
    """One thread of a server: what is submitted runs there, one request after the other."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda work, *args: pool.submit(work, *args).result(NEVER)


def compute_for_ever() -> None:
    end = time.thread_time() + NEVER
    while time.thread_time() < end:
        pass
    raise AssertionError("nothing has ended it")


def in_place_of(view, work):
    """A view that does this instead, for the same people."""
    return wraps(view)(lambda **named: work())


def wait_for_long() -> None:
    """Longer than a request may compute, without computing."""
    end = time.monotonic() + 3 * time_limit.LIMIT.seconds + 3 * time_limit.LOOK_EVERY
    while time.monotonic() < end:
        time.sleep(0.05)


def test_a_view_that_computes_for_ever_is_ended_and_the_next_request_is_not(
    browse, cast, house, monkeypatch, one_thread, caplog
):
    amara = browse(cast.amara)
    real = house.view_functions["scans.report"]
    monkeypatch.setitem(house.view_functions, "scans.report", in_place_of(real, compute_for_ever))
    token = {"X-CSRFToken": amara.token()}
    post = lambda: amara.http.post("/scans/report", data={"region": "knee"}, headers=token)  # noqa: E731
    with caplog.at_level(logging.ERROR, "sonofolio"):
        ended = one_thread(post)
    assert ended.status_code == 503
    assert "took too long" in ended.text
    assert [line.message for line in caplog.records] == ["stopped after 0.3 s of computing: POST /scans/report"]
    monkeypatch.setitem(house.view_functions, "scans.report", real)
    for _ in range(5):
        assert one_thread(post).status_code == 200
    assert time_limit.LIMIT.running == {}


def test_what_it_had_begun_to_write_is_taken_back_and_its_place_among_the_writers_is_free(
    browse, cast, monkeypatch, one_thread
):
    amara, real, number = browse(cast.amara), scans.log, str(uuid.uuid4())

    def log_and_compute(*args, **named):
        with db.atomic():
            real(*args, **named)
            compute_for_ever()

    token = {"X-CSRFToken": amara.token()}
    post = lambda: amara.http.post("/scans", data=scan_fields(number, cast.ravi), headers=token)  # noqa: E731
    monkeypatch.setattr(scans, "log", log_and_compute)
    assert one_thread(post).status_code == 503
    assert not Scan.select().where(Scan.id == number).exists()
    other = ownership.enrolment_of(cast.tom)  # another thread writes at once: nobody holds the writers up
    assert other and real(str(uuid.uuid4()), entry_for(cast.ravi), by=cast.tom, received={}).scan
    monkeypatch.setattr(scans, "log", real)
    assert one_thread(post).status_code == 303
    assert Scan.select().where(Scan.id == number).count() == 1


@pytest.mark.sqlite
def test_a_statement_that_never_ends_is_ended_too(browse, cast, house, monkeypatch, one_thread):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"
    amara = browse(cast.amara)
    view = in_place_of(house.view_functions["home.show"], lambda: str(db.execute_sql(endless).fetchall()))
    monkeypatch.setitem(house.view_functions, "home.show", view)
    assert one_thread(lambda: amara.http.get("/")).status_code == 503
    assert one_thread(lambda: amara.http.get("/me")).status_code == 200


@pytest.mark.postgresql
def test_postgresql_has_a_limit_for_a_statement(database):
    assert db.execute_sql("SHOW statement_timeout").fetchone()[0] == "30s"


def test_who_only_waits_is_not_ended(browse, cast, house, monkeypatch, one_thread):
    amara = browse(cast.amara)

    def slow_line():
        wait_for_long()
        return "done"

    monkeypatch.setitem(house.view_functions, "home.show", in_place_of(house.view_functions["home.show"], slow_line))
    assert one_thread(lambda: amara.http.get("/")).text == "done"


def test_of_two_at_once_the_one_that_computes_is_ended(browse, cast, house, monkeypatch):
    amara, ravi = browse(cast.amara), browse(cast.ravi)

    def as_who_asks():
        from blueprints.access import me

        (compute_for_ever if me().person == Person.get_by_id(cast.amara.id) else wait_for_long)()
        return "done"

    monkeypatch.setitem(
        house.view_functions, "accounts.me", in_place_of(house.view_functions["accounts.me"], as_who_asks)
    )
    with ThreadPoolExecutor(2) as pool:
        ended, waited = pool.submit(amara.http.get, "/me"), pool.submit(ravi.http.get, "/me")
        assert ended.result(NEVER).status_code == 503
        assert waited.result(NEVER).text == "done"


def test_what_was_told_too_late_is_heard_by_nobody(monkeypatch):
    """Requests end at the very moment at which they are told: what comes next in their thread hears nothing of it."""
    limit, heard, rounds = time_limit.TimeLimit(seconds=0), [], 1000
    monkeypatch.setattr(time_limit, "LOOK_EVERY", 0)
    monkeypatch.setattr(time_limit, "AGAIN_AFTER", 1e-5)
    monkeypatch.setattr(time_limit, "LIMIT", limit)
    monkeypatch.setattr(time_limit, "_ended", lambda: heard.append(1))
    usual = sys.getswitchinterval()

    def requests() -> int:
        added = 0
        for number in range(rounds):
            time_limit._within(lambda number=number: sum(range(number % 400)))
            for _ in range(100):
                added += 1  # between two requests
        return added

    try:
        sys.setswitchinterval(1e-6)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(requests).result(NEVER) == 100 * rounds
    finally:
        sys.setswitchinterval(usual)
        limit.seconds = NEVER
    assert heard and limit.running == {}
