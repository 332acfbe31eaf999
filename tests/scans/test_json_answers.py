"""Every way in which the phone's `POST /scans` can end: JSON of ours that says what it is and which scan it is about.

A phone takes nothing else for an answer: never a redirect, never a page, nothing without the header that repeats
what it was asked about.
"""

from __future__ import annotations

import urllib.parse
import uuid

import pytest
from peewee import OperationalError
from werkzeug.exceptions import TooManyRequests

from blueprints.hypermedia import ABOUT, ANSWER
from blueprints.request_checks import BUSY
from models import Enrolment, Scan
from tests.cast import days_ago, entry_for
from tests.scans.steps import abnormal, fields, log
from workflows.accounts import accounts
from workflows.scans import scans

JSON = {"Accept": "application/json"}


def send(client, sent, **headers):
    """As the outbox sends it, with the token that its page had."""
    about = {ABOUT: sent["scan_id"]}
    return client.http.post("/scans", data=sent, headers={"X-CSRFToken": client.token(), **JSON, **about, **headers})


def at_first(client, cast, sent, monkeypatch):
    return send(client, sent)


def again(client, cast, sent, monkeypatch):
    send(client, sent)
    return send(client, sent)


def after_the_sign_in_lapsed(client, cast, sent, monkeypatch):
    token = client.token()
    accounts.end_everywhere(cast.amara)
    return send(client, sent, **{"X-CSRFToken": token})


def with_a_token_of_another_sign_in(client, cast, sent, monkeypatch):
    return send(client, sent, **{"X-CSRFToken": "IjEyMyI.of-last-month"})


def cut_off(client, cast, sent, monkeypatch):
    body = urllib.parse.urlencode(sent, doseq=True).encode()
    return client.http.post(
        "/scans",
        data=body[:-20],
        content_type="application/x-www-form-urlencoded",
        headers={"X-CSRFToken": client.token(), **JSON, ABOUT: sent["scan_id"]},
        # As our server hands it over: what came, and word that this is all.
        environ_overrides={"CONTENT_LENGTH": str(len(body)), "wsgi.input_terminated": True},
    )


def of_somebody_else(client, cast, sent, monkeypatch):
    return send(client, {**sent, "kept_for": str(cast.tom.id)})


def from_another_site(client, cast, sent, monkeypatch):
    return send(client, sent, **{"Sec-Fetch-Site": "cross-site"})


def too_many_at_once(client, cast, sent, monkeypatch):
    def refuse(*args, **named):
        raise TooManyRequests()

    monkeypatch.setattr(scans, "log", refuse)
    return send(client, sent)


def with_nobody_writing(client, cast, sent, monkeypatch):
    about = {ABOUT: sent["scan_id"], "X-CSRFToken": client.token()}
    return client.http.post("/scans", data=sent, headers={**JSON, **about}, environ_overrides={BUSY: True})


def as_who_logs_nothing(client, cast, sent, monkeypatch):
    Enrolment.update(person=cast.dana).where(Enrolment.person == cast.amara).execute()
    return send(client, sent)


def after_the_enrolment_ended(client, cast, sent, monkeypatch):
    Enrolment.update(ended_on=days_ago(1), ended_as="left").where(Enrolment.person == cast.amara).execute()
    return send(client, sent)


def with_somebody_elses_number(client, cast, sent, monkeypatch):
    scans.log(sent["scan_id"], entry_for(cast.grace), by=cast.mei, received={})
    return send(client, sent)


def with_other_content(client, cast, sent, monkeypatch):
    send(client, sent)
    return send(client, {**sent, "side": "left"})


def too_long(client, cast, sent, monkeypatch):
    return send(client, {**sent, "finding": ["ssp: full-thickness tear"] * 600})


def far_too_long(client, cast, sent, monkeypatch):
    return send(client, {**sent, "report": "a" * 2_000_000})


def in_the_future(client, cast, sent, monkeypatch):
    return send(client, {**sent, "scanned_on": days_ago(-2).isoformat()})


def with_a_patients_number(client, cast, sent, monkeypatch):
    return send(client, {**sent, "report": "NHS number 943 476 5919."})


def without_its_number(client, cast, sent, monkeypatch):
    return send(client, {**sent, "scan_id": ""})


def while_busy(client, cast, sent, monkeypatch):
    return _failing("database is locked", client, sent, monkeypatch)


def read_only(client, cast, sent, monkeypatch):
    return _failing("attempt to write a readonly database", client, sent, monkeypatch)


def without_room(client, cast, sent, monkeypatch):
    return _failing("database or disk is full", client, sent, monkeypatch)


