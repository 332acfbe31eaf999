"""Finding students in a cohort: search, filters, order, pages; all of it in the address."""

from __future__ import annotations

import re
from html import unescape

import pytest

import clock
from models import Enrolment, Person
from tests.cast import logged
from tests.cohort.steps import counted, days_earlier, more_students, names
from workflows.reviews import reviews

pytestmark = pytest.mark.both


@pytest.fixture
def three(cast):
    """Amara owes an audit; Tom's mentor is silent; Mei is new and fine."""
    counted(cast.amara, cast.ravi, 12)
    logged(cast.amara, cast.ravi, support="aided")
    with days_earlier(30):
        logged(cast.tom, cast.ravi)
    Enrolment.update(enrolled_on=clock.now().date()).where(Enrolment.person == cast.mei).execute()
    return cast


@pytest.fixture
def lopsided(three):
    """Amara has come far, and with shoulders alone."""
    counted(three.amara, three.ravi, 26)
    return three


def found(client, **asked) -> list[str]:
    return names(client.get("/cohort", query_string=asked).text)


FILTERS = {
    "at-risk": ["Tom Bright", "Amara Okafor"],
    "audit-debt": ["Amara Okafor"],
    "mentor": ["Tom Bright"],
    "breadth-gap": [],
    "something-else": ["Tom Bright", "Amara Okafor", "Mei Chen"],
}


def test_a_filter_shows_who_is_so_and_says_how_many(browse, three):
    dana = browse(three.dana)
    page = dana.get("/cohort").text
    for show, who in FILTERS.items():
        assert found(dana, show=show) == who, show
        number = re.search(rf'for="show-{show}"><span>[^<]+<small>(\d+)<', page)
        assert number is None or int(number.group(1)) == len(who), show


def test_filters_add_up(browse, three):
    dana = browse(three.dana)
    assert found(dana, show=["at-risk", "audit-debt"]) == ["Amara Okafor"]
    assert found(dana, show=["mentor", "audit-debt"]) == []


def test_a_region_shows_who_is_short_in_it(browse, lopsided):
    dana = browse(lopsided.dana)
    assert found(dana, show="breadth-gap") == ["Amara Okafor"]
    assert found(dana, region="hip-groin") == ["Amara Okafor"]
    assert found(dana, region="shoulder") == []


def test_a_site_and_a_mentor_show_their_students(browse, three):
    dana = browse(three.dana)
    assert found(dana, site=three.brighton.id) == ["Mei Chen"]
    assert found(dana, mentor=three.ravi.id) == ["Tom Bright", "Amara Okafor"]
    assert found(dana, mentor=three.ravi.id, site=three.brighton.id) == []
    page = dana.get("/cohort").text
    assert f'<option value="{three.ravi.id}">Ravi Patel (2)</option>' in page
    assert f'<option value="{three.brighton.id}">Brighton sports clinic (1)</option>' in page


def test_a_name_is_found_by_any_part_of_it(browse, three):
    dana = browse(three.dana)
    for q in ("mei", "CHEN", "chen mei", " Me  c "):
        assert found(dana, q=q) == ["Mei Chen"], q


def test_a_name_is_found_without_its_accents(browse, three):
    Person.update(name="Zoë Zielińska").where(Person.id == three.mei).execute()
    assert found(browse(three.dana), q="zoe zielinska") == ["Zoë Zielińska"]


def test_names_are_found_and_sorted_without_capitals_accents_strokes_and_apostrophes(browse, three):
    for person, name in ((three.amara, "Zoe Bell"), (three.tom, "Émile O’Brien"), (three.mei, "łukasz Wałęsa")):
        Person.update(name=name).where(Person.id == person).execute()
    dana = browse(three.dana)
    assert found(dana, sort="name") == ["Émile O’Brien", "łukasz Wałęsa", "Zoe Bell"]
    for typed, name in (("LUKASZ walesa", "łukasz Wałęsa"), ("o'brien", "Émile O’Brien"), ("emile", "Émile O’Brien")):
        assert found(dana, q=typed) == [name]


def test_nobody_found_is_told_with_the_way_back(browse, three):
    page = browse(three.dana).get("/cohort?q=nobody&sort=name").text
    assert "Nobody matches." in page
    assert f'href="/cohort?cohort={three.cohort.id}&amp;sort=name">Clear filters</a>' in page


# --- Order -----------------------------------------------------------------------------------------------------


