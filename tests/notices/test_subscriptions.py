"""Which browsers are told: those that asked, at a push service that we know, until their person signs out there."""

from __future__ import annotations

import pytest

from models import SignIn, Subscription
from tests.client import Client
from tests.notices.conftest import KEY, SUBJECT
from workflows.accounts import accounts
from workflows.notices import subscriptions

pytestmark = pytest.mark.both_in_full

GOOD = [
    "https://fcm.googleapis.com/fcm/send/abc:def",
    "https://fcm.googleapis.com:443/wp/abc",
    "https://updates.push.services.mozilla.com/wpush/v2/abc",
    "https://autopush.push.services.mozilla.com/wpush/v2/abc",
    "https://web.push.apple.com/QGu",
    "https://wns2-am3p.notify.windows.com/w/?token=abc",
]
BAD = [
    "",
    "fcm.googleapis.com/fcm/send/abc",
    "http://fcm.googleapis.com/fcm/send/abc",
    "https://fcm.googleapis.com.evil.test/abc",
    "https://evilfcm.googleapis.com/abc",
    "https://notify.windows.com/abc",
    "https://evilnotify.windows.com/abc",
    "https://evil.test/.notify.windows.com",
    "https://evil.test#.notify.windows.com",
    "https://fcm.googleapis.com:8080/abc",
    "https://fcm.googleapis.com:x/abc",
    "https://fcm.googleapis.com@evil.test/abc",
    "https://user@fcm.googleapis.com/abc",
    "https://user:word@fcm.googleapis.com/abc",
    "https://fcm.googleapis.com\\@evil.test/abc",
    "https://evil.test\\.notify.windows.com/abc",
    "https://fcm.googleapis.com/abc def",
    "https://fcm.googleapis.com/abc\r\nHost: evil.test",
    "https://fcm.googleapis.com/abc#part",
    "https://127.0.0.1/abc",
    "https://[::1]/abc",
    "https://169.254.169.254/latest/meta-data",
    "https://fcm.googleapis.com./abc",
    "https://ﬀcm.googleapis.com/abc",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://fcm.googleapis.com/" + "a" * 1000,
]
SENT = {"endpoint": GOOD[0], "p256dh": "B" + "A" * 86, "auth": "A" * 22}


@pytest.fixture
def app(app, with_push):
    app.config["SONOFOLIO"] = with_push
    return app


@pytest.mark.parametrize("address", GOOD)
def test_a_push_service_that_we_know_is_taken(address):
    assert subscriptions.is_endpoint(address)


@pytest.mark.parametrize("address", BAD)
def test_any_other_address_is_refused(address):
    assert not subscriptions.is_endpoint(address)


def test_the_tests_own_origin_is_taken_where_it_is_set_and_no_other():
    ours = "http://127.0.0.1:9999"
    assert subscriptions.is_endpoint(f"{ours}/push/1", ours)
    assert not subscriptions.is_endpoint("http://127.0.0.1:99991/push/1", ours)
    assert not subscriptions.is_endpoint("http://127.0.0.1:9999@evil.test/push/1", ours)
    assert not subscriptions.is_endpoint(f"{ours}/push/1")


def test_amaras_browser_asks_to_be_told_and_is_listed_on_her_page(browse, cast):
    amara = browse(cast.amara)
    answer = amara.post("/me/push", SENT, json=True)
    assert answer.json == {"told": True, "person": cast.amara.id}
    page = amara.get("/me").text
    number = Subscription.get().id
    assert "tells you at once" in page and f"/me/push/{number}/ending" in page
    assert amara.post(f"/me/push/{number}/ending").location == "/me"
    assert "That device tells you no more." in amara.get("/me").text
    assert Subscription.select().count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": BAD[3]},
        {"p256dh": "A" * 86},
        {"p256dh": ""},
        {"p256dh": "*" * 87},
        {"auth": "A" * 21},
        {"auth": ""},
        {"p256dh": "é" * 87},
    ],
)
def test_what_is_no_subscription_is_refused(browse, cast, wrong):
    assert browse(cast.amara).post("/me/push", {**SENT, **wrong}, json=True).status_code == 422
    assert Subscription.select().count() == 0


def test_a_browser_has_one_address_and_the_newest_stands(browse, cast):
    amara = browse(cast.amara)
    for number in range(3):
        amara.post("/me/push", {**SENT, "endpoint": f"{GOOD[0]}{number}"}, json=True)
    assert [one.endpoint for one in Subscription.select()] == [f"{GOOD[0]}2"]


def test_who_uses_the_browser_next_is_told_and_not_who_used_it_before(browse, cast):
    browse(cast.amara).post("/me/push", SENT, json=True)
    browse(cast.tom).post("/me/push", SENT, json=True)
    assert [one.sign_in.person_id for one in Subscription.select()] == [cast.tom.id]


def test_a_browser_that_changes_its_address_is_told_at_the_new_one(browse, cast):
    amara = browse(cast.amara)
    amara.post("/me/push", SENT, json=True)
    before = Subscription.get()
    sent = {**SENT, "endpoint": GOOD[2], "instead_of": GOOD[0]}
    assert amara.post("/me/push", sent, json=True).status_code == 200
    now = Subscription.get()
    assert (now.endpoint, now.id, now.delivered_until) == (GOOD[2], before.id, before.delivered_until)


