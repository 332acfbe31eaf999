"""Every screen of everybody: no accessibility fault in either theme, no sideways scrolling, targets for thumbs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.finger import Finger
from tests.browser.steps import axe, sign_in

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
SCHEMES = ["dark", "light"]


def screens(page, name):
    """Each address of this person's rooms, and one further page behind each list."""
    for address in ROOMS[name]:
        yield address
        page.goto(address)
        found = page.locator("main a[href^='/scans/'], main a[href^='/students/'], th a[href^='/people/']")
        links = [link.get_attribute("href") for link in found.all()[:40]]
        deeper = [link for link in links if link.count("/") >= 2 and "new" not in link and "?" not in link]
        yield from deeper[:1]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ROOMS)
def test_no_accessibility_fault_on_a_phone(open_phone, name, scheme):
    page = open_phone(scheme)
    sign_in(page, name)
    for address in list(screens(page, name)):
        page.goto(address)
        axe(page, colours=scheme == "dark")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["Amara Okafor", "Ravi Patel", "Dana Director"])
def test_no_accessibility_fault_on_a_desk(open_page, name, scheme):
    page = open_page(color_scheme=scheme, viewport={"width": 1280, "height": 800})
    sign_in(page, name)
    for address in list(screens(page, name)):
        page.goto(address)
        axe(page, colours=scheme == "dark")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_accessibility_fault_before_signing_in(open_phone, scheme):
    page = open_phone(scheme)
    for address in ("/sign-in", "/nowhere", "/welcome/not-a-link"):
        page.goto(address)
        axe(page, colours=scheme == "dark")


# 320 px is 1280 px at 400 %; 640 x 400 is 1280 x 800 at 200 %.
@pytest.mark.parametrize("size", [(320, 640), (640, 400)])
@pytest.mark.parametrize("name", ["Amara Okafor", "Ravi Patel", "Dana Director"])
def test_nothing_scrolls_sideways_when_it_is_large(open_page, name, size):
    page = open_page(viewport={"width": size[0], "height": size[1]})
    sign_in(page, name)
    for address in list(screens(page, name)):
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{address} is {wide} px too wide at {size}"


SMALL = """
() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter(one => one.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  .filter(one => !one.closest('p, blockquote, .hint, .hidden, .skip') && !one.matches('[tabindex="-1"]'))
  .map(one => [one.closest('label') || one, one])
  .map(([target, one]) => [target.getBoundingClientRect(), one])
  .filter(([box]) => box.width && box.height && (box.height < 47.5 || box.width < 44))
  .map(([box, one]) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${one.outerHTML.slice(0, 120)}`)
"""


@pytest.mark.parametrize("name", ["Amara Okafor", "Ravi Patel", "Dana Director"])
def test_every_target_is_large_enough_for_a_thumb(open_phone, name):
    page = open_phone()
    sign_in(page, name)
    for address in list(screens(page, name)):
        page.goto(address)
        assert page.evaluate(SMALL) == [], address


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_accessibility_fault_where_something_is_asked_or_refused(open_phone, scheme):
    tom, ravi = open_phone(scheme), open_phone(scheme)
    sign_in(tom, "Tom Bright")
    sign_in(ravi, "Ravi Patel")

    for _ in range(2):  # the second is a likely duplicate of the first
        tom.goto("/scans/new")
        finger = Finger(tom)
        finger.choose("Unaided", "Support")
        finger.choose("Muscle and soft tissue", "Region")
        finger.choose("Left" if scheme == "dark" else "Right", "Side")
        finger.choose("All normal")
        finger.press("Save scan")
        tom.wait_for_url(re.compile(r"/scans/[0-9a-f-]{36}"))
    expect(tom.get_by_role("heading", name="Is this another patient?")).to_be_visible()
    axe(tom, colours=scheme == "dark")
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
    axe(late, colours=scheme == "dark")

    ravi.goto(f"/scans/{scan}/review")
    ravi.get_by_role("button", name="Return").first.tap()
    ravi.get_by_role("button", name="Return").first.tap()
    expect(ravi.get_by_text("Say why").first).to_be_visible()
    axe(ravi, colours=scheme == "dark")
