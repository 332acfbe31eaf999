"""F9: the phone's clock is slow, fast or of 1970; the server's is put back. What cannot be is asked about, never kept
wrong and never lost, and the order is the server's own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import Move, Scan
from tests.faults.ground import reckon
from workflows.history import verification

SLOW, FAST = timedelta(hours=-3), timedelta(days=2)


def test_a_clock_three_hours_slow_changes_nothing(browse, cast, clock, outbox):
    amara, box = browse(cast.amara), outbox(cast.amara, cast.ravi, wrong=SLOW)
    clock.at = clock.at.replace(hour=12)
    sent = [box.save(side=side) for side in ("left", "right", "both")]
    assert box.sync(amara) == 201
    assert [Scan.get_by_id(one["scan_id"]).case_number for one in sent] == [1, 2, 3]
    assert reckon(box.acknowledged) == 3


@pytest.mark.parametrize("year", ["two days fast", "1970"])
def test_a_day_that_cannot_be_is_asked_about_and_kept_once_it_is_put_right(browse, cast, clock, outbox, year):
    amara, box = browse(cast.amara), outbox(cast.amara, cast.ravi)
    box.wrong = FAST if year == "two days fast" else -timedelta(seconds=clock.at.timestamp())
    box.save()
    assert box.sync(amara) == 422
    [(fields, status, told)] = box.parked
    assert told["errors"].keys() == {"scanned_on"} and "Choose a day from" in told["errors"]["scanned_on"][0]
    assert Scan.select().count() == 0, "nothing is kept of a day that cannot be"
    box.waiting, box.parked = [{**fields, "scanned_on": clock.at.date().isoformat()}], []
    assert box.sync(amara) == 201, "the same scan, with the day put right"
    scan = Scan.get_by_id(fields["scan_id"])
    assert (scan.scanned_on, scan.received_at) == (clock.at.date(), clock.at)
    assert reckon(box.acknowledged) == 1


@pytest.mark.parametrize("step", [timedelta(hours=-3), timedelta(days=-2)], ids=["three hours", "two days"])
def test_the_order_is_the_servers_own_also_when_its_clock_is_put_back(browse, cast, clock, outbox, step):
    amara, box = browse(cast.amara), outbox(cast.amara, cast.ravi)
    sent = [box.save(side="left", scanned_on="")]
    box.sync(amara)
    clock.at += step
    sent += [box.save(side=side, scanned_on="") for side in ("right", "both")]
    sent[1]["entered_at"], sent[2]["entered_at"] = sent[2]["entered_at"], (clock.at - timedelta(days=9)).isoformat()
    assert box.sync(amara) == 201
    assert [Scan.get_by_id(one["scan_id"]).case_number for one in sent] == [1, 2, 3]
    assert [move.scan_id for move in Move.select().order_by(Move.id)] == [one["scan_id"] for one in sent]
    page = amara.get("/scans").text
    assert [page.index(f"/scans/{one['scan_id']}") for one in sent] == sorted(
        (page.index(f"/scans/{one['scan_id']}") for one in sent), reverse=True
    ), "the latest on top, by case number"
    assert verification.verify().sound
    for one in sent:
        amara.post(f"/scans/{one['scan_id']}/withdrawal", {"version": "1"}, json=True)
    assert reckon(box.acknowledged) == 3
