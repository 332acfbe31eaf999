"""Everything that can befall a scan between the phone and the server: it arrives once, or stays and says why."""

from __future__ import annotations

import json
import re
import uuid
from contextlib import suppress
from urllib.parse import parse_qs

from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PatienceEnded

from tests.browser.offline.conftest import Backend, until_ready
from tests.browser.offline.log_form import choose, expect_saved, expect_unsent, fill_in, log, save

NO_ROOM = """() => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...what) {
    if (this.name === "outbox") throw new DOMException("no room", "QuotaExceededError");
    return put.apply(this, what);
  };
}"""


def ids(backend: Backend, name: str) -> list[str]:
    return [scan.id for scan in backend.scans_of(name)]


def logged_without_a_signal(backend: Backend, phone: Page, *regions: str) -> list[str]:
    """So many scans, kept on the phone."""
    backend.network.down()
    numbers = [log(phone, region=region) for region in regions]
    expect_unsent(phone, len(numbers))
    return numbers


def send_now(phone: Page) -> None:
    """Tap *Send now*, if it is still there: the app sends by itself as soon as it sees that the signal is back."""
    with suppress(PatienceEnded):
        phone.locator("#unsent").get_by_role("button", name="Send now").tap(timeout=2000)


def test_f05_the_answer_is_lost_after_the_server_stored_it(backend, open_phone_of):
    phone = open_phone_of("amara")
    backend.network.plan = lambda asked: "lose the answer" if asked.path == "/scans" else "pass"
    number = log(phone, region="wrist")
    expect(phone.get_by_text("Saved on this phone")).to_be_visible()
    assert number in ids(backend, "amara"), "it is there, and the phone does not know"
    backend.network.plan = lambda asked: "pass"
    send_now(phone)
    expect_unsent(phone, 0)
    assert ids(backend, "amara").count(number) == 1


def test_f06_what_arrives_twice_is_there_once(backend, open_phone_of):
    phone = open_phone_of("tom")
    numbers = logged_without_a_signal(backend, phone, "shoulder", "elbow", "knee")
    backend.network.plan = lambda asked: "twice" if asked.path == "/scans" else "pass"
    send_now(phone)
    expect_unsent(phone, 0)
    assert [one for one in ids(backend, "tom") if one in numbers] == numbers


def refused_beside_what_stands(backend: Backend, phone: Page, other: Page) -> str:
    """An elbow, kept on the phone, under a number that stands with a foot on the server; returns the number."""
    phone.goto("/scans/new")
    number = fill_in(phone, region="elbow", side="right")
    other.goto("/scans/new")
    fill_in(other, region="foot", side="left")
    other.locator("input[name=scan_id]").evaluate("(field, number) => (field.value = number)", number)
    save(other)
    expect_saved(other)
    backend.network.down()
    save(phone)
    expect_saved(phone)
    backend.network.calm()
    send_now(phone)
    expect(phone.locator("#entries li")).to_contain_text("to put right")
    return number


def test_f07_the_same_number_with_other_content_is_shown_beside_what_stands(backend, open_phone_of):
    phone = open_phone_of("amara")
    number = refused_beside_what_stands(backend, phone, open_phone_of("amara"))
    entry = phone.locator("#entries li")
    expect(entry).to_contain_text("saved already, with other content")
    expect(entry.get_by_role("link", name="See what stands")).to_have_attribute("href", re.compile(number))
    entry.get_by_role("link", name="Put it right").tap()
    expect(phone.locator('input[name=region][value="elbow"]')).to_be_checked()
    phone.get_by_role("button", name="Save it as another scan").tap()
    phone.wait_for_url(re.compile(r"/scans/[0-9a-f-]{36}"))
    expect_unsent(phone, 0)
    stand = {scan.id: scan.region for scan in backend.scans_of("amara")}
    assert stand[number] == "foot", "the first was kept"
    assert "elbow" in stand.values()


