"""Whatever somebody on the way answers in our place, nothing is lost or parked, and all goes when they are gone."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.browser.offline.network import Stranger
from tests.browser.offline.queue import save_scans, send

STATUSES = (
    200,
    201,
    202,
    206,
    300,
    302,
    400,
    401,
    403,
    404,
    405,
    408,
    409,
    413,
    418,
    422,
    429,
    451,
    500,
    502,
    503,
    507,
)
SAID = {
    "error": "refused",
    "message": "Blocked by policy.",
    "state": "with_mentor",
    "version": 1,
    "person": 1,
    "csrf": "x",
}


def answers(number: str) -> list[tuple[str, Stranger]]:
    """What is asked for, and what somebody else says to it. Each status with each body: tests/js/responses.test.mjs."""
    ours = {**SAID, "scan_id": number, "id": number}
    bodies = [(json.dumps(ours).encode(), "application/json"), (b"<h1>Blocked</h1>", "text/html")]
    to_scans = [("/scans", Stranger(status, body, kind)) for status in STATUSES for body, kind in bodies]
    to_phone = [("/phone", Stranger(status, *bodies[0])) for status in (200, 401, 403, 503)]
    stale = [("/scans", Stranger(400, json.dumps({**ours, "error": "stale-form"}).encode()))]
    return to_scans + to_phone + stale


def test_any_status_with_any_body_loses_nothing_and_parks_nothing(backend, open_phone_of):
    phone = open_phone_of("tom", forgives=r"50\d http|status of 50\d")  # they are the network's, not ours
    phone.goto("/offline")
    backend.network.down()
    numbers = save_scans(phone, backend.ground.cast.ravi.id, 2)
    for path, answer in answers(numbers[0]):
        backend.network.plan = lambda asked, path=path, answer=answer: answer if asked.path == path else "pass"
        said = send(phone)
        assert said == {"why": "unreached", "left": [f"{one} waiting" for one in numbers]}, (path, answer)
    assert not {scan.id for scan in backend.scans_of("tom")} & set(numbers)
    backend.network.calm()
    assert send(phone) == {"why": "done", "left": []}
    assert [scan.id for scan in backend.scans_of("tom")][-2:] == numbers


def test_one_that_never_gets_through_lets_the_others_go(backend, open_phone_of):
    """A gateway does not like its words."""
    phone = open_phone_of("mei")
    phone.goto("/offline")
    blocked = Stranger(403, json.dumps(SAID).encode())
    backend.network.down()
    first, *others = numbers = save_scans(phone, backend.ground.cast.grace.id, 3)
    backend.network.plan = lambda asked: blocked if first in asked.body.decode() else "pass"
    for _ in range(10):
        said = send(phone)
        if len(said["left"]) == 1:
            break
    assert said == {"why": "unreached", "left": [f"{first} waiting"]}
    assert [scan.id for scan in backend.scans_of("mei")][-2:] == others
    backend.network.calm()
    assert send(phone) == {"why": "done", "left": []}
    assert {scan.id for scan in backend.scans_of("mei")} >= set(numbers)


def test_the_page_of_a_guest_network_is_not_put_into_ours(backend, open_phone_of):
    phone = open_phone_of("amara", forgives=r"status of 50\d")
    phone.goto("/scans/new")
    expect(phone.locator("#scan-form[data-ready=yes]")).to_be_attached()
    phone.evaluate("caches.delete('findings')")
    backend.network.plan = lambda asked: "captive" if asked.path.startswith("/scans/new/findings") else "pass"
    phone.locator('input[name=region][value="hip"]').tap()
    expect(phone.locator("#notice")).to_contain_text("That did not reach Sonofolio")
    expect(phone.locator("#findings")).to_have_count(1)
    assert "guest network" not in phone.content()


def test_findings_are_kept_of_our_server_alone(backend, open_phone_of):
    phone = open_phone_of("tom", ready=False)
    stranger = Stranger(200, json.dumps({"/scans/new/findings/hip": '<div id="findings">Welcome</div>'}).encode())
    backend.network.plan = lambda asked: stranger if asked.path == "/scans/new/findings" else "pass"
    phone.evaluate(
        """async () => {
          const database = await new Promise((resolve) => {
            indexedDB.open("sonofolio").onsuccess = ({ target }) => resolve(target.result);
          });
          database.transaction("phone", "readwrite").objectStore("phone").delete("owner");
          database.close();
          await caches.delete("findings");
        }"""
    )
    phone.goto("/")
    expect(phone.locator("html")).to_have_attribute("data-ready", "no")
    assert not phone.evaluate("caches.has('findings')")
