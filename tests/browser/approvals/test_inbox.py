"""The inbox in the hand: Undo under the thumb wherever the page stands, nothing moves, many scans on few screens."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from models import Scan
from rules import states
from tests.browser.approvals.steps import approve_card, card_of, expect_waiting
from tests.browser.steps import axe_in_both_themes
from tests.cast import logged
from tests.reviews.steps import verbs_of

NORMAL = {"report": "", "findings": (), "normal": ("all",)}


@pytest.fixture
def inbox(ravi, cast):
    """Ravi's inbox with so many scans of Amara's, and nothing else."""

    def fill(number, **entered):
        Scan.update(state=states.WITHDRAWN).where(Scan.state == states.WITH_MENTOR).execute()
        scans = [logged(cast.amara, cast.ravi, **entered) for _ in range(number)]
        ravi.goto("/inbox")
        return scans

    return fill


def test_undo_is_in_reach_of_the_thumb_and_the_list_stays_still_wherever_one_approves(ravi, inbox):
    scans = inbox(8, report="A tear of 14 mm, which is told in some words.")
    for at, (scan, below) in enumerate(zip(scans, scans[1:], strict=False)):
        card_of(ravi, scan).evaluate("(card, at) => scrollTo(0, card.offsetTop - 40 - 90 * (at % 4))", at)
        before = card_of(ravi, below).bounding_box()["y"]
        approve_card(ravi, scan)
        undo = ravi.locator("#undo")
        expect(undo).to_be_focused()
        place, after = undo.bounding_box(), card_of(ravi, below).bounding_box()["y"]
        print(
            f"approved at {before:.0f} px: Undo at {place['y']:.0f} of 844 px, the next card moved {after - before:.1f}"
        )
        assert place["y"] > 422 and place["y"] + place["height"] <= 844 and place["height"] >= 48
        assert abs(after - before) < 1.5


def test_several_that_were_approved_are_undone_at_once_from_any_page(ravi, inbox):
    scans = inbox(3)
    for scan in scans:
        approve_card(ravi, scan)
    bar = ravi.get_by_role("group", name="Approved just now")
    expect(bar).to_contain_text("3 approved")
    axe_in_both_themes(ravi)
    ravi.goto("/students")
    expect(bar).to_contain_text("3 approved")
    axe_in_both_themes(ravi)
    bar.get_by_role("button", name="Undo all").tap()
    expect(bar).to_have_count(0)
    ravi.goto("/inbox")
    for scan in scans:
        expect(card_of(ravi, scan).get_by_role("button", name="Approve")).to_be_visible()
        assert verbs_of(scan) == ["log", "approve", "undo"]


def test_several_that_wait_for_the_signal_are_taken_back_at_once(ravi, inbox):
    scans = inbox(2)
    ravi.context.set_offline(True)
    for scan in scans:
        card_of(ravi, scan).get_by_role("button", name="Approve").tap()
        expect_waiting(ravi, scan)
    ravi.get_by_role("button", name="Undo all").tap()
    for scan in scans:
        expect(card_of(ravi, scan).get_by_role("button", name="Approve")).to_be_visible()
    ravi.context.set_offline(False)
    assert [verbs_of(scan) for scan in scans] == [["log"], ["log"]]


def test_thirty_one_scans_are_at_most_eight_screens_and_the_first_approve_is_on_the_first(ravi, inbox, cast):
    inbox(21, **NORMAL)
    for support in ("aided", "unaided"):
        for _ in range(5):
            logged(
                cast.amara, cast.ravi, support=support, report="A tear of 14 mm with some fluid about it, told here."
            )
    ravi.goto("/inbox")
    screens = ravi.evaluate("document.documentElement.scrollHeight / innerHeight")
    first = ravi.get_by_role("button", name="pprove").first.bounding_box()
    print(f"31 scans: {screens:.1f} screens, the first Approve at {first['y']:.0f} px")
    assert screens <= 8 and first["y"] + first["height"] < 844 - 84  # above the rooms
    card = ravi.locator("article.scan", has_text="Normal").first
    expect(card.get_by_text("Read report")).to_be_visible()
    card.get_by_text("Read report").tap()
    expect(card.locator(".report")).to_be_visible()
    axe_in_both_themes(ravi)


def test_all_normal_scans_of_a_student_are_ticked_with_one_tap_and_no_other(ravi, inbox, cast):
    inbox(2, **NORMAL)
    logged(cast.amara, cast.ravi)
    ravi.goto("/inbox")
    ravi.get_by_role("link", name="Select all normal").tap()
    expect(ravi.locator("input[name=scan]:checked")).to_have_count(2)
    ravi.get_by_role("button", name="Approve selected").tap()
    expect(ravi.get_by_role("group", name="Approved just now")).to_contain_text("2 approved")
    expect(ravi.get_by_role("heading", level=1)).to_contain_text("1 waiting")


def test_on_a_desktop_the_inbox_is_judged_by_keyboard(inbox, cast, sign_in, desktop):
    first, second = inbox(2)
    sign_in(desktop, cast.ravi)
    desktop.goto("/inbox")
    desktop.keyboard.press("j")
    desktop.keyboard.press("j")
    expect(card_of(desktop, second).locator("h4")).to_be_focused()
    desktop.keyboard.press("k")
    expect(card_of(desktop, first).locator("h4")).to_be_focused()
    desktop.keyboard.press("a")
    expect(card_of(desktop, first)).to_contain_text("Approved")
    desktop.keyboard.press("u")
    expect(card_of(desktop, first).get_by_role("button", name="Approve")).to_be_visible()
    desktop.get_by_role("button", name="Switch the keys off").click()
    desktop.keyboard.press("r")
    desktop.get_by_role("button", name="Switch the keys on").click()
    card_of(desktop, first).locator("h4").focus()
    desktop.keyboard.press("r")
    desktop.wait_for_url(f"**/scans/{first.id}/review")
