"""What is new, as a browser shows it; and a message that is pushed into the real worker, up to the approval."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, PUSH_ORIGIN
from tests.browser.finger import Finger
from tests.browser.steps import axe_in_both_themes, sign_in, until

SCREENS = pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])

# What a browser answers when it is asked for a subscription: the real one would ask its maker's push service.
SUBSCRIBES = """
PushManager.prototype.getSubscription = async () => window.subscription ?? null;
PushManager.prototype.subscribe = async (wanted) => window.subscription = {
  wanted, async unsubscribe() {}, endpoint: "ORIGIN/push/browser",
  toJSON: () => ({ endpoint: "ORIGIN/push/browser", keys: { p256dh: "B" + "A".repeat(86), auth: "A".repeat(22) } }),
};
""".replace("ORIGIN", PUSH_ORIGIN)


@SCREENS
def test_the_bell_leads_to_what_is_new_and_is_quiet_after(open_page, screen):
    page = open_page(**screen)
    # Another student for each way of looking, which is what marks it as seen; none to whom other tests bring news.
    name = "Daniel Asante" if "is_mobile" in screen else "Fatima Anwar"
    sign_in(page, name, "/")
    axe_in_both_themes(page)
    unread = page.locator(".bell b").count()
    page.get_by_role("link", name=re.compile("What is new")).click()
    expect(page.get_by_role("heading", name="What is new", level=1)).to_be_visible()
    expect(page.locator(".bell b")).to_have_count(0)
    assert (page.locator(".news .is-new").count() > 0) == (unread > 0), "what was new is still marked as such"
    axe_in_both_themes(page)
    page.reload()
    expect(page.locator(".news .is-new")).to_have_count(0)
    page.locator(".news a[href^='/scans/']").first.click()
    page.wait_for_url(re.compile(r"/scans/[0-9a-f-]{36}"))


def test_without_javascript_a_button_marks_all_as_read(open_page):
    page = open_page(java_script_enabled=False, **PHONE)
    sign_in(page, "Leila Haddad", "/news")  # to whom other tests bring no news
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("heading", name="What is new", level=1)).to_be_visible()
    assert page.get_by_role("button", name="Mark all as read").count() == 0


@SCREENS
def test_how_one_is_told_is_chosen_on_ones_own_page(open_page, screen):
    page = open_page(**screen)
    sign_in(page, "Grace Adeyemi", "/me")
    by_mail = "is_mobile" in screen
    page.get_by_label("A mail in the morning").set_checked(by_mail)
    page.get_by_label("Quiet from").fill("22:30")
    page.get_by_label("until", exact=True).fill("06:15")
    page.get_by_role("button", name="Keep how I am told").click()
    expect(page.get_by_text("How you are told is kept.")).to_be_visible()
    expect(page.get_by_label("Quiet from")).to_have_value("22:30")
    expect(page.get_by_label("A mail in the morning")).to_be_checked(checked=by_mail)
    axe_in_both_themes(page)


@pytest.mark.whole_browser
def test_a_device_tells_once_its_person_has_asked_for_it_and_until_it_is_stopped(open_page):
    page = open_page(service_worker=True, **PHONE)
    page.context.grant_permissions(["notifications"])
    page.context.add_init_script(SUBSCRIBES)
    sign_in(page, "Ravi Patel", "/")
    worker_of(page)
    page.goto("/me")
    offer = page.get_by_role("button", name="Tell me when a scan waits")
    expect(offer).to_be_visible()
    axe_in_both_themes(page)
    offer.tap()
    expect(page.get_by_text("This device tells you from now on.")).to_be_visible()
    axe_in_both_themes(page)
    page.goto("/me")
    expect(page.get_by_text("tells you at once.")).to_be_visible()
    axe_in_both_themes(page)
    page.get_by_role("button", name=re.compile("Stop telling me")).first.tap()
    expect(page.get_by_text("That device tells you no more.")).to_be_visible()


def test_a_browser_that_cannot_says_what_else_there_is(open_page):
    page = open_page(**PHONE)
    page.context.add_init_script("delete window.PushManager")
    sign_in(page, "Ravi Patel", "/me")
    expect(page.get_by_text("This browser cannot tell you by itself")).to_be_visible()
    expect(page.get_by_role("button", name="Tell me when a scan waits")).to_be_hidden()


def test_on_an_iphone_it_is_said_that_it_goes_on_the_home_screen_first(open_page):
    page = open_page(user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1", **PHONE)
    page.context.add_init_script("delete window.PushManager")
    sign_in(page, "Ravi Patel", "/me")
    expect(page.locator("#no-push")).to_contain_text("Add to Home Screen")


# --- Pushed into the real worker -------------------------------------------------------------------------------


def worker_of(page):
    """The worker of this browser, once it is in control."""
    page.wait_for_function("() => navigator.serviceWorker.ready.then(() => true)")
    return page.context.service_workers[0]


def push(page, message):
    """As a push service delivers it, decrypted by the browser."""
    devtools = page.context.new_cdp_session(page)
    found = {}
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.update({one["registrationId"]: one for one in event["registrations"]}),
    )
    devtools.send("ServiceWorker.enable")
    origin = re.match(r"https?://[^/]+", page.url).group()
    here = until(
        page, lambda: [one for one in found.values() if not one["isDeleted"] and one["scopeURL"] == f"{origin}/"]
    )
    for one in here:
        which = {"origin": origin, "registrationId": one["registrationId"]}
        devtools.send("ServiceWorker.deliverPushMessage", {**which, "data": json.dumps(message)})
    devtools.detach()


def push_until_shown(page, message):
    """Push it; the notifications that then stand. A worker that is being started afresh may miss one: then again."""
    for _ in range(5):
        push(page, message)
        if found := notifications_of(page):
            return found
    return []


def notifications_of(page):
    """The notifications that stand, once there are any: title, body and what a press would do."""
    return page.evaluate(
        """async () => {
          const registration = await navigator.serviceWorker.ready;
          for (let tries = 0; tries < 80; tries += 1) {
            const found = await registration.getNotifications();
            if (found.length) return found.map(({ title, body, data }) => ({ title, body, data }));
            await new Promise((resolve) => setTimeout(resolve, 25));
          }
          return [];
        }"""
    )


def press(page, action):
    """As a finger does on the notification that stands."""
    worker_of(page).evaluate(
        """async (action) => {
          const [notification] = await self.registration.getNotifications();
          self.dispatchEvent(new NotificationEvent("notificationclick", { notification, action }));
        }""",
        action,
    )


def sent_scan(open_phone):
    """Tom logs a normal scan; the scan's number."""
    tom = open_phone()
    sign_in(tom, "Tom Bright", "/scans/new")
    finger = Finger(tom)
    finger.choose("Unaided", "Support")
    finger.choose("Knee", "Region")
    finger.choose("Right", "Side")
    finger.choose("All normal")
    finger.press("Save scan")
    tom.wait_for_url(re.compile(r"/scans/[0-9a-f-]{36}"))
    return re.search(r"/scans/([0-9a-f-]{36})", tom.url).group(1)