def test_nobody_takes_the_place_of_anothers_address(browse, cast):
    browse(cast.amara).post("/me/push", SENT, json=True)
    sent = {**SENT, "endpoint": GOOD[2], "instead_of": GOOD[0]}
    assert browse(cast.tom).post("/me/push", sent, json=True).status_code == 404
    assert Subscription.get().endpoint == GOOD[0]


def test_nobody_stops_anothers_browser(browse, cast):
    browse(cast.amara).post("/me/push", SENT, json=True)
    assert browse(cast.tom).post(f"/me/push/{Subscription.get().id}/ending").status_code == 404
    assert Subscription.select().count() == 1


def test_signing_in_anew_goes_on_where_it_was(browse, cast):
    browse(cast.amara).post("/me/push", SENT, json=True)
    again = browse(cast.amara)
    assert again.post("/me/push", {**SENT, "instead_of": GOOD[0]}, json=True).status_code == 200
    assert Subscription.select().count() == 1
    newest = SignIn.select().order_by(SignIn.made_at.desc()).first()
    assert Subscription.get().sign_in_id == newest.token_hash


def test_a_browser_that_says_again_what_we_know_changes_nothing(browse, cast):
    amara = browse(cast.amara)
    amara.post("/me/push", SENT, json=True)
    before = list(Subscription.select().tuples())
    assert amara.post("/me/push", {**SENT, "instead_of": GOOD[0]}, json=True).status_code == 200
    assert list(Subscription.select().tuples()) == before


def test_a_shared_computer_is_neither_offered_it_nor_taken(app, cast):
    shared = Client(app, cast.amara, shared=True)
    assert "data-push-key" not in shared.get("/me").text
    assert shared.post("/me/push", SENT, json=True).status_code == 403


def test_it_is_offered_where_it_helps_with_our_key(app, browse, cast):
    amara, ravi, dana = browse(cast.amara), browse(cast.ravi), browse(cast.dana)
    key = app.config["SONOFOLIO"].vapid_public_key
    assert f'data-push-key="{key}"' in amara.get("/me").text
    assert "data-push-key" not in amara.get("/").text, "never at first sight"
    assert "data-push-key" not in ravi.get("/inbox").text, "nothing waits yet"
    assert "Tell me when a scan waits" in ravi.get("/me").text and "data-push-key" in dana.get("/me").text


def test_it_is_offered_when_a_scan_was_sent_and_when_one_waits(browse, cast):
    from tests.cast import logged

    scan = logged(cast.amara, cast.ravi)
    assert "Tell me when a scan comes back" in browse(cast.amara).get(f"/scans/{scan.id}?sent=1").text
    assert "Tell me when a scan comes back" not in browse(cast.amara).get(f"/scans/{scan.id}").text
    assert "Tell me when a scan waits" in browse(cast.ravi).get("/inbox").text


def test_without_keys_it_is_not_offered(app, settings, browse, cast):
    app.config["SONOFOLIO"] = settings
    amara = browse(cast.amara)
    assert "push" not in amara.get("/me").text
    assert amara.post("/me/push", SENT, json=True).status_code == 404


# --- How one is told -------------------------------------------------------------------------------------------


def test_mail_and_quiet_hours_are_kept(browse, cast):
    amara = browse(cast.amara)
    assert 'value="21:00"' in amara.get("/me").text and 'value="07:00"' in amara.get("/me").text
    assert amara.post("/me/notifications", {"quiet_from": "22:15", "quiet_until": "06:30"}).location == "/me"
    page = amara.get("/me").text
    assert 'value="22:15"' in page and 'value="06:30"' in page and "How you are told is kept." in page
    assert 'name="by_mail" value="1" aria-describedby="by-mail-hint" checked' not in page
    amara.post("/me/telling", {"by_mail": "1", "quiet_from": "22:15", "quiet_until": "06:30"})
    assert 'name="by_mail" value="1" aria-describedby="by-mail-hint" checked' in amara.get("/me").text


@pytest.mark.parametrize("time", ["", "25:00", "nine", "12:61", "12", "²1:00"])
def test_what_is_no_time_is_refused_and_nothing_changes(browse, cast, time):
    amara = browse(cast.amara)
    page = amara.post("/me/notifications", {"quiet_from": time, "quiet_until": "06:30"})
    assert page.status_code == 422 and 'aria-describedby="quiet-hint quiet_from-error" aria-invalid="true"' in page.text
    assert page.text.count("Write a time of the day, such as 21:00.") >= 1 and 'value="06:30"' in page.text
    visitor = accounts.visitor(accounts.start(cast.amara))
    assert (visitor.person.quiet_from, visitor.person.quiet_until, visitor.person.by_mail) == (1260, 420, True)


def test_the_key_that_pages_carry_is_the_public_half_of_ours(with_push):
    assert (with_push.vapid_private_key, with_push.vapid_subject) == (KEY, SUBJECT)
    assert len(with_push.vapid_public_key) == 87 and with_push.vapid_public_key.startswith("B")
