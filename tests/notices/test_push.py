"""Push messages, from the tap to the browser that decrypts them, through a push service of the tests' own."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

import clock
from models import Move, Person, SignIn, Subscription
from tests.cast import logged
from tests.notices.conftest import SUBJECT, subscribed
from workflows.accounts import accounts
from workflows.course import programmes
from workflows.notices import notices, push_client, push_delivery
from workflows.reviews import reopening, reviews
from workflows.scans import scans, transitions

pytestmark = pytest.mark.usefixtures("noon")
NORMAL = {"findings": (), "normal": ("all",), "report": ""}


def bare(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# --- What arrives ----------------------------------------------------------------------------------------------


def test_ravi_is_told_that_amara_has_sent_him_a_scan(cast, subscribe, sender):
    phone = subscribe(cast.ravi)
    scan = logged(cast.amara, cast.ravi)
    assert push_delivery.deliver(sender) == 1
    (message,) = phone.told
    assert message["title"] == "Amara has sent you a scan"
    assert message["open"] == f"/scans/{scan.id}/review"
    assert (message["person"], message["tag"], message["badge"], message["review"]) == (cast.ravi.id, "waits", 1, True)


@pytest.mark.parametrize(
    ("verb", "title"),
    [
        ("send_back", "Ravi has returned a scan"),
        ("approve", "Ravi has approved a scan, with a comment"),
        ("reopen", "Ravi has reopened a scan"),
    ],
)
def test_amara_is_told_what_came_back(cast, subscribe, sender, noon, verb, title):
    scan = logged(cast.amara, cast.ravi)
    if verb == "send_back":
        reviews.send_back(scan.id, by=cast.ravi, version=1, why="Which side is it? Nobody reads this on a lock screen.")
    else:
        reviews.approve(scan.id, by=cast.ravi, version=1, comment="Clear.")
        noon(minutes=1)
    phone = subscribe(cast.amara)
    subscription = subscribed(phone)
    if verb == "reopen":
        reopening.reopen(scan.id, by=cast.ravi, why="The side is wrong.")
    else:
        Subscription.update(delivered_until=subscription.delivered_until - timedelta(minutes=2)).execute()
    push_delivery.deliver(sender)
    (message,) = phone.told
    assert (message["title"], message["open"], message["badge"]) == (title, f"/scans/{scan.id}", 1 + (verb == "reopen"))
    assert "review" not in message["open"] and "side" not in json.dumps(message)


def test_no_report_no_surname_and_no_address_leave_the_house(cast, subscribe, sender):
    phone = subscribe(cast.ravi)
    logged(cast.amara, cast.ravi)
    push_delivery.deliver(sender)
    said = json.dumps(phone.told)
    for word in ("Okafor", "example.test", "supraspinatus", "tear", "Bursal", "shoulder"):
        assert word not in said


def test_it_is_signed_as_ours_for_that_push_service_alone(cast, subscribe, sender, service, with_push):
    subscribe(cast.ravi)
    logged(cast.amara, cast.ravi)
    push_delivery.deliver(sender)
    (sent,) = service.taken
    scheme, _, parts = sent.headers["Authorization"].partition(" ")
    token, key = (part.partition("=")[2] for part in parts.split(","))
    assert scheme.lower() == "vapid" and key == with_push.vapid_public_key
    head, claims, signature = token.split(".")
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bare(with_push.vapid_public_key))
    raw = bare(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    point.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))  # raises when it is not
    said = json.loads(bare(claims))
    assert (said["aud"], said["sub"]) == (service.url, SUBJECT)
    assert 0 < said["exp"] - clock.now().timestamp() < 24 * 3600 + 12 * 3600
    assert sent.headers["Content-Encoding"] == "aes128gcm" and sent.headers["TTL"] == "86400"
    assert sent.headers["Urgency"] == "normal" and len(sent.headers["Topic"]) == 32


# --- Several, and whom not -------------------------------------------------------------------------------------


def test_several_within_a_few_minutes_are_one_message(cast, subscribe, sender, noon):
    phone = subscribe(cast.ravi)
    for region in ("shoulder", "knee", "ankle"):
        logged(cast.amara, cast.ravi, region=region, **NORMAL)
    push_delivery.deliver(sender)
    assert phone.titles == ["3 scans wait for you"] and phone.told[0]["open"] == "/inbox"
    for region in ("hip", "elbow"):
        logged(cast.amara, cast.ravi, region=region, **NORMAL)
        push_delivery.deliver(sender)
    assert len(phone.told) == 1, "he was told a moment ago"
    noon(minutes=6)
    push_delivery.deliver(sender)
    assert phone.titles[1:] == ["5 scans wait for you"]
    noon(minutes=6)
    assert push_delivery.deliver(sender) == 0


def test_several_that_came_back_are_one_message(cast, subscribe, sender):
    scans = [logged(cast.amara, cast.ravi, region=region, **NORMAL) for region in ("shoulder", "knee")]
    phone = subscribe(cast.amara)
    for scan in scans:
        reviews.send_back(scan.id, by=cast.ravi, version=1, why="Which axis?")
    push_delivery.deliver(sender)
    assert (phone.titles, phone.told[0]["open"]) == (["2 scans were returned"], "/news")


def test_who_did_it_is_not_told(cast, subscribe, sender):
    ravi, amara, priya = subscribe(cast.ravi), subscribe(cast.amara), subscribe(cast.priya)
    scan = logged(cast.amara, cast.ravi)
    push_delivery.deliver(sender)
    assert (len(ravi.told), len(amara.told), len(priya.told)) == (1, 0, 0)
    reviews.hand_over(scan.id, by=cast.priya, to=cast.priya.id)  # she takes it
    push_delivery.deliver(sender)
    assert not priya.told


def test_a_scan_that_waits_no_more_is_not_told(cast, subscribe, sender, noon):
    phone = subscribe(cast.ravi)
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1)
    assert push_delivery.deliver(sender) == 0 and not phone.told


def test_what_was_seen_meanwhile_is_not_told(cast, subscribe, sender):
    scan = logged(cast.amara, cast.ravi)
    phone = subscribe(cast.amara)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Which side?")
    notices.mark_read([f"scan:{scan.id}"], by=cast.amara)
    assert push_delivery.deliver(sender) == 0 and not phone.told


def test_an_approval_is_told_when_it_cannot_be_undone_and_an_undone_one_never(cast, subscribe, sender, noon):
    phone = subscribe(cast.amara)
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1)
    assert push_delivery.deliver(sender) == 0
    reviews.undo(scan.id, by=cast.ravi, version=1)
    noon(minutes=5)
    assert push_delivery.deliver(sender) == 0 and not phone.told
    reviews.approve(scan.id, by=cast.ravi, version=1, step=transitions.last_step(scan.id))
    noon(seconds=programmes.longest_undo().seconds - 1)
    assert push_delivery.deliver(sender) == 0
    noon(seconds=2)
    assert push_delivery.deliver(sender) == 1
    assert phone.titles == ["Ravi has approved a scan"]


def test_an_approval_on_its_way_is_not_lost_behind_what_was_told_before_it(cast, subscribe, sender, noon):
    one, other = logged(cast.amara, cast.ravi), logged(cast.amara, cast.ravi, region="knee", **NORMAL)
    phone = subscribe(cast.amara)
    reviews.approve(one.id, by=cast.ravi, version=1)
    reviews.send_back(other.id, by=cast.ravi, version=1, why="Which axis?")
    push_delivery.deliver(sender)
    noon(minutes=6)
    push_delivery.deliver(sender)
    assert phone.titles == ["Ravi has returned a scan", "Ravi has approved a scan"]


@pytest.mark.parametrize("end", ["signed out", "everywhere", "disabled", "run out"])
def test_a_browser_that_is_signed_out_is_told_nothing(cast, subscribe, sender, noon, end):
    phone = subscribe(cast.ravi)
    if end == "signed out":
        accounts.end(accounts.visitor(phone.token))
    elif end == "everywhere":
        accounts.end_everywhere(cast.ravi)
    elif end == "disabled":
        accounts.disable(cast.ravi)
    else:
        SignIn.update(expires_at=clock.now()).execute()
    logged(cast.amara, cast.ravi)
    assert push_delivery.deliver(sender) == 0 and not phone.told


def test_what_happened_before_somebody_asked_is_not_told(cast, subscribe, sender, noon):
    logged(cast.amara, cast.ravi)
    noon(minutes=1)
    phone = subscribe(cast.ravi)
    assert push_delivery.deliver(sender) == 0 and not phone.told


# --- Quiet hours -----------------------------------------------------------------------------------------------


def local(hour, minute=0):
    """So many hours from now until it is this time on the course's clock."""
    now = programmes.get("msk-pgcert").local(clock.now())
    to = now.replace(hour=hour, minute=minute, second=0)
    return (to if to > now else to + timedelta(days=1)) - now


