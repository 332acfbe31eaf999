"""A phone that misses a scan asks whether it has come; about other people's it is told no more than about none."""

from __future__ import annotations

import uuid

from blueprints.hypermedia import ABOUT, ANSWER
from blueprints.scans.views import MOST_ASKED
from models import Scan, db
from tests.cast import entry_for, logged
from tests.client import queries_of
from workflows.accounts import accounts
from workflows.scans import scans

JSON = {"Accept": "application/json", ABOUT: "received"}


def ask(client, *asked: str):
    return client.http.get("/scans/received", query_string={"scan": asked}, headers=JSON)


def test_their_own_are_told_whatever_state_they_are_in(browse, cast):
    sent, withdrawn = logged(cast.amara, cast.ravi), logged(cast.amara, cast.ravi)
    scans.withdraw(withdrawn.id, by=cast.amara, version=1)
    never = str(uuid.uuid4())
    answer = ask(browse(cast.amara), sent.id, never, withdrawn.id)
    assert answer.json == {"person": cast.amara.id, "received": [sent.id, withdrawn.id]}
    assert answer.headers[ANSWER] == "received" and answer.headers["Cache-Control"] == "no-store"


def test_somebody_elses_looks_as_one_that_never_came(browse, cast):
    of_mei = logged(cast.mei, cast.grace)
    told = [ask(browse(cast.amara), one).json for one in (of_mei.id, str(uuid.uuid4()), f"{of_mei.id}@1")]
    assert told == [{"person": cast.amara.id, "received": []}] * 3


def test_a_correction_has_come_when_the_scan_has_gone_past_the_version_that_it_was_made_to(browse, cast):
    scan, amara = logged(cast.amara, cast.ravi), browse(cast.amara)
    asked = [f"{scan.id}@1", f"{scan.id}@2", f"{scan.id}@", f"{scan.id}@x", f"{scan.id}@-1"]
    assert ask(amara, *asked).json["received"] == []
    scans.correct(scan.id, entry_for(cast.ravi, report="9 mm."), by=cast.amara, version=1)
    assert ask(amara, *asked).json["received"] == [f"{scan.id}@1"]


def test_what_is_no_number_has_not_come(browse, cast):
    logged(cast.amara, cast.ravi)
    odd = ["", "@", "@1", "\x00", "%", "_" * 36, "' OR 1=1 --", "\U0001f600"]
    assert ask(browse(cast.amara), *odd).json["received"] == []
    assert ask(browse(cast.amara)).json["received"] == []


def test_more_than_fit_are_refused_and_none_is_left_out_in_silence(browse, cast):
    amara, scan = browse(cast.amara), logged(cast.amara, cast.ravi)
    others = [str(uuid.uuid4()) for _ in range(MOST_ASKED)]
    assert ask(amara, *others[1:], scan.id).json["received"] == [scan.id]
    answer = ask(amara, *others, scan.id)
    assert answer.status_code == 413 and "received" not in answer.json


def test_it_costs_two_queries_however_many_there_are(browse, cast):
    amara = browse(cast.amara)
    many = [logged(cast.amara, cast.ravi).id for _ in range(20)]
    with queries_of(db) as seen:
        assert len(ask(amara, *many).json["received"]) == 20
    assert len(seen) == 2, "who it is, and which are here"


def test_who_is_not_signed_in_or_logs_nothing_is_told_nothing(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    amara = browse(cast.amara)
    assert ask(browse(cast.ravi), scan.id).status_code == 403
    accounts.end_everywhere(cast.amara)
    answer = ask(amara, scan.id)
    assert (answer.status_code, answer.json["error"]) == (401, "signed-out")
    assert Scan.select().count() == 1
