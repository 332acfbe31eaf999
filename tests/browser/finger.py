"""A finger on the phone: taps what a person would tap, and counts."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


class Finger:
    """Taps by role and name. `taps` is how many there were; typing is another matter and is not counted as one."""

    def __init__(self, page: Page):
        self.page = page
        self.taps = 0

    def tap(self, thing: Locator) -> None:
        thing.tap()
        self.taps += 1

    def choose(self, name: str, group: str | None = None) -> None:
        """A tile, chip or segment: a real input whose label is what one touches."""
        around = self.page.get_by_role("group", name=group, exact=True).first if group else self.page
        kinds = [around.get_by_role(kind, name=name, exact=True) for kind in ("radio", "checkbox")]
        choice = kinds[0].or_(kinds[1]).first
        self.tap(choice.locator("xpath=ancestor::label"))
        expect(choice).to_be_checked()

    def press(self, name: str | re.Pattern[str]) -> None:
        """A button or a link that looks like one."""
        kinds = [self.page.get_by_role(kind, name=name) for kind in ("button", "link")]
        self.tap(kinds[0].or_(kinds[1]).first)


def log_normal(page: Page, region: str = "Elbow", side: str = "Left", support: str = "Unaided") -> tuple[str, int]:
    """From the home screen: log a normal scan. Returns its id and how many taps it took."""
    page.goto("/")
    finger = Finger(page)
    finger.press("Log scan")
    finger.choose(support, "Support")
    finger.choose(region, "Region")
    finger.choose(side, "Side")
    finger.choose("All normal")
    finger.press("Save scan")
    return saved(page), finger.taps


def log_abnormal(page: Page, support: str = "Aided") -> tuple[str, int]:
    """From the home screen: a right knee with two findings. Returns its id and how many taps it took."""
    page.goto("/")
    finger = Finger(page)
    finger.press("Log scan")
    finger.choose(support, "Support")
    finger.choose("Knee", "Region")
    finger.choose("Right", "Side")
    chips = page.locator("#first-findings input[name=finding]")
    expect(chips.nth(1)).to_be_attached()
    for number in (0, 1):
        finger.tap(chips.nth(number).locator("xpath=ancestor::label"))
    finger.press("Save scan")
    return saved(page), finger.taps


def saved(page: Page) -> str:
    """The id of the scan whose page came up after saving; answers the question of another patient when it is asked."""
    page.wait_for_url(re.compile(r"/scans/[0-9a-f-]{36}"))
    other = page.get_by_role("button", name="Yes, another patient")
    if other.count():
        other.tap()
        expect(page.get_by_text(re.compile("It is with"))).to_be_visible()
    return re.search(r"/scans/([0-9a-f-]{36})", page.url).group(1)
