"""PostgreSQL was started again, or the network went for a moment: the next request opens a connection anew."""

from __future__ import annotations

import psycopg
import pytest

from tests.databases import name_of

pytestmark = pytest.mark.postgresql


def test_after_every_connection_was_cut_the_next_request_is_answered(ground, running, databases):
    phone = ground.phone(ground.cast.amara)
    number, status, _ = phone.log(ground.cast.ravi)
    assert status == 201
    for _ in range(3):
        _cut_all(databases, ground.url)
        assert phone.get("/scans", Accept="text/html")[0] == 200
    _cut_all(databases, ground.url)
    again, status, _ = phone.log(ground.cast.ravi)
    assert status == 201
    assert ground.reckon({number, again}) == 2


def _cut_all(databases, url):
    with psycopg.connect(databases.address.format(name="postgres")) as server:
        sql = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND pid <> %s"
        cut = server.execute(sql, (name_of(url), databases.broom.info.backend_pid)).fetchall()
    assert (True,) in cut
