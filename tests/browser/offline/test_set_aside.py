"""What is in the queue and cannot be opened is set aside with a sentence; the others go."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.browser.offline.log_form import expect_unsent
from tests.browser.offline.queue import let_the_worker_send, save_scans, send
from tests.browser.steps import axe

# Makes of the first entries, one each, what they may have become.
SPOIL = """async () => {
  const { owner } = await import("/static/phone-owner.js");
  const { importKey, seal } = await import("/static/crypto.js");
  const { transact } = await import("/static/store.js");
  const { entries, whileNobodySends } = await import("/static/outbox.js");
  const { key } = await owner();
  const gone = await importKey("ab".repeat(32));
  const what = { pairs: [["region", "hip"]], about: "Hip", says: "" };
  const ways = [
    async (entry) => ({ ...entry, sealed: await seal(gone, what) }),
    async (entry) => ({ ...entry, version: 9, sealed: await seal(key, what) }),
    async (entry) => ({ ...entry, sealed: await seal(key, "no scan"), entered_at: "once" }),
    async (entry) => ({ ...entry, sealed: await seal(key, { pairs: [null, 4], about: "Hip" }) }),
    async (entry) => ({ ...entry, sealed: { iv: entry.sealed.iv, data: new ArrayBuffer(8) } }),
    async ({ number, key, person }) => ({ number, key, person, state: "waiting" }),
    async ({ number }) => ({ number }),
  ];
  return whileNobodySends(async () => {
    const spoilt = await Promise.all((await entries()).slice(0, ways.length).map((entry, at) => ways[at](entry)));
    await transact("outbox", "readwrite", async ({ store }) => { for (const entry of spoilt) await store.put(entry); });
    return spoilt.length;
  });
}"""
WAYS = 7


def test_what_cannot_be_opened_is_set_aside_and_the_others_go(backend, open_phone_of):
    phone = open_phone_of("mei")
    down = lambda asked: "refuse" if asked.path in ("/phone", "/scans", "/scans/received") else "pass"  # noqa: E731
    backend.network.plan = down
    numbers = save_scans(phone, backend.ground.cast.grace.id, WAYS + 2)
    assert phone.evaluate(SPOIL) == WAYS
    backend.network.calm()
    let_the_worker_send(phone, backend.network.url)
    phone.goto("/offline")
    expect_unsent(phone, WAYS)
    expect(phone.locator("#unsent a")).to_contain_text(f"{WAYS} not yet sent · {WAYS} to put right")
    expect(phone.locator("#unsent button")).to_be_hidden()
    assert [scan.id for scan in backend.scans_of("mei")][-2:] == numbers[-2:], "the others went, in their order"
    items = phone.locator("#entries li")
    expect(items).to_have_count(WAYS)
    expect(items.filter(has_text="set aside")).to_have_count(WAYS)
    expect(items.filter(has_text="cannot be opened on this phone any more")).to_have_count(WAYS - 1)
    expect(items.filter(has_text="A newer Sonofolio saved this")).to_have_count(1)
    expect(items.nth(0)).not_to_contain_text("at a time that is not known")
    expect(items.nth(2)).to_contain_text("Saved at a time that is not known")
    expect(phone.get_by_role("link", name="Put it right")).to_have_count(0)
    with phone.expect_download() as download:
        items.nth(1).get_by_role("button", name="Save as a file").tap()
    assert json.loads(download.value.path().read_text())["scans"][0]["fields"] == [["region", "hip"]]
    axe(phone)
    for left in range(WAYS - 1, -1, -1):
        items.first.get_by_text("Remove", exact=True).tap()
        items.first.get_by_role("button", name="Remove it for good").tap()
        expect(items).to_have_count(left)
    expect(phone.locator("#nothing")).to_be_visible()
    phone.goto("/")
    expect_unsent(phone, 0)
    expect(phone.locator("#lost")).to_contain_text("1 scan that was kept on this phone is gone")  # it did not say which


def test_one_that_cannot_be_opened_and_is_on_the_server_is_no_matter(backend, open_phone_of):
    phone = open_phone_of("amara")
    backend.network.plan = lambda asked: "lose the answer" if asked.path == "/scans" else "pass"
    (number,) = save_scans(phone, backend.ground.cast.ravi.id)
    phone.goto("/offline")
    send(phone)
    assert number in {scan.id for scan in backend.scans_of("amara")}
    assert phone.evaluate(SPOIL) == 1
    phone.goto("/")
    expect_unsent(phone, 0)
    expect(phone.locator("#lost")).to_be_hidden()
