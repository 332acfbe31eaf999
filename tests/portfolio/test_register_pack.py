"""What a student puts together for a register: the checklist, the files for it, the pack."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from datetime import timedelta

import pytest

import clock
from models import Edition, Enrolment, Evidence, File, History, db
from rules.programme import ProgrammeError, parse
from tests.portfolio import samples
from tests.portfolio.test_files import in_folder, keep
from tests.rules.test_programme import raw
from workflows.course import programmes
from workflows.history import verification
from workflows.portfolio import register_pack

PAGE = "/portfolio/register"


def add(client, item: str, content: bytes, name: str = "mine.pdf", **fields: str):
    return client.post(f"{PAGE}/{item}", {"file": (io.BytesIO(content), name), "shows_nobody": "y", **fields})


def edition(person, number: int, content: bytes, **changes) -> Edition:
    enrolment, now = Enrolment.get(Enrolment.person == person), clock.now()
    values = {"state": "made", "made_at": now, "file": keep(content), "purpose": "register", "asked_at": now}
    code = f"7KQ2M-9XA4{number}"
    return Edition.create(enrolment=enrolment, number=number, asked_by=person, code=code, **{**values, **changes})


@pytest.fixture
def amara(cast, browse):
    return browse(cast.amara)


def states(person) -> dict[str, str]:
    return {entry.item.key: entry.state for entry in register_pack.checklist(person).entries}


def test_the_checklist_says_what_the_register_asks_where_it_says_so_and_what_is_missing(amara, cast):
    text = amara.get(PAGE).text
    register = programmes.get("msk-pgcert").register
    asked = [item for item in register.items if item.source]
    assert len(asked) >= 4 and text.count("Asked on the register’s page") == len(asked)
    assert text.count("ask the register whether it wants this") == len(register.items) - len(asked)
    assert text.count(">Needed<") == len(asked) and ">Ask the register<" in text, (
        "no guess of ours is the register's word"
    )
    assert "0 of 6 in the pack" in text and "There is nothing to download yet" in text
    assert "Sonofolio does not record awards yet" in text
    assert states(cast.amara) == {
        **dict.fromkeys(("application-form", "certificate", "curriculum-vitae", "organisation-chart"), "needed"),
        "award": "not yet",
        "portfolio": "needed",
    }
    add(amara, "curriculum-vitae", samples.pdf())
    edition(cast.amara, 1, samples.pdf("first"))
    assert "2 of 6 in the pack" in amara.get(PAGE).text


def test_the_pack_names_every_file_with_its_hash_and_holds_the_newest_edition_that_is_not_void(amara, cast):
    now = clock.now()
    edition(cast.amara, 1, samples.pdf("first"))
    newest = edition(cast.amara, 2, samples.pdf("second"))
    edition(cast.amara, 3, samples.pdf("third"), void_at=now, void_by=cast.amara, void_why="Wrong name")
    edition(cast.amara, 4, samples.pdf("x"), state="asked", made_at=None, file=None)
    sent = {
        "Curriculum vitae.pdf": samples.pdf("y" * 300_000),
        "CASE accredited certificate 1.png": samples.png(),
        "CASE accredited certificate 2.jpg": samples.JPEG,
    }
    add(amara, "curriculum-vitae", sent["Curriculum vitae.pdf"], "../../etc/943 476 5919 \u202egpj.exe")
    add(amara, "certificate", samples.png())
    add(amara, "certificate", samples.JPEG)
    answer = amara.get(f"{PAGE}.zip")
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="Amara Okafor Register of Clinical')
    with zipfile.ZipFile(io.BytesIO(answer.data)) as pack:
        assert pack.testzip() is None
        held = {name: pack.read(name) for name in pack.namelist()}
    index, table = held.pop("index.txt").decode(), held.pop("index.csv").decode("utf-8-sig")
    assert held == {**sent, "Portfolio of scans edition 2.pdf": samples.pdf("second")}
    rows = {row["file"]: row for row in csv.DictReader(io.StringIO(table))}
    assert rows.keys() == held.keys()
    for name, content in held.items():
        digest = hashlib.sha256(content).hexdigest()
        assert (rows[name]["sha256"], rows[name]["bytes"]) == (digest, str(len(content)))
        assert name in index and digest in index
    assert newest.code in index and "943" not in index
    assert index.count("NOT IN THIS PACK") == 3  # the form, the chart, the award
    assert "therct.org.uk" in index and "ask the register" in index


def test_what_was_added_is_the_students_alone_and_goes_for_good_when_removed(amara, cast, browse, tmp_path):
    assert add(amara, "certificate", samples.pdf("hers alone")).location == f"{PAGE}#certificate"
    add(amara, "certificate", samples.pdf("hers alone"))
    mine = Evidence.get()
    assert Evidence.select().count() == 1, "the same file twice is added once"
    assert mine.name == "CASE accredited certificate.pdf", "as the student called it may name a patient"
    address = f"{PAGE}/files/{mine.id}"
    assert amara.get(address).data == samples.pdf("hers alone")
    for person, status in ((cast.tom, 404), (cast.dana, 403), (cast.ian, 403), (cast.esther, 403), (cast.ravi, 403)):
        client = browse(person)
        assert client.get(address).status_code == status
        assert client.post(f"{address}/removal").status_code == status
        assert b"hers alone" not in client.get(f"{PAGE}.zip").data
    toms = browse(cast.tom)
    add(toms, "curriculum-vitae", samples.pdf("hers alone"))  # the very same bytes
    assert amara.post(f"{address}/removal").status_code == 303
    assert amara.get(address).status_code == 404 and states(cast.amara)["certificate"] == "needed"
    assert toms.get(f"{PAGE}/files/{Evidence.get().id}").data == samples.pdf("hers alone")
    toms.post(f"{PAGE}/files/{Evidence.get().id}/removal")
    assert in_folder(tmp_path) == [] and not File.select().exists()
    entries = History.select().where(History.verb.endswith("_evidence")).order_by(History.seq)
    assert [entry.verb.split("_")[0] for entry in entries] == ["add", "add", "remove", "remove"]
    assert verification.verify().findings == []


def test_a_student_says_that_it_shows_no_patient_and_adds_few_files_to_an_item(amara, cast, tmp_path):
    for tick in ({}, {"shows_nobody": ""}):
        answer = amara.post(f"{PAGE}/certificate", {"file": (io.BytesIO(samples.pdf()), "x.pdf"), **tick})
        assert answer.status_code == 422 and "tick that it shows no patient" in answer.text
    assert in_folder(tmp_path) == []
    for number in range(register_pack.MOST_OF_ITEM):
        assert add(amara, "certificate", samples.pdf(str(number))).status_code == 303
    answer = add(amara, "certificate", samples.pdf("one more"))
    assert answer.status_code == 422 and "Remove one first" in answer.text
    assert len(in_folder(tmp_path)) == register_pack.MOST_OF_ITEM, "what was refused is not kept"
    assert "Add another file" not in amara.get(PAGE).text.split('id="certificate"')[1].split("</section>")[0]
    for item in ("award", "portfolio", "no-such-item"):
        assert add(amara, item, samples.pdf()).status_code == 404


def test_a_graduate_goes_on_and_a_programme_without_a_register_has_no_such_page(amara, cast, browse, monkeypatch):
    ended = clock.now().date() - timedelta(days=1)
    Enrolment.update(ended_on=ended, ended_as="graduated").where(Enrolment.person == cast.amara).execute()
    assert amara.get(PAGE).status_code == 200
    assert add(amara, "certificate", samples.pdf()).status_code == 303
    assert amara.get(f"{PAGE}.zip").status_code == 200
    bare = raw()
    del bare["register"]
    course = parse(bare, programmes.get("msk-pgcert").vocabulary)
    monkeypatch.setattr(programmes, "get", lambda key: course)
    for address in (PAGE, f"{PAGE}.zip"):
        assert amara.get(address).status_code == 404
    assert add(amara, "certificate", samples.pdf("more")).status_code == 404


def test_a_mistake_in_what_the_register_asks_is_named():
    words = programmes.get("msk-pgcert").vocabulary

    def says(change) -> str:
        data = raw()
        change(data["register"])
        with pytest.raises(ProgrammeError) as refused:
            parse(data, words)
        return str(refused.value)

    first = lambda register: register["items"][0]  # noqa: E731
    assert "register.items[1].from takes one of portfolio, upload" in says(lambda r: first(r).update({"from": "post"}))
    assert "register.items[1].source takes an address" in says(lambda r: first(r).update(source="their page"))
    assert "register.items[1].key takes small letters" in says(lambda r: first(r).update(key="../x"))
    assert "register.items take different keys" in says(lambda r: first(r).update(key="award"))
    assert "register.name is missing" in says(lambda r: r.pop("name"))


def test_a_file_that_is_added_while_it_is_removed_elsewhere_is_not_half_there(database, cast, monkeypatch, tmp_path):
    """Bytes are written before the transaction; if they went meanwhile, nothing is kept and one is told."""
    from workflows import files

    real = files.write
    monkeypatch.setattr(files, "write", lambda *a, **k: (made := real(*a, **k), files.discard(made.sha256))[0])
    with pytest.raises(OSError):
        register_pack.add("certificate", io.BytesIO(samples.pdf()), by=cast.amara, shows_nobody=True)
    assert not Evidence.select().exists() and in_folder(tmp_path) == []
    assert not db.in_transaction()
