"""F14: one student's telephone and tablet, both without signal, come back in either order. What was logged on both is
there; of two edits of one scan the second is told, and nothing is overwritten in silence."""

from __future__ import annotations

import pytest

from models import Scan
from tests.faults.ground import reckon

ORDERS = pytest.mark.parametrize("order", ["telephone first", "tablet first"])


@pytest.fixture
def devices(browse, cast, outbox, order):
    """(client, outbox) of both, in the order in which they come back."""
    both = [(browse(cast.amara), outbox(cast.amara, cast.ravi)) for _ in range(2)]
    return both if order == "telephone first" else both[::-1]


@ORDERS
def test_what_was_logged_on_both_is_there(cast, clock, devices):
    saved = {}
    for _ in range(3):
        for at, (_client, box) in enumerate(devices):
            clock.go(hours=1)
            saved[box.save(side=("left", "right")[at])["scan_id"]] = clock.at, at
    clock.go(hours=1)
    for client, box in devices:
        assert box.sync(client) == 201
    assert {scan.id: scan.entered_at for scan in Scan.select()} == {number: at for number, (at, _) in saved.items()}
    assert sorted(scan.case_number for scan in Scan.select()) == [1, 2, 3, 4, 5, 6]
    assert reckon(saved.keys()) == 6


@ORDERS
def test_the_same_patient_logged_on_both_is_asked_about_once(clock, devices):
    for _, box in devices:
        clock.go(minutes=2)
        box.save()
    clock.go(hours=5)
    for client, box in devices:
        assert box.sync(client) == 201
    (_, first), (_, second) = devices
    [twin], [asked] = first.acknowledged.values(), second.acknowledged.values()
    assert (twin["state"], asked["state"]) == ("with_mentor", "draft")
    assert asked["duplicate_of"] == twin["scan_id"]


@ORDERS
def test_of_two_edits_of_a_scan_the_second_is_told_what_stands(cast, clock, devices):
    (first, box), (second, _) = devices
    sent = box.save()
    box.sync(first)
    path = f"/scans/{sent['scan_id']}"
    edits = [{**sent, "report": f"{size} mm full-thickness tear.", "version": "1"} for size in (14, 18)]
    assert first.post(path, edits[0], json=True).status_code == 200
    told = second.post(path, edits[1], json=True)
    assert (told.status_code, told.json["error"]) == (409, "conflict")
    assert (told.json["scan_id"], told.json["version"], told.json["state"]) == (sent["scan_id"], 2, "with_mentor")
    assert told.json["headline"] and told.json["message"]
    assert Scan.get_by_id(sent["scan_id"]).report.startswith("14 mm")
    assert first.post(path, edits[0], json=True).status_code == 200, "the first one's resend is still its own"
    chosen = second.post(path, {**edits[1], "version": str(told.json["version"])}, json=True)
    assert (chosen.status_code, chosen.json["version"]) == (200, 3), "the student chose the other after all"
    assert first.post(path, edits[0], json=True).status_code == 409
    assert Scan.get_by_id(sent["scan_id"]).report.startswith("18 mm")
    assert reckon(box.acknowledged) == 1


@ORDERS
def test_the_same_edit_on_both_is_one(clock, devices):
    (first, box), (second, _) = devices
    sent = box.save()
    box.sync(first)
    edit = {**sent, "side": "left", "version": "1"}
    answers = [client.post(f"/scans/{sent['scan_id']}", edit, json=True) for client in (first, second)]
    assert [(answer.status_code, answer.json["version"]) for answer in answers] == [(200, 2)] * 2


@ORDERS
def test_an_edit_of_what_was_withdrawn_on_the_other_is_told(clock, devices):
    (first, box), (second, _) = devices
    sent = box.save()
    box.sync(first)
    path = f"/scans/{sent['scan_id']}"
    assert first.post(f"{path}/withdrawal", {"version": "1"}, json=True).status_code == 200
    told = second.post(path, {**sent, "side": "left", "version": "1"}, json=True)
    assert (told.status_code, told.json["state"]) == (409, "withdrawn")
    assert Scan.get_by_id(sent["scan_id"]).side == "right"
    assert reckon(box.acknowledged) == 1
