"""The sign-in ran out, or the form is from before it: what was entered is kept for the person who entered it."""

from __future__ import annotations

import re
import uuid

import pytest

from models import Scan
from tests.faults.ground import scan_fields
from workflows.accounts import accounts

WORDS = "14 mm full-thickness tear of the anterior supraspinatus"


@pytest.fixture
def entered(cast):
    """Amara's form as she filled it in."""
    return scan_fields(str(uuid.uuid4()), cast.ravi, kept_for=str(cast.amara.id))


def again(page: str) -> list[tuple[str, str]]:
    """What the page's *Try again* would send."""
    form = page.split('<form method="post" action="/scans')[1].split("</form>")[0]
    return re.findall(r'name="([^"]+)" value="([^"]*)"', form)


def by_name(pairs):
    found = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def test_a_lapsed_sign_in_keeps_what_was_entered_and_the_same_person_sends_it_again(cast, browse, entered):
    amara = browse(cast.amara)
    amara.token()
    accounts.end_everywhere(cast.amara)
    lost = amara.post("/scans", entered)
    assert lost.status_code == 401
    assert "You were signed out before this was saved" in lost.text and WORDS in lost.text
    assert Scan.select().count() == 0

    back = browse(cast.amara)
    stale = back.http.post("/scans", data=by_name(again(lost.text)))
    assert stale.status_code == 400 and WORDS in stale.text, "its token is of the sign-in that ended"
    assert back.http.post("/scans", data=by_name(again(stale.text))).status_code == 303
    assert WORDS in Scan.get().report


def test_somebody_else_who_signs_in_cannot_send_it(cast, browse, entered):
    mei = browse(cast.mei)
    answer = mei.post("/scans", entered)
    assert answer.status_code == 403
    assert "Somebody else filled in this form" in answer.text and WORDS not in answer.text
    stale = mei.http.post("/scans", data=entered)
    assert stale.status_code == 403
    said = mei.post("/scans", entered, headers={"Accept": "application/json"})
    assert (said.status_code, said.json["error"]) == (403, "another-person"), "a phone keeps it for its person"
    assert Scan.select().count() == 0


def test_a_form_that_does_not_say_whose_it_is_goes_to_the_sign_in_page(cast, browse, entered):
    del entered["kept_for"]
    answer = browse(None).http.post("/scans", data=entered)
    assert answer.status_code == 303 and "/sign-in" in answer.headers["Location"]


def test_the_log_form_says_whose_it_is(cast, browse):
    assert f'name="kept_for" value="{cast.amara.id}"' in browse(cast.amara).get("/scans/new").text


def test_a_withdrawn_scan_is_not_what_is_remembered(cast, browse):
    from tests.cast import logged
    from workflows.scans import scans

    logged(cast.amara, cast.ravi)
    odd = logged(cast.amara, cast.priya)
    scans.withdraw(odd.id, by=cast.amara, version=1)
    assert "With <b>Ravi Patel" in browse(cast.amara).get("/scans/new").text.replace("</b>", "")
