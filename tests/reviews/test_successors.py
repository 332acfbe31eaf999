"""A mentor leaves: nobody is offered them any more, and what waits for them goes on to who follows."""

from __future__ import annotations

from datetime import timedelta

import pytest

import clock
from models import Enrolment, Move, Notice, Party, Scan
from tests.cast import days_ago, logged
from tests.cohort.steps import another_cohort
from tests.scans.steps import fields, log, text_of
from workflows.accounts import accounts
from workflows.refusals import Invalid, Refused
from workflows.reviews import successors
from workflows.scans import scans

pytestmark = pytest.mark.both
KNEE = {"region": "knee", "findings": (), "normal": ("all",), "report": ""}


@pytest.fixture
def waiting(cast) -> list[Scan]:
    """Two scans of Amara's and one of Tom's, with Ravi, whose account is closed then."""
    found = [logged(cast.amara, cast.ravi), logged(cast.amara, cast.ravi, **KNEE), logged(cast.tom, cast.ravi)]
    accounts.disable(cast.ravi)
    return found


def hand_over(client, mentor, to, **more):
    return client.post(f"/mentors/{mentor.id}/successor", {"mentor": to.id, **more})


def test_a_mentor_whose_account_is_closed_is_offered_nowhere(browse, cast, waiting):
    mine = logged(cast.amara, cast.priya, region="elbow", findings=(), normal=("all",), report="")
    amara, priya, dana = browse(cast.amara), browse(cast.priya), browse(cast.dana)
    enrolment = Enrolment.get(Enrolment.person == cast.amara)
    pages = [amara.get("/scans/new"), amara.get(f"/scans/{mine.id}"), priya.get(f"/scans/{mine.id}/review")]
    assert "Priya Nair" in pages[0].text and not any("Ravi" in page.text for page in pages)
    assert f'<option value="{cast.ravi.id}">' not in dana.get("/cohort").text
    assert "Mentor <b>Priya Nair</b>" in dana.get(f"/students/{enrolment.id}").text


def test_what_waits_for_them_is_listed_at_once_to_student_colleague_and_director(browse, cast, waiting):
    said = "scans wait for Ravi Patel, who mentors there no more"
    enrolment = Enrolment.get(Enrolment.person == cast.amara).id
    for person, address, number in (
        (cast.amara, "/", 2),
        (cast.priya, "/inbox", 3),
        (cast.dana, "/cohort", 3),
        (cast.dana, f"/students/{enrolment}", 2),
        (cast.priya, f"/students/{enrolment}", 2),
    ):
        page = text_of(browse(person).get(address))
        assert f"{number} {said}" in page and f"Hand over all {number}" in page, (person.name, address)
    for person, address in ((cast.mei, "/"), (cast.grace, "/inbox"), (cast.helen, f"/students/{enrolment}")):
        assert "mentors there no more" not in browse(person).get(address).text
    assert "Take over" not in browse(cast.priya).get(f"/students/{enrolment}").text


def test_one_press_hands_all_of_it_over_and_the_new_mentor_is_told(browse, cast, waiting):
    dana = browse(cast.dana)
    answer = hand_over(dana, cast.ravi, cast.priya)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Handed to Priya Nair: 3 scans." in dana.get("/cohort").text
    assert {Scan.get_by_id(scan.id).mentor_id for scan in waiting} == {cast.priya.id}
    assert Notice.select().where(Notice.recipient == cast.priya, Notice.kind == "scan_handed_over").count() == 3
    moves = Move.select().where(Move.verb == "hand_over")
    assert [(move.by_id, move.why) for move in moves] == [(cast.dana.id, "To Priya Nair.")] * 3
    assert "mentors there no more" not in dana.get("/cohort").text
    assert "3 waiting" in browse(cast.priya).get("/inbox").text
    assert hand_over(dana, cast.ravi, cast.priya).status_code == 303  # pressed twice
    assert moves.count() == 3


def test_a_student_hands_over_their_own_alone(browse, cast, waiting):
    amara, toms = browse(cast.amara), waiting[2]
    assert hand_over(amara, cast.ravi, cast.priya).location == "/"
    assert "Handed to Priya Nair: 2 scans." in amara.get("/").text
    assert Scan.get_by_id(toms.id).mentor_id == cast.ravi.id
    enrolment = toms.enrolment_id
    assert hand_over(browse(cast.dana), cast.ravi, cast.priya, student=enrolment).location == f"/students/{enrolment}"
    assert Scan.get_by_id(toms.id).mentor_id == cast.priya.id