@pytest.mark.whole_browser
def test_ravi_approves_from_his_lock_screen(open_phone):
    scan = sent_scan(open_phone)
    ravi = open_phone(service_worker=True)
    ravi.context.grant_permissions(["notifications"])
    sign_in(ravi, "Ravi Patel", "/")
    worker_of(ravi)
    ravi.goto("/inbox")
    step = int(ravi.locator(f"#scan-{scan} input[name=step]").get_attribute("value"))
    person = int(ravi.locator("body").get_attribute("data-person"))
    ravi.goto("/students")
    message = {
        "person": person,
        "title": "Tom has sent you a scan",
        "body": "Unaided · Knee right · all structures normal",
        "open": f"/scans/{scan}/review",
        "tag": "waits",
        "badge": 1,
        "review": True,
        "scan": {"id": scan, "version": 1, "step": step},
    }
    (notification,) = push_until_shown(ravi, message)
    assert (notification["title"], notification["body"]) == (message["title"], message["body"])
    with ravi.context.expect_event("response", lambda answer: answer.url.endswith("/approval")) as answer:
        press(ravi, "approve")
    answered = answer.value.json()
    assert answered.pop("step") > step
    assert answered == {"id": scan, "state": "counted", "version": 1}
    assert notifications_of(ravi)[0]["title"] == "Approved"
    ravi.goto(f"/scans/{scan}/review")
    expect(ravi.get_by_text("Counted", exact=False).first).to_be_visible()


@pytest.mark.whole_browser
def test_what_is_for_somebody_else_is_a_neutral_line(open_phone):
    phone = open_phone(service_worker=True)
    phone.context.grant_permissions(["notifications"])
    sign_in(phone, "Helen Ward", "/")
    worker_of(phone)
    message = {"person": 1, "title": "Amara has sent you a scan", "open": "/inbox", "tag": "waits", "review": True}
    assert push_until_shown(phone, message) == [
        {"title": "Something is new in Sonofolio", "body": "", "data": {"open": "/"}}
    ]


@pytest.mark.whole_browser
def test_the_bell_of_an_open_page_counts_anew_when_something_comes(open_phone):
    phone = open_phone(service_worker=True)
    phone.context.grant_permissions(["notifications"])
    sign_in(phone, "Amara Okafor", "/")
    worker_of(phone)
    phone.goto("/me")
    with phone.expect_response("**/news/bell"):
        push(phone, {"person": 0, "title": "x", "open": "/news", "tag": "news"})
