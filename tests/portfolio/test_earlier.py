"""A student's logbook from before the course: brought in whole or not at all, never counted, undone in one tap."""

from __future__ import annotations

import json
import re
import zlib
from base64 import urlsafe_b64encode
from contextlib import suppress
from datetime import timedelta

import pytest

import clock
from models import Earlier, EarlierBatch, Enrolment, History, Scan
from rules import logbook
from tests.cast import logged
from tests.portfolio import samples
from tests.portfolio.earlier_samples import COLUMNS, CSV, fields, own, preview, upload
from tests.portfolio.every_kind import of_all_kinds
from workflows.counts import tally_queries
from workflows.course import programmes
from workflows.history import verification
from workflows.portfolio import contents, earlier, earlier_file
from workflows.refusals import Invalid

pytestmark = pytest.mark.both

DUMPED = json.loads(own().model_dump_json())


def packed(kind: str, content: bytes) -> str:
    return f"{kind}.{urlsafe_b64encode(zlib.compress(content)).decode()}"


def import_(client, content, **changes):
    """From the file to the last tap."""
    return client.post("/portfolio/earlier", {**fields(preview(client, content).text), **changes})


def test_a_table_is_read_mapped_previewed_and_brought_in_as_it_was_written(browse, cast):
    amara = browse(cast.amara)
    assert "never count toward your total" in amara.get("/portfolio/import").text
    columns = upload(amara, CSV, source="").text
    guessed = fields(columns)
    assert [guessed[f"column_{at}"] for at in range(7)] == COLUMNS and guessed["day_order"] == "day"
    shown = preview(amara, CSV).text
    assert "3 scans from logbook.csv" in shown and "1 February 2022" in shown and not EarlierBatch.select().count()
    done = amara.post("/portfolio/earlier", fields(shown))
    page = amara.get(done.location).text
    assert "3 scans from before this course" in page and ">Undo<" in page
    assert page.count("before this course, not verified") == 3
    first, second, third = Earlier.select().order_by(Earlier.number)
    assert (first.number, str(first.scanned_on), first.region, first.side) == (2, "2022-02-01", "Shoulder", "R")
    assert (first.supervision, first.report, first.other) == ("Directly", "A tear, 12 mm.", {"Machine": "GE Logiq E10"})
    assert second.report.endswith("recess.\nNo Baker's cyst.") and second.other == {} and third.scanned_on is None
    assert verification.verify().findings == []


def test_no_number_of_the_course_changes(browse, cast):
    logged(cast.amara, cast.ravi)
    amara, dana = browse(cast.amara), browse(cast.dana)
    enrolment = Enrolment.get(Enrolment.person == cast.amara)

    def numbers():
        progress = tally_queries.progress_of([enrolment], programmes.get("msk-pgcert"), clock.now())[enrolment.id]
        return repr(progress.counts), Scan.select().count(), dana.get("/cohort.csv").text.split("\n")[:4]

    before = numbers()
    assert import_(amara, CSV).status_code == 303 and numbers() == before


