"""A day without signal: when a scan was saved on the phone is kept beside when it was received, and told where it
matters. Scans that come together are not taken for one another.
"""

from __future__ import annotations

import csv
import io
import json
import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest

import clock
from models import History, Scan
from rules import states
from tests.cast import days_ago
from tests.scans.steps import abnormal, fields, log, stored, text_of
from workflows.history import verification


def saved(cast, ago: timedelta, **changes):
    """A scan as the outbox sends it: saved so long ago by the phone's clock."""
    return fields(cast, entered_at=(clock.now() - ago).isoformat(), form="1", **changes)


def proof_of(sent) -> dict:
    return json.loads(History.get(History.object == f"scan:{sent['scan_id']}").payload)


# --- What is kept ----------------------------------------------------------------------------------------------


def test_when_it_was_saved_and_by_which_form_is_kept_and_proved(browse, cast):
    sent = fields(cast, entered_at="2026-01-02T09:12:00.250Z", form="1", scanned_on=None)
    sent["entered_at"] = (clock.now() - timedelta(hours=3)).isoformat(timespec="milliseconds")
    log(browse(cast.amara), sent)
    scan = stored(sent)
    assert scan.entered_at == datetime.fromisoformat(sent["entered_at"])
    assert scan.form_version == 1
    assert proof_of(sent)["entered_at"] == scan.entered_at.isoformat() and proof_of(sent)["form"] == 1
    assert verification.verify().sound


def test_who_does_not_say_is_not_asked(browse, cast):
    sent = fields(cast)
    log(browse(cast.amara), sent)
    assert (stored(sent).entered_at, stored(sent).form_version) == (None, None)
    assert not {"entered_at", "form"} & proof_of(sent).keys()


