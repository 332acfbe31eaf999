"""Backups: whole or not at all, proved by restoring them, refused with a sentence when something is wrong."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import clock
import config
from commands import worker
from database import MIGRATIONS, migrate, open_database, pending
from models import Scan, Site, db
from rules import backups
from tests.cast import SECRET, logged
from workflows.backup import archive, proof
from workflows.backup.work_folder import work_folder
from workflows.history import heads, keys
from workflows.scans import hidden_list


@pytest.fixture
def run(app):
    """`run("backup", ...)` runs a command."""
    return lambda *words: app.test_cli_runner().invoke(args=[str(word) for word in words])


@pytest.fixture
def elsewhere(app, databases, tmp_path, monkeypatch):
    """An empty place; the application is the one there from now on when `go` is called."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    url = databases.bare(folder)

    opened = []

    def go() -> config.Settings:
        opened.append(open_database(url))
        settings = replace(app.config["SONOFOLIO"], instance=folder, database_url=url)
        monkeypatch.setitem(app.config, "SONOFOLIO", settings)
        monkeypatch.setitem(app.extensions, "database", opened[-1])
        return settings

    yield go
    for one in opened:
        one.close_all()


@pytest.fixture
def made(cast, run, tmp_path) -> Path:
    """A backup with two scans."""
    logged(cast.amara, cast.ravi)
    logged(cast.tom, cast.ravi, region="knee", findings=(), normal=("all",), report="")
    heads.anchor(tmp_path / heads.FILE)
    file = tmp_path / "made" / "backup.tar.gz"
    file.parent.mkdir()
    done = run("backup", file)
    assert done.exit_code == 0, done.output
    return file


def members_of(file: Path) -> dict[str, bytes]:
    with tarfile.open(file) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar}


def written(members: dict[str, bytes], file: Path) -> Path:
    with gzip.open(file, "wb") as zipped, tarfile.open(fileobj=zipped, mode="w|") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file


def test_a_backup_is_restored_into_an_empty_place_and_nowhere_else(made, run, elsewhere, cast, tmp_path):
    head = str(heads.current())
    refused = run("restore", made)
    assert refused.exit_code == 1
    assert "holds 10 people. A backup is restored into an empty place" in refused.output
    assert run("restore", made, "--check").exit_code == 0
    later = logged(cast.mei, cast.grace)
    heads.anchor(tmp_path / heads.FILE)
    there = elsewhere()
    (there.instance / heads.FILE).write_text((tmp_path / heads.FILE).read_text())
    done = run("restore", made)
    assert done.exit_code == 0, done.output
    assert "verify-history --accept-restore" in done.output, "a head was anchored after the backup"
    with db.connection_context():
        assert (str(heads.current()), Scan.select().count()) == (head, 2)
        assert not Scan.select().where(Scan.id == later.id).exists()
    assert "holds 10 people" in run("restore", made).output
    assert list((there.instance / "backup-work").iterdir()) == []


