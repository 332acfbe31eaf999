"""Where one goes after signing in: a page of ours, whatever `next` was sent."""

import pytest

from blueprints.accounts.forms import safe_path
from tests.client import Client

OURS = ["/", "/scans", "/scans/new", "/scans?state=returned&q=knee%20left", "/students/7", "/me", "/scans?back=//fine"]
ELSEWHERE = [
    "//evil.test",
    "///evil.test",
    "////evil.test/",
    "/\\evil.test",
    "\\/evil.test",
    "\\\\evil.test",
    "/\\/evil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    "/\r/evil.test",
    "\t//evil.test",
    " //evil.test",
    "/ /evil.test",
    "/\x00/evil.test",
    "/\x0b/evil.test",
    "http://evil.test",
    "https://evil.test",
    "https:evil.test",
    "https:/evil.test",
    "HTTPS://EVIL.TEST",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "ftp://evil.test",
    "mailto:x@evil.test",
    "evil.test",
    "www.evil.test/",
    "@evil.test",
    ".evil.test",
    "/%2fevil.test",
    "/%2Fevil.test",
    "/%5cevil.test",
    "/%252fevil.test",
    "/%09/evil.test",
    "/%0d%0aLocation:%20https://evil.test",
    "%2f%2fevil.test",
    "/./\\evil.test",
    "/scans/..//evil.test",
    "/../evil.test",
    "/scans//evil.test",
    "/。evil.test",
    "/／evil.test",
    "//[::1]/",
    "//evil%00.test",
    "?next=//evil.test",
    "#//evil.test",
    "/" + "x" * 3000,
    "/sign-in",
    "/sign-in/?next=/sign-in",
    "",
]


@pytest.mark.parametrize("asked", OURS)
def test_a_page_of_ours_is_a_way(asked):
    assert safe_path(asked) == asked


@pytest.mark.parametrize("asked", ELSEWHERE, ids=range(len(ELSEWHERE)))
def test_no_other_way_leads_out_of_the_house(asked, door):
    assert safe_path(asked) == "/"
    assert door(next=asked).location == "/"
    assert door(next=asked, htmx=True).headers["HX-Redirect"] == "/"


def test_the_way_survives_a_wrong_password(door):
    answer = door(password="wrong", next="/scans/new")
    assert 'value="/scans/new"' in answer.text


def test_who_is_sent_to_sign_in_comes_back(app, door, cast):
    sent = Client(app).get("/scans?state=draft")
    assert sent.status_code == 303
    page = Client(app).get(sent.location)
    assert 'value="/scans?state=draft"' in page.text
