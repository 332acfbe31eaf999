"""Many short days under a network that drops, loses, doubles and delays: what was entered is stored and acknowledged,
once."""

from __future__ import annotations

import random
import time
import uuid

import pytest
from playwright.sync_api import Page

from tests.browser.offline.conftest import Backend
from tests.browser.offline.queue import KEEP, send
from tests.faults.ground import rounds

FATES = ("pass",) * 5 + ("refuse", "lose the answer", "twice", "captive", "busy", "late")


@pytest.mark.faults
def test_what_was_entered_is_stored_and_acknowledged_once(backend, open_phone_of):
    phone = open_phone_of("mei")
    phone.goto("/offline")
    for number in range(rounds(12, 400)):
        one_day(backend, phone, f"any network {number}")


def one_day(backend: Backend, phone: Page, seed: str) -> None:
    """Scans are entered and sent by chance; then the network is well, and everything is there."""
    luck = random.Random(seed)
    mentor, before = backend.ground.cast.grace.id, len(backend.scans_of("mei"))

    def fate(asked) -> str:
        if asked.path not in ("/scans", "/phone"):
            return "pass"
        chosen = luck.choice(FATES)
        if chosen == "late":
            time.sleep(luck.random() / 10)  # the network's own time, not the test's
            return "pass"
        return chosen

    backend.network.plan = fate
    entered = []
    for region in luck.choices(("shoulder", "elbow", "hip", "knee", "ankle"), k=luck.randint(3, 6)):
        number = str(uuid.UUID(int=luck.getrandbits(128), version=4))
        side = luck.choice(("left", "right"))
        fields = {"scan_id": number, "support": "unaided", "region": region, "side": side, "normal": "all"}
        fields |= {"mentor": str(mentor), "another": "yes", "report": ""}
        phone.evaluate(KEEP, [[number, list(fields.items()), region]])
        entered.append(number)
        if luck.random() < 0.6:
            send(phone)
    for _ in range(luck.randint(0, 4)):
        send(phone)
    backend.network.calm()
    assert send(phone) == {"why": "done", "left": []}, seed
    # In their order, but for one that was not answered again and again: the others went first.
    assert sorted(scan.id for scan in backend.scans_of("mei")[before:]) == sorted(entered), seed