def test_whatever_is_wrong_with_a_file_is_told_and_changes_nothing(made, run, elsewhere, databases, tmp_path):
    members = members_of(made)
    manifest = json.loads(members["manifest.json"])
    database = next(name for name in members if name.startswith("database"))
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[databases.name]
    others = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}[other]

    def with_manifest(**changes: object) -> dict[str, bytes]:
        return {**members, "manifest.json": json.dumps({**manifest, **changes}).encode()}

    size = made.stat().st_size
    flipped = bytearray(members[database])
    flipped[len(flipped) // 2] ^= 1
    tables = {**manifest["tables"], "scan": 3}
    renamed = {others if name == database else name: one for name, one in manifest["members"].items()}
    wrong = {
        "is not a backup of Sonofolio": [
            b"",
            b"hello",
            gzip.compress(b"hello" * 1000),
            written({}, made.with_name("e")),
        ],
        "cut off": [made.read_bytes()[:at] for at in (40, size // 3, size - 20, size - 1)],
        "was changed": [{**members, database: bytes(flipped)}, {**members, "more": b"x"}],
        "cannot be read": [{**members, "manifest.json": b"{}"}],
        "names what no backup has": [
            with_manifest(members={**manifest["members"], "../x": manifest["members"][database]})
        ],
        "made by a newer release": [with_manifest(release="9999_later"), with_manifest(format=2)],
        f"a backup of a database of {other}": [
            {**with_manifest(database=other, members=renamed), others: b""},
        ],
        "signed with a key that is not known here": [with_manifest(keys=["00000000"])],
        "The table scan has 2 rows, not 3": [with_manifest(tables=tables)],
        "not at 5:": [with_manifest(head="5:" + "0" * 64)],
        "to its end": [{name: one for name, one in members.items() if name != database}],
    }
    elsewhere()
    for says, files in wrong.items():
        for number, content in enumerate(files):
            file = tmp_path / f"wrong{number}"
            if isinstance(content, dict):
                written(content, file)
            elif isinstance(content, bytes):
                file.write_bytes(content)
            else:
                file = content
            done = run("restore", file)
            assert (done.exit_code, says in done.output) == (1, True), (says, number, done.output)
            assert not isinstance(done.exception, Exception) or isinstance(done.exception, SystemExit)
    with db.connection_context():
        assert db.get_tables() == []
    assert run("restore", tmp_path / "none").exit_code == 2
    assert run("backup", made).exit_code == 2, "it is there already"
    keys.use("another SECRET_KEY, of at least 32 characters")
    assert "SECRET_KEY" in run("restore", made).output
    keys.use(SECRET)
    assert run("restore", made).exit_code == 0


@pytest.mark.sqlite
@pytest.mark.parametrize("last", ["0018", "9999"])
def test_an_older_releases_backup_is_brought_up_to_date(app, run, elsewhere, databases, tmp_path, last):
    """Also one of before texts could be hidden, where some have been hidden since."""
    steps = [step for step in sorted(MIGRATIONS.glob("0*.py"))[:-1] if step.stem < last]
    (before := tmp_path / "migrations").mkdir()
    for step in steps:
        (before / step.name).symlink_to(step)
    older = open_database(url := databases.bare(tmp_path))
    migrate(older, before)
    older.execute_sql("INSERT INTO site (name) VALUES ('Croydon MSK clinic')")
    older.close_all()
    file = Path(url.removeprefix("sqlite:///"))
    manifest = {
        "format": 1,
        "release": steps[-1].stem,
        "database": "sqlite",
        "made_at": clock.now().isoformat(),
        "head": "",
        "keys": [],
        "tables": {"site": 1},
        "members": {"database.sqlite3": archive.member_of(file).model_dump()},
    }
    members = {"manifest.json": json.dumps(manifest).encode(), "database.sqlite3": file.read_bytes()}
    hidden = elsewhere().instance / hidden_list.FILE
    hidden.write_text('{"at": 1, "by": 1, "scan": "0b1a5a3e-6d0a-4c2e-9d55-3c1f5f0c9a11"}\n')
    done = run("restore", written(members, tmp_path / "older.tar.gz"))
    assert done.exit_code == 0, done.output
    assert pending(app.extensions["database"]) == []
    with db.connection_context():
        assert Site.get().name == "Croydon MSK clinic"


def test_an_altered_record_is_not_restored(made, run, cast, elsewhere):
    cast.tom.__class__.update(name="Somebody").where(cast.tom.__class__.id == cast.tom.id).execute()
    later = made.with_name("later.tar.gz")
    assert run("backup", later).exit_code == 0
    proved = run("backup", made.with_name("proved.tar.gz"), "--prove")
    assert proved.exit_code == 1
    elsewhere()
    done = run("restore", later)
    assert done.exit_code == 1
    assert f"Person {cast.tom.id} does not say what it said" in done.output


def test_a_database_in_use_is_not_replaced(made, run, elsewhere, databases):
    there = elsewhere()
    migrate(open_database(there.database_url))
    assert run("restore", made, "--check").exit_code == 0
    if databases.name == "sqlite":
        import cysqlite

        service = cysqlite.connect(there.database_url.removeprefix("sqlite:///"))
        service.execute("SELECT * FROM person").fetchall()
    else:
        import psycopg

        service = psycopg.connect(there.database_url)
    done = run("restore", made)
    service.close()
    assert (done.exit_code, "is in use. Stop the service" in done.output) == (1, True), done.output
    assert run("restore", made).exit_code == 0, "a migrated database without people is an empty place"


@pytest.mark.sqlite
def test_no_half_file_is_left_on_a_full_disk_or_by_one_that_was_killed(cast, run, tmp_path, monkeypatch):
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "sonofolio-20261101T020000Z.tar.gz.part").write_bytes(b"killed")
    full = OSError(28, os.strerror(28))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: (_ for _ in ()).throw(full))
        done = run("backup")
    assert (done.exit_code, "There is no room for" in done.output) == (1, True), done.output
    assert list(folder.iterdir()) == []
    with work_folder(tmp_path):
        assert "Another backup or restore is at work" in run("backup").output
    (tmp_path / "backup-work" / "left").write_bytes(b"killed")
    assert run("backup").exit_code == 0
    assert list((tmp_path / "backup-work").iterdir()) == []
    assert [file.stat().st_mode & 0o777 for file in folder.iterdir()] == [0o600]


@pytest.mark.sqlite
def test_the_worker_backs_up_each_night_and_says_what_failed(app, cast, run, tmp_path, monkeypatch):
    folder, now = tmp_path / "backups", clock.now()
    old = [now - timedelta(days=days) for days in range(1, 60)]
    folder.mkdir()
    for at in old:
        (folder / backups.name_of(at, encrypted=False)).write_bytes(b"old")

    def is_due() -> bool:
        with app.app_context():
            return worker.JOBS["backup"].is_due()

    monkeypatch.setitem(app.config, "SONOFOLIO", replace(app.config["SONOFOLIO"], backup_folder=folder))
    assert is_due()
    with monkeypatch.context() as patch:
        patch.setattr(keys, "of", lambda key: None)
        assert run("backup", "--nightly").exit_code == 1
    failed = proof.read(tmp_path)
    assert (failed.failures, failed.made_at) == (1, None) and "SECRET_KEY" in failed.reason
    assert len(list(folder.glob("*.unproved"))) == 1 and len(list(folder.iterdir())) == len(old) + 1
    assert not is_due(), "not at once again"
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=10))
    assert is_due()
    done = run("backup", "--nightly")
    assert done.exit_code == 0, done.output
    proved = proof.read(tmp_path)
    assert (proved.failures, proved.made_at) == (0, clock.now())
    assert not is_due()
    assert run("backup", "--nightly").output == "", "a second worker does nothing"
    there = {backups.made_at(file.name) for file in folder.iterdir()}
    assert there == backups.to_keep(there) and proved.made_at.replace(microsecond=0) in there
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=2))
    assert is_due()
