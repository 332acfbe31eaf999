"""What a mentor does with a card where there is no signal, and how the tests look at what is kept on the device."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from models import Scan

UNREACHABLE = r"net::ERR_|htmx:(sendError|afterRequest)|^503 |status of 503|fetching the script"
STORED = """
() => new Promise((resolve, reject) => {
  const open = indexedDB.open("sonofolio", 1);
  open.onerror = () => reject(open.error);
  open.onsuccess = () => {
    const all = open.result.transaction("outbox").objectStore("outbox").getAll();
    all.onsuccess = () => { open.result.close(); resolve(all.result.filter(({ kind }) => kind === "approval")); };
  };
})
"""


def card_of(page, scan):
    return page.locator(f"#scan-{scan.id}")


def button(page, scan, name):
    return card_of(page, scan).get_by_role("button", name=name, exact=True)


def tap_without_signal(page, scan, name="Approve"):
    page.context.set_offline(True)
    button(page, scan, name).tap()
    expect(card_of(page, scan)).to_contain_text("It waits for the signal")


def tap_and_leave(page, scan):
    """A tap that does not get through, and the page is left. Nothing gets through until `let_through(page)`: going
    offline would not do, since a new page's first moment may still be online."""
    page.context.route("**/approval", lambda route: route.abort())
    button(page, scan, "Approve").tap()
    expect(card_of(page, scan)).to_contain_text("It waits for the signal")
    page.goto("about:blank")


def let_through(page):
    page.context.unroute("**/approval")


def goes(page, scan):
    """The tap is answered: at once, or when it is next tried, which is some seconds after it failed."""
    expect(card_of(page, scan)).to_contain_text("Approved")


def counted_so_long_ago(scan, seconds):
    """As if it had been approved so many seconds earlier."""
    now = Scan.get_by_id(scan.id)
    now.approved_at -= timedelta(seconds=seconds)
    now.save(only=[Scan.approved_at])


def approvals(page):
    """The addresses of the taps that leave this page from now on."""
    sent = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    return sent


both_themes = pytest.mark.parametrize("ravi", ["dark", "light"], indirect=True)
