"""A day in the backend: the app opens without a network, every scan is kept, and all of them arrive, once."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import expect

from scripts import chromium
from tests.browser.conftest import PATIENCE, PHONE
from tests.browser.offline.conftest import address_of, until_ready
from tests.browser.offline.log_form import expect_saved, expect_unsent, fill_in, log, save, until_draft_saved
from tests.browser.steps import axe_in_both_themes

EVERY_CACHED_PATH = """async () => {
  const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const kept = await Promise.all(caches_.map((cache) => cache.keys()));
  return kept.flat().map((request) => new URL(request.url).pathname);
}"""
REGIONS = ("shoulder", "elbow", "hip", "knee", "foot")


def test_home_opens_what_the_phone_knows_and_whatever_screen_is_open_says_what_was_sent(backend, open_phone_of):
    phone = open_phone_of("amara")
    phone.context.set_offline(True)
    phone.goto("/")
    expect(phone.get_by_role("heading", level=1, name="On this phone")).to_be_visible()
    expect(phone.locator("#without")).to_contain_text("This is what this phone knows.")
    axe_in_both_themes(phone)
    phone.get_by_role("link", name="Log scan").tap()
    expect(phone.get_by_role("heading", level=1, name="Log a scan")).to_be_visible()
    expect(phone.locator("#unsent")).to_contain_text("No signal")
    for field, hers in (("mentor", "Ravi Patel"), ("machine", "Esaote MyLab X8")):
        expect(phone.locator(f"#{field} option", has_text=hers)).to_be_attached()
    axe_in_both_themes(phone)
    number = log(phone, region="elbow")
    expect(phone.get_by_role("heading", name=re.compile("Saved on this phone: Elbow · left"))).to_be_focused()
    expect_unsent(phone, 1)
    axe_in_both_themes(phone)
    phone.goto("/")
    expect(phone.locator("#entries b")).to_have_text("Elbow · left")
    phone.goto("/scans/new")
    expect(phone.locator(".on-this-phone")).to_contain_text("Elbow · left")
    phone.goto("about:blank")  # a page that is open would send it, and say so itself
    phone.context.set_offline(False)
    phone.goto("/me")
    expect(phone.locator("#notice")).to_contain_text("Sent: Elbow · left")
    expect_unsent(phone, 0)
    assert number in {scan.id for scan in backend.scans_of("amara")}
    phone.goto("/scans")
    expect_unsent(phone, 0)
    expect(phone.locator("#notice")).not_to_contain_text("Sent")


def test_it_opens_when_the_server_is_down(backend, open_phone_of):
    phone = open_phone_of("tom")
    backend.network.down()
    for home in ("/", "/scans"):
        phone.goto(home)
        expect(phone.get_by_role("heading", level=1, name="On this phone")).to_be_visible()
    expect(phone.locator("#entries")).to_be_attached()
    phone.goto("/scans/new")
    expect(phone.get_by_role("heading", level=1, name="Log a scan")).to_be_visible()
    phone.goto("/scans")
    expect(phone.get_by_role("heading", level=1, name="On this phone")).to_be_visible()
    expect(phone.locator("#without")).to_be_visible()


@pytest.mark.parametrize(
    ("missing", "fate"), [("/offline", "busy"), ("/scans/new", "captive"), ("/scans/new/findings", "busy")]
)
def test_what_could_not_be_kept_is_asked_for_again_by_the_next_page(backend, open_phone_of, missing, fate):
    def once_the_worker_is_there(asked):
        installed = any(path == "/offline" for _, path, _ in backend.network.seen)
        return fate if installed and asked.path == missing else "pass"

    backend.network.plan = once_the_worker_is_there
    phone = open_phone_of("amara", ready=False)
    expect(phone.locator("html")).to_have_attribute("data-ready", "no")
    backend.network.calm()
    phone.goto("/scans")
    until_ready(phone)
    backend.network.down()
    log(phone, region="wrist")
    expect_unsent(phone, 1)


def test_a_day_of_ten_scans_outlives_the_browser(browser, backend, tmp_path):
    def open_again():
        context = browser.browser_type.launch_persistent_context(
            str(tmp_path),
            executable_path=chromium.find(),
            args=list(chromium.FLAGS),
            base_url=backend.network.url,
            **PHONE,
        )
        context.set_default_timeout(PATIENCE)
        return context.new_page()

    name, numbers = backend.newcomer(), []
    page = open_again()
    backend.sign_in(page.context, name)
    page.goto("/")
    until_ready(page)
    backend.network.down()
    for side in ("right", "left"):
        numbers += [log(page, region=region, side=side) for region in REGIONS]
        expect_unsent(page, len(numbers))
        page.context.close()
        page = open_again()
    backend.network.calm()
    backend.sign_in(page.context, name)
    page.goto("/")
    expect_unsent(page, 0)
    page.context.close()
    there = backend.scans_of(name)
    assert [scan.id for scan in there] == numbers, "all of them, in the order of saving, once"
    states = {(scan.state, scan.duplicate_of_id is None) for scan in there}
    assert states == {("with_mentor", True), ("draft", False)}, "the other side minutes later is asked about"
    assert all(scan.entered_at < scan.received_at for scan in there)


def test_every_tap_is_kept_through_a_crash(open_phone_of):
    phone = open_phone_of("amara")
    phone.goto("/scans/new")
    number = fill_in(phone, region="knee", side="both")
    phone.locator("#report").fill("Both knees: small effusions, 4 mm.")
    phone.get_by_text("More about this scan").tap()
    phone.locator("input[name=outcome]").first.tap()
    until_draft_saved(phone)
    phone.reload()
    expect(phone.locator(".brought-back")).to_be_visible()
    assert phone.locator("input[name=scan_id]").input_value() == number
    expect(phone.locator("input[name=outcome]").first).to_be_checked()
    for name, value in (("support", "unaided"), ("region", "knee"), ("side", "both"), ("normal", "right | all")):
        expect(phone.locator(f'input[name={name}][value="{value}"]').first).to_be_checked()
    expect(phone.locator("#report")).to_have_value(re.compile("small effusions, 4 mm"))
    phone.get_by_role("button", name="Start afresh").tap()
    expect(phone.locator("#scan-form[data-ready=yes]")).to_be_attached()
    expect(phone.locator("input[name=region]:checked")).to_have_count(0)


def test_both_knees_differ_and_a_size_is_given_without_a_signal_and_the_report_is_written_when_it_is_sent(
    backend, open_phone_of
):
    name = backend.newcomer()
    phone = open_phone_of(name)
    backend.network.down()
    phone.goto("/scans/new")
    number = fill_in(phone, region="knee", side="both")
    for chip in ("normal][value='left | all']", "finding][value='left | recess: effusion']"):
        phone.locator(f"label:has(input[name={chip})").first.tap()
    phone.locator("#sizes input").first.fill("4 mm")
    phone.locator("#report").fill("Small, no synovitis.")
    save(phone)
    expect_saved(phone)
    expect_unsent(phone, 1)
    backend.network.calm()
    phone.goto("/scans")
    expect_unsent(phone, 0)
    (scan,) = (scan for scan in backend.scans_of(name) if scan.id == number)
    assert (scan.side, scan.findings, scan.normal) == ("both", [["recess", "effusion", "left"]], ["right | all"])
    assert [one[2:] for one in scan.measured] == [["4", "mm"]]
    assert "Left suprapatellar recess: effusion" in scan.composed and "4 mm" in scan.composed
    assert "Small, no synovitis." in scan.report and scan.state == "with_mentor"


def test_a_form_that_was_cancelled_is_offered_again_and_not_filled_in(open_phone_of):
    phone = open_phone_of("amara")
    phone.goto("/scans/new")
    fill_in(phone, region="foot")
    until_draft_saved(phone)
    phone.get_by_role("link", name="Cancel").tap()
    phone.wait_for_url(re.compile(r"/$"))
    phone.goto("/scans/new")
    expect(phone.locator(".offered")).to_contain_text("You left Foot · left, just now")
    expect(phone.locator("input[name=region]:checked")).to_have_count(0)
    phone.get_by_role("button", name="Bring back").tap()
    expect(phone.locator('input[name=region][value="foot"]')).to_be_checked()
    expect(phone.locator("#normal")).to_be_checked()


def test_a_browser_is_asked_once_to_send_in_the_background_and_not_after_each_failure(backend, open_phone_of):
    phone = open_phone_of("tom")
    phone.add_init_script("""
      const register = SyncManager.prototype.register;
      SyncManager.prototype.register = function (tag) {
        window.asked = (window.asked || 0) + 1;
        return register.call(this, tag);
      };
    """)
    backend.network.down()
    log(phone, region="foot")
    for _ in range(4):
        expect_unsent(phone, 1)
        phone.evaluate("delete document.documentElement.dataset.unsent, dispatchEvent(new Event('sonofolio:outbox'))")
    expect_unsent(phone, 1)
    assert phone.evaluate("window.asked") == 1
    backend.network.calm()
    phone.goto("/")
    expect_unsent(phone, 0)


def test_same_again_without_a_signal_copies_the_taps_and_never_support_or_words(backend, open_phone_of):
    phone = open_phone_of("tom")
    phone.context.set_offline(True)
    phone.goto("/scans/new")
    first = fill_in(phone, region="hip", side="right")
    phone.locator("#report").fill("Words of the first.")
    save(phone)
    expect_saved(phone)
    phone.get_by_role("link", name="Same again").tap()
    expect(phone.locator("#scan-form[data-ready=yes]")).to_be_attached()
    expect(phone.locator('input[name=region][value="hip"]')).to_be_checked()
    expect(phone.locator("#normal")).to_be_checked()
    expect(phone.locator("input[name=support]:checked")).to_have_count(0)
    expect(phone.locator("#report")).to_have_value("")
    second = phone.locator("input[name=scan_id]").input_value()
    assert second != first and uuid.UUID(second)


def test_on_a_desktop_what_is_not_sent_lies_above_the_rooms_and_the_page(backend, open_phone_of):
    desktop = open_phone_of("mei")
    desktop.set_viewport_size({"width": 1280, "height": 800})
    backend.network.down()
    log(desktop, region="hip")
    expect_unsent(desktop, 1)
    strip, rooms, page = (desktop.locator(part).bounding_box() for part in ("#unsent", "nav.tabs", ".page"))
    assert strip["width"] == 1280
    assert rooms["x"] == 0 and rooms["width"] < 300
    assert page["x"] == rooms["width"] and page["width"] > 900
    assert rooms["y"] == page["y"] == strip["height"]


def test_a_mentors_pages_are_kept_nowhere(open_phone_of):
    phone = open_phone_of("ravi")
    phone.goto("/inbox")
    phone.goto("/students")
    paths = phone.evaluate(EVERY_CACHED_PATH)
    assert not [path for path in paths if not path.startswith(("/static/", "/offline", "/scans/new/findings"))]
    phone.context.set_offline(True)
    phone.goto("/inbox")
    expect(phone.get_by_role("heading", level=1, name="On this phone")).to_be_visible()
    assert "Amara" not in phone.content()
    assert address_of(phone) == "/inbox"


def test_a_draft_that_could_not_be_kept_once_is_kept_with_the_next_tap(backend, open_phone_of):
    phone = open_phone_of("mei")
    said = phone.evaluate(
        """async () => {
          const drafts = await import("/static/drafts.js");
          const { put } = IDBObjectStore.prototype;
          IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
          await drafts.saveDraft("new | 1", { pairs: [["region", "hip"]] });
          IDBObjectStore.prototype.put = put;
          await drafts.saveDraft("new | 1", { pairs: [["region", "knee"]] });
          const [{ key, pairs }] = await drafts.findDrafts("new");
          await drafts.removeDraft(key);
          return pairs;
        }"""
    )
    assert said == [["region", "knee"]]
