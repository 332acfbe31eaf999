"""F10: the sign-in lapses after some of a phone's scans. F11: the form's token is weeks old. The rest waits; nothing is
lost, nothing is sent in another's name."""

from __future__ import annotations

import time

import pytest
from itsdangerous import URLSafeTimedSerializer

from models import History, Scan
from tests.faults.ground import reckon, rounds
from workflows.accounts import accounts

SCANS = rounds(5, 20)


@pytest.mark.parametrize("sent", range(SCANS))
def test_f10_the_rest_waits_until_the_same_person_signs_in(browse, cast, outbox, sent):
    amara, box = browse(cast.amara), outbox(cast.amara, cast.ravi)
    all_of_them = {box.save()["scan_id"] for _ in range(SCANS)}
    token = amara.token()
    if sent:
        assert box.sync(amara, token, most=sent) == 201
    accounts.end_everywhere(cast.amara)
    assert box.sync(amara, token) == 401
    assert (len(box.waiting), Scan.select().count()) == (SCANS - sent, sent)
    assert box.sync(browse(cast.amara)) == 201
    assert box.acknowledged.keys() == all_of_them
    assert reckon(box.acknowledged) == SCANS


@pytest.mark.parametrize("who", ["tom", "mei", "ravi", "dana"])
def test_f10_somebody_else_who_signs_in_sends_nothing_of_it(browse, cast, outbox, who):
    box = outbox(cast.amara, cast.ravi)
    for _ in range(3):
        box.save()
    other = browse(getattr(cast, who))
    before = History.select().count()
    assert box.sync(other) == 403
    assert (len(box.waiting), Scan.select().count(), History.select().count()) == (3, 0, before)
    assert box.sync(browse(cast.amara)) == 201
    assert {scan.enrolment.person_id for scan in Scan.select()} == {cast.amara.id}
    assert reckon(box.acknowledged) == 3


def test_f11_a_token_of_an_earlier_sign_in_is_stale_and_a_fresh_one_sends_everything(browse, cast, outbox):
    before = browse(cast.amara)
    old = before.token()
    amara, box = browse(cast.amara), outbox(cast.amara, cast.ravi)
    for _ in range(SCANS):
        box.save()
    assert box.sync(amara, old) == 400
    refused = amara.http.post(
        "/scans", data=box.waiting[0], headers={"Accept": "application/json", "X-CSRFToken": old}
    ).json
    assert refused["error"] == "stale-form" and refused["scan_id"] == box.waiting[0]["scan_id"]
    assert (len(box.waiting), Scan.select().count()) == (SCANS, 0)
    assert box.sync(amara) == 201
    assert reckon(box.acknowledged) == SCANS


def test_f11_a_token_of_weeks_ago_is_as_good_as_its_sign_in(browse, cast, app, outbox, monkeypatch):
    amara, box, now = browse(cast.amara), outbox(cast.amara, cast.ravi), time.time()
    signer = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token")
    secret = signer.loads(amara.token())
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now - 50 * 24 * 3600)
    old = signer.dumps(secret)
    monkeypatch.undo()
    box.save()
    assert box.sync(amara, old) == 201
    assert reckon(box.acknowledged) == 1
