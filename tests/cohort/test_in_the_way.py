"""Who is in the way: placement, mentor and student are told apart, and every number opens exactly what it counts."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

import clock
from models import Enrolment, Placement
from tests.cast import days_ago, logged
from tests.cohort.steps import at_risk, counted, counters, days_earlier, names, row_of
from tests.cohort.test_files import cells_of
from tests.scans.steps import text_of
from workflows.accounts import accounts
from workflows.people import contacts
from workflows.reviews import reviews

pytestmark = pytest.mark.both_in_full
REGIONS = ("knee", "elbow", "hip", "wrist")


def normal(region: str) -> dict:
    return {"region": region, "findings": (), "normal": ("all",), "report": ""}


def links_of(page: str, name: str) -> list[str]:
    """The addresses in a mentor's row, without the name's."""
    row = next(row for row in re.findall(r"<tr>.*?</tr>", page[page.index('id="mentors"') :], re.DOTALL) if name in row)
    return [html.unescape(one) for one in re.findall(r'<td[^>]*><a href="([^"]*)"', row)]


def test_a_silent_mentor_is_named_with_what_waits_and_the_student_is_not_at_risk_for_it(browse, cast):
    Enrolment.update(enrolled_on=days_ago(30)).where(Enrolment.person == cast.tom).execute()
    Placement.update(starts_on=days_ago(30)).execute()
    with days_earlier(20):
        for region in REGIONS:
            logged(cast.tom, cast.ravi, **normal(region))
    counted(cast.amara, cast.priya)
    page = browse(cast.dana).get("/cohort").text
    said = dict(at_risk(page))
    assert said["Tom Bright"].startswith("Mentor 4 wait with Ravi Patel, oldest 20 days")
    assert names(browse(cast.dana).get("/cohort?show=mentor").text) == ["Tom Bright"]


def test_no_placement_and_no_mentor_are_the_placements_reason_and_nobodys_risk(browse, cast):
    amara = Enrolment.get(Enrolment.person == cast.amara)
    Placement.update(starts_on=days_ago(40), ends_on=days_ago(2)).where(Placement.enrolment == amara).execute()
    accounts.disable(cast.grace)
    dana = browse(cast.dana)
    page = dana.get("/cohort").text
    said = dict(at_risk(page))
    assert said["Amara Okafor"].startswith("Placement the placement ended on ")
    assert said["Mei Chen"].startswith("Placement no mentor at present")
    assert list(said)[:2] == ["Amara Okafor", "Mei Chen"]
    assert sorted(names(dana.get("/cohort?show=placement").text)) == ["Amara Okafor", "Mei Chen"]
    assert "Amara Okafor" not in names(dana.get("/cohort?show=at-risk").text)


def test_the_mentor_with_the_longest_wait_comes_first_and_answers_no_faster_for_what_waits(browse, cast):
    with days_earlier(36):
        for region in REGIONS:
            logged(cast.tom, cast.ravi, **normal(region))
    scan = logged(cast.tom, cast.ravi, **normal("ankle"))
    reviews.approve(scan.id, by=cast.ravi, version=scan.version)
    with days_earlier(5):
        logged(cast.mei, cast.grace)
    page = browse(cast.dana).get("/cohort").text
    table = page[page.index('id="mentors"') :]
    assert table.index(">Ravi Patel<") < table.index(">Grace Adeyemi<") < table.index(">Priya Nair<")
    row = re.sub(r"<[^>]+>", " ", table[table.index(">Ravi Patel<") : table.index(">Grace Adeyemi<")])
    assert "the oldest 36 days" in " ".join(row.split()) and "over 36 days" in row and "waits too long" in row


def test_every_counter_and_every_number_of_a_mentor_opens_what_it_counts(browse, cast):
    with days_earlier(3):
        for region in REGIONS[:3]:
            logged(cast.tom, cast.ravi, **normal(region))
        logged(cast.amara, cast.priya)
        counted(cast.mei, cast.grace, **normal("knee"))
    Enrolment.update(ended_on=date(2026, 6, 12), ended_as="left").where(Enrolment.person == cast.mei).execute()
    dana = browse(cast.dana)
    page = dana.get("/cohort").text
    found = counters(dana, cast.cohort)
    opened = {
        label: names(dana.get(html.unescape(href)).text)
        for href, label in re.findall(
            r'<a class="card counter[^"]*" href="([^"]*)"[^>]*><b>[\d,]+</b> <span>(?:<svg.*?</svg>)?(.*?)</span>', page
        )
    }
    assert len(opened["students"]) == int(found["students"]) == 2
    assert opened["scans counted"] == ["Mei Chen"] and found["scans counted"] == "1"
    assert sorted(opened["awaiting mentor"]) == ["Amara Okafor", "Tom Bright"] and found["awaiting mentor"] == "4"
    assert len(opened["at risk"]) == int(found["at risk"])
    students, waits = links_of(page, "Ravi Patel")
    assert sorted(names(dana.get(students).text)) == ["Amara Okafor", "Tom Bright"]
    filtered = dana.get(waits)
    assert names(filtered.text) == ["Tom Bright"] and "Waits for Ravi Patel" in text_of(filtered)
    about = cells_of(dana.get(waits.replace("/cohort?", "/cohort.xlsx?")), 2)
    assert "with scans that wait for Ravi Patel" in about["B4"][1]


def test_a_mail_is_begun_from_the_row_and_the_last_talk_stands_there(browse, cast):
    enrolment = Enrolment.get(Enrolment.person == cast.tom)
    with days_earlier(20):
        logged(cast.tom, cast.ravi, **normal("knee"))
    dana = browse(cast.dana)
    row = row_of(dana.get("/cohort").text, "Tom Bright")
    mails = [urlsplit(html.unescape(one)) for one in re.findall(r'href="(mailto:[^"]*)"', row)]
    assert [unquote(one.path) for one in mails] == [f"{who}@example.test" for who in ("tom", "priya", "ravi")]
    bodies = [parse_qs(one.query)["body"][0] for one in mails]
    assert bodies[0].startswith("Dear Tom,") and "behind" in bodies[0]
    assert "1 waits with Ravi Patel, 20 days" in bodies[2] and "Scans of Tom Bright" in bodies[2]
    assert "<small>spoke " not in row
    contacts.note_contact(enrolment.id, by=cast.dana, person=cast.tom.id, spoken_on=days_ago(3))
    assert "<small>spoke " in row_of(dana.get("/cohort").text, "Tom Bright")


def test_drafts_are_seen_though_nobody_else_reads_them(browse, cast):
    logged(cast.amara, cast.ravi, later=True)
    row = row_of(browse(cast.dana).get("/cohort").text, "Amara Okafor")
    assert "1 draft not sent" in row


def test_a_line_starts_on_the_first_placement_day(browse, cast):
    Placement.update(starts_on=clock.now().date() - timedelta(days=2)).execute()
    page = browse(cast.dana).get("/cohort").text
    assert at_risk(page) == [] and "Nobody is in the way" in page
