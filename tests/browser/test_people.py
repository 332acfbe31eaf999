"""The room *People* in a real browser: somebody is found while one types, a file is looked at and brought in, and an
administrator has no way to a text.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.steps import axe, sign_in

SIZES = {"phone": PHONE, "desk": DESK}
FILE = (
    "email,name,role,cohort,site,student_email\n"
    "{0}.student@example.ac.uk,Nadia Rahim {1},student,{2},Croydon MSK clinic,\n"
    "{0}.mentor@example.ac.uk,Bo Lund {1},mentor,,,{0}.student@example.ac.uk\n"
)


def found(page) -> list[str]:
    return page.locator("table.everybody th.name a").all_inner_texts()


@pytest.mark.parametrize("size", SIZES)
def test_somebody_is_found_while_one_types_and_their_page_says_who_they_are(open_page, size):
    page = open_page(color_scheme="dark", **SIZES[size])
    sign_in(page, "Dana Director")
    page.get_by_role("link", name="People").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    page.get_by_label("Find somebody by name, e-mail, site or role").press_sequentially("mentor brighton", delay=10)
    expect(page.locator("table.everybody tbody tr")).to_have_count(1)
    expect(page).to_have_url(lambda url: "q=mentor" in url)
    assert found(page) == ["Grace Adeyemi"]
    page.get_by_label("Show only").select_option("student")
    expect(page.get_by_text("Nobody matches.")).to_be_visible()
    page.go_back()
    page.goto("/people?q=mentor+brighton")
    page.get_by_role("link", name="Grace Adeyemi").click()
    expect(page.get_by_role("heading", name="Parts")).to_be_visible()
    expect(page.get_by_text("Mentor at Brighton sports clinic")).to_be_visible()
    axe(page)


@pytest.mark.parametrize("size", SIZES)
def test_a_file_is_looked_at_and_brought_in_with_one_button(open_page, size, tmp_path):
    page = open_page(color_scheme="light", **SIZES[size])
    sign_in(page, "Alma Reyes")
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    page.get_by_role("link", name="Add a person").click()
    page.get_by_role("link", name="Student").last.click()
    cohort = page.get_by_label("Cohort").locator("option").first.inner_text()
    page.goto("/people")
    page.get_by_role("link", name="Upload a file").click()
    file = tmp_path / "people.csv"
    file.write_text(FILE.format(size, size.title(), cohort))
    page.get_by_label("File of people").set_input_files(file)
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_text(f"Bo Lund {size.title()} becomes mentor of Nadia Rahim {size.title()}")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Bring them in").click()
    expect(page.get_by_text("5 changes made. Everybody new is mailed a link.")).to_be_visible()
    page.goto(f"/people?q={size}.student")
    expect(page.get_by_text("Not been here yet")).to_be_visible()
    assert found(page) == [f"Nadia Rahim {size.title()}"]


def test_an_account_is_closed_and_opened_again(open_page):
    page = open_page(color_scheme="dark", **PHONE)
    sign_in(page, "Dana Director")
    page.goto("/people?q=carol")
    page.locator("th.name a").click()
    page.get_by_role("button", name="Close the account").click()
    expect(page.get_by_text("This account is closed.")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Open the account again").click()
    expect(page.get_by_text("can sign in again")).to_be_visible()


def test_the_forms_work_without_a_script(open_page):
    page = open_page(color_scheme="light", java_script_enabled=False, **PHONE)
    sign_in(page, "Dana Director")
    page.goto("/people")
    page.get_by_label("Find somebody by name, e-mail, site or role").fill("siân")
    page.get_by_role("button", name="Search").click()
    assert found(page) == ["Siân Prosser"]
    page.goto("/people/cohort")
    page.get_by_role("button", name="Open the cohort").click()
    expect(page.get_by_text("To put right")).to_be_visible()
