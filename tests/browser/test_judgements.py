"""What a mentor judges on a phone, with and without JavaScript; and a counted scan that its student asks to reopen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.finger import log_abnormal
from tests.browser.steps import axe, sign_in
from workflows.reviews import appraisals, reviews

WITH_AND_WITHOUT = pytest.mark.parametrize(("scripts", "theme"), [(True, "dark"), (False, "light")])


def judge(page: Page, **judged: str) -> None:
    for name, value in judged.items():
        choice = page.locator(f"#audit input[name={name}][value={value}]")
        choice.locator("xpath=ancestor::label").tap()
        expect(choice).to_be_checked()


@WITH_AND_WITHOUT
def test_a_mentor_agrees_with_one_tap_or_judges_and_is_asked_to_return_a_failed_one(open_phone, scripts, theme):
    amara, ravi = open_phone(theme), open_phone(theme, java_script_enabled=scripts)
    sign_in(amara, "Amara Okafor")
    number, _ = log_abnormal(amara)
    sign_in(ravi, "Ravi Patel", "/inbox")
    card = ravi.locator(f"#scan-{number}")
    expect(card.get_by_text("it does not say where you saw the images")).to_be_visible()
    card.get_by_role("button", name="Agree & approve").tap()
    expect(card.get_by_role("button", name="Undo")).to_be_visible()
    ravi.goto(f"/scans/{number}/review")
    expect(ravi.get_by_text("With one tap, Agree & approve")).to_be_visible()
    expect(ravi.get_by_text("Not stated")).to_be_visible()
    ravi.goto("/inbox")
    card.get_by_role("button", name="Undo").tap()
    card.get_by_role("link", name="Review").tap()

    expect(ravi.get_by_role("button", name="Audit & approve")).to_be_visible()
    expect(ravi.locator("#audit input:checked")).to_have_count(0)
    judge(ravi, agreement="major", image="good", report="good", seen="not_seen")
    ravi.get_by_role("button", name="Audit & approve").tap()
    expect(ravi.locator("#image-error")).to_have_text(appraisals.NOT_SEEN)
    judge(ravi, image="none")
    ravi.get_by_role("button", name="Audit & approve").tap()
    expect(ravi.locator("#comment-error")).to_have_text(appraisals.NO_WORDS)
    ravi.get_by_label(re.compile("Feedback")).fill("It is the other tendon.")
    ravi.get_by_role("button", name="Audit & approve").tap()
    expect(ravi.locator("#audit")).to_contain_text(reviews.GOES_BACK)
    expect(ravi.get_by_role("button", name="Count it all the same")).to_have_count(0)
    expect(ravi.locator("#why")).to_have_value("It is the other tendon.")
    judge(ravi, reason="structure")
    if scripts:
        axe(ravi)
    ravi.locator("#count_failed").get_by_role("button", name="Return").tap()
    expect(ravi.get_by_text("Returned to Amara")).to_be_visible()

    amara.goto(f"/scans/{number}")
    back = amara.locator(".back-again")
    expect(back).to_contain_text("The structure is the wrong one.")
    expect(back).to_contain_text("It is the other tendon.")


@WITH_AND_WITHOUT
def test_a_student_asks_to_reopen_a_counted_scan_and_the_mentor_declines_then_reopens(open_phone, scripts, theme):
    amara, ravi = (open_phone(theme, java_script_enabled=scripts) for _ in range(2))
    sign_in(amara, "Amara Okafor")
    sign_in(ravi, "Ravi Patel")
    amara.goto("/scans?state=counted&page=2")  # counted long ago
    address = (
        amara.locator("tr", has_text="Ravi Patel").nth(3 if scripts else 5).get_by_role("link").get_attribute("href")
    )
    for answer in ("Do not reopen", "Reopen"):
        amara.goto(address)
        amara.get_by_text("Ask to reopen").first.tap()
        why = amara.get_by_label("What should be put right?")
        why.fill("NHS 943 476 5919: the other side")
        amara.get_by_role("button", name="Ask to reopen").tap()
        expect(why).to_have_value("NHS 943 476 5919: the other side")
        expect(amara.get_by_text("943 476 5919").first).to_be_visible()
        if scripts:
            axe(amara)
        why.fill("The side is the other one.")
        amara.get_by_role("button", name="Ask to reopen").first.tap()
        expect(amara.get_by_text("You have asked Ravi Patel to reopen it")).to_be_visible()

        ravi.goto("/inbox")
        ravi.locator(f"a[href*='{address}/review']").first.tap()
        expect(ravi.get_by_text("The side is the other one.")).to_be_visible()
        ravi.get_by_label("Why do you reopen it?").fill("I looked again.")
        if scripts:
            axe(ravi)
        ravi.get_by_role("button", name=answer, exact=True).tap()
        said = {"Do not reopen": "Not reopened", "Reopen": "Reopened"}[answer]
        expect(ravi.get_by_text(said).first).to_be_visible()
        amara.goto(address)
        expect(amara.get_by_text(said).first).to_be_visible()
        expect(amara.get_by_text("I looked again.").first).to_be_visible()
