"""The phone's queue as its own modules have it, put to the test without a form; and its worker, with no page open."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.steps import until

# A module as the page itself has it: one of another address would be another queue, with no kinds in it.
OWN = """const own = (name) => import(new URL(name, document.querySelector("script[src$='/phone.js']").src));"""
KEEP = """async (scans) => {
  OWN
  const { saveScan } = await own("./scan-queue.js");
  for (const [scan, pairs, about] of scans) {
    const entered_at = new Date().toISOString();
    await saveScan({ key: scan, scan, address: "/scans", form: 1, entered_at, pairs, about, says: "" });
  }
}"""
SEND = """async () => {
  OWN
  const { allScans } = await own("./scan-queue.js");
  const { send } = await own("./outbox.js");
  const why = await send({ now: true });
  return { why, left: (await allScans()).map(({ key, state }) => `${key} ${state}`) };
}"""
KEEP, SEND = KEEP.replace("OWN", OWN), SEND.replace("OWN", OWN)
NOTED = 'Object.keys(JSON.parse(localStorage.getItem("sonofolio-notes") || "{}"))'


def save_scans(page: Page, mentor: int, number: int = 1, region: str = "hip") -> list[str]:
    """So many scans, kept in the queue and noted; returns their numbers."""
    scans = [str(uuid.uuid4()) for _ in range(number)]
    fields = {"support": "unaided", "region": region, "side": "left", "normal": "all", "report": ""}
    fields |= {"mentor": str(mentor), "another": "yes"}
    before = set(page.evaluate(NOTED))
    page.evaluate(KEEP, [[scan, list({**fields, "scan_id": scan}.items()), region.title()] for scan in scans])
    _until(page, lambda noted: len(set(noted) - before) == number)  # the note of another may go meanwhile
    return scans


def until_noted(page: Page, number: int) -> None:
    """So many scans are noted as being on this phone."""
    _until(page, lambda noted: len(noted) == number)


def _until(page: Page, holds: Callable[[list[str]], bool]) -> None:
    until(page, lambda: page.evaluate(NOTED), holds)


def send(page: Page) -> dict:
    """Send what waits; returns why it ended and what is left."""
    return page.evaluate(SEND)


def let_the_worker_send(page: Page, origin: str) -> None:
    """No page of ours is open, and the browser tells the worker that there is a signal (Background Sync)."""
    cdp = page.context.new_cdp_session(page)
    found: list[str] = []

    def note(event: dict) -> None:
        found.extend(one["registrationId"] for one in event["registrations"] if one["scopeURL"].startswith(origin))

    cdp.on("ServiceWorker.workerRegistrationUpdated", note)
    cdp.send("ServiceWorker.enable")
    page.goto("about:blank")
    until(page, lambda: found)
    told = {"origin": origin, "registrationId": found[-1], "tag": "outbox", "lastChance": False}
    cdp.send("ServiceWorker.dispatchSyncEvent", told)


def throw_storage_away(page: Page, origin: str) -> None:
    """As a browser does that is short of room: the databases go."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "indexeddb"})
