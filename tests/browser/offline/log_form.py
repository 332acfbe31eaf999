"""What a student's thumb does with the log form, signal or not."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f'input[name={name}][value="{value}"]').first.tap()


def fill_in(page: Page, region: str = "shoulder", side: str = "left", support: str = "unaided") -> str:
    """Fill in a normal scan; returns its number."""
    expect(page.locator("#scan-form[data-ready=yes]")).to_be_attached()
    choose(page, "support", support)
    choose(page, "region", region)
    expect(page.locator(f"#findings[data-region={region}]")).to_be_visible()
    choose(page, "side", side)
    for value in ("left | all", "right | all") if side == "both" else ("all",):
        choose(page, "normal", value)
    if page.locator("#mentor").input_value() == "":  # the first scan: nobody is remembered yet
        page.locator("#mentor").select_option(label="Ravi Patel")
    return page.locator("input[name=scan_id]").input_value()


def until_draft_saved(page: Page) -> None:
    """The last tap is on the phone."""
    expect(page.locator("#scan-form[data-kept=yes]")).to_be_attached()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save scan").last.tap()


def log(page: Page, **what: str) -> str:
    """Log a normal scan from the form; returns its number once the app has said where it is."""
    page.goto("/scans/new")
    number = fill_in(page, **what)
    save(page)
    expect_saved(page)
    return number


def expect_saved(page: Page) -> None:
    """The app has said that it is saved: on this phone, or with the mentor."""
    page.wait_for_url(re.compile(r"/offline\?saved=|/scans/[0-9a-f-]{36}"))
    expect(
        page.get_by_text(re.compile("Saved on this phone|It is with|Is this another patient|Saved as a draft")).first
    ).to_be_visible()


def expect_unsent(page: Page, number: int) -> None:
    """The strip on this screen says so."""
    expect(page.locator("html")).to_have_attribute("data-unsent", str(number))
    if number:
        expect(page.locator("#unsent a")).to_contain_text(f"{number} not yet sent")
    else:
        expect(page.locator("#unsent a")).not_to_contain_text("not yet sent")