def with_a_fault_of_ours(client, cast, sent, monkeypatch):
    monkeypatch.setattr(scans, "log", lambda *args, **named: 1 / 0)
    return send(client, sent)


def _failing(words, client, sent, monkeypatch):
    def fail(*args, **named):
        raise OperationalError(words)

    monkeypatch.setattr(scans, "log", fail)
    return send(client, sent)


# way -> status, `error` (None: it was kept), whether its number comes back
ENDS = {
    at_first: (201, None, True),
    again: (201, None, True),
    after_the_sign_in_lapsed: (401, "signed-out", True),
    with_a_token_of_another_sign_in: (400, "stale-form", True),
    cut_off: (400, "cut-off", True),
    of_somebody_else: (403, "another-person", True),
    after_the_enrolment_ended: (403, "refused", True),
    from_another_site: (403, "refused", True),
    as_who_logs_nothing: (403, "refused", True),
    with_somebody_elses_number: (404, "refused", True),
    with_other_content: (409, "conflict", True),
    too_long: (413, "refused", True),
    far_too_long: (413, "refused", False),
    in_the_future: (422, "invalid", True),
    with_a_patients_number: (422, "invalid", True),
    without_its_number: (422, "invalid", False),
    too_many_at_once: (429, "refused", True),
    with_a_fault_of_ours: (500, "refused", True),
    while_busy: (503, "refused", True),
    with_nobody_writing: (503, "refused", True),
    read_only: (503, "refused", True),
    without_room: (507, "refused", True),
}


@pytest.mark.parametrize("way", ENDS, ids=lambda way: way.__name__.replace("_", " "))
def test_every_end_is_json_that_says_what_it_is_and_which_scan_it_is_about(browse, cast, monkeypatch, way):
    status, error, named = ENDS[way]
    sent = abnormal(cast)
    answer = way(browse(cast.amara), cast, sent, monkeypatch)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/json" and "Location" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json.get("scan_id") == (sent["scan_id"] if named else None)
    assert answer.json.get("error") == error
    assert answer.headers.get(ANSWER) == (None if way is without_its_number else sent["scan_id"])
    assert error is None or answer.json["message"].endswith(".") or "say" in answer.json["message"]
    assert way is not while_busy or int(answer.headers["Retry-After"]) > 0
    kept = Scan.select().where(Scan.id == sent["scan_id"]).count()
    assert kept == (way in (at_first, again, with_other_content, with_somebody_elses_number))


def test_a_correction_that_is_refused_names_its_scan_too(browse, cast):
    amara, sent = browse(cast.amara), fields(cast)
    log(amara, sent)
    for wrong in ({**sent, "version": 7}, {**sent, "version": 1, "scanned_on": days_ago(-2).isoformat()}):
        wrong.pop("scan_id")
        answer = amara.post(f"/scans/{sent['scan_id']}", wrong, json=True)
        assert answer.status_code in (409, 422)
        assert answer.json["scan_id"] == sent["scan_id"] and answer.json["error"] and answer.json["message"]


def test_only_a_plain_word_is_repeated(browse, cast):
    amara = browse(cast.amara)
    for odd in ("", "x" * 65, "a b", "\u00e9", "<b>", "a,b"):
        answer = amara.http.get("/phone", headers={**JSON, ABOUT: odd})
        assert answer.status_code == 200 and ANSWER not in answer.headers
    assert amara.http.get("/phone", headers={**JSON, ABOUT: "phone"}).headers[ANSWER] == "phone"


def test_a_day_that_cannot_be_names_the_days_that_can(browse, cast):
    amara = browse(cast.amara)
    for wrong in (days_ago(-2).isoformat(), "1970-01-01", days_ago(71).isoformat()):
        answer = amara.post("/scans", fields(cast, scanned_on=wrong), json=True)
        assert answer.status_code == 422
        sentence = answer.json["errors"]["scanned_on"][0]
        first, last = (f"{day.day} {day:%B %Y}" for day in (cast.cohort.starts_on, days_ago(0)))
        assert f"Choose a day from {first} to today, {last}." in sentence
    assert Scan.select().count() == 0


def test_what_was_kept_before_the_enrolment_ended_is_answered_as_then(browse, cast):
    """Its answer was lost; the phone asks again when the course is over."""
    amara, sent = browse(cast.amara), fields(cast)
    first = log(amara, sent)
    Enrolment.update(ended_on=days_ago(0), ended_as="graduated").where(Enrolment.person == cast.amara).execute()
    assert send(amara, sent).json == first
    new = send(amara, fields(cast, scan_id=str(uuid.uuid4())))
    assert (new.status_code, new.json["error"]) == (403, "refused")