@pytest.mark.parametrize(
    "said",
    [
        *("", "yesterday", "2026-02-31T10:00:00Z", "2026-10-05T10:00:00", "12:00", "9" * 2000, "٢٠٢٦-01-01T00:00:00Z"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z"),
    ],
)
def test_a_time_that_cannot_be_is_left_out_and_refuses_nothing(browse, cast, said):
    sent = fields(cast, entered_at=said, form="1")
    log(browse(cast.amara), sent)
    assert (stored(sent).entered_at, stored(sent).form_version) == (None, 1)


@pytest.mark.parametrize("said", ["", "0", "-1", "99", "one", "1.0", "9" * 40, "١"])
def test_a_form_that_is_not_known_is_read_as_the_one_of_today(browse, cast, said):
    sent = fields(cast, form=said)
    log(browse(cast.amara), sent)
    assert stored(sent).form_version is None


def test_the_same_scan_sent_again_with_another_time_is_the_same_scan(browse, cast):
    amara, sent = browse(cast.amara), saved(cast, timedelta(hours=5))
    first = log(amara, sent)
    assert log(amara, {**sent, "entered_at": clock.now().isoformat(), "form": ""}) == first
    assert stored(sent).entered_at == datetime.fromisoformat(sent["entered_at"])


def test_a_correction_made_offline_is_proved_and_leaves_when_the_scan_was_logged(browse, cast):
    amara, sent = browse(cast.amara), saved(cast, timedelta(hours=5))
    log(amara, sent)
    later = (clock.now() - timedelta(hours=2)).isoformat()
    amara.post(f"/scans/{sent['scan_id']}", {**sent, "side": "left", "version": 1, "entered_at": later}, json=True)
    assert (stored(sent).version, stored(sent).entered_at) == (2, datetime.fromisoformat(sent["entered_at"]))
    row = History.get((History.object == f"scan:{sent['scan_id']}") & (History.verb == "correct"))
    assert json.loads(row.payload)["entered_at"] == datetime.fromisoformat(later).isoformat()


@pytest.mark.parametrize(("ago", "day"), [(timedelta(days=3), 3), (timedelta(), 0), (timedelta(days=-2), 0)])
def test_a_scan_that_says_no_day_is_of_the_day_on_which_it_was_saved(browse, cast, ago, day):
    sent = saved(cast, ago)
    log(browse(cast.amara), sent)
    assert stored(sent).scanned_on == days_ago(day)


# --- What is told ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["amara", "ravi", "dana"])
def test_a_scan_that_came_late_says_so_to_all_who_read_it(browse, cast, who):
    sent = abnormal(cast, entered_at="2026-11-03T18:40:00Z", form="1")
    log(browse(cast.amara), sent)
    times = {
        "entered_at": datetime(2026, 11, 3, 18, 40, tzinfo=UTC),
        "received_at": datetime(2026, 11, 5, 9, 12, tzinfo=UTC),
    }
    Scan.update(times).where(Scan.id == sent["scan_id"]).execute()
    page = text_of(browse(getattr(cast, who)).get(f"/scans/{sent['scan_id']}"))
    assert "Logged on a phone without signal and sent to the mentor by Amara Okafor" in page
    assert "saved on the phone Tue 3 November" in page and ", 18:40" in page


def test_a_students_story_says_so_too(browse, cast):
    log(browse(cast.amara), saved(cast, timedelta(days=2)))
    page = text_of(browse(cast.ravi).get(f"/students/{Scan.get().enrolment_id}"))
    assert "Logged on a phone without signal and sent to the mentor" in page and "saved on the phone" in page


@pytest.mark.parametrize("ago", [timedelta(minutes=50), timedelta(hours=-3), timedelta()])
def test_a_scan_that_came_soon_says_nothing_of_it(browse, cast, ago):
    amara, sent = browse(cast.amara), saved(cast, ago)
    log(amara, sent)
    page = text_of(amara.get(f"/scans/{sent['scan_id']}"))
    assert "Logged and sent to the mentor" in page and "signal" not in page


def test_the_spreadsheet_has_both(browse, cast):
    amara = browse(cast.amara)
    log(amara, saved(cast, timedelta(hours=30)))
    log(amara, fields(cast, side="left"))
    rows = list(csv.DictReader(io.StringIO(amara.get("/scans.csv").data.decode("utf-8-sig"))))
    assert rows[0]["Form version"] == "1" and rows[0]["Saved on the phone at"] < rows[0]["Logged at"]
    assert (rows[1]["Saved on the phone at"], rows[1]["Form version"]) == ("", "")


# --- Another patient, or the same twice ------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [timedelta(), timedelta(hours=3), timedelta(days=-2)], ids=["right", "slow", "fast"])
@pytest.mark.parametrize("order", ["as logged", "the latest first", "mixed"])
def test_ten_scans_of_a_day_without_signal_come_at_once_and_none_is_asked_about(browse, cast, wrong, order):
    amara = browse(cast.amara)
    day = [saved(cast, wrong + timedelta(minutes=20 * number)) for number in range(10, 0, -1)]
    if order != "as logged":
        day.reverse() if order == "the latest first" else random.Random(7).shuffle(day)
    assert {log(amara, sent)["state"] for sent in day} == {states.WITH_MENTOR}


@pytest.mark.parametrize("wrong", [timedelta(), timedelta(hours=3), timedelta(days=-2)], ids=["right", "slow", "fast"])
@pytest.mark.parametrize("first", [0, 1])
def test_two_scans_a_minute_apart_without_signal_are_asked_about(browse, cast, wrong, first):
    amara = browse(cast.amara)
    two = [saved(cast, wrong + timedelta(hours=5, minutes=minutes)) for minutes in (1, 0)]
    one, other = two[first], two[1 - first]
    assert log(amara, one)["duplicate_of"] is None
    assert log(amara, other)["duplicate_of"] == one["scan_id"]
    assert stored(other).state == states.DRAFT


def test_the_question_says_when_the_other_one_was_saved(browse, cast):
    amara, two = browse(cast.amara), [saved(cast, timedelta(hours=5, minutes=minutes)) for minutes in (1, 0)]
    for sent in two:
        log(amara, sent)
    assert "You logged a right knee 5 hours ago." in text_of(amara.get(f"/scans/{two[1]['scan_id']}"))


def test_a_twin_is_found_however_many_scans_of_other_days_came_before_it(browse, cast):
    """Two devices of one student: one drains a month, then the other sends the same patient's scan again."""
    amara, twin = browse(cast.amara), saved(cast, timedelta(days=15, minutes=3))
    log(amara, twin)
    for days in range(30):
        log(amara, saved(cast, timedelta(days=days), side="left" if days == 15 else "right"))
    assert log(amara, saved(cast, timedelta(days=15, minutes=5)))["duplicate_of"] == twin["scan_id"]


def test_a_scan_of_this_morning_is_no_twin_of_one_logged_now_in_a_plain_browser(browse, cast):
    amara = browse(cast.amara)
    log(amara, saved(cast, timedelta(hours=4)))
    assert log(amara, fields(cast))["state"] == states.WITH_MENTOR


def test_one_logged_a_moment_before_in_a_plain_browser_is_asked_about(browse, cast):
    amara, one = browse(cast.amara), fields(cast)
    log(amara, one)
    assert log(amara, saved(cast, timedelta(seconds=20)))["duplicate_of"] == one["scan_id"]
    assert log(amara, saved(cast, timedelta(days=-2), region="elbow"))["duplicate_of"] is None


def test_a_clock_of_1970_has_every_scan_asked_about_and_loses_none(browse, cast):
    amara = browse(cast.amara)
    day = [fields(cast, entered_at=f"1970-01-01T00:{minutes:02}:00Z") for minutes in (0, 20, 40)]
    assert [log(amara, sent)["state"] for sent in day] == [states.WITH_MENTOR, states.DRAFT, states.DRAFT]


def test_another_patient_or_a_guided_procedure_is_never_asked_about(browse, cast):
    amara = browse(cast.amara)
    log(amara, saved(cast, timedelta(hours=5)))
    assert log(amara, saved(cast, timedelta(hours=5), another="yes"))["duplicate_of"] is None
    assert uuid.UUID(log(amara, saved(cast, timedelta(hours=5), side="left"))["scan_id"])