ORDERS = {
    "": ["Tom Bright", "Amara Okafor", "Mei Chen"],
    "name": ["Amara Okafor", "Mei Chen", "Tom Bright"],
    "-name": ["Tom Bright", "Mei Chen", "Amara Okafor"],
    "-unaided": ["Amara Okafor", "Mei Chen", "Tom Bright"],
    "counted": ["Mei Chen", "Tom Bright", "Amara Okafor"],
    "-debt": ["Amara Okafor", "Mei Chen", "Tom Bright"],
    "logged": ["Mei Chen", "Tom Bright", "Amara Okafor"],
    "status": ["Amara Okafor", "Tom Bright", "Mei Chen"],
    "; DROP TABLE scan": ["Tom Bright", "Amara Okafor", "Mei Chen"],
    "--name": ["Tom Bright", "Amara Okafor", "Mei Chen"],
}


def test_the_rows_come_in_the_order_asked_for(browse, three):
    dana = browse(three.dana)
    for sort, order in ORDERS.items():
        assert found(dana, sort=sort) == order, sort


COLUMNS = ("name", "aided", "unaided", "waiting", "returned", "debt", "logged", "needed", "forecast", "status")


def test_a_column_head_sorts_by_it_and_once_more_the_other_way_round(browse, three):
    dana = browse(three.dana)
    page = dana.get("/cohort").text
    for column in COLUMNS:
        ways = []
        for _ in range(2):
            link = re.search(rf'id="by-{column}-head" href="([^"]+)"', page).group(1)
            page = dana.get(unescape(link)).text
            ways.append(re.search(rf'aria-sort="(\w+)"><a id="by-{column}-head"', page).group(1))
            assert page.count("aria-sort=") == 1 and len(names(page)) == 3, column
        assert ways == ["ascending", "descending"], column


def test_who_has_graduated_comes_last_whatever_the_numbers(browse, three):
    ended = Enrolment.update(ended_on=three.cohort.starts_on, ended_as="graduated")
    ended.where(Enrolment.person == three.amara).execute()
    dana = browse(three.dana)
    assert found(dana, sort="counted")[-1] == found(dana, sort="-counted")[-1] == "Amara Okafor"


# --- The address -----------------------------------------------------------------------------------------------


def test_a_bookmarked_address_shows_the_same_again(browse, lopsided):
    three = lopsided
    dana = browse(three.dana)
    sent = {"cohort": three.cohort.id, "q": "amara", "show": ["audit-debt", "breadth-gap"], "region": "hip-groin"}
    sent |= {"site": three.croydon.id, "mentor": three.ravi.id, "sort": "-needed"}
    answer = dana.get("/cohort", query_string=sent, htmx=True)
    assert names(answer.text) == ["Amara Okafor"] and "<html" not in answer.text
    bookmark = answer.headers["HX-Push-Url"]
    page = dana.get(bookmark).text
    assert names(page) == ["Amara Okafor"]
    for kept in ('name="q" type="search" value="amara"', 'value="audit-debt" checked', 'value="breadth-gap" checked'):
        assert kept in page
    for chosen in ("hip-groin", three.croydon.id, three.ravi.id, "-needed"):
        assert f'<option value="{chosen}" selected>' in page


def test_the_address_leaves_out_what_was_left_empty(browse, three):
    sent = {"cohort": three.cohort.id, "q": "", "region": "", "site": "", "mentor": "", "sort": ""}
    answer = browse(three.dana).get("/cohort", query_string=sent, htmx=True)
    assert answer.headers["HX-Push-Url"] == f"/cohort?cohort={three.cohort.id}"


ODD = (
    "site=999",
    "mentor=-1",
    "site=x&mentor=%00",
    "region=moon",
    "show=&show=x",
    "sort=-",
    "page=0",
    "page=99",
    "q=%00",
)


def test_what_nobody_can_ask_for_asks_for_nothing(browse, three):
    dana = browse(three.dana)
    for query in ODD:
        assert len(names(dana.get(f"/cohort?{query}").text)) == 3, query


def test_thirty_students_are_a_page_and_its_links_keep_what_was_asked(browse, cast):
    more_students(cast.cohort, 40)
    dana = browse(cast.dana)
    page = dana.get("/cohort?q=student&sort=-name").text
    first = names(page)
    assert len(first) == 30 and first[0] == "Student 039" and "Page 1 of 2" in page
    link = unescape(re.search(r'href="([^"]+)">Next<', page).group(1))
    page = dana.get(link).text
    assert names(page) == [f"Student {number:03}" for number in range(9, 2, -1)] and "Page 2 of 2" in page
    back = unescape(re.search(r'href="([^"]+)">Previous<', page).group(1))
    assert names(dana.get(back).text) == first


def test_a_returned_scan_is_sorted_to_the_top(browse, three):
    scan = logged(three.mei, three.grace)
    reviews.send_back(scan.id, by=three.grace, version=scan.version, why="Once more.")
    assert found(browse(three.dana), sort="-returned")[0] == "Mei Chen"