def test_at_night_nothing_is_told_and_in_the_morning_all_in_one(cast, subscribe, sender, noon):
    phone = subscribe(cast.ravi)
    noon(seconds=local(21, 5).seconds)
    for region in ("shoulder", "knee"):
        logged(cast.amara, cast.ravi, region=region, **NORMAL)
        assert push_delivery.deliver(sender) == 0
    noon(seconds=local(6, 55).seconds)
    assert push_delivery.deliver(sender) == 0
    noon(minutes=6)
    assert push_delivery.deliver(sender) == 1
    assert phone.titles == ["2 scans wait for you"]


def test_quiet_hours_are_each_persons_own(cast, subscribe, sender, noon):
    phone = subscribe(cast.ravi)
    notices.save_preferences(cast.ravi, by_mail=True, quiet_from="12:00", quiet_until="12:00")
    noon(seconds=local(23).seconds)
    logged(cast.amara, cast.ravi)
    assert push_delivery.deliver(sender) == 1 and len(phone.told) == 1


# --- When it fails ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(cast, subscribe, sender, service, status):
    phone = subscribe(cast.ravi)
    service.refuse(status)
    logged(cast.amara, cast.ravi)
    assert push_delivery.deliver(sender) == 0
    assert subscribed(phone) is None


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_push_service_that_is_busy_is_tried_again_later_each_time(cast, subscribe, sender, service, noon, status):
    phone = subscribe(cast.ravi)
    service.refuse(status, status)
    logged(cast.amara, cast.ravi)
    push_delivery.deliver(sender)
    assert len(service.taken) == 1 and push_delivery.deliver(sender) == 0 and len(service.taken) == 1
    noon(seconds=31)
    push_delivery.deliver(sender)
    assert len(service.taken) == 2
    noon(seconds=31)
    push_delivery.deliver(sender)
    assert len(service.taken) == 2, "the second wait is longer"
    noon(seconds=31)
    assert push_delivery.deliver(sender) == 1 and phone.titles[-1] == "Amara has sent you a scan"
    assert subscribed(phone).tries == 0


