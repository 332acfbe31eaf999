"""F3: the disk is full, or the file is read-only. A sentence, reads go on, and so does writing once there is room."""

from __future__ import annotations

import resource
import uuid

import pytest
from peewee import SqliteDatabase

from models import SignIn
from tests.faults.ground import scan_fields, workers_of
from workflows.accounts import accounts, signed_out
from workflows.history import verification


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


@pytest.mark.sqlite
@pytest.mark.parametrize("room", [4096 * 12, 0], ids=["twelve pages", "none"])
def test_signing_out_on_a_full_disk_ends_the_sign_in_for_good_and_for_every_worker(ground, running, room):
    cast = ground.cast
    phone, tablet, other, toms = (ground.phone(person) for person in (cast.amara, cast.amara, cast.amara, cast.tom))
    assert phone.log(cast.ravi)[1] == 201
    _limit_files(running, room)
    while phone.log(cast.ravi)[1] != 507:
        pass
    status, headers, _ = phone.post("/sign-out", {}, Accept="text/html")
    assert (status, headers["location"]) == (303, "/sign-in")
    assert "sonofolio=" in headers["set-cookie"], "the browser forgets it"
    assert open_at(phone) == {False}, "a copy of its cookie opens nothing, whichever worker is asked"
    assert open_at(tablet) == open_at(toms) == {True}
    assert tablet.post("/me/sign-ins/ending", {}, Accept="text/html")[0] == 303
    assert open_at(tablet) == open_at(other) == {False} and open_at(toms) == {True}

    _limit_files(running, resource.RLIM_INFINITY)
    assert open_at(phone) == open_at(tablet) == {False}, "there is room again"
    with ground.app.extensions["database"].connection_context():
        assert accounts.write_signed_out() == 3
        assert accounts.write_signed_out() == 0
        ended = SignIn.select().where(SignIn.person == cast.amara.id, SignIn.ended_at.is_null(False))
        assert ended.count() == 3
        assert verification.verify().findings == []
    assert open_at(phone) == open_at(other) == {False} and open_at(toms) == {True}, "the file is empty"


def open_at(phone) -> set[bool]:
    """Whether this browser is signed in, asked so often that every worker answers."""
    return {phone.get("/me", Accept="text/html")[0] == 200 for _ in range(12)}


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


def test_signing_out_of_a_read_only_database_ends_the_sign_in(browse, cast, read_only, tmp_path):
    signed_out.open_file(tmp_path / "signed-out")
    read_only(False)
    phone, tablet = browse(cast.amara), browse(cast.amara)
    cookie = phone.http.get_cookie("sonofolio").value
    phone.token()
    read_only(True)
    assert phone.post("/sign-out").location == "/sign-in"
    phone.http.set_cookie("sonofolio", cookie)
    assert phone.get("/me").status_code == 303
    assert tablet.get("/me").status_code == 200
    read_only(False)
    assert accounts.write_signed_out() == 1
    assert phone.get("/me").status_code == 303


def test_who_cannot_be_signed_out_anywhere_but_in_the_browser_is_told(browse, cast, read_only, monkeypatch):
    monkeypatch.setattr(signed_out, "_opened", None)
    read_only(False)
    phone = browse(cast.amara)
    phone.token()
    read_only(True)
    answer = phone.post("/sign-out")
    assert answer.status_code == 507
    assert "You are signed out in this browser. The server could not note it" in answer.text
    assert "Amara" not in answer.text
    assert phone.get("/me").status_code == 303


def _complete(mentor):
    return scan_fields(str(uuid.uuid4()), mentor)


def _limit_files(server, size):
    """No process of the server can make a file longer than `size` bytes from now on."""
    for pid in workers_of(server):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
