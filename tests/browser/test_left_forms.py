"""A form that was left: nothing of one patient stands in another's report, and nothing that was entered is lost."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.offline.log_form import choose, fill_in, until_draft_saved
from tests.browser.steps import axe, sign_in

TEAR = "Full-thickness tear 14 mm."


def start(phone, region="shoulder", side="right"):
    sign_in(phone, "Amara Okafor", "/scans/new")
    expect(phone.locator("html[data-ready]")).to_be_attached()  # it knows whose phone it is
    fill_in(phone, region=region, side=side)
    expect(phone.locator("#report")).to_have_value(re.compile(f"{side} {region}"))
    expect(phone.locator("#report-watch.htmx-request")).to_have_count(0)


def test_a_form_that_was_left_by_back_is_offered_with_what_it_holds_and_never_fills_in_another(phone):
    start(phone)
    phone.locator("#report").fill(TEAR)
    until_draft_saved(phone)
    phone.go_back()
    phone.goto("/scans/new")
    offer = phone.locator(".offered")
    expect(offer).to_contain_text("You left Shoulder · right, just now.")
    expect(offer).to_contain_text("All normal · Full-thickness tear 14 mm.")
    expect(phone.locator("input:checked:not(#about input)")).to_have_count(0)
    assert TEAR not in phone.locator("#report").input_value()
    axe(phone)
    fill_in(phone, region="knee", side="left")
    until_draft_saved(phone)
    assert TEAR not in phone.locator("#report").input_value()
    offer.get_by_role("button", name="Bring back").tap()
    expect(phone.locator("#report")).to_have_value(re.compile(TEAR))
    expect(phone.locator("input[name=region][value=shoulder]")).to_be_checked()
    until_draft_saved(phone)
    phone.evaluate("location.assign('/scans/new')")  # as *Log scan* does on this very page
    expect(offer).to_contain_text("Shoulder · right")
    offer.get_by_role("button", name="Delete").tap()
    expect(offer).to_have_count(0)
    phone.goto("/scans")
    phone.goto("/scans/new")
    expect(offer).to_contain_text("Knee · left")


def test_a_reload_of_that_very_page_brings_it_back_as_it_was(phone):
    start(phone)
    phone.locator("#report").fill(TEAR)
    until_draft_saved(phone)
    number = phone.locator("input[name=scan_id]").input_value()
    phone.reload()
    expect(phone.locator(".brought-back")).to_be_visible()
    assert phone.locator("input[name=scan_id]").input_value() == number
    expect(phone.locator("#report")).to_have_value(re.compile(TEAR))


def test_own_words_are_set_aside_with_their_region_and_can_be_put_back(phone):
    start(phone)
    phone.locator("#report").fill(TEAR)
    phone.locator("#report").blur()
    choose(phone, "region", "knee")
    aside = phone.locator(".set-aside")
    expect(aside).to_contain_text("Your words for shoulder are set aside")
    expect(aside).to_contain_text(TEAR)
    expect(phone.locator("#report")).to_have_value(re.compile("knee"))
    assert TEAR not in phone.locator("#report").input_value()
    axe(phone)
    until_draft_saved(phone)
    phone.reload()
    expect(aside).to_contain_text(TEAR)
    aside.get_by_role("button", name="Put them back").tap()
    expect(phone.locator("#report")).to_have_value(re.compile(TEAR))
    expect(aside).to_have_count(0)


def test_a_region_that_was_left_by_mistake_has_its_findings_and_words_again(phone):
    start(phone)
    chip = phone.locator("input[name=finding]").nth(2)
    value = chip.get_attribute("value")
    for box in (phone.locator("#normal"), chip):
        box.locator("xpath=ancestor::label").tap()
    phone.locator("#report").fill(TEAR)
    phone.locator("#report").blur()
    choose(phone, "region", "knee")
    expect(phone.locator("#findings[data-region=knee]")).to_be_visible()
    expect(phone.locator(f'input[name=finding][value="{value}"]')).to_have_count(0)
    choose(phone, "region", "shoulder")
    expect(phone.locator(f'input[name=finding][value="{value}"]').first).to_be_checked()
    expect(phone.locator("#report")).to_have_value(re.compile(TEAR))
    expect(phone.locator(".set-aside")).to_have_count(0)


def test_save_on_an_untouched_form_keeps_nothing_and_says_what_to_choose(phone):
    sign_in(phone, "Amara Okafor", "/scans/new")
    expect(phone.locator("#scan-form[data-ready=yes]")).to_be_attached()
    for _ in range(2):
        phone.get_by_role("button", name="Save scan").last.tap()
        expect(phone.locator("#region-error")).to_have_text("Choose a region: there is nothing to save yet.")
    phone.goto("/scans")
    expect(phone.locator("html")).to_have_attribute("data-unsent", "0")


def test_a_form_that_was_open_overnight_is_of_today_unless_a_day_was_chosen(open_phone):
    for chosen in (False, True):
        phone = open_phone()
        sign_in(phone, "Amara Okafor")
        phone.clock.install()
        phone.goto("/scans/new")
        expect(phone.locator("#scan-form[data-ready=yes]")).to_be_attached()
        day = phone.locator("#scanned_on")
        first, before = day.input_value(), day.evaluate("(day) => { day.stepDown(); return day.value; }")
        if not chosen:
            day.evaluate("(day) => day.stepUp()")
        phone.clock.fast_forward("24:00:00")
        phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        now = day.input_value()
        assert now == before if chosen else now > first
        assert day.get_attribute("max") > first