def test_what_is_no_logbook_is_refused_beside_its_field_and_nothing_is_kept(browse, cast, monkeypatch):
    amara = browse(cast.amara)
    monkeypatch.setattr(earlier_file, "MOST_ROWS", 20)
    for content, sentence in {
        b"": "empty",
        b"\n \n,,\n": "nothing in it",
        b"Date,Region\n": "no scan below",
        samples.zip_bomb(): "Excel workbook or a zip",
        samples.pdf(): "This is a PDF",
        samples.png(): "Save it as CSV",
        zlib.compress(b"a" * 1000): "Save it as CSV",
        b"a,b\n" + b"x,y\n" * 30: "30 rows; at most 20",
        b"a\n" + b"\n" * 1000: "more than 20 rows",
        b"a," * 150 + b"b\nx" + b",x" * 150: "151 columns",
        b"Region,Finding\nShoulder,\xe9\x8e\xdd": "CSV UTF-8",
        b'Region\n"Shoulder': "does not read as CSV",
        b"[" * 5000: "no logbook of Sonofolio",
        b'{"format": "other"}': "no logbook of Sonofolio",
        own(scans=[], earlier=[]).model_dump_json().encode(): "no scan in it",
        json.dumps({**DUMPED, "scans": [{**DUMPED["scans"][0], "surprise": 1}]}).encode(): "no logbook of Sonofolio",
        json.dumps({**DUMPED, "scans": [{**DUMPED["scans"][0], "site": "\ud800"}]}).encode(): "no logbook of Sonofolio",
        b"x" * (earlier_file.MOST_BYTES + 1): "larger than 5 MB",
    }.items():
        answer = upload(amara, content)
        assert answer.status_code == 422 and sentence in answer.text, (content[:60], answer.text[-3000:])
        assert 'id="file-error"' in answer.text
    for key, value, sentence in (
        ("site", "a\x00b", "plain text"),
        ("report", "x" * 20_001, "At most 20,000"),
        ("scanned_on", "2091-01-01", "still to come"),
    ):
        changed = {**DUMPED, "scans": [{**DUMPED["scans"][0], key: value}]}
        answer = upload(amara, json.dumps(changed))
        assert answer.status_code == 422 and sentence in answer.text, key
    answer = upload(amara, b"a,b\n" * 12_500_000)  # 50 MB
    assert answer.status_code == 413 and "MB" in answer.text
    for draft in ("", "x", "csv.", "csv.AAAA", packed("json", b"{}"), packed("csv", b"\xff"), "csv.é"):
        for path in ("/portfolio/import/preview", "/portfolio/earlier"):
            assert amara.post(path, {"draft": draft}).status_code == 422, (path, draft)
    bomb = packed("csv", b"a,b\n" * 5_000_000)
    assert amara.post("/portfolio/import/preview", {"draft": bomb}).status_code == 422
    assert not EarlierBatch.select().count() and not Earlier.select().count()


def test_a_cell_that_is_no_date_is_told_with_its_row_beside_its_column_and_what_was_chosen_stays(browse, cast):
    amara = browse(cast.amara)
    later = (clock.now() + timedelta(days=40)).strftime("%d %b %Y")
    content = f"Date,Region,Notes\n01/03/2024,Knee,a\n31/02/2024,Hip,b\n{later},Hip,c\nsoon,Hip,d\n{'x' * 60},Hip,e\n"
    answer = preview(amara, content, column_2="leave", day_order="day")
    assert answer.status_code == 422
    block = re.search(r'id="column_0-error">(.*?)</div>', answer.text, re.DOTALL)[1]
    for said in ("Row 3, Date: “31/02/2024” is no date.", "Row 4, Date: ", "is still to come.", "Row 5, Date: “soon”"):
        assert said in block
    assert fields(answer.text)["column_2"] == "leave", "what was chosen stays"
    answer = amara.post("/portfolio/earlier", fields(answer.text))
    assert answer.status_code == 422 and not EarlierBatch.select().count(), "all or nothing"


def test_days_that_can_be_read_in_two_ways_are_asked_about(browse, cast):
    amara = browse(cast.amara)
    content = "Date,Region\n03/04/2024,Knee\n05/06/2024,Hip\n"
    answer = preview(amara, content)
    assert answer.status_code == 422 and "“03/04/2024” may be 3 April 2024 or 4 March 2024" in answer.text
    assert 'id="day_order-error"' in answer.text
    assert "4 March 2024" in preview(amara, content, day_order="month").text
    assert import_(amara, content).status_code == 422 and not Earlier.select().count()


