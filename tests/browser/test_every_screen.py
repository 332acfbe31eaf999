"""Every screen of everybody: no accessibility fault in either theme, no sideways scrolling, targets for thumbs. Each is
loaded once on a phone and once on a desktop.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP
from tests.browser.finger import Finger
from tests.browser.steps import axe_in_both_themes, sign_in

ROOMS = {
    "Amara Okafor": ["/", "/news", "/scans", "/scans?finish=later", "/scans/new", "/me"],
    "Ravi Patel": ["/inbox", "/news", "/students", "/me", "/me/away"],
    "Dana Director": [
        "/cohort",
        "/cohort?show=at-risk&sort=-aided",
        "/people",
        "/people?q=nobody",
        "/placements",
        "/me",
    ],
    "Alma Reyes": ["/people", "/people/new", "/people/new?role=student", "/people/file", "/people/cohort", "/cohort"],
    "Helen Ward": ["/students", "/me"],
    "Ian Novak": ["/students"],
    "Esther Blake": ["/students"],
}
THREE = ["Amara Okafor", "Ravi Patel", "Dana Director"]  # whose screens are measured, and read on a desktop, too
# 320 px is 1280 px at 400 %; 640 x 400 is 1280 x 800 at 200 %.
ENLARGED = [(640, 400), (320, 640)]

SMALL = """
() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter(one => one.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  .filter(one => !one.closest('p, blockquote, .hint, .hidden, .skip') && !one.matches('[tabindex="-1"]'))
  .map(one => [one.closest('label') || one, one])
  .map(([target, one]) => [target.getBoundingClientRect(), one])
  .filter(([box]) => box.width && box.height && (box.height < 47.5 || box.width < 44))
  .map(([box, one]) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${one.outerHTML.slice(0, 120)}`)
"""


def open_each(page, name):
    """Open each address of this person's rooms, and one further page behind each list; yields its address."""
    sign_in(page, name, ROOMS[name][0])
    deeper = []
    for address in ROOMS[name]:
        page.goto(address)
        yield address
        found = page.locator("main a[href^='/scans/'], main a[href^='/students/'], th a[href^='/people/']")
        links = found.evaluate_all("links => links.slice(0, 40).map(link => link.getAttribute('href'))")
        deeper += [link for link in links if link.count("/") >= 2 and "new" not in link and "?" not in link][:1]
    for address in dict.fromkeys(deeper):
        page.goto(address)
        yield address


@pytest.mark.parametrize("name", ROOMS)
def test_on_a_phone_no_screen_has_an_accessibility_fault_or_a_target_too_small(open_phone, name):
    page = open_phone("light")
    for address in open_each(page, name):
        if name in THREE:
            assert page.evaluate(SMALL) == [], address
        axe_in_both_themes(page)


@pytest.mark.parametrize("name", THREE)
def test_on_a_desktop_no_screen_has_an_accessibility_fault_or_scrolls_sideways_when_enlarged(open_page, name):
    page = open_page(color_scheme="light", **DESKTOP)
    for address in open_each(page, name):
        axe_in_both_themes(page)
        for width, height in ENLARGED:
            page.set_viewport_size({"width": width, "height": height})
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{address} is {wide} px too wide at {width} x {height}"
        page.set_viewport_size(DESKTOP["viewport"])


def test_no_accessibility_fault_before_signing_in(open_phone):
    page = open_phone("light")
    for address in ("/sign-in", "/nowhere", "/welcome/not-a-link"):
        page.goto(address)
        axe_in_both_themes(page)


def test_no_accessibility_fault_where_something_is_asked_or_refused(open_phone):
    tom, ravi = open_phone("light"), open_phone("light")
    sign_in(tom, "Tom Bright")
    sign_in(ravi, "Ravi Patel")

    for _ in range(2):  # the second is a likely duplicate of the first
        tom.goto("/scans/new")
        finger = Finger(tom)
        finger.choose("Unaided", "Support")
        finger.choose("Muscle and soft tissue", "Region")
        finger.choose("Left", "Side")
        finger.choose("All normal")
        finger.press("Save scan")
        tom.wait_for_url(re.compile(r"/scans/[0-9a-f-]{36}"))
    expect(tom.get_by_role("heading", name="Is this another patient?")).to_be_visible()
    axe_in_both_themes(tom)
    tom.get_by_role("button", name="Yes, another patient").tap()
    expect(tom.get_by_text(re.compile("It is with"))).to_be_visible()
    scan = re.search(r"/scans/([0-9a-f-]{36})", tom.url).group(1)

    # Two tabs: the second finds that the first was there before it.
    late = tom.context.new_page()
    for page in (tom, late):
        page.goto(f"/scans/{scan}/edit")
    for page, words in ((tom, " First."), (late, " Second.")):
        report = page.get_by_label("Report", exact=True)
        report.fill(report.input_value() + words)
        page.get_by_role("button", name="Save scan").last.tap()
    expect(late.get_by_label("Report", exact=True)).to_have_value(re.compile("Second"))
    expect(late.get_by_role("main")).to_contain_text("First.")
    axe_in_both_themes(late)

    ravi.goto(f"/scans/{scan}/review")
    ravi.get_by_role("button", name="Return").first.tap()
    ravi.get_by_role("button", name="Return").first.tap()
    expect(ravi.get_by_text("Say why").first).to_be_visible()
    axe_in_both_themes(ravi)
