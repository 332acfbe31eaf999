"""The list of one's scans: searched, filtered, paged, and taken home as a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest

from blueprints.scans.exports import COLUMNS
from models import Person, Scan, db
from rules.vocabulary import Pair
from tests.cast import logged
from tests.client import queries_of
from tests.scans.steps import text_of
from workflows.reviews import reviews
from workflows.scans import scans

pytestmark = pytest.mark.both

WORDS = "Nothing else to report here, in my own words."


def normal(student, mentor, **changes):
    return logged(student, mentor, **{"findings": (), "normal": ("all",), "report": "", **changes})


def listed(answer) -> list[str]:
    """The ids of the scans in the main list, in its order."""
    return re.findall(r'href="/scans/([0-9a-f-]{36})"', answer.text.partition("Your scans, newest first")[2])


def test_the_newest_comes_first_with_what_tells_it_apart(browse, cast):
    one = normal(cast.amara, cast.ravi, region="knee", side="left")
    two = logged(cast.amara, cast.priya)
    page = browse(cast.amara).get("/scans")
    assert listed(page) == [two.id, one.id]
    for word in ("Full-thickness supraspinatus tear", "Shoulder · right", "Knee · left", "Priya Nair", "Today", "0002"):
        assert word in text_of(page)


def test_region_and_side_are_the_title_and_the_finding_stands_under_them(browse, cast):
    logged(cast.amara, cast.ravi)
    titles = re.findall(
        r'<th scope="row" class="name"><a [^>]*>(.*?)</a><span class="finding">(.*?)</span>',
        browse(cast.amara).get("/scans").text,
    )
    assert [(place, "Full-thickness supraspinatus tear" in found) for place, found in titles] == [
        ("Shoulder · right", True)
    ]


def test_nobody_elses_scans_are_listed(browse, cast):
    logged(cast.tom, cast.ravi)
    logged(cast.mei, cast.grace)
    assert listed(browse(cast.amara).get("/scans")) == []
    assert browse(cast.ravi).get("/scans").status_code == 403


def test_an_empty_list_says_what_it_will_show(browse, cast):
    page = browse(cast.amara).get("/scans")
    assert "Every scan that you log is listed here" in page.text and "Log scan" in page.text
    assert "No scan of yours is like that." in browse(cast.amara).get("/scans?state=counted").text


@pytest.fixture
def four(cast):
    """A counted knee, a returned shoulder, an aided elbow draft, and a hip without own words."""
    knee = normal(cast.amara, cast.ravi, region="knee")
    reviews.approve(knee.id, by=cast.ravi, version=1)
    shoulder = logged(cast.amara, cast.ravi, report="A retracted tear of 100%_width.")
    reviews.send_back(shoulder.id, by=cast.ravi, version=1, why="Measure it.")
    elbow = normal(cast.amara, cast.ravi, region="elbow", support="aided", later=True)
    hip = logged(cast.amara, cast.ravi, region="hip", findings=(Pair("gmed", "tendinosis"),), report="")
    return {"knee": knee.id, "shoulder": shoulder.id, "elbow": elbow.id, "hip": hip.id}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["hip", "elbow", "shoulder", "knee"]),
        ("state=counted", ["knee"]),
        ("state=returned", ["shoulder"]),
        ("state=draft", ["elbow"]),
        ("support=aided", ["elbow"]),
        ("support=unaided&state=returned", ["shoulder"]),
        ("region=hip", ["hip"]),
        ("words=missing", ["hip"]),
        ("finish=later", ["hip", "elbow"]),
        ("q=supraspinatus", ["shoulder"]),
        ("q=RETRACTED+tear", ["shoulder"]),
        ("q=retracted+knee", []),
        ("q=groin", ["hip"]),
        ("q=%23" + "4", ["hip"]),
        ("q=100%25_w", ["shoulder"]),
        ("q=%25+_", []),  # no wildcards
        ("q=%00%27%22", []),
        ("state=nonsense&region=skull&support=x&finish=y&words=z&page=-1", ["hip", "elbow", "shoulder", "knee"]),
        ("page=99", []),
    ],
)
def test_the_address_says_what_is_shown(browse, cast, four, query, names):
    answer = browse(cast.amara).get(f"/scans?{query}")
    assert answer.status_code == 200
    assert listed(answer) == [four[name] for name in names]


def worded(student, mentor, headline: str, report: str, on=None, **changes) -> str:
    """The id of a scan that says this."""
    scan = normal(student, mentor, **changes)
    words = {"headline": headline, "report": report, "scanned_on": on or scan.scanned_on}
    Scan.update(words).where(Scan.id == scan.id).execute()
    return scan.id


@pytest.fixture
def six(cast):
    """Six scans of Amara's in two years, with two mentors and all kinds of words."""
    Person.update(name="Łukasz O’Brien").where(Person.id == cast.priya).execute()
    amara, priya, ravi = cast.amara, cast.priya, cast.ravi
    told = [
        ("lunate", priya, "wrist", "left", "2025-11-03", "Possible Kienböck’s disease of the lunate."),
        ("patellar", priya, "knee", "left", "2026-03-13", "Thickened patellar tendon. No abnormality beside."),
        ("hip", priya, "hip", "right", "2026-05-03", "A small Baker's cyst, 3 tears."),
        ("knee", ravi, "knee", "both", "2026-05-30", "Normal."),
        ("ankle", ravi, "ankle", "right", "2026-06-01", "Café-au-lait, unaided eye."),
        ("elbow", ravi, "elbow", "right", "2026-05-12", "Normal."),
    ]
    found = {}
    for name, mentor, region, side, on, report in told:
        support = "aided" if name == "hip" else "unaided"
        words = {"on": date.fromisoformat(on), "region": region, "side": side, "support": support}
        found[name] = worded(amara, mentor, "A headline", report, **words)
    return found