def test_a_mapping_that_cannot_be_meant_is_told_beside_its_column(browse, cast):
    amara = browse(cast.amara)
    for changes, sentence in (
        ({"column_6": "region"}, "“Joint” is the region already"),
        ({"column_6": "scan"}, "Choose what this column is."),
        ({f"column_{at}": "leave" for at in range(7)}, "No column is brought in"),
    ):
        answer = preview(amara, CSV, **changes)
        assert answer.status_code == 422 and sentence in answer.text
    assert 'aria-invalid="true"' in preview(amara, CSV, column_6="region").text


def test_a_patients_number_is_refused_by_row_and_column_and_a_name_is_asked_about_once(browse, cast):
    amara = browse(cast.amara)
    sure = "Region,Notes,Hospital number\nKnee,Seen as 943 476 5919,1\nHip,ok,4455\n"
    mapped = fields(upload(amara, sure).text)
    assert mapped["column_2"] == "leave", "a column that names patients is left out unless somebody says otherwise"
    answer = amara.post("/portfolio/import/preview", {**mapped, "column_2": "other"})
    assert answer.status_code == 422
    assert "Row 2, Notes: This looks like an NHS number." in answer.text
    assert "Row 3, Hospital number: This looks like a hospital number." in answer.text
    assert answer.text.count("943 476 5919") == 1, "in the sample of the column alone, where it was typed"
    likely = "Region,Notes\nKnee,Mrs Quokka came\nHip,Mrs Quokka came\nHip,Mrs Wombat came\n"
    asked = preview(amara, likely)
    assert asked.status_code == 200 and "Notes, row 2, 3" in asked.text and asked.text.count("<mark>") == 2
    sent = fields(asked.text)
    refused = amara.post("/portfolio/earlier", sent)
    assert refused.status_code == 422 and not EarlierBatch.select().count()
    mark = re.search(r'name="named_nobody" value="([^"]+)"', asked.text)[1]
    more = fields(preview(amara, likely + "Hip,Mr Dingo came\n").text)
    assert amara.post("/portfolio/earlier", {**more, "named_nobody": mark}).status_code == 422, "of other words"
    assert amara.post("/portfolio/earlier", {**sent, "named_nobody": mark}).status_code == 303
    entry = History.select().where(History.verb == "import_earlier").get()
    assert json.loads(entry.payload)["warned"] == ["name"] and "Quokka" not in entry.payload
    many = "Region,Notes\n" + "".join(
        f"Knee,Mrs {one}{two}mson came\n" for one in "BCDFGHJKLM" for two in "aeiouwyrlhn"
    )
    answer = preview(amara, many)
    assert answer.status_code == 422 and "More than 100 cells" in answer.text


def test_more_text_than_is_screened_in_time_is_refused_before_it_is_screened(browse, cast, monkeypatch):
    monkeypatch.setattr(earlier, "MOST_SCREENED", 500)
    answer = preview(browse(cast.amara), CSV)
    assert answer.status_code == 422 and "more text in it than can be screened" in answer.text


def test_what_it_is_called_is_screened_and_asked_for(browse, cast):
    amara = browse(cast.amara)
    sent = fields(preview(amara, CSV).text)
    for source in ("", "x" * 121, "a\u2028b\u0007"):
        answer = amara.post("/portfolio/earlier", {**sent, "source": source})
        assert answer.status_code == 422 and "Say which logbook this is" in answer.text, source
    assert amara.post("/portfolio/earlier", {**sent, "source": "943 476 5919"}).status_code == 422
    asked = amara.post("/portfolio/earlier", {**sent, "source": "Scans of Mrs Quokka"})
    mark = re.search(r'name="named_nobody" value="([^"]+)"', asked.text)[1]
    assert asked.status_code == 422 and not EarlierBatch.select().count()
    assert amara.post("/portfolio/earlier", {**fields(asked.text), "named_nobody": mark}).status_code == 303