def test_it_goes_to_a_mentor_of_the_placement_alone_and_nobody_else_hands_it_over(browse, cast, waiting):
    for to in (cast.grace, cast.amara, cast.dana, cast.ravi):
        with pytest.raises(Refused, match="Choose somebody who mentors"):
            successors.hand_over_all(cast.ravi.id, by=cast.dana, to=to.id)
    for person in (cast.mei, cast.grace):
        assert successors.hand_over_all(cast.ravi.id, by=person, to=cast.priya.id) == 0
    for person in (cast.helen, cast.ian, cast.esther):
        assert hand_over(browse(person), cast.ravi, cast.priya).status_code == 403
    assert browse(cast.dana).post(f"/mentors/{cast.ravi.id}/successor", {"mentor": "x"}).status_code == 422
    assert {Scan.get_by_id(scan.id).mentor_id for scan in waiting} == {cast.ravi.id}


def test_what_waits_for_a_mentor_who_is_still_there_is_not_handed_over_as_a_whole(cast):
    logged(cast.amara, cast.ravi)
    assert successors.left_behind(cast.dana.id) == []
    assert successors.hand_over_all(cast.ravi.id, by=cast.dana, to=cast.priya.id) == 0


def test_a_mentor_whose_part_has_ended_left_too_and_where_nobody_follows_it_says_so(browse, cast):
    logged(cast.mei, cast.grace)
    Party.update(ended_on=days_ago(1)).where(Party.person == cast.grace).execute()
    page = text_of(browse(cast.mei).get("/"))
    assert "1 scan waits for Grace Adeyemi, who mentors there no more" in page
    assert "No other mentor is named in that placement yet" in page and "Hand over" not in page


def test_a_scan_that_comes_late_for_them_is_a_draft_that_asks_for_another_mentor(browse, cast):
    sent = fields(cast)
    accounts.disable(cast.ravi)
    amara = browse(cast.amara)
    answer = log(amara, sent)
    assert (answer["state"], answer["lacks"]) == ("draft", ["mentor"])
    page = text_of(amara.get(f"/scans/{sent['scan_id']}"))
    assert "Ravi Patel mentors there no more: choose who follows." in page and "Send to mentor" not in page
    form = amara.get(f"/scans/{sent['scan_id']}/edit").text
    assert f'value="{cast.ravi.id}"' not in form and f'value="{cast.priya.id}"' in form
    corrected = {**sent, "mentor": cast.priya.id, "version": 1}
    assert amara.post(f"/scans/{sent['scan_id']}", corrected, json=True).json["state"] == "with_mentor"


def test_a_draft_for_them_is_not_sent_and_where_no_mentor_is_left_a_scan_is_kept_all_the_same(browse, cast):
    draft = logged(cast.amara, cast.ravi, later=True)
    accounts.disable(cast.ravi)
    with pytest.raises(Invalid, match="mentor"):
        scans.send(draft.id, by=cast.amara, version=1)
    accounts.disable(cast.priya)
    answer = log(browse(cast.amara), fields(cast, mentor=None, site=cast.croydon.id))
    assert (answer["state"], answer["lacks"]) == ("draft", ["mentor"])


def test_an_enrolment_that_begins_later_takes_over_neither_home_nor_list_before_its_first_day(browse, cast):
    mine = logged(cast.amara, cast.ravi)
    tomorrow = clock.now().date() + timedelta(days=1)
    later = another_cohort(name="September 2027")
    later = Enrolment.create(person=cast.amara, cohort=later, enrolled_on=tomorrow)
    amara = browse(cast.amara)
    for address in ("/", "/scans"):
        page = amara.get(address).text
        assert "September 2026" in page and "September 2027" not in page, address
    assert log(amara, fields(cast)) and Scan.select().where(Scan.enrolment == later).count() == 0
    Enrolment.update(enrolled_on=clock.now().date()).where(Enrolment.id == later.id).execute()
    assert "September 2027" in amara.get("/").text and Scan.get_by_id(mine.id).enrolment_id != later.id
