"""F24: a thousand phones come back into signal at once, ten scans each. All arrive once, and pages go on being read."""

from __future__ import annotations

import os

from models import Scan
from tests.faults.crowd import drain, enrol
from tests.faults.ground import FULL, rounds

ALONE = 10  # phones that come one after the other first: what the crowd is measured beside
PAGE_SECONDS = 0.5
PHONES, SCANS = rounds(30, 1000), rounds(3, 10)


def test_many_phones_at_once_are_drained_and_nothing_is_lost_or_doubled(ground, running):
    everybody = enrol(ground, ALONE + PHONES, SCANS)
    students = everybody[ALONE:]
    alone = [drain([one], {}) for one in everybody[:ALONE]]
    a_scan = sum(one.seconds for one in alone) / (ALONE * SCANS)
    dana, reader = ground.phone(ground.cast.dana), students[0].phone
    pages = {
        "/": reader,
        "/scans/new": reader,
        "/scans": students[-1].phone,
        "/cohort?cohort=2": dana,
        "/inbox": ground.phone(ground.cast.ravi),
    }
    found = drain(students, pages)
    print(f"\nF24: one after the other, a scan takes {a_scan * 1000:.1f} ms")
    print(f"F24: {PHONES:,} phones, {found}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    assert len(found.acknowledged) == PHONES * SCANS
    assert {status for status in found.statuses if status >= 500} <= {503}
    assert set(found.page_statuses) == {200}
    acknowledged = set(found.acknowledged).union(*(one.acknowledged for one in alone))
    assert ground.reckon(acknowledged) == (PHONES + ALONE) * SCANS
    with ground.app.extensions["database"].connection_context():
        assert not Scan.select().where(Scan.state != "with_mentor").exists(), "taken for one another"
    if FULL:
        assert found.seconds / (PHONES * SCANS) <= a_scan, "a crowd takes longer than one after the other"
        assert found.page(0.99) <= PAGE_SECONDS
