"""What a phone kept under an older release is sent by the newer one: its queue, sealed, and a mentor's taps."""

from __future__ import annotations

import re
import uuid

from playwright.sync_api import expect

from tests.browser.offline.log_form import expect_unsent
from tests.browser.offline.queue import send
from tests.browser.steps import until
from tests.cast import logged

# Written as that release wrote it, by no module of ours: entries without a kind, sealed to the owner's key.
KEEP_AS_BEFORE = """async (scans) => {
  const opened = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const database = await opened(indexedDB.open("sonofolio"));
  const { key, person } = await opened(database.transaction("phone").objectStore("phone").get("owner"));
  const seal = async (value) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const data = new TextEncoder().encode(JSON.stringify(value));
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, data) };
  };
  for (const { state, why, address, pairs, ...scan } of scans) {
    const sealed = await seal({ pairs, about: "Hip", says: "" });
    const entry = { ...scan, address, person, form: 1, version: 1, state, why, faults: 0, sealed };
    entry.entered_at = "2026-03-02T14:05:00.000Z";
    await opened(database.transaction("outbox", "readwrite").objectStore("outbox").put(entry));
  }
  localStorage.setItem("sonofolio-unsent", JSON.stringify(scans.map(({ scan }) => scan)));
  database.close();
}"""
TAPS_AS_BEFORE = """async (taps) => {
  const opened = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const asked = indexedDB.open("sonofolio-taps", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("taps", { keyPath: "id" });
  const database = await opened(asked);
  for (const tap of taps) await opened(database.transaction("taps", "readwrite").objectStore("taps").put(tap));
  database.close();
}"""
DATABASES = "async () => (await indexedDB.databases()).map(({ name }) => name)"


def test_the_queue_of_an_older_release_is_emptied_in_its_order_and_a_refused_one_stays(backend, open_phone_of):
    phone = open_phone_of("mei")
    backend.network.plan = lambda asked: "refuse" if asked.path in ("/phone", "/scans") else "pass"
    numbers = [str(uuid.uuid4()) for _ in range(3)]
    fields = {"support": "unaided", "region": "hip", "side": "left", "normal": "all", "report": "", "another": "yes"}
    fields |= {"mentor": str(backend.ground.cast.grace.id)}
    queue = [
        {"key": one, "scan": one, "address": "/scans", "state": "waiting", "why": None}
        | {"pairs": list({**fields, "scan_id": one}.items())}
        for one in numbers
    ]
    queue[1] |= {"state": "parked", "why": {"error": "refused", "message": "It was refused in words of that release."}}
    phone.evaluate(KEEP_AS_BEFORE, queue)
    backend.network.calm()
    phone.goto("/offline")
    expect_unsent(phone, 1)
    expect(phone.locator("#entries li")).to_contain_text("It was refused in words of that release.")
    assert [scan.id for scan in backend.scans_of("mei")][-2:] == [numbers[0], numbers[2]]
    assert phone.evaluate("localStorage.getItem('sonofolio-unsent')") is None, "readable notes are gone"


def refused_correction(backend, phone, scan) -> tuple[str, str]:
    """A correction to the left hip, for a version of nobody's, that the server has refused: its key and address."""
    backend.network.plan = lambda asked: "refuse" if asked.path.startswith(("/phone", "/scans")) else "pass"
    fields = {"scan_id": scan.id, "version": "99", "support": "unaided", "region": "hip", "side": "left"}
    fields |= {"normal": "all", "report": "", "mentor": str(backend.ground.cast.ravi.id)}
    key, address = f"{scan.id}@99", f"/scans/{scan.id}"
    entry = {"key": key, "scan": scan.id, "address": address, "state": "waiting", "why": None}
    phone.evaluate(KEEP_AS_BEFORE, [{**entry, "pairs": list(fields.items())}])
    backend.network.calm()
    assert send(phone) == {"why": "done", "left": [f"{key} parked"]}, (
        "the server has answered it: a version of nobody's"
    )
    return key, address


def test_a_correction_of_an_older_release_is_sent_as_one(backend, open_phone_of):
    phone = open_phone_of("amara")
    with backend.ground.app.extensions["database"].connection_context():
        scan = logged(backend.ground.cast.amara, backend.ground.cast.ravi)
    key, address = refused_correction(backend, phone, scan)
    phone.goto("/offline")
    expect(phone.get_by_role("link", name="Put it right")).to_have_attribute("href", f"{address}/edit?put-right={key}")


def test_a_refused_correction_that_is_saved_before_it_is_filled_in_is_saved_as_it_was_entered(backend, open_phone_of):
    phone = open_phone_of("amara")
    with backend.ground.app.extensions["database"].connection_context():
        scan = logged(backend.ground.cast.amara, backend.ground.cast.ravi)
    key, address = refused_correction(backend, phone, scan)
    at_once = "addEventListener('DOMContentLoaded', () => document.getElementById('scan-form')?.requestSubmit())"
    phone.add_init_script(at_once)
    phone.goto(f"{address}/edit?put-right={key}")
    phone.wait_for_url(re.compile(f"{scan.id}.*saved=1"))
    (mended,) = [one for one in backend.scans_of("amara") if one.id == scan.id]
    assert (mended.region, mended.side) == ("hip", "left")


def test_the_taps_of_an_older_release_move_into_the_outbox_and_go(backend, open_phone_of):
    cast = backend.ground.cast
    with backend.ground.app.extensions["database"].connection_context():
        hers, his = logged(cast.amara, cast.ravi), logged(cast.amara, cast.ravi)
    phone = open_phone_of("ravi", ready=False)
    tap = {"version": 1, "step": None, "choice": "approve", "tries": 0, "made": 1_772_460_300_000}
    taps = [
        {**tap, "id": his.id, "person": str(cast.ravi.id)},
        {**tap, "id": hers.id, "person": str(cast.priya.id)},
    ]
    phone.evaluate(TAPS_AS_BEFORE, taps)
    phone.goto("/inbox")
    expect(phone.locator(f"#scan-{his.id}")).to_contain_text("Approved")
    states = {scan.id: scan.state for scan in backend.scans_of("amara")}
    assert states[his.id] == "counted" and states[hers.id] == "with_mentor", "another person's tap is dropped"
    until(phone, lambda: phone.evaluate(DATABASES), lambda left: left == ["sonofolio"], 30)
