"""One phone, two people: nothing of the one is there for the other, and what the one has not sent is sealed to them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.offline.conftest import until_ready
from tests.browser.offline.log_form import expect_unsent, fill_in, log, until_draft_saved
from tests.browser.offline.queue import save_scans, until_noted

# Everything that scripts of this origin can read, as one text: databases, caches, localStorage.
ALL_THAT_IS_KEPT = """async () => {
  const said = [JSON.stringify(localStorage), document.cookie];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((resolve) => {
      indexedDB.open(name).onsuccess = (event) => resolve(event.target.result);
    });
    for (const store of database.objectStoreNames) {
      const rows = await new Promise((resolve) => {
        database.transaction(store).objectStore(store).getAll().onsuccess = (event) => resolve(event.target.result);
      });
      const bytes = (key, value) => (value instanceof ArrayBuffer ? new TextDecoder("latin1").decode(value) : value);
      said.push(JSON.stringify(rows, bytes));
    }
    database.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) said.push(request.url, await (await cache.match(request)).text());
  }
  return said.join("\\n");
}"""
SHOWN = """async (open) => {
  const { ready } = navigator.serviceWorker;
  await (await ready).showNotification("Ravi has returned a scan", { data: { open } });
}"""
NEWS = "async () => (await (await navigator.serviceWorker.ready).getNotifications()).length"
OF_AMARA = ("Amara", "Okafor", "Ravi Patel", "Croydon MSK", "supraspinatus of my own", "Esaote MyLab X8")


def all_stored(phone: Page) -> str:
    return phone.evaluate(ALL_THAT_IS_KEPT)


def sign_out(phone: Page) -> None:
    phone.goto("/me")
    phone.get_by_role("button", name="Sign out", exact=True).tap()


def work_of_amara(backend, phone: Page) -> str:
    """One scan that is only on the phone, and a form half filled in."""
    backend.network.down()
    number = log(phone, region="shoulder", side="right")
    phone.goto("/scans/new")
    fill_in(phone, region="elbow")
    phone.locator("#report").fill("A supraspinatus of my own, 9 mm.")
    until_draft_saved(phone)
    backend.network.calm()
    backend.network.plan = lambda asked: "refuse" if asked.path in ("/scans", "/phone") else "pass"
    return number


def test_while_she_is_signed_in_her_things_are_sealed(backend, open_phone_of):
    phone = open_phone_of("amara")
    work_of_amara(backend, phone)
    found = all_stored(phone).replace('"name":"Amara"', "")  # whose phone it is, by first name
    assert not [word for word in OF_AMARA if word in found]


def test_signing_out_is_warned_of_and_leaves_nothing_to_read(backend, open_phone_of):
    phone = open_phone_of("amara")
    number = work_of_amara(backend, phone)
    sign_out(phone)
    dialog = phone.get_by_role("dialog")
    expect(dialog).to_contain_text("1 scan is only on this phone")
    dialog.get_by_role("button", name="Stay, and send them first").tap()
    expect(dialog).to_be_hidden()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Amara")
    phone.get_by_role("button", name="Sign out", exact=True).tap()
    dialog.get_by_role("button", name="Sign out all the same").tap()
    phone.wait_for_url("**/sign-in")
    expect(phone.locator("#unsent a")).to_contain_text("1 not yet sent")
    assert not [word for word in OF_AMARA if word in all_stored(phone)]
    backend.network.calm()
    backend.sign_in(phone.context, "tom")
    phone.goto("/")
    until_ready(phone)
    phone.context.set_offline(True)
    for path in ("/", "/scans", "/offline"):
        phone.goto(path)
        assert not [word for word in ("Amara", "Okafor", "of my own") if word in phone.content()]
    assert not [word for word in ("Amara", "Okafor", "of my own") if word in all_stored(phone)]
    phone.goto("about:blank")  # a page that is open would ask, find itself signed out, and go to the door by itself
    phone.context.set_offline(False)
    phone.context.clear_cookies()
    backend.sign_in(phone.context, "amara")
    phone.goto("/")
    expect_unsent(phone, 0)
    assert number in {scan.id for scan in backend.scans_of("amara")}, "her own sign-in opens the seal"


def test_between_her_sign_out_and_his_first_page_nothing_of_hers_opens(browser, backend, open_phone_of):
    phone = open_phone_of("amara")
    backend.network.plan = lambda asked: "refuse" if (asked.method, asked.path) == ("GET", "/") else "pass"
    phone.context.clear_cookies()
    phone.goto("/sign-in")
    phone.get_by_label("Email").fill("tom@example.test")
    phone.get_by_label("Password").fill("a long enough passphrase")
    phone.get_by_role("button", name="Sign in").tap()  # answered, and then the network is gone
    expect(phone.get_by_role("heading", level=1, name="On this phone")).to_be_visible()
    assert not [word for word in OF_AMARA if word in phone.content()]


def test_a_shared_computer_keeps_nothing_at_all(browser, backend, watched):
    context = browser.new_context(base_url=backend.network.url)
    page = context.new_page()
    watched(page, backend.network.url)
    page.goto("/sign-in")
    page.get_by_label("Email").fill("mei@example.test")
    page.get_by_label("Password").fill("a long enough passphrase")
    page.get_by_text(re.compile("shared computer")).click()
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mei")
    page.goto("/scans/new")
    expect(page.locator("#scan-form[data-ready=yes]")).to_be_attached()
    page.locator("input[name=support]").first.check(force=True)
    found = all_stored(page)
    assert not [word for word in ("Mei", "Grace", "Brighton") if word in found]
    context.close()


@pytest.mark.whole_browser
def test_the_next_one_finds_no_trace_of_what_she_has_sent(backend, open_phone_of):
    phone = open_phone_of("amara")
    phone.context.grant_permissions(["notifications"])
    backend.network.down()
    numbers = [log(phone, region="ankle", side=side) for side in ("left", "right")]
    backend.network.calm()
    phone.goto("/scans")
    expect_unsent(phone, 0)
    until_noted(phone, 0)
    refused = save_scans(phone, 987654)[0]  # a mentor that she has not
    phone.evaluate(SHOWN, f"/scans/{numbers[0]}")
    phone.goto("/me")
    expect(phone.locator("#unsent a")).to_contain_text("1 to put right")
    all_that_was_kept = all_stored(phone)
    assert not [number for number in numbers if number in all_that_was_kept], "nor while she is signed in"
    phone.get_by_role("button", name="Sign out", exact=True).tap()
    phone.get_by_role("button", name="Sign out all the same").tap()
    phone.wait_for_url("**/sign-in")
    assert phone.evaluate(NEWS) == 0
    for who in ("", "tom"):
        if who:
            backend.sign_in(phone.context, who)
            phone.goto("/")
            until_ready(phone)
        phone.goto("/offline")
        expect(phone.locator("#others")).to_contain_text("1 scan")
        expect(phone.locator("#arrived")).to_be_hidden()
        assert not [number for number in numbers if number in phone.content() + all_stored(phone)]
    phone.context.clear_cookies()
    backend.sign_in(phone.context, "amara")
    phone.goto("/offline")
    expect(phone.locator("#entries li")).to_contain_text("to put right")
    assert phone.locator("#entries .why").text_content() not in all_that_was_kept, "the reason is sealed, too"
    expect(phone.locator("#lost")).to_be_hidden()
    assert refused not in {scan.id for scan in backend.scans_of("amara")}