def test_a_push_service_says_itself_when_to_come_back(cast, subscribe, sender, service, noon):
    subscribe(cast.ravi)
    service.refuse(429, Retry_After="600")
    logged(cast.amara, cast.ravi)
    push_delivery.deliver(sender)
    noon(minutes=9)
    assert push_delivery.deliver(sender) == 0
    noon(minutes=2)
    assert push_delivery.deliver(sender) == 1


def test_it_is_not_tried_for_ever_and_the_browser_is_kept(cast, subscribe, sender, service, noon):
    phone = subscribe(cast.ravi)
    service.refuse(*[500] * 20)
    logged(cast.amara, cast.ravi)
    for _ in range(20):
        push_delivery.deliver(sender)
        noon(hours=1)
        Person.update(quiet_from=0, quiet_until=0).execute()
    assert len(service.taken) == push_delivery.TRIES
    assert subscribed(phone) is not None


@pytest.mark.parametrize("status", [302, 307, 400, 401, 403, 413])
def test_another_refusal_is_not_tried_again_and_no_redirect_is_followed(cast, subscribe, sender, service, noon, status):
    phone = subscribe(cast.ravi)
    service.refuse(status, Location=f"{service.url}/elsewhere")
    logged(cast.amara, cast.ravi)
    assert push_delivery.deliver(sender) == 0
    noon(minutes=10)
    assert push_delivery.deliver(sender) == 0
    assert [one.path for one in service.taken] == [phone.endpoint.removeprefix(service.url)]
    assert subscribed(phone) is not None


