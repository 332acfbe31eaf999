"""From a student's page back to the list as it was asked for; and nowhere else, whatever the address says."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from blueprints.filters import from_back, to_back
from models import Enrolment
from tests.cast import logged
from tests.cohort.steps import more_students


def number_of(student) -> int:
    return Enrolment.get(Enrolment.person == student).id


def link(page: str, words: str) -> str:
    """Where the link with these words leads."""
    found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*>(?:<svg.*?</svg>)?{re.escape(words)}</a>', page)
    return unescape(found[1]) if found else ""


def back_of(page: str) -> tuple[str, dict[str, list[str]], str]:
    """Path, query and place in the page that *Back to the list* leads to."""
    address = urlsplit(link(page, "Back to the list"))
    assert not address.scheme and not address.netloc
    return address.path, parse_qs(address.query), address.fragment


@pytest.mark.parametrize("panel", ["at-risk", "students-head", "case-mix"])
def test_a_student_leads_back_to_the_list_as_it_was_asked_for(browse, cast, panel):
    dana = browse(cast.dana)
    cast.amara.name = "O&k Éva"
    cast.amara.save()
    asked = "" if panel == "at-risk" else f"?mentor={cast.ravi.id}&q=o%26k+%C3%A9&sort=-aided"
    page = dana.get(f"/cohort{asked}").text
    amara = number_of(cast.amara)
    found = re.search(rf'href="(/students/{amara}\?[^"]+)"', page[page.index(f'id="{panel}"') :])
    path, query, place = back_of(dana.get(unescape(found[1])).text)
    assert (path, place) == ("/cohort", f"student-{amara}")
    assert query == {"cohort": [str(cast.cohort.id)], **parse_qs(asked[1:])}
    assert dana.get(link(dana.get(unescape(found[1])).text, "Back to the list")).status_code == 200


def test_several_filters_and_the_page_come_back(browse, cast):
    more_students(cast.cohort, 70)
    dana = browse(cast.dana)
    asked = "show=at-risk&show=breadth-gap&page=2"
    query = back_of(dana.get(f"/students/{number_of(cast.amara)}?back={quote(asked)}").text)[1]
    assert query == {"cohort": [str(cast.cohort.id)], **parse_qs(asked)}
    page = dana.get("/cohort?sort=name&page=2").text
    first = unescape(re.search(r'class="name"><a href="([^"]+)"', page)[1])
    assert back_of(dana.get(first).text)[1] == {"cohort": ["1"], "sort": ["name"], "page": ["2"]}


def test_the_way_back_stays_through_a_scan_and_an_older_page_of_the_story(browse, cast):
    for _ in range(23):
        scan = logged(cast.amara, cast.ravi)
    dana, amara = browse(cast.dana), number_of(cast.amara)
    page = dana.get(f"/students/{amara}?back=q%3Damara").text
    older = dana.get(link(page, "Older")).text
    assert back_of(older)[1]["q"] == back_of(dana.get(link(older, "Newer")).text)[1]["q"] == ["amara"]
    to_scan = re.findall(rf'href="(/scans/{scan.id}[^"]*)"', page)
    assert len(to_scan) >= 2 and len(set(to_scan)) == 1
    again = link(dana.get(to_scan[0]).text, "Amara")
    assert back_of(dana.get(again).text)[1]["q"] == ["amara"]


@pytest.mark.parametrize(
    "said",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/sign-out",
        "javascript:alert(1)",
        "_external=1&_scheme=javascript&_anchor=x&endpoint=x&next=//elsewhere.example",
        "q=a&_scheme=https&_external=1&_anchor=elsewhere&next=//elsewhere.example&cohort=999",
        "q=//elsewhere.example",
        "\x00&q=%00",
        "q=" + "x" * 5000,
        "q=1&" * 200,
        "",
    ],
)
def test_whatever_the_address_says_it_leads_to_the_students_own_list_or_nowhere(browse, cast, said):
    amara = number_of(cast.amara)
    answer = browse(cast.dana).get(f"/students/{amara}?back={quote(said)}")
    assert answer.status_code == 200
    path, query, place = back_of(answer.text)
    assert (path, place) in [("", ""), ("/cohort", f"student-{amara}")]
    assert query.get("cohort", ["1"]) == ["1"] and set(query) <= {"cohort", "q"}
    assert not re.search(r'href="(?!/|#|mailto:)', answer.text[answer.text.index("<main") :])


def test_only_a_director_is_led_to_the_list(browse, cast):
    for who in (cast.ravi, cast.ian, cast.esther, cast.helen):
        assert "Back to the list" not in browse(who).get(f"/students/{number_of(cast.amara)}?back=q%3Da").text
    assert "Back to the list" not in browse(cast.dana).get(f"/students/{number_of(cast.amara)}").text


def test_what_is_carried_is_what_was_asked():
    asked = {"cohort": 3, "q": "o&k é", "show": ("at-risk", "audit-debt"), "page": 2}
    assert from_back(to_back(asked)) == {
        "cohort": ["3"],
        "q": ["o&k é"],
        "show": ["at-risk", "audit-debt"],
        "page": ["2"],
    }
