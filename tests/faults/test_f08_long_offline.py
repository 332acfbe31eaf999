"""F8: a phone is without signal for a day, a week, a month, half a year. All arrive once, with when they were scanned
and when they were received; a sign-in that lapsed meanwhile is told first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import Enrolment, Party, Placement, Scan
from tests.faults.ground import reckon, rounds
from workflows.accounts.accounts import IDLE
from workflows.people import covers, parts

SCANS = rounds(6, 60)
DAY = timedelta(days=1)


@pytest.mark.parametrize("days", [1, 8, 30, 180])
def test_all_arrive_once_with_when_they_were_scanned_and_when_received(browse, cast, clock, outbox, days):
    amara, box, begun = browse(cast.amara), outbox(cast.amara, cast.ravi), clock.at
    token, saved = amara.token(), {}
    for number in range(SCANS):  # spread over the time without signal
        clock.at = begun + timedelta(days=days) * number / SCANS
        saved[box.save()["scan_id"]] = clock.at
    clock.at = begun + timedelta(days=days)

    lapsed = timedelta(days=days) > IDLE[False]
    if lapsed:
        assert box.sync(amara, token) == 401
        assert Scan.select().count() == 0 and len(box.waiting) == SCANS, "nothing is sent, nothing is lost"
        amara = browse(cast.amara)
    assert box.sync(amara) == 201
    assert (len(box.waiting), box.parked, box.acknowledged.keys()) == (0, [], saved.keys())
    for scan in Scan.select():
        assert scan.entered_at == saved[scan.id] and scan.received_at == clock.at
        assert scan.scanned_on == saved[scan.id].date()
        assert scan.state == "with_mentor", "scans received together are not taken for one another"
    box.waiting = [dict(fields) for fields in box.sent]
    assert box.sync(amara) == 201
    assert reckon(box.acknowledged) == SCANS


def test_a_correction_that_waited_for_weeks_is_made_if_nobody_was_quicker(browse, cast, clock, outbox):
    amara, box = browse(cast.amara), outbox(cast.amara, cast.ravi)
    sent = box.save()
    box.sync(amara)
    clock.go(days=13)
    path, change = f"/scans/{sent['scan_id']}", {**sent, "side": "left", "version": "1"}
    first = amara.post(path, change, json=True)
    again = amara.post(path, change, json=True)
    assert (first.status_code, first.json["version"]) == (200, 2)
    assert (again.status_code, again.json["version"]) == (200, 2)
    assert reckon(box.acknowledged) == 1


def part_of(mentor, student) -> Party:
    whose = Party.select().join(Placement).join(Enrolment)
    return whose.where(Party.person == mentor, Enrolment.person == student, Party.cover_for.is_null()).get()


@pytest.mark.parametrize("on_its_way", ["before", "on the last day", "after"])
def test_a_scan_whose_mentor_has_left_meanwhile_arrives_as_a_draft_that_asks_who_follows(
    browse, cast, clock, outbox, on_its_way
):
    box, begun = outbox(cast.amara, cast.ravi), clock.at
    parts.end(part_of(cast.ravi, cast.amara).id, last_day=begun.date() + 3 * DAY, by=cast.dana, successor=cast.priya.id)
    clock.go(days={"before": 0, "on the last day": 3, "after": 6}[on_its_way])
    sent, other = box.save(), box.save(mentor=str(cast.priya.id))
    clock.go(days=8)
    amara = browse(cast.amara)  # her sign-in has lapsed meanwhile
    assert box.sync(amara) == 201 and (box.waiting, box.parked) == ([], []), "never refused for ever"
    answer = box.acknowledged[sent["scan_id"]]
    assert (answer["state"], answer["lacks"]) == ("draft", ["mentor"])
    assert answer["mentor_gone"] == "Ravi Patel mentors there no more: Priya Nair follows. Choose who is to judge it."
    assert box.acknowledged[other["scan_id"]]["mentor_gone"] is None
    box.waiting = [dict(fields) for fields in box.sent]
    assert box.sync(amara) == 201 and reckon(box.acknowledged) == 2
    chosen = {"mentor": cast.priya.id, "version": 1}
    assert amara.post(f"/scans/{sent['scan_id']}/missing", chosen, json=True).json["state"] == "with_mentor"


def test_a_scan_for_a_mentor_who_is_away_when_it_arrives_asks_who_is_to_judge_it(browse, cast, clock, outbox):
    amara, box, begun = browse(cast.amara), outbox(cast.amara, cast.ravi), clock.at
    sent = box.save()
    days = {"from_on": begun.date() + 2 * DAY, "last_day": begun.date() + 9 * DAY}
    covers.cover(part_of(cast.ravi, cast.amara).id, person=cast.priya.id, **days, by=cast.ravi)
    clock.go(days=4)
    assert box.sync(amara) == 201 and box.parked == []
    answer = box.acknowledged[sent["scan_id"]]
    assert (answer["state"], answer["lacks"]) == ("draft", ["mentor"])
    assert "Priya Nair covers. Choose who is to judge it." in answer["mentor_gone"]
    clock.go(days=10)  # he is back, and nobody has chosen: then it goes to him as it was saved
    amara = browse(cast.amara)
    assert amara.post(f"/scans/{sent['scan_id']}/sending", {"version": 1}, json=True).json["state"] == "with_mentor"