def test_a_push_service_that_is_away_is_tried_again(cast, subscribe, sender, service, noon):
    phone = subscribe(cast.ravi)
    Subscription.update(endpoint="http://127.0.0.1:9/push").execute()
    logged(cast.amara, cast.ravi)
    assert push_delivery.deliver(sender) == 0
    assert Subscription.get().tries == 1
    Subscription.update(endpoint=phone.endpoint).execute()
    noon(minutes=1)
    assert push_delivery.deliver(sender) == 1


def test_a_browser_whose_keys_are_none_is_forgotten(cast, subscribe, sender):
    subscribe(cast.ravi)
    Subscription.update(p256dh="B" + "A" * 86).execute()  # a point that is on no curve
    logged(cast.amara, cast.ravi)
    assert push_delivery.deliver(sender) == 0 and Subscription.select().count() == 0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("", 0), (None, 0), ("soon", 0), ("-5", 0), ("9" * 40, 999_999_999), ("²", 0)],
)
def test_how_long_a_push_service_asks_to_wait(text, seconds):
    assert push_client.wait_of(text, clock.now()) == timedelta(seconds=seconds)


def test_a_push_service_may_ask_with_a_date(cast):
    now = clock.now().replace(microsecond=0)
    later = (now + timedelta(minutes=3)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert push_client.wait_of(later, now) == timedelta(minutes=3)
    assert push_client.wait_of(later, now + timedelta(hours=1)) == timedelta()


# --- Claimed by one --------------------------------------------------------------------------------------------


def test_what_one_has_claimed_nobody_else_takes_until_they_must_have_died(cast, subscribe, noon):
    subscribe(cast.ravi)
    logged(cast.amara, cast.ravi)
    assert len(push_delivery.claim(clock.now())) == 1
    assert push_delivery.claim(clock.now()) == []
    noon(minutes=3)
    assert len(push_delivery.claim(clock.now())) == 1


# --- What can be approved from the lock screen ----------------------------------------------------------------


def glance(cast, subscribe, sender, **changes):
    phone = subscribe(cast.ravi)
    scan = logged(cast.amara, cast.ravi, **{"region": "knee", **NORMAL, **changes})
    push_delivery.deliver(sender)
    (message,) = phone.told
    return scan, message


def test_a_scan_that_is_shown_whole_can_be_approved_from_there(cast, subscribe, sender):
    scan, message = glance(cast, subscribe, sender)
    step = Move.get(Move.scan == scan).id
    assert message["scan"] == {"id": scan.id, "version": 1, "step": step}
    assert message["body"] == "Unaided · Knee right · all structures normal"


@pytest.mark.parametrize(
    "changes",
    [
        {"report": "Moved freely. I measured the effusion twice."},
        {"support": "aided"},
        {"findings": None, "normal": ()},
        {"procedure": "injection", "procedure_role": "observed"},
    ],
    ids=["own words", "aided", "abnormal, words missing", "procedure"],
)
def test_a_scan_that_needs_reading_opens_its_page(cast, subscribe, sender, changes, read_programme):
    from rules.vocabulary import Pair

    if changes.get("findings", 1) is None:
        changes = {**changes, "region": "shoulder", "findings": (Pair("ssp", "full-thickness tear"),)}
    if "procedure" in changes:
        vocabulary = programmes.get("msk-pgcert").vocabulary
        changes = {"procedure": vocabulary.procedures[0], "procedure_role": vocabulary.procedure_roles[0]}
    _, message = glance(cast, subscribe, sender, **changes)
    assert "scan" not in message and message["body"] == "" and message["review"]


def test_all_that_was_tapped_is_shown_or_it_opens_its_page(cast, subscribe, sender):
    programme = programmes.get("msk-pgcert")
    said = {"age_band": programme.age_bands[2], "sex": programme.sexes[0], "machine": "Esaote MyLab X8"}
    _, message = glance(cast, subscribe, sender, **said)
    for word in said.values():
        assert word in message["body"]


def test_a_scan_that_was_returned_before_is_read_again(cast, subscribe, sender, noon):
    scan = logged(cast.amara, cast.ravi, region="knee", **NORMAL)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Which axis?")
    noon(seconds=1)
    phone = subscribe(cast.ravi)
    scans.send(scan.id, by=cast.amara, version=1)
    push_delivery.deliver(sender)
    assert "scan" not in phone.told[0]
