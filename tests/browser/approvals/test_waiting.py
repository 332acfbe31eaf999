"""A mentor taps Approve where there is no signal: the tap waits on the device, and is neither lost nor doubled."""

from __future__ import annotations

import re
from datetime import datetime

from playwright.sync_api import expect

from models import Move
from tests.browser.approvals.steps import (
    STORED,
    button,
    card_of,
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
from tests.browser.steps import axe, axe_in_both_themes
from tests.cast import entry_for, logged
from tests.reviews.steps import verbs_of
from workflows.scans import scans


def test_a_tap_without_signal_waits_is_told_and_goes_when_the_signal_is_back(ravi, scan):
    tap_without_signal(ravi, scan)
    card = card_of(ravi, scan)
    expect(card).to_contain_text("Sending… Shoulder · right")
    expect(button(ravi, scan, "Approve")).to_be_hidden()
    expect(button(ravi, scan, "Undo")).to_be_focused()
    expect(ravi.locator("#said")).to_contain_text("Sending… Shoulder · right. It waits for the signal.")
    expect(ravi.locator("#notice")).to_be_empty()
    axe_in_both_themes(ravi)
    assert verbs_of(scan) == ["log"]

    ravi.context.set_offline(False)
    expect_approved(ravi, scan)
    expect(button(ravi, scan, "Undo")).to_be_focused()
    expect(ravi.locator("#said")).to_contain_text("Approved: Shoulder · right")
    assert verbs_of(scan) == ["log", "approve"]
    assert ravi.evaluate(STORED) == []


def test_the_focus_stays_where_it_went_meanwhile(ravi, cast):
    other = logged(cast.amara, cast.ravi, support="aided")
    ravi.reload()
    tap_without_signal(ravi, other, "Agree & approve")
    review = card_of(ravi, other).locator("xpath=following::a[text()='Review'] | preceding::a[text()='Review']").first
    review.focus()
    ravi.context.set_offline(False)
    expect_approved(ravi, other)
    expect(ravi.locator(".htmx-settling")).to_have_count(0)
    expect(review).to_be_focused()


def test_only_the_choice_is_kept_on_the_device(ravi, cast, scan):
    tap_without_signal(ravi, scan)
    step = Move.select().where(Move.scan == scan.id).get().id
    (kept,) = ravi.evaluate(STORED)
    assert isinstance(kept.pop("number"), int) and datetime.fromisoformat(kept.pop("entered_at"))
    seen = {"version": 1, "step": step}
    entry = {"key": f"approval {scan.id}", "kind": "approval", "version": 2, "state": "waiting", "tries": 0}
    assert kept == {**entry, "scan": scan.id, "seen": seen, "choice": "approve", "person": cast.ravi.id}


def test_undo_of_a_tap_that_was_not_sent_takes_it_back(ravi, scan):
    sent = posts_of(ravi)
    tap_without_signal(ravi, scan)
    button(ravi, scan, "Undo").tap()
    expect(button(ravi, scan, "Approve")).to_be_focused()
    expect(card_of(ravi, scan)).not_to_contain_text("Sending")
    assert ravi.evaluate(STORED) == []
    tried = len(sent)
    ravi.context.set_offline(False)
    ravi.reload()
    expect(button(ravi, scan, "Approve")).to_be_visible()
    assert len(sent) == tried and verbs_of(scan) == ["log"]


def test_a_tap_outlives_the_page_and_goes_when_the_inbox_is_opened_again(ravi, scan):
    tap_and_leave(ravi, scan)
    let_through(ravi)
    later = ravi.context.new_page()
    later.goto("/inbox")
    expect_approved(later, scan)
    assert verbs_of(scan) == ["log", "approve"]


def test_the_server_is_away_and_comes_back(ravi, scan, product):
    product.stop()
    button(ravi, scan, "Approve").tap()
    expect_waiting(ravi, scan)
    product.start()
    expect_approved_when_tried_again(ravi, scan)
    assert verbs_of(scan) == ["log", "approve"]


def first_meets(page, fault):
    """The first approval that is sent meets this fault; further ones wait until the function returned is called."""
    met, held, through = [], [], []

    def answer(route):
        if not met:
            met.append(route)
            fault(route)
        elif through:
            route.continue_()
        else:
            held.append(route)

    def let_the_others_through():
        through.append(True)
        while held:
            held.pop().continue_()

    page.route("**/approval", answer)
    return let_the_others_through


def test_a_signal_that_never_answers_is_given_up_and_tried_again(ravi, scan):
    ravi.add_init_script(
        "AbortSignal.timeout = ((real) => (wait) => real.call(AbortSignal, wait / 15))(AbortSignal.timeout)"
    )
    ravi.reload()
    unanswered = []
    let_the_others_through = first_meets(ravi, unanswered.append)
    button(ravi, scan, "Approve").tap()
    expect_on_card(ravi, scan, "Sending…")
    let_the_others_through()
    expect_approved_when_tried_again(ravi, scan)
    assert unanswered and verbs_of(scan) == ["log", "approve"]


def lose_the_answer(route):
    route.fetch()
    route.abort()


def test_the_answer_was_lost_and_the_resend_is_answered_alike(ravi, scan):
    sent = posts_of(ravi)
    let_the_others_through = first_meets(ravi, lose_the_answer)
    button(ravi, scan, "Approve").tap()
    expect_on_card(ravi, scan, "Sending…")
    let_the_others_through()
    expect_approved_when_tried_again(ravi, scan)
    assert len(sent) == 2 and verbs_of(scan) == ["log", "approve"]


def test_undo_of_a_tap_that_may_have_arrived_is_an_undo_there(ravi, scan):
    ravi.route("**/approval", lose_the_answer)  # however often it is tried, as long as it takes
    button(ravi, scan, "Approve").tap()
    expect_on_card(ravi, scan, re.compile("Sending…|waits for the signal"))
    given_up(ravi)  # it has arrived, and its answer is lost
    ravi.context.set_offline(True)
    button(ravi, scan, "Undo").tap()
    expect_on_card(ravi, scan, "Taking it back…")
    axe(ravi)
    ravi.unroute("**/approval")
    ravi.context.set_offline(False)
    expect(button(ravi, scan, "Approve")).to_be_visible()
    assert verbs_of(scan) == ["log", "approve", "undo"]


def test_an_undo_without_signal_waits_and_goes(ravi, scan):
    button(ravi, scan, "Approve").tap()
    expect(button(ravi, scan, "Undo")).to_be_focused()
    tap_without_signal(ravi, scan, "Undo")
    ravi.context.set_offline(False)
    expect(button(ravi, scan, "Approve")).to_be_visible()
    assert verbs_of(scan) == ["log", "approve", "undo"]


def test_what_somebody_else_answers_is_taken_for_nothing(ravi, scan):
    card = f'<article id="scan-{scan.id}">Approved</article>'
    told = {"HX-Retarget": "#notice", "HX-Redirect": "/sign-in"}
    refused = '{"error": "refused", "message": "No."}'
    answers = [(200, "text/html", "<h1>Guest network</h1>"), (200, "text/html", card), (409, "text/html", card)]
    answers += [(status, "application/json", refused) for status in (400, 401, 403, 404, 422, 503)]

    def answer(route):
        status, kind, body = answers[0] if answers else (503, "text/html", "")
        route.fulfill(status=status, content_type=kind, body=body, headers=told)

    ravi.route("**/approval", answer)
    button(ravi, scan, "Approve").tap()
    expect_waiting(ravi, scan)
    next_try = 0
    while answers:
        next_try = given_up(ravi, after=next_try)
        assert len(ravi.evaluate(STORED)) == 1 and verbs_of(scan) == ["log"]
        answers.pop(0)
        with ravi.expect_response("**/approval"):
            ravi.evaluate("dispatchEvent(new Event('online'))")
    given_up(ravi, after=next_try)
    ravi.unroute("**/approval")
    expect_approved_when_tried_again(ravi, scan)
    expect(ravi.locator(".told")).to_have_count(0)


def test_two_tabs_send_one_tap_once_and_both_show_it(ravi, scan):
    other = ravi.context.new_page()
    other.goto("/inbox")
    tap_without_signal(ravi, scan)
    expect_waiting(other, scan)
    arrived = []
    ravi.context.on("requestfinished", lambda asked: arrived.append(asked.url) if "/approval" in asked.url else None)
    ravi.context.set_offline(False)
    for page in (ravi, other):
        expect_approved(page, scan)
    assert len(arrived) == 1 and verbs_of(scan) == ["log", "approve"]


def test_a_tab_that_cannot_look_again_does_not_show_the_card_as_it_was(ravi, scan):
    other = ravi.context.new_page()
    other.add_init_script(
        "LockManager.prototype.request = () => new Promise(() => {})"
    )  # it is the first tab that sends
    other.goto("/inbox")
    tap_without_signal(ravi, scan)
    expect_waiting(other, scan)
    other.route("**/card", lambda route: route.abort())
    with other.expect_request("**/card"):
        ravi.context.set_offline(False)
        expect_approved(ravi, scan)
    expect(button(other, scan, "Approve")).to_be_hidden()
    other.unroute("**/card")
    other.clock.fast_forward(5_000)
    expect_approved(other, scan)


def test_several_at_once_wait_and_are_answered_each_for_itself(ravi, cast, scan):
    other = logged(cast.amara, cast.ravi)
    ravi.reload()
    ravi.context.set_offline(True)
    for one in (scan, other):
        card_of(ravi, one).get_by_role("checkbox").locator("xpath=ancestor::label").tap()
    ravi.get_by_role("button", name="Approve selected").first.tap()
    for one in (scan, other):
        expect_waiting(ravi, one)
    scans.correct(other.id, entry_for(cast.ravi, report="Other words."), by=cast.amara, version=1)
    ravi.context.set_offline(False)
    expect_approved(ravi, scan)
    expect(card_of(ravi, other)).to_contain_text("Amara changed the report")
    assert verbs_of(scan) == ["log", "approve"] and verbs_of(other) == ["log", "correct"]


def test_one_that_fails_again_and_again_holds_up_no_other(ravi, cast, scan):
    other = logged(cast.amara, cast.ravi)
    ravi.reload()
    busy = {"HX-Retarget": "#notice", "Sonofolio-Answer": str(scan.id)}
    ravi.route(f"**/{scan.id}/approval", lambda route: route.fulfill(status=503, headers=busy, body="Busy."))
    ravi.context.set_offline(True)
    for one in (scan, other):
        button(ravi, one, "Approve").tap()
        expect_waiting(ravi, one)
    ravi.context.set_offline(False)
    expect_approved(ravi, other)
    expect_waiting(ravi, scan)


def test_where_the_browser_keeps_nothing_it_says_to_keep_the_page_open(ravi, scan):
    ravi.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); }")
    ravi.reload()
    ravi.context.set_offline(True)
    button(ravi, scan, "Approve").tap()
    expect_on_card(ravi, scan, "Keep this page open: it waits for the signal.")
    ravi.context.set_offline(False)
    expect_approved(ravi, scan)
    assert verbs_of(scan) == ["log", "approve"]
