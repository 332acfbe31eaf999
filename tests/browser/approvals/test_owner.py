"""Whose tap it is: nobody else sends it or sees it, and a sign-in that lapsed keeps it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from models import SignIn
from tests.browser.approvals.steps import (
    STORED,
    button,
    expect_approved,
    expect_approved_when_tried_again,
    expect_on_card,
    expect_waiting,
    given_up,
    let_through,
    posts_of,
    tap_and_leave,
    tap_without_signal,
)
from tests.browser.steps import axe
from tests.reviews.steps import verbs_of


def test_another_person_who_signs_in_neither_sends_nor_keeps_it(ravi, cast, scan, sign_in):
    sent = posts_of(ravi)
    tap_and_leave(ravi, scan)
    tried = len(sent)
    let_through(ravi)
    sign_in(ravi, cast.priya)  # she mentors at the same placement
    ravi.goto("/inbox")
    expect(ravi.locator("html")).to_have_attribute("data-taps", "0")
    assert ravi.evaluate(STORED) == []
    sign_in(ravi, cast.ravi)
    ravi.goto("/inbox")
    expect(button(ravi, scan, "Approve")).to_be_visible()
    assert len(sent) == tried and verbs_of(scan) == ["log"]


def test_an_old_tab_sends_nothing_under_the_name_of_who_signed_in_since(ravi, cast, scan, sign_in):
    tap_without_signal(ravi, scan)
    sign_in(ravi, cast.priya)
    ravi.context.set_offline(False)
    expect(ravi.locator(".told")).to_contain_text("Somebody else is signed in on this device now")
    assert ravi.evaluate(STORED) == [] and verbs_of(scan) == ["log"]


def test_a_lapsed_sign_in_keeps_it_and_asks(ravi, cast, scan, sign_in):
    tap_without_signal(ravi, scan)
    ravi.context.clear_cookies()
    ravi.context.set_offline(False)
    told = ravi.locator(".told")
    expect(told).to_contain_text("You were signed out. On this device an approval still waits to be sent.")
    axe(ravi)
    told.get_by_role("link", name="Sign in").tap()
    ravi.wait_for_url(re.compile(r"/sign-in\?next=%2Finbox|/sign-in\?next=/inbox"))
    assert verbs_of(scan) == ["log"] and len(ravi.evaluate(STORED)) == 1
    sign_in(ravi, cast.ravi)
    ravi.goto("/inbox")
    expect_approved(ravi, scan)
    assert verbs_of(scan) == ["log", "approve"]


def test_a_token_out_of_date_is_renewed_once(ravi, cast, scan, sign_in, product):
    tap_without_signal(ravi, scan)
    fresh = product.ground.phone(cast.ravi)
    name, value = fresh.cookie.split("=", 1)
    ravi.context.add_cookies([{"name": name, "value": value, "url": product.ground.env["BASE_URL"]}])
    ravi.context.set_offline(False)
    expect_approved(ravi, scan)
    assert verbs_of(scan) == ["log", "approve"]


def test_signing_out_says_what_it_deletes_and_deletes_it(ravi, scan, sign_in, cast):
    ravi.route("**/approval", lambda route: route.abort())
    button(ravi, scan, "Approve").tap()
    expect_waiting(ravi, scan)
    ravi.goto("/me")
    expect(ravi.locator("#taps-waiting")).to_contain_text(
        "You have an approval not sent yet. Signing out here deletes it."
    )
    axe(ravi)
    ravi.get_by_role("button", name="Sign out", exact=True).tap()
    ravi.wait_for_url(re.compile("/sign-in"))
    assert ravi.evaluate(STORED) == [] and verbs_of(scan) == ["log"]


def test_a_shared_computer_keeps_nothing(ravi, cast, scan):
    tap_without_signal(ravi, scan)
    assert len(ravi.evaluate(STORED)) == 1
    without_signal = given_up(ravi)
    SignIn.update(shared=True).where(SignIn.person == cast.ravi).execute()
    ravi.route("**/approval", lambda route: route.abort())
    ravi.context.set_offline(False)
    ravi.reload()
    expect(button(ravi, scan, "Approve")).to_be_visible()
    button(ravi, scan, "Approve").tap()
    expect_on_card(ravi, scan, "Keep this page open: it waits for the signal.")
    assert ravi.evaluate(STORED) == []
    given_up(ravi, after=without_signal)
    ravi.unroute("**/approval")
    expect_approved_when_tried_again(ravi, scan)
