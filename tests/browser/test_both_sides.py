"""Both sides of one patient under the thumb: each word has its side, the other side is never claimed."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.finger import Finger, log_normal, saved
from tests.browser.steps import axe, sign_in


def start(phone: Page, side: str, region: str = "Knee") -> Finger:
    """From the home screen to a form with its support, region and side."""
    sign_in(phone, "Amara Okafor", "/")
    finger = Finger(phone)
    finger.press("Log scan")
    finger.choose("Unaided", "Support")
    finger.choose(region, "Region")
    finger.choose(side, "Side")
    expect(phone.locator("#first-findings")).to_be_visible()
    return finger


def choose_side(finger: Finger, name: str, side: str) -> None:
    finger.choose(f"{name}, {side}")


def test_bilateral_knees_with_different_findings_take_at_most_fourteen_taps(phone):
    finger = start(phone, "Both")
    first = phone.locator("#first-findings .sides").nth(1)
    second = phone.locator("#first-findings .sides").nth(2)
    names = [one.get_attribute("aria-label") for one in (first, second)]
    choose_side(finger, names[0], "left")
    choose_side(finger, names[1], "left")
    choose_side(finger, names[1], "right")
    choose_side(finger, "All normal", "right")
    expect(phone.get_by_label("Report", exact=True)).to_have_value(re.compile("both knees"))
    axe(phone)
    finger.press("Save scan")
    saved(phone)
    assert finger.taps <= 14
    expect(phone.get_by_text("(left)").first).to_be_visible()
    expect(phone.get_by_text("(both sides)").first).to_be_visible()


def test_what_was_tapped_of_one_side_stays_of_it_when_both_is_chosen_and_comes_back(phone):
    finger = start(phone, "Right")
    chip = phone.locator("#first-findings input[name=finding]").first
    value = chip.get_attribute("value")
    finger.tap(chip.locator("xpath=ancestor::label"))
    finger.choose("Both", "Side")
    boxes = phone.locator(f"#findings input[name=finding][value$='{value}']")
    expect(boxes).to_have_count(2)
    assert [boxes.nth(at).is_checked() for at in (0, 1)] == [False, True]
    finger.tap(boxes.nth(0).locator("xpath=ancestor::label"))
    finger.choose("Right", "Side")
    expect(boxes).to_have_count(1)
    expect(boxes).to_be_checked()
    finger.choose("Both", "Side")
    assert [boxes.nth(at).is_checked() for at in (0, 1)] == [True, True], "nothing that was tapped is lost"


def test_a_tear_has_its_size_and_nonsense_is_refused_beside_it(phone):
    finger = start(phone, "Right", region="Shoulder")
    phone.locator("input[name=finding][value='ssp: full-thickness tear']").first.check()
    size = phone.locator("#sizes input").first
    size.fill("900 x 9")
    phone.get_by_label("Report", exact=True).fill("My own words of the tear.")
    finger.press("Save scan")
    expect(phone.get_by_role("alert")).to_be_focused()
    expect(phone.locator("#sizes .error")).to_be_visible()
    size = phone.locator("#sizes input").first
    expect(size).to_have_value("900 x 9")
    axe(phone)
    size.fill("14 x 9 mm")
    finger.press("Save scan")
    saved(phone)
    expect(phone.get_by_text("14 x 9 mm").first).to_be_visible()


def test_the_other_side_is_never_claimed_and_can_be_undone(phone):
    sign_in(phone, "Amara Okafor")
    scan, _ = log_normal(phone, region="Ankle", side="Left")
    phone.get_by_role("link", name="Other side too").tap()
    expect(phone.get_by_role("heading", name="The right side too")).to_be_visible()
    expect(phone.get_by_role("checkbox", name="All normal, left")).to_be_checked()
    expect(phone.get_by_role("checkbox", name="All normal, right")).not_to_be_checked()
    axe(phone)
    phone.get_by_role("link", name="All normal").tap()
    expect(phone.get_by_role("checkbox", name="All normal, right")).to_be_checked()
    phone.get_by_role("button", name="Save scan").tap()
    expect(phone.get_by_text(re.compile("Both sides now"))).to_be_visible()
    assert scan in phone.url
    phone.get_by_role("button", name="Undo: the left side alone").tap()
    expect(phone.get_by_text(re.compile("One side again"))).to_be_visible()
    assert phone.get_by_role("heading", name=re.compile("Ankle · left")).count()
