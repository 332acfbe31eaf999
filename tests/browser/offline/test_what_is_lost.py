"""What a phone says is lost: only what was kept on it, is not there any more, and is not on the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.offline.conftest import Backend, until_ready
from tests.browser.offline.log_form import expect_unsent
from tests.browser.offline.queue import NOTED, let_the_worker_send, save_scans, throw_storage_away, until_noted
from tests.browser.steps import axe, until


def sent_by_the_worker(backend: Backend, phone: Page, is_done: Callable[[], Any]) -> None:
    """With no page open; comes back when it has done so much."""
    let_the_worker_send(phone, backend.network.url)
    until(phone, is_done, seconds=120)


def asked(backend: Backend) -> int:
    """How often the server was asked which scans it has."""
    return sum(path == "/scans/received" for _, path, _ in backend.network.seen)


def test_sixty_that_the_worker_sent_are_not_called_lost(backend, open_phone_of):
    phone = open_phone_of("mei")
    backend.network.plan = lambda asked: "refuse" if asked.path in ("/phone", "/scans") else "pass"
    numbers = save_scans(phone, backend.ground.cast.grace.id, 60)
    backend.network.calm()
    sent_by_the_worker(backend, phone, lambda: backend.network.posts().count("pass") >= len(numbers))
    phone.goto("/")
    until_noted(phone, 0)
    expect(phone.locator("#lost")).to_be_hidden()
    expect_unsent(phone, 0)
    assert asked(backend) == 0, "the worker had said which had left"
    phone.goto("/offline")
    expect(phone.locator("#arrived h2")).to_have_text("Sent: 60 scans, the last 10 here")


def test_what_the_browser_threw_away_is_lost_only_when_the_server_has_not_got_it(backend, open_phone_of):
    phone = open_phone_of("amara")
    origin, lost = backend.network.url, phone.locator("#lost")
    backend.network.plan = lambda asked: "refuse" if asked.path in ("/phone", "/scans") else "pass"
    numbers = save_scans(phone, backend.ground.cast.ravi.id, 3)
    tried = []

    def the_last_never_arrives(asked):
        if numbers[2] in asked.body.decode():
            tried.append(asked)
            return "refuse"
        return "captive" if asked.path == "/scans/received" else "pass"

    backend.network.plan = the_last_never_arrives
    sent_by_the_worker(backend, phone, lambda: tried)
    throw_storage_away(phone, origin)

    with phone.expect_response("**/scans/received?*"):
        phone.goto("/")
    until_ready(phone)
    expect(lost).to_be_hidden()  # nobody could say

    phone.context.clear_cookies()
    backend.sign_in(phone.context, "tom")
    phone.goto("/")
    until_ready(phone)
    expect(lost).to_be_hidden()  # none of his business

    phone.context.clear_cookies()
    backend.sign_in(phone.context, "amara")
    backend.network.calm()
    phone.goto("/")
    expect(lost).to_contain_text("1 scan that was kept on this phone is gone, and not on the server: Hip, saved ")
    axe(phone)
    lost.get_by_role("button", name="I have seen this").tap()
    expect(lost).to_be_hidden()
    assert phone.evaluate(NOTED) == []
    assert not {scan.id for scan in backend.scans_of("amara")} & {numbers[2]}


def test_what_was_removed_on_purpose_is_not_called_lost(backend, open_phone_of):
    phone = open_phone_of("tom")
    backend.network.plan = lambda asked: "refuse" if asked.path in ("/phone", "/scans") else "pass"
    save_scans(phone, backend.ground.cast.ravi.id)
    phone.goto("/offline")
    entry = phone.locator("#entries li")
    entry.get_by_text("Remove", exact=True).tap()
    entry.get_by_role("button", name="Remove it for good").tap()
    expect(phone.locator("#nothing")).to_be_visible()
    backend.network.calm()
    phone.goto("/")
    until_noted(phone, 0)
    expect(phone.locator("#lost")).to_be_hidden()