def test_the_same_logbook_is_asked_about_and_an_undone_one_is_not(browse, cast):
    amara = browse(cast.amara)
    assert import_(amara, CSV).status_code == 303
    again = preview(amara, CSV.replace(",", ";").replace("tear; 12", "tear, 12"))  # saved in another way
    assert "This very logbook is there already" in again.text
    refused = amara.post("/portfolio/earlier", fields(again.text))
    assert refused.status_code == 422 and 'id="again-error"' in refused.text
    assert amara.post("/portfolio/earlier", {**fields(again.text), "again": "y"}).status_code == 303
    for batch in EarlierBatch.select():
        assert amara.post(f"/portfolio/earlier/{batch.id}/undo").status_code == 303
    assert Earlier.select().count() == 0 and EarlierBatch.select().count() == 2
    told = amara.post(f"/portfolio/earlier/{batch.id}/undo")
    assert told.status_code == 409 and "undone before" in told.text
    assert "This very logbook" not in preview(amara, CSV).text
    assert [row.verb for row in History.select().order_by(History.seq.desc()).limit(2)] == ["undo_earlier"] * 2
    assert verification.verify().findings == []


def test_it_is_the_students_alone_and_a_graduate_reads_it(browse, cast):
    amara = browse(cast.amara)
    import_(amara, CSV)
    batch = EarlierBatch.get()
    assert browse(cast.tom).post(f"/portfolio/earlier/{batch.id}/undo").status_code == 404
    assert browse(cast.tom).get("/portfolio/earlier").text.count("not verified") == 1, "of what it would be alone"
    assert browse(cast.ravi).get("/portfolio/earlier").status_code == 403
    sent = fields(preview(amara, CSV).text)
    today = clock.now().date()
    Enrolment.update(ended_on=today, ended_as="graduated").where(Enrolment.person == cast.amara).execute()
    page = amara.get("/portfolio/earlier").text
    assert page.count("before this course, not verified") == 3 and "<form" not in page and "Bring in" not in page
    assert amara.get("/portfolio/import").status_code == upload(amara, CSV).status_code == 403
    assert amara.post("/portfolio/earlier", {**sent, "again": "y"}).status_code == 403
    assert amara.post(f"/portfolio/earlier/{batch.id}/undo").status_code == 403 and Earlier.select().count() == 3


def test_a_scan_of_a_day_on_which_the_course_had_begun_is_not_said_to_be_from_before(browse, cast):
    amara = browse(cast.amara)
    content = f"Date,Region\n{cast.cohort.starts_on},Knee\n2020-03-04,Hip\n"
    assert "1 scan is of a day on which this course had begun" in preview(amara, content).text
    page = amara.get(import_(amara, content).location).text
    assert page.count("outside this course, not verified") == page.count("before this course, not verified") == 1


def test_a_pasted_table_and_a_table_without_headings_are_read(browse, cast):
    amara = browse(cast.amara)
    columns = amara.post(
        "/portfolio/import", {"text": "2024-03-01\tRight knee\tR\n2024-04-01\tHip\tL\n", "source": "Leeds"}
    )
    assert "There are no headings" in columns.text and "2 scans from Leeds" in columns.text
    mapped = fields(columns.text)
    assert [mapped[f"column_{at}"] for at in range(3)] == ["scanned_on", "region", "side"]
    done = amara.post("/portfolio/earlier", fields(amara.post("/portfolio/import/preview", mapped).text))
    assert done.status_code == 303 and [one.number for one in Earlier.select().order_by(Earlier.id)] == [1, 2]
    back = amara.post("/portfolio/import", {**mapped, "column_1": "other"})
    assert fields(back.text)["column_1"] == "other", "the columns can be changed after the preview"
    for text in ("x" * 400_001, "Region\n"):
        answer = amara.post("/portfolio/import", {"text": text})
        assert answer.status_code == 422 and 'id="text-error"' in answer.text


