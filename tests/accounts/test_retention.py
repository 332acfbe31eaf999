"""What is kept of somebody until when: shown, told in time, and nothing lost to a graduate meanwhile."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

import clock
from models import Enrolment, History, Notice, Passkey, Scan, SignIn
from rules import retention as rule
from rules.phrases import day
from tests.cast import days_ago, logged
from workflows.accounts import accounts
from workflows.history import verification
from workflows.notices import letters
from workflows.people import erasure, retention
from workflows.reviews import reviews

DOCS = Path(__file__).resolve().parents[2] / "docs"
WRITES = ("/scans/new", "/portfolio/import")  # what only an enrolled student may open


def end(person, ended_on, ended_as="graduated") -> None:
    """As the course will end it."""
    Enrolment.update(ended_on=ended_on, ended_as=ended_as).where(Enrolment.person == person).execute()


def counted(cast) -> Scan:
    scan = logged(cast.amara, cast.ravi, support="aided")
    return reviews.approve(scan.id, by=cast.ravi, version=1, comment="Clear images, Amara.")


def test_a_graduate_opens_all_that_a_student_reads_and_logs_nothing(browse, cast):
    scan = counted(cast)
    pages = [f"/scans/{scan.id}"] + [
        rule.rule
        for rule in browse(cast.amara).app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.arguments and not rule.rule.startswith("/sign")
    ]
    student = browse(cast.amara)
    before = {page: student.http.get(page).status_code for page in pages}
    end(cast.amara, days_ago(1))
    graduate = browse(cast.amara)
    after = {page: graduate.http.get(page).status_code for page in pages}
    assert not [page for page in pages if before[page] != after[page] and not page.startswith(WRITES)]
    assert after["/scans.csv"] == after["/me/data"] == 200
    sent = {"region": "knee", "side": "left", "support": "unaided", "normal": "all", "later": "yes"}
    answer = graduate.post("/scans", {**sent, "scan_id": "8f14e45f-ceea-4d4c-9d4f-0b7c8b3f5a11"}, json=True)
    assert answer.status_code == 403
    assert Scan.select().count() == 1


def test_everybody_reads_what_is_kept_of_them_and_until_when(browse, cast):
    counted(cast)
    due = day(rule.later(cast.cohort.due_on, months=24))
    says = browse(cast.amara).get("/me").text
    assert f"while you are on the course, and until {due} at least if you end with your cohort" in says
    assert f"At the earliest on {due}, if you end with the cohort" in says
    assert "Signing in, reading and exporting" not in says
    mentor = browse(cast.ravi).get("/me").text
    assert f"until {due} at least, if those students end with their cohorts" in mentor
    assert "Nothing of yours has to be kept any longer" in browse(cast.helen).get("/me").text
    for page in (says, mentor, browse(cast.dana).get("/me").text):
        assert "90 days after each has ended" in page
        assert "until you are erased" in page


@pytest.mark.parametrize(("how", "months"), [("graduated", 24), ("left", 12)])
def test_home_and_me_say_until_when_who_ended_reads(browse, cast, how, months):
    end(cast.amara, days_ago(10), how)
    until = day(rule.later(days_ago(10), months=months))
    browser = browse(cast.amara)
    assert (
        f"until {until} at least, and as long as anything is kept; nothing more can be logged" in browser.get("/").text
    )
    assert f"until {until} at least, and as long as anything is kept" in browser.get("/me").text


def test_who_graduated_is_told_60_and_14_days_before_and_the_director_when_it_is_over_each_once(cast, later, browse):
    ended = days_ago(0)
    end(cast.amara, ended)
    over = (retention.reading_until(Enrolment.get(Enrolment.person == cast.amara), clock.now()) - ended).days
    sent = {}
    for before in (61, 60, 30, 14, 1, 0, -5):
        later(days=over - before - (clock.now().date() - ended).days)
        sent[before] = retention.remind() + retention.remind()
    assert sent == {61: 0, 60: 1, 30: 0, 14: 1, 1: 0, 0: 1, -5: 0}
    kinds = [(one.recipient_id, one.kind) for one in Notice.select().order_by(Notice.id)]
    expected = [(cast.amara, "reading_ends_60"), (cast.amara, "reading_ends_14"), (cast.dana, "past_its_time")]
    assert kinds == [(person.id, kind) for person, kind in expected]
    assert "Portfolio near the end of its time (14 days or less)" in browse(cast.amara).get("/news").text
    assert "Portfolio past the time for which it is kept" in browse(cast.dana).get("/news").text
    assert "Did not ask." in browse(cast.dana).get("/wishes").text


def test_two_workers_at_once_tell_once(cast, database):
    ended = days_ago(0)
    end(cast.amara, ended - timedelta(days=700))
    threads = [Thread(target=_remind, args=(database,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Notice.select().where(Notice.kind == "reading_ends_60").count() == 1


def _remind(database) -> None:
    with database.connection_context():
        retention.remind()


def test_records_of_sign_ins_go_90_days_after_their_end_and_history_still_verifies(cast, later):
    old, live = accounts.start(cast.ravi), accounts.start(cast.mei)
    accounts.end(accounts.visitor(old))
    later(days=59)
    now = accounts.start(cast.ravi)
    later(days=32)  # the first ended 91 days ago; Mei's ran out 31 days ago
    assert retention.delete_old_sign_ins() == 1
    assert retention.delete_old_sign_ins() == 0
    left = {mark for (mark,) in SignIn.select(SignIn.token_hash).tuples()}
    assert left == {accounts.hash_of(live), accounts.hash_of(now)}
    assert History.select().where(History.verb == "delete_sign_ins").count() == 1
    assert verification.verify().findings == []


def test_everything_about_one_is_a_file_as_it_is_documented(browse, cast):
    counted(cast)
    erasure.ask(cast.ravi)
    known = {"public_key": "the key", "sign_count": 0, "backed_up": True, "name": "His phone", "made_at": clock.now()}
    Passkey.create(id="a passkey", person=cast.ravi, **known)
    words = {"name": "Ravi Patel", "sentence": "A passkey was added."}
    letters.write("ways_in_changed", address=cast.ravi.email, person=cast.ravi.id, words=words, at=clock.now())
    browser = browse(cast.ravi)
    answer = browser.get("/me/data")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    data = json.loads(answer.text)
    assert data["account"]["email"] == "ravi@example.test"
    assert [(one["role"], one["site"]) for one in data["placement_parts"]] == [("mentor", "Croydon MSK clinic")] * 2
    assert data["judgements"]["counts"] == {"approve": 1}
    assert [one["words"] for one in data["judgements"]["words"]] == ["Clear images, Amara."]
    assert len(data["erasure_wishes"]) == 1
    assert (data["sign_ins"][0]["ended_at"], data["sign_ins"][0]["means"]) == (None, "password")
    assert [(one["email"], one["proved_at"] is None) for one in data["addresses"]] == [("ravi@example.test", False)]
    assert [(one["name"], one["synced"], one["used_at"]) for one in data["passkeys"]] == [("His phone", True, None)]
    assert [(one["kind"], one["address"]) for one in data["letters"]] == [("ways_in_changed", "ravi@example.test")]
    secrets = {mark for (mark,) in SignIn.select(SignIn.token_hash).tuples()} | {cast.ravi.seal, cast.ravi.password}
    secrets |= {"a passkey", "the key", cast.ravi.handle}
    assert not [secret for secret in secrets if secret in answer.text]
    assert "Okafor" not in answer.text
    described = set(re.findall(r"`([\w.]+)`", (DOCS / "own-data.md").read_text(encoding="utf-8")))
    student = json.loads(browse(cast.amara).get("/me/data").text)
    assert keys_of(data) | keys_of(student) <= described
    assert student["enrolments"][0]["cohort"] == "September 2026"


def keys_of(data: dict) -> set[str]:
    """The names of a file's keys; counts are by verb, which is no key of ours."""
    found = set(data)
    for key, value in data.items():
        for one in value if isinstance(value, list) else [value] if key != "counts" else []:
            found |= keys_of(one) if isinstance(one, dict) else set()
    return found