def test_f07_tapped_twice_it_is_one_other_scan(backend, open_phone_of):
    phone = open_phone_of("tom")
    number = refused_beside_what_stands(backend, phone, open_phone_of("tom"))
    phone.locator("#entries").get_by_role("link", name="Put it right").tap()
    before = ids(backend, "tom")
    another = phone.get_by_role("button", name="Save it as another scan")
    backend.network.plan = lambda asked: "hold" if asked.path == "/scans" else "pass"
    another.tap()
    another.tap()
    backend.network.let_go()
    phone.wait_for_url(re.compile(r"/scans/[0-9a-f-]{36}"))
    expect_unsent(phone, 0)
    assert len(ids(backend, "tom")) == len(before) + 1 and number in before
    phone.goto("/offline")
    expect(phone.locator("#nothing")).to_be_visible()


def test_f10_a_sign_in_lapses_after_two_of_four(backend, open_phone_of):
    phone = open_phone_of("mei")
    numbers = logged_without_a_signal(backend, phone, "shoulder", "elbow", "hip", "knee")
    came = []

    def lapse_after_two(asked):
        if asked.path == "/scans":
            came.append(asked)
            if len(came) == 3:
                end_sign_ins(backend, "mei")
        return "pass"

    backend.network.plan = lapse_after_two
    send_now(phone)
    expect(phone.locator("#unsent a")).to_contain_text("2 not yet sent · Sign in to send")
    assert [one for one in ids(backend, "mei") if one in numbers] == numbers[:2]
    phone.context.clear_cookies()
    phone.goto("/sign-in")
    expect(phone.locator("#unsent a")).to_contain_text("2 not yet sent")
    backend.sign_in(phone.context, "tom")
    phone.goto("/")
    until_ready(phone)
    phone.goto("/offline")
    expect(phone.locator("#others")).to_contain_text("2 scans of somebody else wait here too, sealed")
    assert not set(ids(backend, "tom")) & set(numbers), "another person's sign-in sends nothing"
    phone.context.clear_cookies()
    backend.sign_in(phone.context, "mei")
    phone.goto("/")
    expect_unsent(phone, 0)
    assert [one for one in ids(backend, "mei") if one in numbers] == numbers


def end_sign_ins(backend: Backend, name: str) -> None:
    from workflows.accounts import accounts

    with backend.ground.app.extensions["database"].connection_context():
        accounts.end_everywhere(getattr(backend.ground.cast, name))


def test_f11_a_token_of_yesterday_is_refreshed_once(backend, open_phone_of):
    phone = open_phone_of("amara")
    numbers = logged_without_a_signal(backend, phone, "ankle", "foot")
    backend.sign_in(phone.context, "amara")  # signed in anew meanwhile: every token of before is stale
    tokens = []

    def refuse_the_first(asked):
        if asked.path == "/scans":
            tokens.append(parse_qs(asked.body.decode())["csrf_token"][0])
        return "stale" if asked.path == "/scans" and len(tokens) == 1 else "pass"

    backend.network.plan = refuse_the_first
    send_now(phone)
    expect_unsent(phone, 0)
    assert [one for one in ids(backend, "amara") if one in numbers] == numbers
    assert len(tokens) == 3, "once more, with a fresh one"


def test_f18_a_browser_that_keeps_nothing_says_so_before_anything_is_typed(browser, backend, watched):
    context = browser.new_context(
        base_url=backend.network.url, is_mobile=True, has_touch=True, viewport={"width": 390, "height": 844}
    )
    context.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('private', 'SecurityError'); };"
    )
    backend.sign_in(context, "amara")
    page = context.new_page()
    watched(page, backend.network.url)
    page.goto("/scans/new")
    expect(page.locator(".keeps-nothing")).to_contain_text("This browser keeps nothing")
    number = fill_in(page, region="hip", side="left")
    save(page)
    page.wait_for_url(re.compile(number))
    assert number in ids(backend, "amara"), "with a signal it works as ever"
    context.close()