def rebuilt(row: Earlier) -> logbook.Scan | logbook.EarlierScan:
    """The scan of the open data of which this row was made."""
    kept, other = {}, dict(row.other)
    if "source there" in other:
        mine = {name: getattr(row, name) for name in logbook.EarlierScan.model_fields if hasattr(row, name)}
        mine |= {name: other.pop(f"{name} there") for name in ("source", "imported_on", "id", "logbook_id")}
        return logbook.EarlierScan.model_validate({**mine, "other": other})
    for name, field in logbook.Scan.model_fields.items():
        if name in other:
            value: object = other[name]
            if field.annotation is not str:
                with suppress(ValueError):
                    value = json.loads(other[name])
            kept[name] = value
        else:
            kept[name] = [] if "list" in str(field.annotation) else (None if "None" in str(field.annotation) else "")
    mine = {"support": row.supervision, "headline": row.finding}
    mine |= {name: getattr(row, name) for name in ("scanned_on", "region", "side", "report")}
    return logbook.Scan.model_validate({**kept, **mine})


def test_a_real_export_of_every_kind_of_scan_is_the_same_after_it_was_brought_in_elsewhere(cast, monkeypatch):
    given = contents.logbook_of(of_all_kinds(cast, monkeypatch).id, clock.now(), complete=True)
    file = earlier_file.unpack(earlier_file.pack(earlier_file.read(contents.as_json(given))))
    found = earlier.preview(file, [], "", by=cast.mei)
    batch = earlier.bring_in(found, source="Croydon", by=cast.mei, named_nobody=found.mark)
    rows = Earlier.select().where(Earlier.batch == batch).order_by(Earlier.number)
    assert [rebuilt(row) for row in rows] == [*given.scans, *given.earlier] and len(rows) > 8
    elsewhere = contents.logbook_of(Enrolment.get(Enrolment.person == cast.mei).id, clock.now(), complete=True)
    assert elsewhere.scans == [] and elsewhere.counts.counted == 0
    (kept,) = elsewhere.earlier_logbooks
    assert kept.about == json.loads(given.model_dump_json(exclude={"scans", "earlier", "format"}))
    there = [(one.report, one.region, one.scanned_on, one.other) for one in elsewhere.earlier]
    assert there == [(row.report, row.region, row.scanned_on, row.other) for row in rows], "and leaves again whole"


def test_the_open_data_of_another_course_is_brought_in_by_its_pages(browse, cast):
    amara, given = browse(cast.amara), own()
    shown = upload(amara, given.model_dump_json(indent=1), "portfolio.json")
    assert shown.status_code == 200 and "3 scans from PgCert MSK ultrasound, January 2022" in shown.text
    sent = fields(shown.text)
    mark = re.search(r'name="named_nobody" value="([^"]+)"', shown.text)
    done = amara.post("/portfolio/earlier", {**sent, "named_nobody": mark[1] if mark else ""})
    assert done.status_code == 303, done.text
    rows = list(Earlier.select().order_by(Earlier.number))
    assert [rebuilt(row) for row in rows] == [*given.scans, *given.earlier]
    about = EarlierBatch.get().about
    left = json.loads(given.model_dump_json(exclude={"scans", "earlier", "format"}))
    assert about == left, "the course, the counts, the placements and what proves it"
    assert "Say where; measure twice." in amara.get(done.location).text
    again = own(made_at=given.made_at + timedelta(days=1), record={"head": "", "root": ""})
    assert "This very logbook is there already" in upload(amara, again.model_dump_json(), "later.json").text
    named = own(definitions=[{"term": "patient", "text": "Seen as 943 476 5919"}])
    refused = upload(amara, named.model_dump_json(), "x.json")
    assert refused.status_code == 422 and "beside the scans" in refused.text and "943 476 5919" not in refused.text


@pytest.mark.parametrize("columns", [["region"], ["region", "report", "finding"]])
def test_a_mapping_of_another_file_is_refused(cast, columns):
    file = earlier_file.read(b"Region,Report\nKnee,Normal\n")
    with pytest.raises(Invalid):
        earlier.preview(file, columns, "", by=cast.amara)
