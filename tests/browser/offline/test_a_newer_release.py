"""F17 and F12: a newer release comes while a form is open, or cannot be installed; nothing breaks, nothing is lost."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.offline.log_form import expect_saved, expect_unsent, fill_in, log, save

UPDATE = "async () => { const found = await navigator.serviceWorker.ready; await found.update().catch(() => {}); }"
RELEASES = "async () => (await caches.keys()).filter((name) => name.startsWith('shell-'))"
# Waited for with an end: a page that hangs, as it may under a debugger (docs/faults.md), never answers `evaluate`.
ARE_RELEASES = f"async (wanted) => String(await ({RELEASES})()) === String(wanted)"

NEWER = ["shell-newer0000000"]


def until_releases(phone: Page, wanted: list[str], patience: float = 60) -> None:
    """These, and no other, are what the phone keeps; a worker takes its time (`patience`: seconds) to take over."""
    phone.wait_for_function(ARE_RELEASES, arg=wanted, polling=50, timeout=patience * 1000)


def open_until(phone: Page, path: str, wait: Callable[[float], Any]) -> None:
    """Open a page and `wait` (at most so many seconds) for what it brings; anew where it hangs or nothing comes."""
    for patience in (10, 20, 60):
        with contextlib.suppress(TimeoutError):
            phone.goto(path, timeout=patience * 1000)
        with contextlib.suppress(TimeoutError):
            wait(patience)
            return
    raise AssertionError(f"what {path} was opened for never came")


def take_on_the_next_page(phone: Page) -> None:
    """The newer release takes over. Chromium tells the older worker of the newer one in its own time: on a busy machine
    the page may come first, and then it is the one after."""
    open_until(phone, "/scans", lambda seconds: until_releases(phone, NEWER, seconds))


def newer(path: str, body: bytes) -> bytes:
    """The worker of a release that differs."""
    return re.sub(rb'"release": "\w+"', b'"release": "newer0000000"', body) if path == "/service-worker.js" else body


def half(path: str, body: bytes) -> bytes:
    """A newer worker with a file that is not there."""
    return newer(path, body).replace(b'"shell": [', b'"shell": ["/static/never-there.css", ', 1)


def test_f17_a_newer_release_waits_says_so_and_is_taken_by_a_tap(backend, open_phone_of):
    phone = open_phone_of("amara")
    phone.goto("/scans/new")
    number = fill_in(phone, region="knee")
    backend.network.rewrite = newer
    phone.evaluate(UPDATE)
    expect(phone.locator("#newer")).to_be_visible()
    expect(phone.locator("#newer")).to_contain_text("A newer Sonofolio is ready")
    expect(phone.locator('input[name=region][value="knee"]')).to_be_checked()
    assert len(phone.evaluate(RELEASES)) == 2, "it is there, and waits"
    phone.get_by_role("button", name="Use it now").tap()
    expect(phone.locator(".brought-back")).to_be_visible()
    assert phone.locator("input[name=scan_id]").input_value() == number, "the form stays as it was"
    until_releases(phone, NEWER)
    save(phone)
    expect_saved(phone)


def test_f17_without_a_tap_it_is_taken_on_the_next_page(backend, open_phone_of):
    phone = open_phone_of("tom")
    backend.network.rewrite = newer
    phone.evaluate(UPDATE)
    expect(phone.locator("#newer")).to_be_visible()
    take_on_the_next_page(phone)
    ready = "html[data-ready=yes]"  # what it keeps is asked for again
    open_until(phone, "/scans/new", lambda seconds: phone.wait_for_selector(ready, timeout=seconds * 1000))
    until_releases(phone, NEWER)
    expect(phone.locator("#newer")).to_be_hidden()


def test_f17_an_install_that_fails_half_way_changes_nothing(backend, open_phone_of):
    phone = open_phone_of("mei")
    before = phone.evaluate(RELEASES)
    backend.network.rewrite = half
    phone.evaluate(UPDATE)
    phone.goto("/")
    expect(phone.locator("#newer")).to_be_hidden()
    assert phone.evaluate(RELEASES) == before
    backend.network.down()
    number = log(phone, region="foot")
    expect_unsent(phone, 1)
    backend.network.calm()
    phone.goto("/")
    expect_unsent(phone, 0)
    assert number in {scan.id for scan in backend.scans_of("mei")}


def test_f12_a_queue_of_an_older_release_is_sent_by_the_newer_one(backend, open_phone_of):
    phone = open_phone_of("amara")
    backend.network.down()
    number = log(phone, region="hip")
    backend.network.calm()
    backend.network.rewrite = newer
    backend.network.plan = lambda asked: "refuse" if asked.path in ("/phone", "/scans") else "pass"
    phone.goto("/scans")
    phone.evaluate(UPDATE)
    expect(phone.locator("#newer")).to_be_visible()
    take_on_the_next_page(phone)
    expect_unsent(phone, 1)
    backend.network.plan = lambda asked: "pass"
    phone.goto("/offline")
    expect_unsent(phone, 0)
    assert number in {scan.id for scan in backend.scans_of("amara")}