def test_f19_no_room_is_said_aloud_and_the_form_stays(backend, open_phone_of):
    phone = open_phone_of("amara")
    phone.goto("/scans/new")
    fill_in(phone, region="knee")
    phone.locator("#report").fill("A report of my own, 12 mm.")
    phone.evaluate(NO_ROOM)
    backend.network.down()
    save(phone)
    expect(phone.locator(".no-room")).to_be_focused()
    expect(phone.locator("#report")).to_have_value("A report of my own, 12 mm.")
    backend.network.calm()
    save(phone)  # with a signal it needs no room
    phone.wait_for_url(re.compile(r"/scans/[0-9a-f-]{36}"))


def test_f20_a_database_that_is_lost_on_the_way_is_opened_again_and_what_is_missing_is_told(backend, open_phone_of):
    phone = open_phone_of("tom")
    numbers = logged_without_a_signal(backend, phone, "shoulder")
    phone.goto("/scans/new")
    fill_in(phone, region="elbow")
    cdp = phone.context.new_cdp_session(phone)
    cdp.send("Storage.clearDataForOrigin", {"origin": backend.network.url, "storageTypes": "indexeddb"})
    # Nothing is sent yet: a worker that had read the scan before would still save it, and it would not be lost.
    backend.network.plan = lambda asked: "refuse" if asked.method == "POST" else "pass"
    phone.goto("/")
    expect(phone.locator("#lost")).to_contain_text("1 scan that was kept on this phone is gone")
    until_ready(phone)
    backend.network.calm()
    number = log(phone, region="elbow", side="right")
    assert number in ids(backend, "tom") and numbers[0] not in ids(backend, "tom")


def test_f21_one_that_is_always_refused_lets_the_others_go(backend, open_phone_of):
    phone = open_phone_of("mei")
    numbers = logged_without_a_signal(backend, phone, "shoulder")
    phone.goto("/scans/new")
    bad = fill_in(phone, region="knee", side="right")
    phone.get_by_text("More about this scan").tap()
    phone.locator("#scanned_on").fill("2019-05-01")
    save(phone)
    expect_saved(phone)
    numbers += [log(phone, region=region, side="right") for region in ("hip", "foot")]
    expect_unsent(phone, 4)
    backend.network.calm()
    phone.goto("/offline")
    expect_unsent(phone, 1)
    assert [one for one in ids(backend, "mei") if one in (*numbers, bad)] == numbers
    entry = phone.locator("#entries li")
    expect(entry).to_contain_text("to put right")
    with phone.expect_download() as download:
        entry.get_by_role("button", name="Save as a file").tap()
    kept = json.loads(download.value.path().read_text())
    assert kept["scans"][0]["scan"] == bad and ["region", "knee"] in kept["scans"][0]["fields"]
    entry.get_by_role("link", name="Put it right").tap()
    expect(phone.locator(".to-put-right")).to_be_focused()
    expect(phone.locator("#scanned_on")).to_have_attribute("aria-invalid", "true")
    phone.locator("#scanned_on").fill(phone.locator("#scanned_on").get_attribute("max"))
    save(phone)
    phone.wait_for_url(re.compile(bad))
    expect_unsent(phone, 0)
    assert bad in ids(backend, "mei")


def test_f22_a_strangers_page_is_taken_for_nothing(backend, open_phone_of):
    phone = open_phone_of("amara")
    numbers = logged_without_a_signal(backend, phone, "shoulder", "hip")
    for fate in ("captive", "busy"):
        backend.network.plan = lambda asked, fate=fate: fate
        send_now(phone)
        expect(phone.locator("#unsent a")).to_contain_text("2 not yet sent")
        assert not set(ids(backend, "amara")) & set(numbers)
    backend.network.plan = lambda asked: "captive" if asked.path == "/scans" else "pass"
    send_now(phone)
    expect(phone.locator("#unsent a")).to_contain_text("2 not yet sent · Waiting for the signal")
    backend.network.calm()
    send_now(phone)
    expect_unsent(phone, 0)
    assert [one for one in ids(backend, "amara") if one in numbers] == numbers


