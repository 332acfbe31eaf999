"""F8: a phone is without signal for a day, a week, a month, half a year. All arrive once, with when they were scanned
and when they were received; a sign-in that lapsed meanwhile is told first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import Scan
from tests.faults.ground import reckon, rounds
from workflows.accounts.accounts import IDLE

SCANS = rounds(6, 60)


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