def test_a_scan_is_found_by_words_however_they_are_typed(browse, cast, six):
    wanted = {
        "KIENBÖCK": ["lunate"],
        "kienbock": ["lunate"],
        "Kienbock's disease": ["lunate"],
        "kienbo\u0308ck": ["lunate"],
        "CAFE": ["ankle"],
        "baker cyst": ["hip"],
        "baker’s": ["hip"],
        "patel": ["elbow", "ankle", "knee"],  # the mentor, not the tendon
        "Patel knee": ["knee"],
        "knee patel": ["knee"],
        "patell": ["patellar"],  # as one types
        "patell tendon": [],  # a word that is finished is whole
        "normal": ["elbow", "knee"],
        "abnormality": ["patellar"],
        "lukasz": ["hip", "patellar", "lunate"],
        "o'brien knee": ["patellar"],
        "OBRIEN": ["hip", "patellar", "lunate"],
        "aided": ["hip"],
        "left": ["patellar", "lunate"],
        "both": ["knee"],
        "wrist": ["lunate"],
        "may": ["elbow", "knee", "hip"],
        "3 May": ["hip"],
        "may 3rd": ["hip"],
        "03/05/2026": ["hip"],
        "2025-11-03": ["lunate"],
        "nov": ["lunate"],
        "november 2025": ["lunate"],
        "monday": ["ankle", "lunate"],
        "#2": ["patellar"],
        "case 0002": ["patellar"],
        "aided left": [],
        "nothing like that": [],
        "...": [],
    }
    amara = browse(cast.amara)
    asked = {typed: amara.get("/scans", query_string={"q": typed}) for typed in wanted}
    names = {number: name for name, number in six.items()}
    assert {typed: [names[one] for one in listed(page)] for typed, page in asked.items()} == wanted


def test_a_mentor_is_found_no_tendon_for_him_before_the_first_scan_with_him(browse, cast):
    worded(cast.amara, cast.priya, "Patellar tendinosis", "The patellar tendon is thick.", region="knee")
    amara = browse(cast.amara)
    assert listed(amara.get("/scans?q=patel")) == [] and len(listed(amara.get("/scans?q=pate"))) == 1


def test_the_list_follows_what_is_typed_with_its_filters_and_its_address(browse, cast, four):
    answer = browse(cast.amara).get("/scans?q=retr&state=returned&region=", htmx=True)
    assert listed(answer) == [four["shoulder"]] and "<html" not in answer.text
    assert answer.headers["HX-Push-Url"] == "/scans?q=retr&state=returned"
    assert "1 scan found" in text_of(answer) and 'href="/scans?q=retr"' in answer.text
    too_long = browse(cast.amara).get(f"/scans?q={'x' * 61}", htmx=True)
    assert too_long.status_code == 422 and 'id="scans"' in too_long.text


