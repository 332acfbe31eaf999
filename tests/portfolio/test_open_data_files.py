"""Files of open data: a long logbook takes little more room than a short one, no half file is left, the command line
writes the same, and the documentation is that of the models.
"""

from __future__ import annotations

import errno
import io
import re
import tempfile
import tracemalloc
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest

import clock
from commands import export_portfolio
from models import Audit, Move, Scan, db
from scripts import logbook_docs
from statements import run
from tests.cast import logged
from tests.client import queries_of
from tests.portfolio.every_kind import approved, enrolment_of
from workflows.portfolio import contents, logbook_tables
from workflows.spreadsheets import LONGEST, Book

ROOT = Path(__file__).resolve().parents[2]


def many(scan: Scan, first: int, number: int) -> None:
    """The scan so many times more, with its story and audits."""
    numbers = f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {first + number - 1})"
    new = "'00000000-0000-4000-8000-' || substr('000000000000' || i, -12)"
    for model, changed in (
        (Scan, {"id": new, "case_number": "i"}),
        (Move, {"id": None, "scan_id": new}),
        (Audit, {"id": None, "scan_id": new}),
    ):
        columns = [one.column_name for one in model._meta.sorted_fields if changed.get(one.column_name, "") is not None]
        values = ", ".join(changed.get(column) or f't."{column}"' for column in columns)
        listed = ", ".join(f'"{column}"' for column in columns)
        table, key = model._meta.table_name, "id" if model is Scan else "scan_id"
        run(
            f'INSERT INTO "{table}" ({listed}) {numbers} SELECT {values} FROM n, "{table}" t WHERE t.{key} = ?', scan.id
        )


@pytest.mark.sqlite
@pytest.mark.slow
def test_a_long_logbook_takes_as_many_queries_and_little_more_memory(cast, monkeypatch):
    scan = approved(logged(cast.amara, cast.ravi, support="aided", report="A long report. " * 60), cast.ravi)
    number, later = enrolment_of(cast.amara).id, clock.now() + timedelta(minutes=5)

    def asked() -> int:
        with queries_of(db) as found:
            book = contents.logbook_of(number, later, complete=True)
        assert len({one.id for one in book.scans}) == len(book.scans) == Scan.select().count()
        assert all((len(one.audits), len(one.story)) == (1, 2) for one in book.scans)
        sizes.append(len(contents.as_json(book)))
        return len(found)

    def peaks() -> list[int]:
        found = []
        for write in (logbook_tables.write_zip, logbook_tables.write_xlsx):
            tracemalloc.start()
            with contents.reading(number, later, complete=True) as reading, tempfile.TemporaryFile() as out:
                write(reading, out)
            found.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        return found

    sizes: list[int] = []
    many(scan, 1000, 9)
    peaks()  # what is made once is made
    with monkeypatch.context() as patch:
        patch.setattr(contents, "AT_ONCE", 5)
        few = asked(), peaks()
        many(scan, 2000, 90)
        lot = asked(), peaks()
        more = sizes[1] - sizes[0]
        assert more > 300_000
        assert all(after - before < more / 4 for before, after in zip(few[1], lot[1], strict=True)), (few, lot)
    before = asked()
    many(scan, 3000, 100)
    assert asked() == before <= 13


@pytest.mark.both
def test_what_is_written_meanwhile_is_in_neither_counts_nor_scans(cast):
    logged(cast.amara, cast.ravi)

    def one_more() -> None:
        with db.connection_context():
            logged(cast.amara, cast.ravi, region="knee", findings=(), normal=("all",))

    with contents.reading(enrolment_of(cast.amara).id, clock.now(), complete=True) as found:
        with ThreadPoolExecutor(1) as other:
            other.submit(one_more).result()
        scans = list(found.scans)
    assert (len(scans), sum(one.with_mentor for one in found.outline.counts.supports)) == (1, 1)
    assert Scan.select().count() == 2


def test_a_text_that_no_cell_holds_is_cut_with_a_word_and_an_old_day_is_text():
    out = io.BytesIO()
    with Book(out) as book:
        book.sheet("a").row(["\U0001f9b4" * 20_000, date(1850, 1, 2), "x" * LONGEST])
    ((bones, day, whole),) = openpyxl.load_workbook(out).active.iter_rows(values_only=True)
    assert bones.startswith("\U0001f9b4" * 16_000)
    assert bones.endswith("The CSV and JSON files have the whole text.]")
    assert (day, len(whole)) == ("1850-01-02", LONGEST)