def test_two_tabs_and_the_worker_never_send_one_scan_twice(backend, open_phone_of):
    phone = open_phone_of("tom")
    numbers = logged_without_a_signal(backend, phone, "ankle", "wrist", "foot")
    tab = phone.context.new_page()
    tab.goto("/offline")
    expect_unsent(tab, 3)
    backend.network.calm()
    backend.network.plan = lambda asked: "hold" if asked.path == "/scans" else "pass"
    for page in (phone, tab):
        send_now(page)
    expect(phone.locator("#unsent a")).to_contain_text("3 not yet sent")
    backend.network.let_go()
    for page in (phone, tab):
        expect_unsent(page, 0)
    assert backend.network.posts() == ["hold"] * 3, "each was sent once"
    assert [one for one in ids(backend, "tom") if one in numbers] == numbers


def test_patient_data_is_refused_on_the_phone_and_kept_nowhere(backend, open_phone_of):
    phone = open_phone_of("amara")
    backend.network.down()
    phone.goto("/scans/new")
    number = fill_in(phone, region="shoulder")
    phone.locator("#report").fill("NHS 943 476 5919, a tear of 14 mm.")
    save(phone)
    expect(phone.locator(".identifies")).to_be_focused()
    expect(phone.locator("#report-error")).to_contain_text("NHS number")
    expect_unsent(phone, 0)
    phone.reload()
    expect(phone.locator("#report")).to_have_value(re.compile("a tear of 14 mm"))
    assert "5919" not in phone.locator("#report").input_value(), "nor in the draft"
    phone.locator("#report").fill("Seen with Mr Baker, a tear of 14 mm.")
    save(phone)
    expect(phone.locator(".may-identify")).to_be_focused()
    phone.get_by_role("button", name="It names no patient: save it").first.tap()
    expect_saved(phone)
    expect_unsent(phone, 1)
    backend.network.calm()
    send_now(phone)
    expect_unsent(phone, 0)
    kept = next(scan for scan in backend.scans_of("amara") if scan.id == number)
    assert kept.warned == ["name"], "that she was asked, and went on, is kept with it"


def test_an_edit_that_met_a_newer_version_becomes_a_choice(backend, open_phone_of):
    phone, other = open_phone_of("amara"), open_phone_of("amara")
    number = log(phone, region="shoulder", side="right")
    if phone.get_by_role("button", name="Yes, another patient").count():
        phone.get_by_role("button", name="Yes, another patient").tap()
        expect(phone.get_by_text("It is with").first).to_be_visible()
    for page in (phone, other):
        page.goto(f"/scans/{number}/edit")
        expect(page.locator("#scan-form[data-ready=yes]")).to_be_attached()
    choose(other, "side", "both")
    save(other)
    expect_saved(other)
    expect_unsent(other, 0)
    backend.network.down()
    choose(phone, "side", "left")
    save(phone)
    expect_saved(phone)
    backend.network.calm()
    send_now(phone)
    entry = phone.locator("#entries li")
    expect(entry).to_contain_text("changed meanwhile")
    stands = {scan.id: scan.side for scan in backend.scans_of("amara")}
    assert stands[number] == "both", "nothing is overwritten in silence"
    entry.get_by_role("link", name="Put it right").tap()
    expect(phone.locator('input[name=side][value="left"]')).to_be_checked()
    save(phone)
    expect_saved(phone)
    expect_unsent(phone, 0)
    assert {scan.id: scan.side for scan in backend.scans_of("amara")}[number] == "left"
    assert uuid.UUID(number)
