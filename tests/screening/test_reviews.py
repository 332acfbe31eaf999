"""R8 in what a mentor writes: comments and reasons are screened, and going past a likely find is on record."""

from __future__ import annotations

import json
import re

import pytest

from models import Audit, History, Move
from tests.cast import logged
from tests.reviews.steps import is_counted, is_waiting, review_form, state_of
from tests.scans.steps import text_of
from tests.screening.test_log_form import finds_of, go_on
from workflows.history import verification
from workflows.reviews import reviews

LIKELY = "Show the patient called Margaret both planes."


@pytest.fixture
def scan(cast):
    return logged(cast.amara, cast.ravi, support="aided")


@pytest.fixture
def ravi(browse, cast):
    return browse(cast.ravi)


def payload(verb: str) -> dict:
    return json.loads(History.select().where(History.verb == verb).get().payload)


ACTIONS = {
    "audit": ("comment", "approve", "counted", "approve it"),
    "return": ("why", "send_back", "returned", "return it"),
    "reopening": ("why", "reopen", "with_mentor", "reopen it"),
}


def filled(ravi, scan, action: str, words: str) -> dict[str, str]:
    """The action's form as its page has it, with these words."""
    if action == "reopening":
        reviews.approve(scan.id, by=scan.mentor, version=1)
        return {"why": words}
    return review_form(ravi, scan, **{ACTIONS[action][0]: words})


@pytest.mark.parametrize(
    ("action", "how"),
    [("audit", {}), ("audit", {"htmx": True}), ("return", {}), ("return", {"htmx": True}), ("reopening", {})],
)
def test_a_likely_find_is_asked_about_and_one_more_tap_goes_on(ravi, scan, action, how):
    name, verb, after, label = ACTIONS[action]
    form = filled(ravi, scan, action, LIKELY)
    before = state_of(scan)
    asked = ravi.post(f"/scans/{scan.id}/{action}", form, **how)
    assert asked.status_code == 422 and state_of(scan) == before
    assert "This may be a patient's name." in text_of(asked)
    assert f'id="{name}-error"' in asked.text and "<mark>patient called Margaret</mark>" in finds_of(asked)
    assert f"It names no patient: {label}" in text_of(asked)
    address, marks = go_on(asked)
    assert address == f"/scans/{scan.id}/{action}"
    done = ravi.post(address, {**form, "named_nobody": marks}, **how)
    assert done.status_code in (204, 303) and state_of(scan) == after
    assert Move.get(Move.verb == verb).why == LIKELY
    assert payload(verb)["warned"] == ["name"]
    assert not [row for row in History.select() if "Margaret" in row.payload] and verification.verify().sound


@pytest.mark.parametrize("action", ACTIONS)
def test_a_phone_is_told_what_is_asked_and_what_is_refused(ravi, scan, action):
    name = ACTIONS[action][0]
    form = filled(ravi, scan, action, LIKELY)
    asked = ravi.post(f"/scans/{scan.id}/{action}", form, json=True)
    assert asked.status_code == 422 and asked.json["error"] == "warned" and "Margaret" not in asked.text
    assert [hit["kind"] for hit in asked.json["hits"][name]] == ["name"]
    sure = ravi.post(f"/scans/{scan.id}/{action}", {**form, name: "MRN 123456"}, json=True)
    assert sure.status_code == 422 and sure.json["error"] == "invalid" and "123456" not in sure.text
    assert "named_nobody" not in sure.json
    done = ravi.post(f"/scans/{scan.id}/{action}", {**form, "named_nobody": asked.json["named_nobody"]}, json=True)
    assert done.status_code == 200


def test_what_was_judged_is_kept_while_the_comment_is_asked_about(ravi, scan):
    asked = ravi.post(f"/scans/{scan.id}/audit", review_form(ravi, scan, comment=LIKELY, agreement="minor"))
    assert 'value="minor" id="agreement-1" checked' in " ".join(asked.text.split())
    assert is_waiting(scan) and Audit.select().count() == 0


def test_another_name_is_asked_about_anew(ravi, scan):
    form = review_form(ravi, scan, comment=LIKELY)
    _, marks = go_on(ravi.post(f"/scans/{scan.id}/audit", form))
    other = ravi.post(f"/scans/{scan.id}/audit", {**form, "comment": "As for Mrs Khan.", "named_nobody": marks})
    assert other.status_code == 422 and re.findall("<mark>(.*?)</mark>", finds_of(other)) == ["Mrs Khan"]
    assert is_waiting(scan)


def test_a_resend_of_what_was_gone_past_changes_nothing(ravi, scan):
    form = review_form(ravi, scan, comment=LIKELY)
    address, marks = go_on(ravi.post(f"/scans/{scan.id}/audit", form))
    for _ in range(2):
        assert ravi.post(address, {**form, "named_nobody": marks}, json=True).status_code == 200
    assert is_counted(scan) and History.select().where(History.verb == "approve").count() == 1


@pytest.mark.parametrize("words", ["Discussed with Dr Patel.", "Ask Prof Jones about C5-T1.", "14 x 9 x 3 mm, agree."])
def test_what_a_mentor_writes_passes_without_a_word(ravi, scan, words):
    assert ravi.post(f"/scans/{scan.id}/audit", review_form(ravi, scan, comment=words)).status_code == 303
    assert "warned" not in payload("approve")