def test_a_full_disk_is_told_and_leaves_no_half_file(app, browse, cast, monkeypatch, tmp_path):
    def full(reading, out):
        out.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(logbook_tables, "write_zip", full)
    answer = browse(cast.amara).get("/portfolio.csv.zip")
    assert answer.status_code == 507
    assert "no room left" in answer.text
    monkeypatch.setitem(export_portfolio.WRITERS, ".zip", full)
    file = tmp_path / "amara.zip"
    file.write_bytes(b"the last one")
    done = app.test_cli_runner().invoke(args=["export-portfolio", cast.amara.email, str(file)])
    assert (done.exit_code, "No space left" in done.output) == (1, True)
    assert file.read_bytes() == b"the last one"
    assert [one.name for one in tmp_path.glob("*amara*")] == ["amara.zip"]


@pytest.mark.parametrize("write", [logbook_tables.write_zip, logbook_tables.write_xlsx])
def test_a_file_that_cannot_be_finished_leaves_nothing_on_the_disk(cast, monkeypatch, tmp_path, write):
    logged(cast.amara, cast.ravi)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(contents, "_of_scans", lambda model, these: 1 / 0)
    before = sorted(tmp_path.iterdir())
    with (
        pytest.raises(ZeroDivisionError),
        contents.reading(enrolment_of(cast.amara).id, clock.now(), complete=True) as found,
    ):
        write(found, io.BytesIO())
    assert sorted(tmp_path.iterdir()) == before


def test_the_command_writes_what_the_student_downloads(app, browse, cast, all_kinds, tmp_path):
    def export(*words: str):
        return app.test_cli_runner().invoke(args=["export-portfolio", *words])

    amara = browse(cast.amara)
    for ending in ("json", "zip", "xlsx"):
        done = export(" Amara@example.test ", str(tmp_path / f"amara.{ending}"))
        assert (done.exit_code, done.output.count("written to")) == (0, 1), done.output
        assert (tmp_path / f"amara.{ending}").stat().st_mode & 0o077 == 0
    assert (tmp_path / "amara.json").read_bytes() == amara.get("/portfolio.json").data
    assert len(zipfile.ZipFile(tmp_path / "amara.zip").namelist()) == len(logbook_tables.TABLES) + 1
    for words, code, said in (
        (("--help",), 0, "drafts too"),
        (("amara@example.test", str(tmp_path / "a.pdf")), 2, ".json, .zip, .xlsx, not .pdf"),
        (("amara@example.test",), 2, "Missing argument 'FILE'"),
        (("dana@example.test", str(tmp_path / "a.json")), 1, "No student with the address"),
        (("amara@example.test", str(tmp_path / "a.json"), "--cohort", "2019"), 1, "in 2019"),
        (("amara@example.test", str(tmp_path / "nowhere" / "a.json")), 1, "was not written"),
    ):
        done = export(*words)
        assert (done.exit_code, said in done.output) == (code, True), (words, done.output)


# --- Documentation -----------------------------------------------------------------------------------------------


def test_the_documentation_explains_every_field_as_the_models_do():
    assert logbook_docs.PAGE.read_text(encoding="utf-8") == logbook_docs.page(), "python -m scripts.logbook_docs"


def test_each_criterion_of_the_logbook_standard_is_answered_with_tests_that_there_are():
    text = (ROOT / "docs" / "logbook-standard.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| [ED]\d+ \|", line)]
    assert [row[0] for row in rows] == [*(f"E{n}" for n in range(1, 19)), *(f"D{n}" for n in range(1, 14))]
    assert {row[2].strip(" |") for row in rows} <= {"met", "in part", "not", "the operator", "does not apply"}
    assert all(len(row) == 4 for row in rows if row[2] != "does not apply")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text)
    assert len(named) > 20
    for path, name in named:
        assert f"def {name or 'test'}" in (ROOT / path).read_text(encoding="utf-8"), f"{path}::{name}"
