"""By keyboard, without JavaScript, on paper, with the theme locked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.steps import axe, press_sign_in, sign_in


def test_a_scan_is_logged_by_keyboard_alone(desktop):
    sign_in(desktop, "Amara Okafor", "/scans/new")
    for name in ("Unaided", "Elbow", "Both"):
        desktop.get_by_role("radio", name=name, exact=True).focus()
        desktop.keyboard.press("Space")
    left, right = (desktop.get_by_role("checkbox", name=f"All normal, {side}") for side in ("left", "right"))
    for normal in (left, right):
        normal.focus()
        desktop.keyboard.press("Space")
    expect(desktop.get_by_label("Report", exact=True)).to_have_value(re.compile("both elbows"))
    expect(left).to_be_checked()
    expect(right).to_be_checked()
    desktop.get_by_role("button", name="Save scan").last.focus()
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_text("It is with Ravi Patel")).to_be_visible()


def test_the_skip_link_is_the_first_stop(desktop):
    sign_in(desktop, "Ravi Patel", "/inbox")
    desktop.keyboard.press("Tab")
    expect(desktop.get_by_role("link", name=re.compile("Skip"))).to_be_focused()
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#main")).to_be_focused()


def test_the_whole_loop_works_without_javascript(open_phone):
    amara, ravi = open_phone(java_script_enabled=False), open_phone(java_script_enabled=False)
    for page, name in ((amara, "Amara Okafor"), (ravi, "Ravi Patel")):
        press_sign_in(page, name)
    amara.goto("/scans/new")
    for name in ("Unaided", "Foot", "Right"):
        amara.get_by_role("radio", name=name, exact=True).locator("xpath=ancestor::label").click()
    amara.get_by_role("button", name="Show findings").click()
    assert amara.get_by_role("radio", name="Unaided", exact=True).is_checked(), "what was entered is kept"
    amara.get_by_role("checkbox", name="All normal").locator("xpath=ancestor::label").click()
    amara.get_by_role("button", name="Save scan").last.click()
    number = re.search(r"/scans/([0-9a-f-]{36})", amara.url).group(1)
    other = amara.get_by_role("button", name="Yes, another patient")
    if other.count():
        other.click()

    ravi.goto("/inbox")
    card = ravi.locator(f"#scan-{number}")
    card.get_by_role("button", name="Approve").click()
    assert "/inbox" in ravi.url
    card.get_by_role("button", name="Undo").click()
    card.get_by_role("button", name="Approve").click()
    expect(card.get_by_role("button", name="Undo")).to_be_visible()
    ravi.goto(f"/scans/{number}")
    expect(ravi.get_by_text("counted").first).to_be_visible()


GROUND = "getComputedStyle(document.documentElement).backgroundColor"


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_locked_theme_wins_over_the_system(open_phone, theme):
    page = open_phone("light" if theme == "dark" else "dark")
    sign_in(page, "Helen Ward", "/me")
    other_ground = page.evaluate(GROUND)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("radio", name=re.compile(theme, re.I)).locator("xpath=ancestor::label").tap()
    assert page.evaluate(GROUND) != other_ground, "the page shows the choice as soon as it is made"
    page.goto("/students")
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    axe(page)


def test_a_printed_page_has_no_bars_and_no_buttons(desktop):
    sign_in(desktop, "Amara Okafor", "/")
    desktop.emulate_media(media="print")
    expect(desktop.locator("nav.tabs")).to_be_hidden()
    expect(desktop.get_by_role("heading", level=1)).to_be_visible()


def test_the_app_can_be_added_to_a_home_screen(phone, server):
    phone.goto("/sign-in")
    manifest = phone.request.get("/manifest.webmanifest").json()
    assert manifest["display"] == "standalone"
    assert any("maskable" in icon.get("purpose", "") for icon in manifest["icons"])
    for icon in manifest["icons"]:
        assert phone.request.get(icon["src"]).ok
