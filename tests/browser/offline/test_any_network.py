"""Many short days under a network that drops, loses, doubles and delays: what was entered is stored and acknowledged,
once."""

from __future__ import annotations

import random
import time
import uuid

import pytest
from playwright.sync_api import Page

from tests.browser.offline.conftest import Basement
from tests.faults.ground import rounds

# The outbox as every page has it; what a form would have handed over.
KEEP = """async ([number, pairs]) => {
  const outbox = await import("/static/outbox.js");
  const entered_at = new Date().toISOString();
  await outbox.keep({ key: number, scan: number, address: "/scans", form: 1, entered_at, pairs, about: "", says: "" });
}"""
SEND = """async () => {
  const outbox = await import("/static/outbox.js");
  const why = await outbox.send({ now: true });
  return { why, left: (await outbox.entries()).map(({ key, state }) => `${key} ${state}`) };
}"""
FATES = ("pass",) * 5 + ("refuse", "lose the answer", "twice", "captive", "busy", "late")


@pytest.mark.faults
def test_what_was_entered_is_stored_and_acknowledged_once(basement, open_phone_of):
    phone = open_phone_of("mei")
    phone.goto("/offline")
    for number in range(rounds(12, 400)):
        one_day(basement, phone, f"any network {number}")


def one_day(basement: Basement, phone: Page, seed: str) -> None:
    """Scans are entered and sent by chance; then the network is well, and everything is there."""
    luck = random.Random(seed)
    mentor, before = basement.ground.cast.grace.id, len(basement.scans_of("mei"))

    def fate(asked) -> str:
        if asked.path not in ("/scans", "/phone"):
            return "pass"
        chosen = luck.choice(FATES)
        if chosen == "late":
            time.sleep(luck.random() / 10)  # the network's own time, not the test's
            return "pass"
        return chosen

    basement.network.plan = fate
    entered = []
    for region in luck.choices(("shoulder", "elbow", "hip", "knee", "ankle"), k=luck.randint(3, 6)):
        number = str(uuid.UUID(int=luck.getrandbits(128), version=4))
        side = luck.choice(("left", "right"))
        fields = {"scan_id": number, "support": "unaided", "region": region, "side": side, "normal": "all"}
        fields |= {"mentor": str(mentor), "another": "yes", "report": ""}
        phone.evaluate(KEEP, [number, list(fields.items())])
        entered.append(number)
        if luck.random() < 0.6:
            phone.evaluate(SEND)
    for _ in range(luck.randint(0, 4)):
        phone.evaluate(SEND)
    basement.network.calm()
    assert phone.evaluate(SEND) == {"why": "done", "left": []}, seed
    assert [scan.id for scan in basement.scans_of("mei")][before:] == entered, seed
