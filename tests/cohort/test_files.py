"""The cohort as a file: the same students in the same order, numbers as numbers, and no formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from xml.etree import ElementTree

import pytest

import clock
from models import Cohort, Enrolment, Person, Site
from tests.cast import logged
from tests.cohort.steps import counted, more_students
from tests.security.test_injection import FORMULAS
from workflows.course import programmes
from workflows.reviews import reviews

SPACE = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
BEGINS = ("=", "+", "-", "@", "\t", "\r", "\uff1d")


def file_name(answer) -> str:
    return re.fullmatch('attachment; filename="([a-z0-9.-]+)"', answer.headers["Content-Disposition"])[1]


def csv_rows(client, query: str = "") -> list[list[str]]:
    answer = client.get(f"/cohort.csv{query}")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert file_name(answer).endswith(f"-{clock.now():%Y-%m-%d}.csv")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def xlsx_cells(client, query: str = "") -> dict[str, tuple[str, str]]:
    """Cell -> its kind ("s" text, "n" number) and content, as the XML of the workbook's table has it."""
    answer = client.get(f"/cohort.xlsx{query}")
    assert file_name(answer).endswith(f"-{clock.now():%Y-%m-%d}.xlsx")
    return cells_of(answer, 1)


def cells_of(answer, sheet: int) -> dict[str, tuple[str, str]]:
    book = zipfile.ZipFile(io.BytesIO(answer.data))
    sheet = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))
    assert not sheet.findall(".//x:f", SPACE), "a formula"
    found = {}
    for cell in sheet.findall(".//x:c", SPACE):
        text = cell.find("x:is/x:t", SPACE)
        value = cell.find("x:v", SPACE)
        if text is not None or value is not None:
            found[cell.get("r")] = ("s", text.text or "") if text is not None else ("n", value.text)
    return found


def test_the_file_says_of_which_cohort_when_and_which_part(browse, cast):
    dana, query = browse(cast.dana), f"?show=at-risk&site={cast.croydon.id}&sort=-name&q=o"
    about = {cell: text for cell, (_, text) in cells_of(dana.get(f"/cohort.xlsx{query}"), 2).items()}
    assert [about[f"A{row}"] for row in range(1, 6)] == ["Cohort", "Programme", "Made", "Shows", "History"]
    assert (about["B1"], about["B2"]) == ("September 2026", "PgCert Musculoskeletal Ultrasound Imaging")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", about["B3"])
    assert about["B4"] == "At risk; Croydon MSK clinic; named “o”, in this order: name, largest first"
    heads = about["B5"], dana.get(f"/cohort.csv{query}").headers["X-History-Head"]
    assert all(re.fullmatch(r"\d+:[0-9a-f]{64}", head) for head in heads)


def test_the_headings_stand_in_the_first_row_with_the_address_beside_the_name(browse, cast):
    dana = browse(cast.dana)
    rows, cells = csv_rows(dana, "?sort=-name"), xlsx_cells(dana, "?sort=-name")
    heads = ["Student", "E-mail", "Aided, audited", "Unaided"]
    assert rows[0][:4] == heads == [cells[f"{letter}1"][1] for letter in "ABCD"]
    assert rows[1][:2] == ["Tom Bright", "tom@example.test"] == [cells["A2"][1], cells["B2"][1]]
    assert [row[0] for row in rows[1:]] == ["Tom Bright", "Mei Chen", "Amara Okafor"]


def test_two_of_one_name_are_told_apart_by_site_or_address_in_lists_and_files(browse, cast):
    Person.update(name="Anna Müller").where(Person.id == cast.amara).execute()
    Person.update(name="ANNA MULLER").where(Person.id == cast.mei).execute()
    dana = browse(cast.dana)
    by_site = ["ANNA MULLER (Brighton sports clinic)", "Anna Müller (Croydon MSK clinic)", "Tom Bright"]
    assert sorted(row[0] for row in csv_rows(dana)[1:]) == by_site
    assert all(name in unescape(dana.get("/cohort").text) for name in by_site)
    by_address = ["ANNA MULLER (m…)", "Anna Müller (a…)"]
    assert all(name in unescape(dana.get("/students").text) for name in by_address)
    Person.update(name="Anna Muller").where(Person.id == cast.tom).execute()
    assert {"Anna Müller (a…)", "Anna Muller (t…)"} < {row[0] for row in csv_rows(dana)[1:]}


@pytest.mark.parametrize(
    ("called", "query", "begins"),
    [
        ("September 2026", "", "sonofolio-september-2026-20"),
        ("2025 MSK", "?show=at-risk&show=audit-debt", "sonofolio-2025-msk-at-risk-audit-debt-20"),
        ("2025 MSK", "?show=at-risk&q=amara", "sonofolio-2025-msk-at-risk-part-20"),
        ("Été, 2025", "?sort=-aided&page=2", "sonofolio-ete-2025-20"),
        ('../"x"\r\nSet-Cookie: a=b', "", "sonofolio-x-set-cookie-a-b-20"),
        ("Группа", "", "sonofolio-cohort-20"),
        ("long " * 40, "", "sonofolio-long-long-long-long-long-long-long-long-20"),
    ],
)
def test_the_files_name_says_of_which_cohort_which_part_and_when(browse, cast, called, query, begins):
    Cohort.update(name=called).execute()
    for kind in ("csv", "xlsx"):
        name = file_name(browse(cast.dana).get(f"/cohort.{kind}{query}"))
        assert name.startswith(begins) and name.endswith(f"{clock.now():%Y-%m-%d}.{kind}")


