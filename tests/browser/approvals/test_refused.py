"""A tap that waited and could not be done is told: nothing is dropped in silence, nothing done to a changed scan."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.approvals.steps import (
    STORED,
    button,
    card_of,
    counted_so_long_ago,
    let_through,
    tap_and_leave,
    tap_without_signal,
)
from tests.browser.steps import axe, axe_in_both_themes
from tests.cast import entry_for
from tests.reviews.steps import is_counted, verbs_of
from workflows.reviews import reviews
from workflows.scans import scans


def test_an_undo_that_comes_too_late_is_told_on_the_card(ravi, cast, scan):
    button(ravi, scan, "Approve").tap()
    expect(button(ravi, scan, "Undo")).to_be_focused()
    tap_without_signal(ravi, scan, "Undo")
    counted_so_long_ago(scan, seconds=31)
    ravi.context.set_offline(False)
    expect(card_of(ravi, scan)).to_contain_text("Not undone. The time to undo has passed")
    expect(card_of(ravi, scan).get_by_role("link", name="Open")).to_be_visible()
    assert is_counted(scan)
    axe(ravi)


def test_a_scan_that_was_changed_meanwhile_is_not_approved_and_says_what_changed(ravi, cast, scan):
    tap_without_signal(ravi, scan)
    scans.correct(scan.id, entry_for(cast.ravi, report="9 mm after all."), by=cast.amara, version=1)
    ravi.context.set_offline(False)
    expect(card_of(ravi, scan)).to_contain_text("Amara changed the report while you were looking")
    expect(card_of(ravi, scan)).to_contain_text("9 mm after all.")
    expect(card_of(ravi, scan).locator(".happened")).to_be_focused()
    expect(button(ravi, scan, "Approve")).to_be_visible()
    assert verbs_of(scan) == ["log", "correct"] and ravi.evaluate(STORED) == []
    axe(ravi)


def test_a_scan_that_left_the_inbox_meanwhile_is_told_on_top_of_the_page(ravi, cast, scan):
    tap_and_leave(ravi, scan)
    reviews.hand_over(scan.id, by=cast.amara, to=cast.priya.id)
    let_through(ravi)
    ravi.goto("/inbox")
    told = ravi.locator(".told")
    expect(told).to_contain_text("Not approved: Shoulder · right, Amara O.")
    expect(told).to_contain_text("This scan is with Priya Nair. Take it over first.")
    expect(told.get_by_role("link", name="Look at it")).to_have_attribute("href", f"/scans/{scan.id}/review")
    assert verbs_of(scan) == ["log", "hand_over"] and ravi.evaluate(STORED) == []
    axe_in_both_themes(ravi)


def test_a_scan_that_nobody_may_see_any_more_is_told_too(ravi, cast, scan):
    tap_without_signal(ravi, scan)
    scans.withdraw(scan.id, by=cast.amara, version=1)
    ravi.context.set_offline(False)
    expect(ravi.locator(".told")).to_contain_text("Not approved.")
    expect(card_of(ravi, scan)).to_have_count(0)
    assert verbs_of(scan) == ["log", "withdraw"]


def test_an_outcome_is_told_wherever_the_mentor_is_by_then(ravi, scan):
    tap_and_leave(ravi, scan)
    let_through(ravi)
    ravi.goto("/students")
    expect(ravi.locator("#notice")).to_contain_text("Approved: Shoulder · right, Amara O.")
    assert verbs_of(scan) == ["log", "approve"]
