"""Several unaided scans of one student approved at once, each answered for itself."""

from __future__ import annotations

import pytest

from tests.cast import entry_for, logged
from tests.reviews.steps import is_counted, is_waiting, verbs_of
from workflows.refusals import Refused
from workflows.reviews import reviews
from workflows.scans import scans


@pytest.fixture
def ravi(browse, cast):
    return browse(cast.ravi)


@pytest.fixture
def three(cast):
    return [logged(cast.amara, cast.ravi, report=f"{number} mm tear.") for number in (3, 4, 5)]


def ticked(*all_scans, version=1):
    return {"scan": [f"{scan.id}:{version}" for scan in all_scans]}


def test_unaided_cards_can_be_ticked_and_aided_ones_cannot(ravi, cast, three):
    aided = logged(cast.amara, cast.ravi, support="aided")
    page = ravi.get("/inbox").text
    assert page.count('type="checkbox"') == 3 and "Approve selected" in page
    assert f'value="{aided.id}:' not in page


def test_what_was_ticked_is_approved_and_nothing_else(ravi, three):
    ravi.get("/inbox")
    answer = ravi.post("/inbox/approvals", ticked(*three[:2]), htmx=True)
    assert answer.status_code == 200
    assert answer.text.count(">Undo all</button>") == 1
    assert "1 waiting" in answer.text and "2 approved." in answer.text
    assert [is_counted(scan) for scan in three] == [True, True, False]


def test_each_is_answered_for_itself(ravi, cast, three):
    scans.correct(three[1].id, entry_for(cast.ravi, report="Another tear."), by=cast.amara, version=1)
    scans.withdraw(three[2].id, by=cast.amara, version=1)
    ravi.get("/inbox")
    answer = ravi.post("/inbox/approvals", ticked(*three), json=True)
    by_id = {one["scan_id"]: one for one in answer.json["answers"]}
    assert by_id[three[0].id]["approved"]
    assert "changed this scan while you were looking" in by_id[three[1].id]["sentence"]
    assert "nothing here" in by_id[three[2].id]["sentence"]
    assert is_counted(three[0]) and is_waiting(three[1])
    assert verbs_of(three[2]) == ["log", "withdraw"]


def test_one_that_changed_meanwhile_says_so_on_its_card(ravi, cast, three):
    ravi.get("/inbox")
    scans.correct(three[1].id, entry_for(cast.ravi, report="Another tear."), by=cast.amara, version=1)
    answer = ravi.post("/inbox/approvals", ticked(*three), htmx=True).text
    assert "changed this scan while you were looking" in answer and "Another tear." in answer
    assert "2 approved. 1 not" in answer
    assert is_waiting(three[1])


def test_without_javascript_it_leads_back_or_says_what_was_not(ravi, cast, three):
    answer = ravi.post("/inbox/approvals", ticked(three[0]))
    assert (answer.status_code, answer.location) == (303, "/inbox")
    page = ravi.get("/inbox").text
    assert "1 approved." in page and page.count(' id="undo"') == 1
    scans.correct(three[1].id, entry_for(cast.ravi, report="Another tear."), by=cast.amara, version=1)
    answer = ravi.post("/inbox/approvals", ticked(*three[1:]))
    assert answer.status_code == 409
    assert "1 approved. 1 not" in answer.text and "changed this scan while you were looking" in answer.text


def test_a_resend_changes_nothing(ravi, three):
    for _ in range(2):
        answer = ravi.post("/inbox/approvals", ticked(*three), json=True)
        assert all(one["approved"] for one in answer.json["answers"])
    assert [verbs_of(scan) for scan in three] == [["log", "approve"]] * 3


def test_one_that_was_sent_twice_is_answered_once(ravi, three):
    answer = ravi.post("/inbox/approvals", ticked(three[0], three[0]), json=True)
    assert len(answer.json["answers"]) == 1


def test_an_aided_scan_is_audited_one_by_one(ravi, cast, three):
    aided = logged(cast.amara, cast.ravi, support="aided")
    answer = ravi.post("/inbox/approvals", ticked(three[0], aided), json=True).json["answers"]
    assert [one["approved"] for one in answer] == [True, False]
    assert is_waiting(aided)


def test_of_one_student_at_a_time(ravi, cast, three):
    of_tom = logged(cast.tom, cast.ravi)
    assert ravi.post("/inbox/approvals", ticked(three[0], of_tom)).status_code == 403
    assert is_waiting(three[0]) and is_waiting(of_tom)
    with pytest.raises(Refused):
        reviews.approve_several([(three[0].id, 1, None), (of_tom.id, 1, None)], by=cast.ravi)


def test_nothing_ticked_is_asked_for(ravi):
    answer = ravi.post("/inbox/approvals", {}, htmx=True)
    assert answer.status_code == 422 and "Tick at least one" in answer.text


NOBODYS = "0f0e0d0c-0b0a-4908-8706-050403020100"


@pytest.mark.parametrize("words", ["x", "x:1", NOBODYS, f"{NOBODYS}:", f"{NOBODYS}:1:y", "::"])
def test_what_no_page_of_ours_sends_is_refused(ravi, words):
    assert ravi.post("/inbox/approvals", {"scan": words}, htmx=True).status_code == 422


def test_a_strangers_scan_is_nothing_among_several(browse, cast, three):
    answer = browse(cast.grace).post("/inbox/approvals", ticked(*three), json=True).json["answers"]
    assert not any(one["approved"] for one in answer)
    assert all(is_waiting(scan) for scan in three)


def test_a_late_resend_does_not_outlive_an_undo(ravi, cast, three):
    step = three[0].moves.get().id
    form = {"scan": [f"{three[0].id}:1:{step}"]}
    ravi.post("/inbox/approvals", form, json=True)
    reviews.undo(three[0].id, by=cast.ravi, version=1)
    assert not ravi.post("/inbox/approvals", form, json=True).json["answers"][0]["approved"]
    assert is_waiting(three[0])