def test_the_file_holds_every_page(browse, cast):
    more_students(cast.cohort, 60)
    dana = browse(cast.dana)
    assert len(csv_rows(dana, "?page=2")) == 1 + 60
    assert len([cell for cell in xlsx_cells(dana) if re.fullmatch("A[0-9]+", cell)]) == 1 + 60


def test_each_student_has_their_numbers_days_and_reasons(browse, cast):
    counted(cast.amara, cast.ravi, 3)
    rows = csv_rows(browse(cast.dana))
    amara = dict(zip(rows[0], next(row for row in rows if row and row[0] == "Amara Okafor"), strict=True))
    assert (amara["Unaided"], amara["Counted"], amara["Aided, audited"]) == ("3", "3", "0")
    assert amara["Last logged"] == clock.now().date().isoformat() and amara["Forecast"] == "", "three are too few"
    assert float(amara["Needed a week"]) > 8 and amara["Reasons"].startswith("Student: 61 behind")
    assert amara["Status"] == "At risk · 61 behind" and amara["Missing"].startswith("100 aided and 147 unaided")
    assert amara["Sites"] == "Croydon MSK clinic" and amara["Mentors"] == "Priya Nair; Ravi Patel"
    assert amara["Shoulder"] == "3" and amara["Elbow"] == "0"


def test_who_has_left_needs_nothing_a_week_and_has_no_forecast(browse, cast):
    logged(cast.amara, cast.ravi)
    ended = Enrolment.update(ended_on=date(2026, 6, 12), ended_as="left")
    ended.where(Enrolment.person == cast.amara).execute()
    rows = csv_rows(browse(cast.dana))
    amara = dict(zip(rows[0], rows[-1], strict=True))
    assert (amara["Student"], amara["Status"]) == ("Amara Okafor", "Left")
    assert (amara["Needed a week"], amara["Forecast"]) == ("", "")


def test_in_the_workbook_numbers_are_numbers_and_days_are_days(browse, cast):
    counted(cast.amara, cast.ravi, 3)
    cells = xlsx_cells(browse(cast.dana), "?sort=name")
    assert cells["A2"] == ("s", "Amara Okafor") and cells["D2"] == ("n", "3")
    heads = {text: cell[:-1] for cell, (_, text) in cells.items() if re.fullmatch("[A-Z]+1", cell)}
    today = (clock.now().date() - date(1899, 12, 30)).days
    assert cells[f"{heads['Last logged']}2"] == ("n", str(today))
    assert f"{heads['Forecast']}3" not in cells  # Mei has none: an empty cell, not the word


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_either_file_is_a_formula(browse, cast, formula):
    Person.update(name=formula).execute()
    Site.update(name=formula).where(Site.id == cast.croydon.id).execute()
    Cohort.update(name=formula).execute()
    dana = browse(cast.dana)
    rows = csv_rows(dana, f"?site={cast.croydon.id}")
    texts = [cell for row in rows for cell in row]
    texts += [text for kind, text in xlsx_cells(dana, f"?site={cast.croydon.id}").values() if kind == "s"]
    texts += [text for kind, text in cells_of(dana.get("/cohort.xlsx"), 2).values() if kind == "s"]
    assert len(rows) == 1 + 2
    for text in texts:
        assert not text.lstrip(' \n"\u00a0').startswith(BEGINS), repr(text)


def test_a_web_address_in_a_name_stays_text(browse, cast):
    Person.update(name="https://example.test/x").where(Person.id == cast.amara).execute()
    answer = browse(cast.dana).get("/cohort.xlsx")
    assert "hyperlink" not in zipfile.ZipFile(io.BytesIO(answer.data)).read("xl/worksheets/sheet1.xml").decode()


def test_a_cohort_whose_due_date_has_passed_goes_into_a_file_too(browse, cast):
    today = clock.now().date()
    Cohort.update(starts_on=today - timedelta(days=300), due_on=today - timedelta(days=2)).execute()
    dana = browse(cast.dana)
    assert "250 missing after the due date" in str(csv_rows(dana)) and xlsx_cells(dana)


def test_procedures_are_in_the_file_by_part_approved_and_not(browse, cast, monkeypatch):
    for role, is_approved in (("observed", True), ("observed", True), ("observed", False), ("performed", True)):
        scan = logged(cast.tom, cast.ravi, procedure="barbotage", procedure_role=role, report="Barbotage.")
        if is_approved:
            reviews.approve(scan.id, by=cast.ravi, version=scan.version)
    dana = browse(cast.dana)
    *_, heads, first, second, third = csv_rows(dana, "?sort=name")
    rows = {row[0]: dict(zip(heads, row, strict=True)) for row in (first, second, third)}
    told = {
        head.removeprefix("Procedures "): value for head, value in rows["Tom Bright"].items() if "Procedures" in head
    }
    assert told == {
        "observed, approved": "2",
        "observed, not yet approved": "1",
        "assisted, approved": "0",
        "assisted, not yet approved": "0",
        "performed, approved": "1",
        "performed, not yet approved": "0",
    }
    assert rows["Tom Bright"]["Counted"] == "0" and rows["Amara Okafor"]["Procedures observed, approved"] == "0"
    numbers = xlsx_cells(dana, "?sort=name")
    assert ("s", "Procedures observed, approved") in numbers.values() and ("n", "2") in numbers.values()
    whole = programmes.get(cast.cohort.programme)
    monkeypatch.setitem(programmes._loaded, whole.key, replace(whole, procedures_count=True))
    assert not any("Procedures" in cell for row in csv_rows(dana) for cell in row), "they count with the scans"
