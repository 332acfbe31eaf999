"""What a mentor does with a card where there is no signal, and how the tests look at what is kept on the device."""

from __future__ import annotations

from datetime import timedelta

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


# When the device is to try again (milliseconds of 1970), once it has given up a try after the one that said `after`.
GIVEN_UP = """
async (after) => {
  const asked = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const database = await asked(indexedDB.open("sonofolio"));
  const pause = () => asked(database.transaction("phone").objectStore("phone").get("pause"));
  for (let tries = 0; tries < 2400; tries += 1) {
    const until = (await pause())?.until ?? after;
    if (until !== after) {
      database.close();
      return until;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("it was not tried, or not given up");
}
"""


def card_of(page, scan):
    return page.locator(f"#scan-{scan.id}")


def button(page, scan, name):
    return card_of(page, scan).get_by_role("button", name=name, exact=True)


def approve_card(page, scan):
    """Approve it with a signal, and let the moment pass in which a second tap does nothing."""
    button(page, scan, "Approve").tap()
    expect(card_of(page, scan)).to_contain_text("Approved")
    page.clock.fast_forward(500)
    expect(page.locator(".htmx-settling, .moved")).to_have_count(0)


def expect_on_card(page, scan, words):
    """The card says how its approval is on its way, as it does when there was no answer for a second."""
    page.clock.fast_forward(1_000)
    expect(card_of(page, scan)).to_contain_text(words)


def expect_waiting(page, *scans):
    for scan in scans:
        expect_on_card(page, scan, "It waits for the signal")


def tap_without_signal(page, scan, name="Approve"):
    page.context.set_offline(True)
    button(page, scan, name).tap()
    expect_waiting(page, scan)


def tap_and_leave(page, scan):
    """A tap that does not get through, and the page is left. Nothing gets through until `let_through(page)`: going
    offline would not do, since a new page's first moment may still be online."""
    page.context.route("**/approval", lambda route: route.abort())
    button(page, scan, "Approve").tap()
    expect_waiting(page, scan)
    given_up(page)  # else what is on its way would be let through later
    page.goto("about:blank")


def let_through(page):
    page.context.unroute("**/approval")


def expect_approved(page, scan):
    """The approval is answered."""
    expect(card_of(page, scan)).to_contain_text("Approved")


def given_up(page, after=0):
    """Wait until a try has ended without an answer of ours; returns when the next one is due."""
    return page.evaluate(GIVEN_UP, after)


def expect_approved_when_tried_again(page, scan):
    """The approval is answered when it is next tried, in less than a minute after it failed: that is skipped."""
    wait = given_up(page) - page.evaluate("Date.now()")
    assert wait <= 60_000
    page.clock.fast_forward(max(0, int(wait)) + 100)
    expect_approved(page, scan)


def counted_so_long_ago(scan, seconds):
    """As if it had been approved so many seconds earlier."""
    now = Scan.get_by_id(scan.id)
    now.approved_at -= timedelta(seconds=seconds)
    now.save(only=[Scan.approved_at])


def posts_of(page):
    """The addresses of what this page posts from now on."""
    sent = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    return sent
