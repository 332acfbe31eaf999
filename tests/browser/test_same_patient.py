"""The same patient's other side, logged as a scan of its own: one tap makes the two one entry, one more undoes it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.finger import Finger
from tests.browser.steps import axe, sign_in


def log_hip(phone: Page, side: str) -> None:
    phone.goto("/")
    finger = Finger(phone)
    finger.press("Log scan")
    for name, group in (("Unaided", "Support"), ("Hip and groin", "Region"), (side, "Side")):
        finger.choose(name, group)
    finger.choose("All normal")
    finger.press("Save scan")
    phone.wait_for_url(re.compile(r"/scans/[0-9a-f-]{36}"))


def test_left_then_right_of_one_patient_is_one_tap_to_one_entry_and_one_more_back(phone):
    sign_in(phone, "Sofia Marino")  # who logs nothing in other tests, which share the course
    log_hip(phone, "Left")
    expect(phone.get_by_text(re.compile("It is with"))).to_be_visible()
    log_hip(phone, "Right")
    expect(phone.get_by_role("heading", name="Is this another patient?")).to_be_visible()
    expect(phone.get_by_text(re.compile("You logged a left hip and groin"))).to_be_visible()
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.get_by_role("button", name="Same patient: widen").tap()
    expect(phone.get_by_text(re.compile("Both sides now"))).to_be_visible()
    expect(phone.get_by_text(re.compile("the hip and groin on both sides")).first).to_be_visible()
    axe(phone)
    phone.get_by_role("button", name="Undo: two entries").tap()
    expect(phone.get_by_role("heading", name="Is this another patient?")).to_be_visible()
    phone.get_by_role("button", name="Yes, another patient").tap()
    expect(phone.get_by_text(re.compile("It is with"))).to_be_visible()
