"""Who has which part, and who covers: a director looks at a placement and moves the last day of a cover."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import expect

import clock
from tests.browser.steps import axe_in_both_themes, sign_in


def test_a_director_moves_the_last_day_of_a_cover_and_gives_it_back(phone):
    sign_in(phone, "Dana Director", "/me")
    phone.get_by_role("link", name="Who has which part, and until when").tap()
    phone.get_by_role("link", name=re.compile("Kofi Owusu")).tap()
    expect(phone.get_by_role("heading", level=1, name="Kofi Owusu")).to_be_visible()
    expect(phone.get_by_text("Kwame Boahen covers for Siân Prosser")).to_be_visible()
    axe_in_both_themes(phone)
    phone.get_by_role("link", name=re.compile("Siân Prosser")).first.tap()
    expect(phone.get_by_role("heading", name="Siân Prosser, mentor")).to_be_visible()
    axe_in_both_themes(phone)
    phone.get_by_role("button", name="End this part").scroll_into_view_if_needed()
    for days in (20, 13):
        phone.get_by_role("link", name="Other last day").tap()
        last = clock.today() + timedelta(days=days)
        phone.get_by_label("New last day away").fill(last.isoformat())
        phone.get_by_role("button", name="Change the last day").tap()
        expect(phone.get_by_text(f"The last day of the cover is {last.day} {last:%B %Y}.")).to_be_visible()
    phone.get_by_role("link", name="Other last day").tap()
    phone.get_by_label("New last day away").fill((clock.today() - timedelta(days=9)).isoformat())
    phone.get_by_role("button", name="Change the last day").tap()
    expect(phone.get_by_role("alert")).to_be_focused()
    expect(phone.get_by_role("alert")).to_contain_text("Write today, or a later day")
    axe_in_both_themes(phone)