def test_withdrawn_scans_are_shown_when_asked_for(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    scans.withdraw(scan.id, by=cast.amara, version=1)
    amara = browse(cast.amara)
    assert listed(amara.get("/scans")) == []
    assert listed(amara.get("/scans?state=withdrawn")) == [scan.id]


def test_what_is_to_finish_stands_on_top(browse, cast, four):
    page = browse(cast.amara).get("/scans").text
    top = page[page.index("Finish later <small>") : page.index("Your scans, newest first")]
    assert four["hip"] in top and four["elbow"] in top
    assert four["knee"] not in top and four["shoulder"] not in top
    assert "own words missing" in top


def test_fifty_a_page_and_the_address_keeps_the_filter(browse, cast):
    for _ in range(53):
        normal(cast.amara, cast.ravi)
    amara = browse(cast.amara)
    first, second = amara.get("/scans?support=unaided"), amara.get("/scans?support=unaided&page=2")
    assert (len(listed(first)), len(listed(second))) == (50, 3)
    assert "/scans?support=unaided&amp;page=2" in first.text
    assert "Page 2 of 2" in text_of(second)


@pytest.mark.parametrize("number", [5, 50])
def test_the_list_asks_the_database_four_times_however_many_scans(browse, cast, number):
    for _ in range(number):
        logged(cast.amara, cast.ravi, report="")
    amara = browse(cast.amara)
    with queries_of(db) as seen:
        amara.get("/scans")
    assert len(seen) <= 4, seen
    for query, most in (("supraspinatus", 3), ("supras", 4)):  # a word's beginning: who the mentors are, too
        with queries_of(db) as seen:
            assert len(listed(amara.get(f"/scans?q={query}"))) == number
        assert len(seen) <= most, seen
    with queries_of(db) as seen:
        amara.get("/scans.csv")
    assert len(seen) <= 6, seen  # with the head of history, which is anchored (two)


# --- The spreadsheet -------------------------------------------------------------------------------------------


def rows_of(answer) -> list[dict[str, str]]:
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_the_spreadsheet_has_every_scan_in_words(browse, cast, four):
    answer = browse(cast.amara).get("/scans.csv")
    assert 'attachment; filename="sonofolio-scans.csv"' in answer.headers["Content-Disposition"]
    rows = rows_of(answer)
    assert [row["Case number"] for row in rows] == ["1", "2", "3", "4"]
    assert (rows[0]["State"], rows[0]["Approved by"], rows[1]["State"]) == ("Counted", "Ravi Patel", "Returned")
    assert rows[1]["Findings"] == "Supraspinatus: full-thickness tear; Subacromial-subdeltoid bursa: bursitis"
    assert (rows[2]["Support"], rows[2]["Region"]) == ("Aided", "Elbow")
    assert rows[2]["Normal"].startswith("All normal: common extensor origin, common flexor origin, ")
    assert set(rows[0]) > set(COLUMNS)  # each size has its own besides
    assert "Tear, longitudinal x transverse (mm)" in rows[0] or "Retraction (mm)" in rows[0]


def test_the_spreadsheet_is_ones_own_alone(browse, cast):
    logged(cast.tom, cast.ravi)
    assert rows_of(browse(cast.amara).get("/scans.csv")) == []
    assert browse(cast.dana).get("/scans.csv").status_code == 403


def test_no_cell_is_run_as_a_formula(browse, cast):
    bad = ['=HYPERLINK("x")', "+1+1", "-2+3", "@SUM(A1)", '"=1"', " '=1", "  =cmd|' /C calc'!A0"]
    for report in bad:
        logged(cast.amara, cast.ravi, report=report)
    for row in rows_of(browse(cast.amara).get("/scans.csv")):
        assert row["Report"].startswith("'"), row["Report"]


def test_no_cell_is_run_as_a_formula_by_a_program_that_parts_cells_elsewhere(browse, cast):
    for report in ("x;=1+1", 'x; "@SUM(A1)', "x\t=1", "x|=1", "x\n+1", "x,-1"):
        logged(cast.amara, cast.ravi, report=report)
    file = browse(cast.amara).get("/scans.csv").data.decode("utf-8-sig")
    for separator in ";,\t|":
        for cell in re.split(f"[{separator}\r\n]", file):
            assert not cell.lstrip(' "').startswith(("=", "+", "-", "@")), (separator, cell)
