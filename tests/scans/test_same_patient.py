"""The same patient's other side, or a neighbouring region, minutes later: asked about on the scan's page."""

from __future__ import annotations

from datetime import timedelta

import clock
from models import Scan
from rules import states
from tests.scans.steps import abnormal, fields, log, stored, text_of

TEAR = "ssp: full-thickness tear"


def two_sides(cast, amara, **left) -> tuple[dict, dict]:
    """A tear of the right shoulder, then a normal left one."""
    first = abnormal(cast, finding=[TEAR], report="It measures 14 mm.")
    second = fields(cast, **{"region": "shoulder", "side": "left", "normal": "all", **left})
    log(amara, first)
    assert log(amara, second)["duplicate_of"] == first["scan_id"]
    return first, second


def test_left_then_right_is_asked_about_and_widens_the_first_for_everybody_who_reads_it(browse, cast):
    amara = browse(cast.amara)
    first, second = two_sides(cast, amara)
    path = f"/scans/{second['scan_id']}"
    page = amara.get(path)
    for words in (
        "Is this another patient?",
        "Yes, another patient",
        "Same patient: widen",
        "both sides are one entry",
    ):
        assert words in text_of(page), words
    done = amara.post(f"{path}/same-patient", {"version": 1})
    assert done.status_code == 303 and f"/scans/{first['scan_id']}" in done.location
    page = amara.get(done.location)
    assert "Both sides now. It is with Ravi Patel." in text_of(page) and "Undo: two entries" in page.text
    assert (stored(first).side, stored(second).state) == ("both", states.WITHDRAWN)
    mentors = text_of(browse(cast.ravi).get(f"/scans/{first['scan_id']}"))
    assert "Case 0002, left shoulder, of the same patient, was joined to it." in mentors
    assert "It measures 14 mm." in mentors and "Supraspinatus (right): full-thickness tear" in mentors
    story = text_of(amara.get(path))
    assert "Joined and withdrawn" in story and "The same patient as case 0001, right shoulder" in story
    amara.post(f"/scans/{first['scan_id']}/same-patient/undo", {"version": 2})
    assert (stored(first).side, stored(second).state) == ("right", states.DRAFT)
    assert "Same patient: widen" in amara.get(path).text


def test_the_outbox_is_answered_alike_twice_and_another_answer_is_told_that_it_came_too_late(browse, cast):
    amara = browse(cast.amara)
    first, second = two_sides(cast, amara)
    path = f"/scans/{second['scan_id']}"
    answers = [amara.post(f"{path}/same-patient", {"version": 1}, json=True) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200] and answers[0].json == answers[1].json
    assert (answers[0].json["state"], answers[0].json["joined_to"]) == ("withdrawn", first["scan_id"])
    assert amara.post(f"{path}/sending", {"version": 1}, json=True).status_code == 409
    assert log(amara, second)["state"] == "draft", "the log itself is answered as the first time"
    assert stored(first).version == 2


def test_another_patient_lets_both_stand_as_they_are(browse, cast):
    amara = browse(cast.amara)
    first, second = two_sides(cast, amara)
    amara.post(f"/scans/{second['scan_id']}/sending", {"version": 1})
    assert (stored(first).side, stored(first).version, stored(second).state) == ("right", 1, states.WITH_MENTOR)
    assert amara.post(f"/scans/{second['scan_id']}/same-patient", {"version": 1}, json=True).status_code == 409
    assert "same patient" not in text_of(amara.get(f"/scans/{second['scan_id']}")).lower()


def test_what_keeps_two_sides_from_being_one_entry_stands_on_the_page_in_place_of_the_button(browse, cast):
    amara = browse(cast.amara)
    _, second = two_sides(cast, amara, support="aided", transducer="convex")
    path = f"/scans/{second['scan_id']}"
    page = text_of(amara.get(path))
    assert "Support: Aided here, Unaided in case 0001." in page and "Transducer: convex here" in page
    assert "Same patient: widen" not in page and "Withdraw" in page
    refusal = amara.post(f"{path}/same-patient", {"version": 1}, json=True)
    assert refusal.status_code == 422 and "Support: Aided here" in refusal.json["message"]
    page = amara.post(f"{path}/same-patient", {"version": 1})
    assert page.status_code == 422 and "Support: Aided here" in text_of(page)


def test_ankle_then_foot_stay_two_entries_that_name_each_other(browse, cast):
    amara, ravi = browse(cast.amara), browse(cast.ravi)
    first, second = fields(cast, region="ankle"), fields(cast, region="foot")
    log(amara, first)
    assert log(amara, second)["duplicate_of"] == first["scan_id"]
    path = f"/scans/{second['scan_id']}"
    assert "two regions are still two entries" in text_of(amara.get(path))
    page = amara.get(amara.post(f"{path}/same-patient", {"version": 1}).location)
    assert "Sent. It is with Ravi Patel." in text_of(page)
    for reader in (amara, ravi):
        assert "The same patient as case 0001, right ankle." in text_of(reader.get(path))
        assert "The same patient as case 0002, right foot." in text_of(reader.get(f"/scans/{first['scan_id']}"))
    assert {stored(one).state for one in (first, second)} == {states.WITH_MENTOR}


def test_a_link_does_not_betray_an_approval_that_can_still_be_undone(browse, cast):
    amara, ravi = browse(cast.amara), browse(cast.ravi)
    first, second = fields(cast, region="ankle"), fields(cast, region="foot")
    log(amara, first), log(amara, second)
    ravi.post(f"/scans/{first['scan_id']}/approval", {"version": 1})
    assert stored(first).state == states.COUNTED
    amara.post(f"/scans/{second['scan_id']}/same-patient", {"version": 1})
    page = text_of(amara.get(f"/scans/{first['scan_id']}"))
    assert "Another region of the patient" in page and "Approved" not in page


def test_two_sides_that_a_phone_sends_hours_later_are_asked_about_by_when_they_were_saved(browse, cast):
    amara, at = browse(cast.amara), clock.now() - timedelta(hours=5)
    minutes = {"first": ("right", 0), "second": ("left", 9), "late": ("left", 30)}
    saved = {
        name: fields(cast, side=side, entered_at=(at + timedelta(minutes=after)).isoformat())
        for name, (side, after) in minutes.items()
    }
    first, second, late = saved.values()
    log(amara, first)
    assert log(amara, late)["state"] == "with_mentor", "half an hour apart"
    assert log(amara, second)["duplicate_of"] == first["scan_id"]
    assert amara.post(f"/scans/{second['scan_id']}/same-patient", {"version": 1}, json=True).status_code == 200
    assert (stored(first).side, stored(late).side) == ("both", "left")


def test_a_strangers_scan_is_not_there(browse, cast):
    first, second = two_sides(cast, browse(cast.amara))
    tom = browse(cast.tom)
    for path in (f"{second['scan_id']}/same-patient", f"{first['scan_id']}/same-patient/undo"):
        assert tom.post(f"/scans/{path}", {"version": 1}, json=True).status_code == 404
    assert {Scan.get_by_id(one["scan_id"]).version for one in (first, second)} == {1}
