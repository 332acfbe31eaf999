"""A waiting scan goes to another mentor of its placement: the student or any of them may say so."""

from __future__ import annotations

import pytest

from models import Party, Scan
from tests.cast import days_ago, logged
from tests.reviews.steps import approve, card_form, is_counted, is_waiting, verbs_of
from workflows.refusals import Refused
from workflows.reviews import reviews


@pytest.fixture
def scan(cast):
    return logged(cast.amara, cast.ravi)


def hand_over(client, scan, to, **how):
    return client.post(f"/scans/{scan.id}/mentor", {"mentor": getattr(to, "id", to)}, **how)


def mentor_of(scan) -> int:
    return Scan.get_by_id(scan.id).mentor_id


def test_a_mentor_hands_a_scan_to_a_colleague(browse, cast, scan):
    ravi = browse(cast.ravi)
    assert "Hand to Priya Nair" in ravi.get(f"/scans/{scan.id}/review").text
    answer = hand_over(ravi, scan, cast.priya)
    assert (answer.status_code, answer.location) == (303, "/inbox")
    assert "Handed to Priya Nair." in ravi.get("/inbox").text
    assert mentor_of(scan) == cast.priya.id and is_waiting(scan)
    assert "1 waiting" in browse(cast.priya).get("/inbox").text


def test_a_colleague_takes_it_over_and_judges_it(browse, cast, scan):
    priya = browse(cast.priya)
    page = priya.get(f"/scans/{scan.id}/review").text
    assert "With Ravi Patel" in page and ">Take it over</button>" in page and "Audit &amp; approve" not in page
    answer = hand_over(priya, scan, cast.priya)
    assert answer.location == f"/scans/{scan.id}/review"
    assert approve(priya, scan, htmx=True).status_code == 200
    assert is_counted(scan)


def test_the_student_hands_it_over_and_sees_the_scan_again(browse, cast, scan):
    answer = hand_over(browse(cast.amara), scan, cast.priya)
    assert (answer.status_code, answer.location) == (303, f"/scans/{scan.id}")
    assert mentor_of(scan) == cast.priya.id
    assert verbs_of(scan) == ["log", "hand_over"]


def test_handing_over_twice_is_once(browse, cast, scan):
    amara = browse(cast.amara)
    for _ in range(2):
        assert hand_over(amara, scan, cast.priya, json=True).json["mentor"] == cast.priya.id
    assert verbs_of(scan) == ["log", "hand_over"]


def test_strangers_and_other_students_find_nothing(browse, cast, scan):
    for person in (cast.grace, cast.tom, cast.mei):
        assert hand_over(browse(person), scan, cast.priya).status_code == 404
    assert mentor_of(scan) == cast.ravi.id


def test_those_who_only_read_hand_nothing_over(browse, cast, scan):
    for person in (cast.dana, cast.esther, cast.helen, cast.ian):
        assert hand_over(browse(person), scan, cast.priya).status_code == 403
    with pytest.raises(Refused, match="Only the student and the mentors"):
        reviews.hand_over(scan.id, by=cast.dana, to=cast.priya.id)
    assert mentor_of(scan) == cast.ravi.id


def test_only_to_a_mentor_of_the_placement(browse, cast, scan):
    ravi = browse(cast.ravi)
    for to in (cast.grace, cast.amara, cast.dana):
        answer = hand_over(ravi, scan, to, htmx=True)
        assert answer.status_code == 403 and "Choose another mentor of this placement." in answer.text
    Party.update(ended_on=days_ago(1)).where(Party.person == cast.priya).execute()
    assert hand_over(ravi, scan, cast.priya).status_code == 403
    assert mentor_of(scan) == cast.ravi.id


@pytest.mark.parametrize("words", ["", "x", "0", "-1"])
def test_to_nobody_is_asked_again(browse, cast, scan, words):
    assert hand_over(browse(cast.ravi), scan, words, htmx=True).status_code == 422


def test_only_what_waits_is_handed_over(browse, cast, scan):
    reviews.approve(scan.id, by=cast.ravi, version=1)
    assert hand_over(browse(cast.ravi), scan, cast.priya).status_code == 409
    assert mentor_of(scan) == cast.ravi.id


def test_the_mentor_from_whom_it_was_taken_is_told(browse, cast, scan):
    ravi = browse(cast.ravi)
    form = card_form(ravi, scan)
    reviews.hand_over(scan.id, by=cast.priya, to=cast.priya.id)
    answer = approve(ravi, scan, form, htmx=True)
    assert answer.status_code == 409 and "This scan is with Priya Nair" in answer.text
    assert "With Priya Nair now" in ravi.get(f"/scans/{scan.id}/card").text
    assert is_waiting(scan)


def test_the_old_mentors_open_inbox_learns_that_the_scan_has_gone_to_a_colleague(cast, browse):
    scan = logged(cast.amara, cast.ravi)
    ravi = browse(cast.ravi)
    ravi.get("/inbox")
    reviews.hand_over(scan.id, by=cast.amara, to=cast.priya.id)
    answer = ravi.post(f"/scans/{scan.id}/approval", {"version": "1"}, htmx=True)
    assert answer.status_code == 409
    assert "With Priya Nair now" in " ".join(answer.text.split()).replace("<b>", "").replace("</b>", "")
    assert "Take it over first" in answer.text and ">Approve<" not in answer.text
