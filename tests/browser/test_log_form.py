"""The log form under the thumb: nothing jumps, the report is left alone while it is written, taps outlive a region."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import sign_in


@pytest.fixture
def form(phone) -> Page:
    sign_in(phone, "Amara Okafor", "/scans/new")
    return phone


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f'input[name={name}][value="{value}"]').first.tap()


def choose_region(page: Page, region: str) -> None:
    choose(page, "region", region)
    expect(page.locator(f"#findings[data-region={region}]")).to_be_visible()


def report_of(page: Page) -> str:
    return page.locator("#report").input_value()


def expect_report(page: Page, words: str) -> None:
    expect(page.locator("#report")).to_have_value(re.compile(words))


def test_support_region_and_side_stand_on_the_first_screen(form):
    bar = form.locator(".submit").bounding_box()["y"]
    for name in ("support", "region", "side"):
        last = form.locator(f"input[name={name}]").last.bounding_box()
        assert last["y"] + last["height"] < bar, f"{name} is under the bar"


def test_nothing_moves_under_the_thumb(form):
    def places() -> list[dict]:
        return [form.locator(f"input[name={name}]").first.bounding_box() for name in ("support", "region", "side")]

    before = places()
    choose(form, "support", "aided")
    choose_region(form, "shoulder")
    assert places() == before
    all_normal = form.locator("#normal").bounding_box()
    choose(form, "side", "left")
    choose(form, "normal", "all")
    expect_report(form, "left shoulder")
    assert (places(), form.locator("#normal").bounding_box()) == (before, all_normal)


def test_a_tap_below_the_report_does_not_move_while_the_draft_grows(form):
    choose_region(form, "shoulder")
    form.get_by_text("More about this scan").tap()
    chip = form.locator("input[name=outcome][value='urgent pathway']")
    chip.scroll_into_view_if_needed()
    before = chip.bounding_box()
    chip.tap()
    expect_report(form, "urgent pathway")
    assert chip.bounding_box() == before


def test_what_is_being_written_is_left_alone_and_joins_the_draft_afterwards(form):
    choose_region(form, "shoulder")
    expect_report(form, "Ultrasound of the shoulder")
    held: list = []
    form.route("**/scans/report", lambda route: held.append(route))
    choose(form, "side", "left")  # its draft is on a slow network
    expect(form.locator("#report-watch.htmx-request")).to_have_count(1)
    form.locator("#report").focus()
    form.keyboard.press("Control+End")
    form.keyboard.type(" The tear measures 14 mm.")
    with form.expect_response("**/scans/report"):
        held[0].continue_()
    form.unroute("**/scans/report")
    expect(form.locator("#report-watch.htmx-request")).to_have_count(0)
    expect(form.locator("#report")).to_be_focused()
    form.keyboard.type(" No fluid.")
    assert report_of(form).endswith("The tear measures 14 mm. No fluid.")
    form.locator("#report").blur()
    expect_report(form, "left shoulder")
    assert report_of(form).endswith("The tear measures 14 mm. No fluid.")


def test_own_words_missing_goes_when_they_are_written(form):
    choose_region(form, "knee")
    form.get_by_label("Baker cyst").first.check()
    mark = form.locator("#report-mark")
    expect(mark).to_contain_text("own words missing")
    form.locator("#report").fill(report_of(form) + " It measures 5 mm.")
    form.locator("#report").blur()
    expect(mark).not_to_contain_text("own words missing")
    assert report_of(form).endswith("It measures 5 mm.")


def test_an_artificial_joint_is_offered_no_findings_of_bone_and_cartilage(form):
    choose_region(form, "hip")
    osteophytes = form.locator("input[name=finding][value='joint: osteophytes']")
    chip = form.locator(".pick", has=osteophytes)
    expect(chip).to_be_visible()
    form.get_by_text("More about this scan").tap()
    replaced = form.locator("#about label", has_text="After arthroplasty")
    replaced.tap()
    expect(chip).to_be_hidden()
    replaced.tap()
    chip.tap()
    replaced.tap()
    expect(chip).to_be_visible()  # what is chosen stays in sight


def test_another_region_keeps_what_still_applies(form):
    choose_region(form, "knee")
    choose(form, "normal", "all")
    choose(form, "side", "left")
    choose_region(form, "elbow")
    expect(form.locator("#normal")).to_be_checked()
    expect(form.locator("input[name=side][value=left]")).to_be_checked()
    expect_report(form, "left elbow")


def test_two_regions_in_a_hurry_end_with_the_second(form):
    for _ in range(3):
        choose(form, "region", "shoulder")
        choose_region(form, "knee")
        expect_report(form, "of the knee")
    expect(form.locator("#findings")).to_have_attribute("data-region", "knee")


def test_ones_own_usual_findings_are_offered_first_in_a_region_that_is_tapped(form):
    usual = form.locator("#scan-form").get_attribute("data-usual")
    assert usual != "{}", "the demo student has findings of her own"
    region, pairs = next(iter(json.loads(usual).items()))
    choose_region(form, region)
    offered = form.locator("#findings input[name=finding]").evaluate_all("found => found.map(one => one.value)")
    first = next(pair for pair in pairs if pair in offered)  # a word of an older vocabulary is offered no more
    assert form.locator("#first-findings input[name=finding]").first.get_attribute("value") == first


def test_the_form_comes_back_whole_after_a_step_back(form):
    choose_region(form, "hip")
    choose(form, "normal", "all")
    form.get_by_role("link", name="Cancel").tap()
    form.wait_for_url(lambda address: "/scans/new" not in address)
    form.go_back()
    region = form.locator("input[name=region]:checked")
    if region.count():  # the browser put the tap back: then its findings are there too
        expect(form.locator("#findings")).to_have_attribute("data-region", region.get_attribute("value"))
