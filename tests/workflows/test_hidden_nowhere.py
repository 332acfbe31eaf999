"""The proof of Hide now: a rare word that stood in every text of a scan stands in no table, no byte of the database's
files, no file of the instance, no export, and in no restored backup.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from peewee import SqliteDatabase

import clock
from commands import worker
from database import open_database
from models import Edition, Enrolment, File, Hiding, Scan, db
from tests.cast import entry_for, logged
from tests.workflows.test_hiding import everything_said, sound
from workflows import files
from workflows.notices import letters
from workflows.portfolio import contents, editions, pdf, shares, signing
from workflows.reviews import reopening, replies, reviews
from workflows.reviews.reviews import Appraisal
from workflows.scans import hidden_list, hiding, scans, transitions

WORD = "quokkaleen"
SAYS = f"Full-thickness tear, as {WORD} told."


@pytest.fixture
def told(cast, settings, monkeypatch) -> Scan:
    """A scan with the word in every text: report, correction, reasons, replies, comment, a mail and an edition."""

    def render(logbook, facts):
        return pdf.Rendered(b"%PDF-1.7\n" + contents.as_json(logbook) + b"\n%%EOF\n", 3, [])

    monkeypatch.setattr(pdf, "render", render)
    monkeypatch.setattr(signing, "sign", lambda content, *, settings, at: content)
    for number in range(30):  # so that the database has pages, and rows move from one to another
        logged(cast.tom, cast.ravi, report=f"{number}: {'a long clear report. ' * 40}")
    scan = logged(cast.amara, cast.ravi, report=SAYS * 40)
    for number in range(30):
        logged(cast.mei, cast.grace, report=f"{number}: {'a long clear report. ' * 40}")
    reviews.send_back(scan.id, by=cast.ravi, version=1, why=f"Who is {WORD}?")
    replies.reply(scan.id, by=cast.amara, why=f"{WORD} is the patient.")
    scans.correct(
        scan.id, entry_for(cast.ravi, report=SAYS + " Bursitis."), by=cast.amara, version=1, received={"a": 1}
    )
    appraisal = Appraisal(seen="machine", agreement="minor")
    reviews.approve(scan.id, by=cast.ravi, version=2, appraisal=appraisal, comment=f"Thank {WORD}.")
    reopening.reopen(scan.id, by=cast.ravi, why=f"{WORD} is named.")
    step = transitions.last_step(scan.id)
    reviews.approve(scan.id, by=cast.ravi, version=2, step=step, appraisal=appraisal, comment=f"Again {WORD}.")
    edition = editions.ask(
        Enrolment.get(Enrolment.person == cast.amara).id, by=cast.amara, purpose="working", declared=False
    )
    assert editions.make_due(settings, "https://sonofolio.test/verify/{}".format) == 1
    shares.share(edition.id, by=cast.amara, label="Employer", days=3)
    with db.atomic():
        letters.write("welcome", address="a@example.test", person=None, words={"text": SAYS}, at=clock.now())
    assert WORD in everything_said() and WORD.encode() in b"".join(files.read(File.get()))
    return Scan.get_by_id(scan.id)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file of an instance but its backups, which keep what they kept: a restored one hides it again."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".gz"}


def where(folder: Path) -> list[str]:
    return [name for name, content in bytes_of(folder).items() if WORD.encode() in content]


def exports(browse, cast) -> str:
    amara, found = browse(cast.amara), ""
    for path in ("/scans.csv", "/portfolio.json", "/me/data.json", "/scans", "/", "/news", "/scans/new"):
        answer = amara.get(path)
        found += answer.text if answer.status_code == 200 else ""
    for person in (cast.ravi, cast.dana, cast.esther):
        found += browse(person).get(f"/scans/{Scan.get(Scan.enrolment == 1).id}").text
    return found


@pytest.mark.slow
def test_the_word_stands_nowhere_any_more(browse, cast, told, settings):
    assert WORD in exports(browse, cast) and where(settings.instance), "it is found where it is"

    hiding.hide(told.id, by=cast.ian)
    assert where(settings.instance) == [], "at once"
    assert worker.JOBS["hidden"].is_due() and worker.JOBS["hidden"].run() == 1

    assert WORD not in everything_said()
    assert where(settings.instance) == []
    assert WORD not in exports(browse, cast)
    assert Hiding.get().cleared_at is not None and not hidden_list.is_due()
    line = json.loads((settings.instance / hidden_list.FILE).read_text())
    assert line["scan"] == told.id and (settings.instance / hidden_list.FILE).stat().st_mode & 0o777 == 0o600
    assert Edition.get().void_at is not None
    sound()


@pytest.mark.slow
def test_a_reader_in_the_way_leaves_it_to_the_worker(cast, told, settings):
    if not isinstance(db.obj, SqliteDatabase):
        pytest.skip("readers are in nobody's way on PostgreSQL")
    import cysqlite

    reader = cysqlite.connect(str(next(settings.instance.glob("*.sqlite3"))))
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM scan").fetchall()
    hiding.hide(told.id, by=cast.ian)
    assert worker.JOBS["hidden"].run() == 0 and worker.JOBS["hidden"].is_due()

    reader.execute("ROLLBACK")
    reader.close()
    assert worker.JOBS["hidden"].run() == 1

    assert where(settings.instance) == [] and not worker.JOBS["hidden"].is_due()


def test_a_restored_backup_hides_it_again(app, browse, cast, told, databases, settings, tmp_path_factory, monkeypatch):
    run = app.test_cli_runner().invoke
    backup = tmp_path_factory.mktemp("backups") / "a.tar.gz"
    assert run(args=["backup", str(backup)]).exit_code == 0
    assert WORD.encode() in gzip.decompress(backup.read_bytes()), "it was made before"
    hiding.hide(told.id, by=cast.ian)
    listed = settings.instance / hidden_list.FILE
    hidden_list.add([{"scan": "of a newer backup", "at": 1, "by": cast.ian.id}])

    place = tmp_path_factory.mktemp("elsewhere")
    url, before = databases.bare(place), db.obj
    opened = open_database(url)
    monkeypatch.setitem(app.config, "SONOFOLIO", replace(settings, instance=place, database_url=url))
    monkeypatch.setitem(app.extensions, "database", opened)
    files.use("", place)
    hidden_list.use(place)
    done = run(args=["restore", str(backup), "--hidden", str(listed)])
    assert done.exit_code == 0, done.output
    assert "Hidden again: the text of 1 scan" in done.output

    with opened.connection_context():
        assert WORD not in everything_said()
        assert (Scan.get_by_id(told.id).state, Hiding.select().count()) == ("returned", 1)
        assert where(place) == []
        assert (place / hidden_list.FILE).read_text() == listed.read_text()
        assert hiding.hide_again([hiding.Again(told.id, Hiding.get().at, cast.ian.id)]) == (0, [])
        sound()
    opened.close_all()
    db.initialize(before)
