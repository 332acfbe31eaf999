"""Stored files: whole or not at all, one for the same bytes, never changed unseen."""

from __future__ import annotations

import errno
import io
import os
import socket
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from obstore.store import LocalStore, MemoryStore

import clock
from models import Edition, Enrolment, Evidence, File, db
from rules.file_kinds import JPEG, PDF, PNG
from tests.portfolio import samples
from workflows import files
from workflows.history import history, records, verification
from workflows.refusals import Invalid

ALL = (PDF, PNG, JPEG)


def keep(content: bytes, kinds=ALL) -> File:
    with db.atomic():
        stored = files.store(content, at=clock.now(), kinds=kinds)
        history.record("keep", f"file:{stored.id}", by=None, at=clock.now())
    return stored


def in_folder(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


@pytest.fixture(params=["a folder", "an object store in memory", "an object store on the disk"])
def store(request, database, tmp_path, monkeypatch):
    """Each place in which files can be. There is no S3 here: obstore's own stores stand for it, by the same calls."""
    if request.param != "a folder":
        objects = MemoryStore() if "memory" in request.param else LocalStore(tmp_path / "objects", mkdir=True)
        monkeypatch.setattr(files, "_used", [files.ObjectStore(objects)])
    return files._used[0]


def test_a_file_is_given_back_as_it_was_and_kept_once(store):
    content = samples.pdf("x" * 200_000)
    stored = keep(content)
    pieces = list(files.read(stored))
    assert b"".join(pieces) == content and len(pieces) > 2
    assert (stored.kind, stored.bytes) == (PDF, len(content))
    assert keep(content).id == stored.id, "the same bytes are one file"
    assert keep(samples.png()).kind == PNG and keep(samples.JPEG).kind == JPEG
    assert File.select().count() == len(list(store.names())) == 3
    later = clock.now() + timedelta(hours=2)
    assert list(files.check(later)) == []
    assert verification.verify().findings == []


def test_a_missing_or_changed_file_is_told_before_any_of_it_is_given(store):
    gone, changed, cut = (keep(samples.pdf(word)) for word in ("gone", "changed", "cut"))
    spare = files.write(samples.pdf("without a row"))
    store.delete(files.name_of(gone.sha256))
    store.write(files.name_of(changed.sha256), io.BytesIO(samples.pdf("changeD")))
    store.write(files.name_of(cut.sha256), io.BytesIO(samples.pdf("cut")[:-1]))
    for file in (gone, changed, cut):
        with pytest.raises(files.MissingFile, match=file.sha256[:12]):
            files.read(file)
    later = clock.now() + timedelta(hours=2)
    assert {line.split(": ")[1] for line in files.check(later)} == {"missing", "changed", "no record refers to it"}
    assert len(list(files.check(later))) == 4
    assert len(list(files.check(clock.now()))) == 3, "what is being written has no row yet"
    files.discard(spare.sha256)
    files.discard(cut.sha256)  # has a row
    assert len(list(files.check(later))) == 3
    assert keep(samples.pdf("gone")).id == gone.id and list(files.read(gone)), "stored again, it is there again"


def test_what_it_is_is_said_by_its_content_and_what_is_not_taken_leaves_nothing(store):
    for what, (content, _) in samples.NOT_TAKEN.items():
        with pytest.raises(Invalid) as refused:
            files.write(content, kinds=ALL, field="certificate")
        assert list(refused.value.problems) == ["certificate"], what
    with pytest.raises(Invalid, match="This is no PDF file, whatever its name says"):
        files.write(samples.png())
    assert list(store.names()) == []


def test_a_file_is_deleted_when_nothing_refers_to_it_any_more(store, cast):
    stored = keep(samples.pdf())
    enrolment = Enrolment.get(Enrolment.person == cast.amara)
    values = {"enrolment": enrolment, "item": "cv", "name": "cv.pdf", "file": stored, "by": cast.amara}

    def forget(evidence):
        with db.atomic():
            records.write(Evidence.delete().where(Evidence.id == evidence.id))
            files.release(stored)
            history.record("forget", f"evidence:{evidence.id}", by=None, at=clock.now())
        files.discard(stored.sha256)

    with db.atomic():
        first, second = (records.create(Evidence, **values, made_at=clock.now()) for _ in range(2))
        history.record("add", "evidence", by=None, at=clock.now())
    forget(first)
    assert list(files.read(stored)), "the other refers to it"
    forget(second)
    assert not File.select().exists() and list(store.names()) == []
    assert verification.verify().findings == []


def test_a_row_is_not_written_for_bytes_that_went_meanwhile(store):
    written = files.write(samples.pdf())
    files.discard(written.sha256)
    with pytest.raises(OSError), db.atomic():
        files.store(written, at=clock.now())
    assert not File.select().exists()


def test_a_kill_or_a_full_disk_leaves_no_half_file(database, tmp_path, monkeypatch):
    """A file gets its name after its last byte is on the disk, and the folder after that."""
    order = []
    for module, name in ((os, "fsync"), (Path, "replace")):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, real=real, name=name: (order.append(name), real(*a))[1])
    written = files.write(samples.pdf("whole"))
    assert order == ["fsync", "replace", "fsync", "fsync"]
    path = tmp_path / "files" / written.sha256[:2] / written.sha256
    assert in_folder(tmp_path) == [path]
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)

    class Killed(BaseException):
        pass

    full = OSError(errno.ENOSPC, "No space left on device")
    for module, step, fault in ((Path, "replace", Killed()), (os, "fsync", full)):
        with monkeypatch.context() as patch:
            patch.setattr(module, step, lambda *a, fault=fault: (_ for _ in ()).throw(fault))
            with pytest.raises(type(fault)):
                files.write(samples.pdf(f"half {step}"))
        assert in_folder(tmp_path) == [path]


def test_what_a_killed_writer_left_is_swept_at_the_next_start(database, tmp_path):
    left, being_written = (tmp_path / "files" / f"{name}.part" for name in ("left", "now"))
    for part in (left, being_written):
        part.write_bytes(b"%PDF-1.7 half")
    long_ago = (clock.now() - timedelta(hours=2)).timestamp()
    os.utime(left, (long_ago, long_ago))
    files.use("", tmp_path)
    assert in_folder(tmp_path) == [being_written]
    assert list(files.check(clock.now() + timedelta(days=1))) == [], "it is no file yet"


def test_a_bucket_that_does_not_answer_is_told_as_a_disk_that_does_not(database, tmp_path, monkeypatch):
    with closing(socket.socket()) as bound:  # and nobody listens
        bound.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{bound.getsockname()[1]}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
            monkeypatch.setenv(name, "none")
        files.use("s3://bucket/prefix", tmp_path)
        with pytest.raises(OSError) as refused:
            files.write(samples.pdf())
        assert refused.value.errno == errno.EIO


def test_the_command_compares_files_and_rows_and_ends_with_one_when_they_differ(app, tmp_path):
    stored = keep(samples.pdf())
    run = app.test_cli_runner().invoke
    assert (run(args=["check-files"]).exit_code, run(args=["check-files"]).output) == (
        0,
        "Every file is as it was stored.\n",
    )
    (path,) = in_folder(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"portfolio", b"portfoliO"))
    ran = run(args=["check-files"])
    assert ran.exit_code == 1 and f"{stored.sha256}: changed" in ran.output and "1 file differs." in ran.output


def test_an_edition_refers_to_its_file():
    """What refers to files is read from the tables, so that a new table does as well."""
    assert {key.model for key in File._meta.backrefs} >= {Edition, Evidence}
