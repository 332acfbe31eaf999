"""F3: the disk is full, or the file is read-only. A sentence, reads go on, and so does writing once there is room."""

from __future__ import annotations

import resource
import uuid

import pytest
from peewee import SqliteDatabase

from tests.faults.ground import scan_fields, workers_of


@pytest.mark.sqlite
def test_a_full_disk_is_told_and_writing_goes_on_when_there_is_room(ground, running):
    cast = ground.cast
    phone, acknowledged = ground.phone(cast.amara), set()
    number, status, _ = phone.log(cast.ravi)
    assert status == 201
    acknowledged.add(number)

    _limit_files(running, 4096 * 12)
    answers = [phone.log(cast.ravi) for _ in range(12)]
    acknowledged |= {number for number, status, _ in answers if status == 201}
    refused = [(number, answer) for number, status, answer in answers if status == 507]
    assert refused, f"nothing was refused: {[status for _, status, _ in answers]}"
    assert {status for _, status, _ in answers} <= {201, 507}
    assert "no room" in refused[0][1]["message"]
    assert phone.get("/scans", Accept="text/html")[0] == 200, "reading goes on"

    _limit_files(running, resource.RLIM_INFINITY)
    again = refused[0][0]
    assert phone.log(cast.ravi, again)[1] == 201, "the same scan goes in once there is room"
    ground.reckon(acknowledged | {again})


@pytest.fixture
def read_only(database):
    """`read_only(False)` ends it: the connection that serves this test's requests cannot write."""
    sqlite = isinstance(database.obj, SqliteDatabase)
    say = "PRAGMA query_only = {:d}" if sqlite else "SET default_transaction_read_only = {}"

    def switch(on):
        database.execute_sql(say.format(on))

    switch(True)
    yield switch
    switch(False)


@pytest.fixture
def amara(cast, browse):
    """Amara with her form open: her token was fetched while all was well."""
    client = browse(cast.amara)
    client.token()
    return client


def test_a_read_only_database_is_told_and_reading_goes_on(amara, cast, read_only):
    scan = _complete(cast.ravi)
    answer = amara.post("/scans", scan, json=True)
    assert answer.status_code == 503
    assert "not possible just now" in answer.json["message"]
    assert amara.get("/scans").status_code == 200
    read_only(False)
    assert amara.post("/scans", scan, json=True).status_code == 201


def test_what_was_entered_is_kept_when_it_cannot_be_saved(amara, cast, read_only):
    answer = amara.post("/scans", _complete(cast.ravi))
    assert answer.status_code == 503
    assert "14 mm full-thickness tear" in answer.text


def _complete(mentor):
    return scan_fields(str(uuid.uuid4()), mentor)


def _limit_files(server, size):
    """No process of the server can make a file longer than `size` bytes from now on."""
    for pid in workers_of(server):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
