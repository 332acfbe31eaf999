"""`flask verify-history`: what it says, how it ends, and how a backup that was put back is accepted."""

from __future__ import annotations

import json

import pytest

from models import History
from statements import run
from tests.cast import logged
from workflows.counts import recount
from workflows.history import heads
from workflows.reviews import reviews


@pytest.fixture
def verify(app):
    """`verify("--head", ...)` runs the command."""
    return lambda *words: app.test_cli_runner().invoke(args=["verify-history", *words])


@pytest.fixture
def file(app):
    """The file of anchored heads."""
    return app.config["SONOFOLIO"].instance / heads.FILE


def restore(seq: int) -> None:
    """The database as it was when this was its last entry: a backup put back."""
    for table, key in (("move", "scan_id"), ("scan", "id")):
        for name in History.select(History.object).where(History.seq > seq, History.verb == "log").tuples():
            run(f"DELETE FROM {table} WHERE {key} = ?", name[0].removeprefix("scan:"))
    run("DELETE FROM history WHERE seq > ?", seq)
    run("DELETE FROM tally")
    recount.mend_all()


def test_a_sound_record_is_told_with_its_head_and_anchored(cast, verify, file):
    logged(cast.amara, cast.ravi)
    done = verify()
    head = heads.current()
    assert (done.exit_code, done.stdout) == (0, f"{head.rows} entries, sound. Head {head}\n")
    assert heads.last_verification(file)[1] == 0
    assert [(one.seq, one.hash) for one in heads.read(file)] == [(head.seq, head.hash)]
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_differs_is_listed_with_the_first_bad_entry(cast, verify, file):
    logged(cast.amara, cast.ravi)
    run("UPDATE person SET name = 'Somebody' WHERE id = ?", cast.tom.id)
    run("UPDATE history SET verb = 'enrol' WHERE seq = 2")
    done = verify()
    assert done.exit_code == 1
    assert "Entry 2 of history was changed." in done.stderr
    assert f"Person {cast.tom.id} does not say what it said" in done.stderr
    assert "The first bad entry is 2." in done.stderr
    assert heads.last_verification(file)[1] > 1


def test_heads_that_are_kept_elsewhere_are_looked_for(cast, verify, tmp_path):
    scan = logged(cast.amara, cast.ravi)
    kept, later = heads.current(), tmp_path / "copy.jsonl"
    reviews.approve(scan.id, by=cast.ravi, version=1)
    later.write_text(json.dumps(vars(heads.current())) + "\n")
    assert verify("--head", str(kept), "--heads", str(later)).exit_code == 0
    other = f"{kept.seq}:{'0' * 64}"
    assert "is not in history any more" in verify("--head", other).stderr
    for wrong in (["--head", "57"], ["--heads", str(tmp_path / "none")], ["--heads", __file__]):
        assert verify(*wrong).exit_code == 2, wrong


def test_a_backup_that_was_put_back_is_found_and_can_be_accepted(cast, verify, file):
    logged(cast.amara, cast.ravi)
    backup = heads.current()
    verify()
    for _ in range(3):
        logged(cast.amara, cast.ravi)
        heads.anchor(file)
    lost = heads.current()
    restore(backup.seq)
    done = verify()
    assert done.exit_code == 1 and f"entry {backup.seq + 1} with hash" in done.stderr
    assert f"History ends at entry {backup.seq}." in done.stderr
    logged(cast.amara, cast.ravi)  # work has gone on before anybody looked
    run("UPDATE person SET name = 'Somebody' WHERE id = ?", cast.tom.id)
    assert verify("--accept-restore").exit_code == 1, "something else differs too"
    run("UPDATE person SET name = ? WHERE id = ?", cast.tom.name, cast.tom.id)
    done = verify("--accept-restore")
    assert done.exit_code == 0, done.stderr
    assert f"from entry {backup.seq + 1} on" in done.stdout
    said = History.select().order_by(History.seq.desc()).get()
    assert said.verb == "accept_restore" and str(lost) in said.payload
    assert verify().exit_code == 0
    restore(backup.seq - 1)
    assert verify().exit_code == 1, "what was anchored before the restore, and since, still has to be there"


def test_migrating_takes_over_what_was_there_before_there_were_digests(cast, verify, app):
    logged(cast.amara, cast.ravi)
    migrate = app.test_cli_runner()
    run("DELETE FROM history")
    assert verify().exit_code == 1
    assert migrate.invoke(args=["migrate"]).exit_code == 0
    before = heads.current()
    assert migrate.invoke(args=["migrate"]).exit_code == 0
    assert verify("--head", str(before)).exit_code == 0
    assert heads.current().seq == before.seq, "nothing was entered again"


def test_a_line_that_a_power_cut_left_half_written_says_nothing(cast, verify, file):
    verify()
    with file.open("a") as half:
        half.write('\n{"seq": 7, "ha')
    logged(cast.amara, cast.ravi)
    assert verify().exit_code == 0
    assert len(heads.read(file)) == 2


def test_an_export_holds_the_head_and_anchors_it(cast, browse, file):
    logged(cast.amara, cast.ravi)
    response = browse(cast.amara).get("/scans.csv")
    assert response.headers["X-History-Head"] == str(heads.current())
    assert browse(cast.dana).get("/cohort.csv").headers["X-History-Head"] == str(heads.current())
    assert [one.hash for one in heads.read(file)][-1] == heads.current().hash


def test_an_export_is_not_kept_back_when_the_file_cannot_be_written(cast, browse, file):
    file.mkdir()
    assert browse(cast.amara).get("/scans.csv").status_code == 200
