"""Assessors and clinical managers come rarely: one sentence says why, their students stand by site, and an assessor
reads a sample of what counts.
"""

import re

import pytest

from models import Enrolment, Placement, Scan
from rules import sampling
from tests.cast import logged
from tests.notices.test_digest import NORMAL
from tests.students.test_students import names, number_of
from workflows.reviews import reviews

pytestmark = pytest.mark.both_in_full


def said(page: str) -> str:
    found = re.search(r'<p class="role-note">(.*?)</p>', page, re.DOTALL)
    return found.group(1).replace("&#39;", "'") if found else ""


def test_they_land_on_one_sentence_why_they_are_here_and_that_nothing_waits(browse, cast):
    for who, words in {
        "helen": "You are here as clinical manager of 2 students at Croydon MSK clinic: you see how",
        "esther": "You are here as external assessor of 1 student at Croydon MSK clinic: you read what",
        "ian": "You are here as internal assessor of 3 students: you read what",
        "ravi": "",
        "dana": "",
    }.items():
        sentence = said(browse(getattr(cast, who)).get("/students").text)
        assert sentence.startswith(words) and bool(sentence) == bool(words), (who, sentence)
        assert sentence.endswith("Nothing waits for you today.") or not words
        if who in ("helen", "esther", "ian"):
            assert browse(getattr(cast, who)).get("/").location == "/students", "they land there"


def test_students_stand_by_site_and_are_found_by_name_or_site(browse, cast):
    ian = browse(cast.ian)
    page = ian.get("/students").text
    assert re.findall(r'<h2 id="site-\d+">([^<]+) <small>(\d)', page) == [
        (cast.brighton.name, "1"),
        (cast.croydon.name, "2"),
    ]
    for words, found in {
        "okafor": ["Amara Okafor"],
        "ÁMARA": ["Amara Okafor"],
        "brighton": ["Mei Chen"],
        "tom croydon": ["Tom Bright"],
        "nobody": [],
    }.items():
        page = ian.get(f"/students?q={words}").text
        assert names(page) == found, words
        assert ("Nobody matches" in page) == (not found)
    assert ian.get("/students?q=" + "x" * 61).status_code == 422


def test_who_is_placed_nowhere_or_has_left_is_at_the_end(browse, cast):
    Placement.update(ends_on=cast.cohort.starts_on).where(Placement.enrolment == number_of(cast.mei)).execute()
    Enrolment.update(ended_on=cast.cohort.starts_on, ended_as="left").where(Enrolment.person == cast.tom).execute()
    page = browse(cast.ian).get("/students").text
    assert re.findall(r'<h2 id="site-\d+">([^<]+) <small>', page) == [
        cast.croydon.name,
        "Not placed at present",
        "No longer on the course",
    ]


def test_an_assessor_reads_a_sample_of_what_counts_and_nobody_else_is_shown_one(browse, cast, monkeypatch):
    monkeypatch.setattr("rules.sampling.sample.__defaults__", (2,))
    for region in ("knee", "hip", "ankle"):
        scan = logged(cast.amara, cast.ravi, region=region, **NORMAL)
        reviews.approve(scan.id, by=cast.ravi, version=1)
    waits = logged(cast.amara, cast.ravi)
    number = number_of(cast.amara)
    counted = [one.id for one in Scan.select().where(Scan.state == "counted")]
    for who in ("esther", "ian"):
        page = browse(getattr(cast, who)).get(f"/students/{number}").text
        section = re.search(r'aria-labelledby="sample">.*?</section>', page, re.DOTALL).group()
        assert "2 of 3" in section and "SHA-256" in section
        shown = set(re.findall(r'href="/scans/([^"?]+)', section))
        assert shown == set(sampling.sample(number, reversed(counted))) and waits.id not in shown
        assert "<form" not in section and "<button" not in section
        assert all(browse(getattr(cast, who)).get(f"/scans/{one}").status_code == 200 for one in shown)
    for who in ("helen", "ravi", "dana"):
        assert 'aria-labelledby="sample"' not in browse(getattr(cast, who)).get(f"/students/{number}").text
    assert browse(cast.esther).get(f"/students/{number_of(cast.mei)}").status_code == 404


def test_a_sample_is_the_same_for_whoever_draws_it_and_one_more_scan_changes_one_at_most():
    scans = [f"scan-{number}" for number in range(40)]
    drawn = sampling.sample(7, scans)
    assert len(drawn) == sampling.SIZE and drawn == sampling.sample(7, reversed(scans))
    assert drawn != sampling.sample(8, scans), "each student has another"
    assert len(set(drawn) - set(sampling.sample(7, [*scans, "scan-40"]))) <= 1
    assert sampling.sample(7, scans[:3]) != [] and len(sampling.sample(7, scans[:3])) == 3
