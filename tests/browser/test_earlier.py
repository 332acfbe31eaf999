"""A student brings in an earlier logbook on a phone and takes it back, with the keyboard alone where it matters."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.steps import axe, sign_in
from tests.portfolio.earlier_samples import CSV


def test_a_logbook_is_brought_in_and_undone(phone):
    sign_in(phone, "Amara Okafor", "/portfolio/import")
    axe(phone)
    phone.get_by_label("File").set_input_files(
        {"name": "fellowship.csv", "mimeType": "text/csv", "buffer": CSV.encode()}
    )
    phone.get_by_role("button", name="Read it").tap()
    expect(phone.get_by_label("Scan date")).to_have_value("scanned_on")
    phone.get_by_label("Machine").select_option("leave")
    axe(phone)
    phone.get_by_label("Joint").select_option("side")
    phone.get_by_role("button", name="See what").press("Enter")
    expect(phone.locator(".error-summary")).to_be_focused()
    phone.get_by_label("Joint").select_option("region")
    phone.set_viewport_size({"width": 320, "height": 640})
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.get_by_role("button", name="See what").press("Enter")
    expect(phone.get_by_role("heading", name="3 scans from fellowship.csv")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(phone)
    phone.get_by_role("button", name="Bring in 3 scans").press("Enter")
    expect(phone.get_by_text("3 scans from before this course")).to_be_visible()
    axe(phone)
    phone.locator("#notice").get_by_role("button", name="Undo").tap()
    expect(phone).to_have_url(re.compile("/portfolio/earlier$"))
    expect(phone.get_by_text("fellowship.csv")).to_have_count(0)
