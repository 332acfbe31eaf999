"""A portfolio as open data: everything is there once, every file says the same, each has what is theirs to read."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from datetime import timedelta

import jsonschema
import openpyxl

import clock
from models import Enrolment, Scan, db
from rules import cells, logbook, merkle
from tests.cast import PASSWORD_HASH, logged
from tests.portfolio.every_kind import approved, enrolment_of
from workflows.counts import tally_queries
from workflows.course import programmes
from workflows.history import history, records
from workflows.portfolio import contents, logbook_tables
from workflows.reviews import reviews
from workflows.scans import transitions

OWN = ("json", "csv.zip", "xlsx")
SAME = (
    "definitions",
    "interruptions",
    "placements",
    "scans",
    "earlier",
    "earlier_logbooks",
    "editions",
    "shares",
    "evidence",
)  # tables


def downloaded(client, path: str = "/portfolio") -> tuple[dict, dict, dict]:
    """The JSON, the CSV files and the sheets: table -> rows of texts as somebody wrote them, the headings first."""
    answers = [client.get(f"{path}.{ending}") for ending in OWN]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    for answer, ending in zip(answers, OWN, strict=True):
        name = re.fullmatch(r'attachment; filename="?([a-z0-9.-]+)"?', answer.headers["Content-Disposition"])[1]
        assert name.endswith(f"-{programmes.get('msk-pgcert').today(clock.now())}.{ending}")
    zipped = zipfile.ZipFile(io.BytesIO(answers[1].data))
    assert zipped.testzip() is None
    names = [name.removesuffix(".csv") for name in zipped.namelist() if name != "README.txt"]
    texts = {name: zipped.read(f"{name}.csv").decode("utf-8-sig") for name in names}
    csvs = {name: list(csv.reader(io.StringIO(text, newline=""))) for name, text in texts.items()}
    book = openpyxl.load_workbook(io.BytesIO(answers[2].data))
    sheets = {sheet.title: [[_plain(cell.value) for cell in row] for row in sheet.iter_rows()] for sheet in book}
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    return answers[0].json, csvs, sheets


def _plain(value: object) -> str:
    if value is None:
        return ""
    return f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else str(value)


def test_the_json_fits_its_published_schema_and_has_every_scan_once(browse, cast, all_kinds):
    amara = browse(cast.amara)
    published = browse(None).get("/schemas/logbook-1.json")
    assert published.mimetype == "application/schema+json"
    jsonschema.Draft202012Validator.check_schema(published.get_json(force=True))
    answer = amara.get("/portfolio.json")
    found = answer.json
    jsonschema.validate(found, published.get_json(force=True), jsonschema.Draft202012Validator)
    assert answer.data == amara.get("/portfolio.json").data, "the same data, the same bytes"
    assert logbook.Logbook.model_validate_json(answer.data).model_dump(mode="json") == found

    kept = {scan.id: scan for scan in Scan.select().where(Scan.enrolment == all_kinds)}
    assert [scan["case_number"] for scan in found["scans"]] == list(range(1, len(kept) + 1))
    assert {scan["id"] for scan in found["scans"]} == kept.keys()
    for scan in found["scans"]:
        row = kept[scan["id"]]
        assert (scan["state"], scan["version"], scan["report"]) == (row.state, row.version, row.report)
        said = json.dumps(scan["entered"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(said.encode()).hexdigest() == scan["digest"] == row.digest
    assert {one["state"] for one in found["scans"]} == {"draft", "with_mentor", "returned", "counted", "withdrawn"}

    both = found["scans"][0]
    assert [(one["structure"], one["side"]) for one in both["findings"]] == [
        ("Supraspinatus", "left"),
        ("Subacromial-subdeltoid bursa", "both"),
    ]
    assert (
        both["sizes"][0].items()
        >= {"side": "left", "measure": "Tear, longitudinal x transverse", "value": "14 x 9", "unit": "mm"}.items()
    )
    assert both["not_seen"][0].items() >= {"limitation": "pain", "side": "right"}.items()
    assert both["audits"][0].items() >= {"agreement": "minor difference", "seen": "at the machine"}.items()
    assert (
        both["story"][-1].items() >= {"words": "Well seen.", "by": "Ravi Patel", "what": "Audited and approved"}.items()
    )
    assert [scan["counts"] for scan in found["scans"][:3]] == [True, True, False], "a guided procedure is apart"
    returned = found["scans"][3]["audits"][0]
    assert (returned["failed"], returned["image"], returned["report"]) == (True, "poor", "")
    reopened = found["scans"][4]
    assert [step["words"] for step in reopened["story"] if step["words"]] == [
        "I named the wrong tendon.",
        "Put it right.",
    ]

    progress = tally_queries.progress_of([all_kinds], programmes.get(cast.cohort.programme), clock.now())[all_kinds.id]
    counts = found["counts"]
    assert (counts["counted"], counts["total"]) == (progress.counted, progress.total) == (2, 250)
    assert sum(scan["counts"] for scan in found["scans"]) == sum(
        one["counted"] + one["surplus"] for one in counts["supports"]
    )
    assert counts["procedures"][0] == {"part": "observed", "approved": 1, "open": 0}
    assert [one["region"] for one in found["earlier"]] == ["Knee", ""]
    assert [one["about"] for one in found["earlier_logbooks"]] == [{"course": {"name": "Foot clinic"}, "shares": []}]
    assert [(one["purpose"], one["sha256"]) for one in found["editions"]] == [("For an employer", "a" * 64)]
    assert [(one["label"], one["edition"]) for one in found["shares"]] == [("Croydon interview", 1)]
    assert [one["name"] for one in found["evidence"]] == ["CV.pdf"]


def test_csv_and_excel_say_what_the_json_says(browse, cast, all_kinds):
    found, csvs, sheets = downloaded(browse(cast.amara))
    assert [*csvs, "columns"] == list(sheets) == [*logbook_tables.TABLES, "columns"]

    def as_cell(value: object) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "; ".join(value) if isinstance(value, list) else "" if value is None else str(value)

    def as_rows(parts: list[dict], *, lead: tuple = (), numbered: bool = False) -> list[dict]:
        ids = [{**dict(lead), **({"number": place} if numbered else {})} for place in range(1, len(parts) + 1)]
        return [{**one, **part} for one, part in zip(ids, parts, strict=True)]

    wanted = {
        **{name: found[name] for name in SAME},
        **{name: found["counts"][key] for name, key in (("counts", "supports"), ("areas", "areas"))},
        "procedures": found["counts"]["procedures"],
        "people": [
            row for one in found["placements"] for row in as_rows(one["people"], lead=(("placement_id", one["id"]),))
        ],
        "earlier_other": [{"earlier_id": found["earlier"][0]["id"], "heading": "ASA", "text": "+2"}],
    }
    for name in ("findings", "sizes", "not_seen", "story", "audits"):
        wanted[name] = [
            row
            for scan in found["scans"]
            for row in as_rows(scan[name], lead=(("scan_id", scan["id"]),), numbered=name != "audits")
        ]
    assert {*wanted, "about"} == {*logbook_tables.TABLES}
    for name, rows in wanted.items():
        columns = list(logbook_tables.TABLES[name].columns)
        said = [columns, *([as_cell(row[column]) for column in columns] for row in rows)]
        for made in (csvs[name], sheets[name]):
            assert [[cells.original(cell) for cell in row] for row in made] == said, name
            texts = [cell for row in made for cell in row if not re.fullmatch(r"-?\d+", cell)]
            assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert len(csvs["scans"]) == 1 + len(found["scans"])
    about = {row[0]: cells.original(row[1]) for row in csvs["about"]}
    assert about["student.name"] == "Amara Okafor"
    assert about["record.root"] == found["record"]["root"]
    assert about["counts.total"] == "250"
    readme = logbook_tables.readme()
    for name, table in logbook_tables.TABLES.items():
        assert f"\r\n{name}.csv\r\n" in readme
        assert all(meaning and f"  {column}: {meaning}" in readme for column, meaning in table.columns.items())


def test_each_has_what_is_theirs_to_read(browse, cast, all_kinds):
    path = f"/students/{all_kinds.id}/portfolio"
    for reader in (cast.dana, cast.ian, cast.esther):
        found, csvs, _ = downloaded(browse(reader), path)
        assert not found["complete"]
        assert found["earlier_logbooks"][0]["about"] == {"course": {"name": "Foot clinic"}}
        assert (found["editions"], found["shares"], found["evidence"]) == ([], [], [])
        assert {scan["state"] for scan in found["scans"]} == {"with_mentor", "returned", "counted"}
        assert len(csvs["scans"]) - 1 == len(found["scans"]) == 6
        text = json.dumps(found)
        assert "I named the wrong tendon." not in text, "what she told her mentor alone"
        assert "Put it right." in text
        digests = contents.scan_digests(logbook.Logbook.model_validate(found)).values()
        assert merkle.root([digest.encode() for digest in digests]) == found["record"]["root"]
    assert browse(cast.amara).get(f"{path}.json").json["complete"]
    for person, status in ((cast.tom, 404), (cast.ravi, 403), (cast.helen, 403), (cast.grace, 403)):
        for ending in OWN:
            assert browse(person).get(f"{path}.{ending}").status_code == status, (person.name, ending)
    assert browse(cast.dana).get("/portfolio.json").status_code == 403


def test_the_portfolios_room_offers_it(browse, cast):
    number = enrolment_of(cast.amara).id
    for person, path in ((cast.amara, "/portfolio"), (cast.dana, f"/students/{number}/portfolio")):
        page = browse(person).get(path).text
        assert all(f'href="/students/{number}/portfolio.{ending}"' in page for ending in OWN)
        assert ("Download everything" in page) == (person == cast.amara)
        assert 'href="/schemas/logbook-1.json"' in page


def test_a_graduate_has_everything_still(browse, cast, all_kinds):
    with db.atomic():
        records.update(Enrolment, {"ended_on": clock.now().date(), "ended_as": "graduated"}, id=all_kinds.id)
        history.record("graduate", f"enrolment:{all_kinds.id}", by=cast.dana, at=clock.now())
    found, _, _ = downloaded(browse(cast.amara))
    assert found["complete"]
    assert found["course"]["ended_as"] == "graduated"
    assert len(found["scans"]) == 8


def test_nobody_is_told_of_an_approval_that_can_be_undone(cast, monkeypatch):
    scan, number = logged(cast.amara, cast.ravi, support="aided"), enrolment_of(cast.amara).id
    said = {"appraisal": reviews.Appraisal(agreement="minor"), "comment": "Not told yet."}
    approved(scan, cast.ravi, **said)

    def told(now) -> tuple[str, list[str], int]:
        one = contents.logbook_of(number, now, complete=True).scans[0]
        return one.state, [step.what for step in one.story], len(one.audits)

    assert told(clock.now()) == ("counted", ["Logged and sent to the mentor"], 0)
    reviews.undo(scan.id, by=cast.ravi, version=1)
    later = clock.now() + timedelta(minutes=5)
    assert told(later) == ("with_mentor", ["Logged and sent to the mentor"], 0)
    approved(scan, cast.ravi, **said, step=transitions.last_step(scan.id))
    assert told(later) == ("counted", ["Logged and sent to the mentor", "Audited and approved"], 1)


def test_nothing_in_it_is_a_date_of_birth_an_address_or_a_secret(browse, cast, all_kinds):
    answer = browse(cast.amara).get("/portfolio.json")
    assert "@example.test" not in answer.text
    assert PASSWORD_HASH not in answer.text or not PASSWORD_HASH
    assert cast.amara.seal not in answer.text
    about = set(logbook.Scan.model_fields) & {
        "birth",
        "date_of_birth",
        "patient",
        "name",
        "hospital_number",
        "nhs_number",
    }
    assert not about
    assert answer.json["scans"][0]["age_band"] == "30 to 39"


def test_a_student_without_a_scan_has_a_whole_file_too(browse, cast):
    found, csvs, _ = downloaded(browse(cast.tom))
    assert (found["scans"], found["counts"]["counted"], len(csvs["scans"])) == ([], 0, 1)
    assert found["record"]["root"] == hashlib.sha256(b"").hexdigest()
