"""Scans are searched with a thumb, as one types, in whatever letters the phone's keyboard offers."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.steps import axe_in_both_themes, sign_in


def headings(page) -> list[str]:
    return page.locator(".scan-rows tbody th a").all_inner_texts()


def type_slowly(page, words: str) -> None:
    """Tap the field, take away what stands in it, and type."""
    field = page.get_by_role("searchbox", name="Search your scans")
    field.tap()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.type(words, delay=20)


def test_the_list_follows_the_thumb_and_the_field_is_kept(open_phone):
    page = open_phone("light")
    sign_in(page, "Amara Okafor", "/scans")
    page.evaluate("window.same = true")
    all_of_them = page.locator(".scan-rows tbody tr").count()
    field = page.get_by_role("searchbox", name="Search your scans")
    expect(page.get_by_role("button", name="Search")).to_be_hidden()
    type_slowly(page, "shou")
    expect(page).to_have_url(re.compile(r"q=shou$"))
    expect(page.get_by_role("status").filter(has_text="found")).to_have_count(1)
    expect(page.locator(".scan-rows tbody th a").filter(has_not_text="Shoulder")).to_have_count(0)
    begun = headings(page)
    type_slowly(page, "SHOULDER unaided")
    expect(page).to_have_url(re.compile(r"q=SHOULDER(\+|%20)unaided$"))
    supports = page.locator(".scan-rows tbody td:nth-child(4)")
    expect(supports.filter(has_not_text="Unaided")).to_have_count(0)
    assert 0 < supports.count() <= len(begun) <= all_of_them  # of one page, and there may be more
    expect(field).to_be_focused()
    expect(field).to_have_value("SHOULDER unaided")
    assert field.bounding_box()["height"] >= 44 and page.evaluate("window.same")
    axe_in_both_themes(page)
    type_slowly(page, "nothing is called so")
    expect(page.get_by_text("No scan of yours is like that.")).to_be_visible()


def test_without_javascript_there_is_a_button(open_page):
    page = open_page(java_script_enabled=False, **PHONE)
    sign_in(page, "Amara Okafor", "/scans")
    page.get_by_role("searchbox", name="Search your scans").fill("right shoulder")
    page.get_by_role("button", name="Search").tap()
    expect(page).to_have_url(re.compile(r"q=right\+shoulder$"))
    assert 0 < len(headings(page)) < 50
