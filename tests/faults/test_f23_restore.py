"""F23: the database is restored from a backup that was made while people logged. What was acknowledged before it began
is there, history and every count are as its manifest says; one that is cut off, or for another key, changes nothing.
"""

from __future__ import annotations

import gzip
import json
import tarfile
import threading

import pyrage
import pytest

import clock
import config
from database import open_database
from models import File, Scan, db
from scripts.demo_server import flask
from tests.faults.ground import reckon
from tests.faults.test_f01_killed_server import Logging, _wait_until_more
from tests.portfolio import samples
from workflows import files
from workflows.history import heads, history


@pytest.fixture
def logging(ground, running):
    """Students who log scan after scan meanwhile; yields what was acknowledged, as it grows."""
    cast, acknowledged, stop = ground.cast, {}, threading.Event()
    people = [Logging(ground.phone(one), cast.ravi, acknowledged, stop) for one in (cast.amara, cast.tom)]
    for person in people:
        person.start()
    yield acknowledged
    stop.set()
    for person in people:
        person.join(30)
    assert not [fault for person in people for fault in person.faults]


def test_what_was_acknowledged_before_the_backup_is_in_what_is_restored(ground, logging, databases, tmp_path_factory):
    ours, others = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    (key := tmp_path_factory.mktemp("keys") / "key.txt").write_text(f"# created: today\n{ours}\n")
    stored = _stored(ground)
    _wait_until_more(logging, 5)
    before, backup = set(logging), key.with_name("backup.tar.gz.age")
    flask("backup", str(backup), "--prove", env=ground.env | {"BACKUP_RECIPIENT": str(ours.to_public())})
    _wait_until_more(logging, 5)
    assert backup.stat().st_mode & 0o777 == 0o600
    manifest = _manifest(backup, ours)

    elsewhere = tmp_path_factory.mktemp("elsewhere")
    env = ground.env | {"SONOFOLIO_INSTANCE": str(elsewhere), "DATABASE_URL": (url := databases.bare(elsewhere))}
    (wrong := key.with_name("wrong.txt")).write_text(str(others))
    (cut := key.with_name("cut.tar.gz.age")).write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    for file, identity, says in ((backup, wrong, "does not open this backup"), (cut, key, "cut off")):
        with pytest.raises(RuntimeError, match=rf"ended with 1:(.|\n)*{says}"):
            flask("restore", str(file), "--identity", str(identity), env=env)
    said = flask("restore", str(backup), "--identity", str(key), env=env)
    assert said.startswith("Restored as of ")

    open_database(url)
    files.use("", elsewhere)
    with db.connection_context():
        there = {scan_id for (scan_id,) in Scan.select(Scan.id).tuples()}
        assert before <= there, "acknowledged before the backup began, and lost"
        assert (len(there), str(heads.current())) == (manifest["tables"]["scan"], manifest["head"])
        assert b"".join(files.read(File.get())) == stored
        reckon(before)
        taken = len(there)
    db.obj.close_all()
    open_database(ground.url)
    with db.connection_context():
        assert Scan.select().count() > taken, "the students never stopped"


def _stored(ground) -> bytes:
    """A stored file with its row, as an action leaves it."""
    content = samples.pdf("certificate")
    settings: config.Settings = ground.app.config["SONOFOLIO"]
    files.use("", settings.instance)
    with ground.app.extensions["database"].connection_context(), db.atomic():
        file = files.store(content, at=clock.now())
        history.record("keep", f"file:{file.id}", by=None, at=clock.now())
    return content


def _manifest(backup, identity) -> dict:
    plain = backup.with_name("plain.tar.gz")
    pyrage.decrypt_file(str(backup), str(plain), [identity])
    with gzip.open(plain) as zipped, tarfile.open(fileobj=zipped) as tar:
        return json.load(tar.extractfile("manifest.json"))
