"""Logging a scan over HTTP: kept once, answered alike, and never more than what the form may say."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

import clock
from models import Enrolment, History, Move, Person, Scan
from rules import states
from tests.cast import days_ago, logged
from tests.scans.steps import abnormal, fields, log, stored, text_of
from workflows.reviews import reviews
from workflows.scans import scans

WEB = {"Accept": "text/html"}


def test_a_complete_scan_is_kept_and_is_with_the_mentor(browse, cast):
    sent = fields(cast)
    answer = log(browse(cast.amara), sent)
    assert (answer["scan_id"], answer["id"]) == (sent["scan_id"], sent["scan_id"])
    assert (answer["version"], answer["state"], answer["lacks"], answer["duplicate_of"]) == (1, "with_mentor", [], None)
    assert (stored(sent).mentor_id, stored(sent).state) == (cast.ravi.id, states.WITH_MENTOR)


def test_the_same_scan_again_is_stored_once_and_answered_as_the_first_time(browse, cast):
    amara, sent = browse(cast.amara), fields(cast)
    first = log(amara, sent)
    assert log(amara, sent) == first
    assert Scan.select().count() == 1
    assert History.select().where(History.verb == "log").count() == 1


def test_a_draft_sent_again_after_it_was_finished_is_answered_as_the_first_time(browse, cast):
    amara, sent = browse(cast.amara), fields(cast, support=None)
    first = log(amara, sent)
    assert (first["state"], first["lacks"]) == ("draft", ["support"])
    amara.post(f"/scans/{sent['scan_id']}", fields(cast, version=1), json=True)
    assert stored(sent).state == states.WITH_MENTOR
    assert log(amara, sent) == first


def test_a_likely_duplicate_sent_again_after_it_was_answered_is_answered_as_the_first_time(browse, cast):
    amara, one, two = browse(cast.amara), fields(cast), fields(cast)
    log(amara, one)
    first = log(amara, two)
    assert (first["state"], first["duplicate_of"]) == ("draft", one["scan_id"])
    assert "another patient" in first["question"]
    amara.post(f"/scans/{two['scan_id']}/sending", {"version": 1}, json=True)
    assert stored(two).state == states.WITH_MENTOR
    assert log(amara, two) == first


def test_the_same_content_in_another_order_is_the_same_scan(browse, cast):
    amara, sent = browse(cast.amara), abnormal(cast)
    first = log(amara, sent)
    turned = {
        **sent,
        "finding": sent["finding"][::-1],
        "outcome": "",
        "report": "  ",
        "report_base": "x",
        "version": "7",
    }
    assert log(amara, turned) == first


def test_the_same_id_with_other_content_is_409_naming_the_first_which_is_kept(browse, cast):
    amara, sent = browse(cast.amara), fields(cast)
    log(amara, sent)
    answer = amara.post("/scans", {**sent, "side": "left"}, json=True)
    assert answer.status_code == 409
    assert (answer.json["id"], answer.json["version"]) == (sent["scan_id"], 1)
    assert stored(sent).side == "right"


def test_in_a_browser_a_409_shows_the_first_and_keeps_what_was_entered_under_a_new_number(browse, cast):
    amara, sent = browse(cast.amara), fields(cast)
    log(amara, sent)
    answer = amara.post("/scans", {**sent, "side": "left", "report": "My other words."})
    assert answer.status_code == 409
    assert "Knee · right" in text_of(answer) and "My other words." in answer.text
    assert f'href="/scans/{sent["scan_id"]}"' in answer.text
    assert f'name="scan_id" value="{sent["scan_id"]}"' not in answer.text


def test_an_id_that_is_somebody_elses_is_404(browse, cast):
    sent = fields(cast)
    log(browse(cast.amara), sent)
    assert browse(cast.tom).post("/scans", sent, json=True).status_code == 404


@pytest.mark.parametrize("number", ["", "7", "not-a-uuid", "../../etc", "\x00", "x" * 5000])
def test_an_id_that_is_none_is_422(browse, cast, number):
    answer = browse(cast.amara).post("/scans", fields(cast, scan_id=number), json=True)
    assert answer.status_code == 422
    assert "scan_id" in answer.json["errors"]
    assert Scan.select().count() == 0


def test_a_browser_is_led_to_the_scan_which_says_where_it_is(browse, cast):
    amara, sent = browse(cast.amara), fields(cast)
    answer = amara.post("/scans", sent)
    assert (answer.status_code, answer.location) == (303, f"/scans/{sent['scan_id']}?saved=1")
    assert "Saved. It is with Ravi Patel." in text_of(amara.get(answer.location))


def test_htmx_is_told_where_to_go(browse, cast):
    sent = fields(cast)
    answer = browse(cast.amara).post("/scans", sent, htmx=True)
    assert answer.headers["HX-Redirect"] == f"/scans/{sent['scan_id']}?saved=1"


def test_without_its_support_it_is_a_draft_and_says_so(browse, cast):
    amara = browse(cast.amara)
    answer = amara.post("/scans", fields(cast, support=None))
    assert "Saved as a draft: support is missing." in text_of(amara.get(answer.location))


def test_finish_later_keeps_a_complete_scan_as_a_draft(browse, cast):
    amara, sent = browse(cast.amara), fields(cast, later="yes")
    answer = amara.post("/scans", sent)
    assert stored(sent).state == states.DRAFT
    assert "Saved as a draft" in text_of(amara.get(answer.location))


def test_no_column_is_set_that_is_not_the_forms_to_set(browse, cast):
    sent = fields(cast)
    forced = {
        "state": "counted",
        "case_number": 99,
        "approved_at": "2020-01-01",
        "approved_by": cast.ravi.id,
        "approved_version": 1,
        "audited_at": 1,
        "enrolment": 2,
        "enrolment_id": 2,
        "placement": 3,
        "received_at": 1,
        "digest": "x",
        "own_words": "1",
        "version": 7,
        "headline": "Hacked",
        "duplicate_of": sent["scan_id"],
    }
    log(browse(cast.amara), {**sent, **forced})
    scan = stored(sent)
    assert (scan.state, scan.case_number, scan.version) == (states.WITH_MENTOR, 1, 1)
    assert scan.headline == "No abnormality in what was examined"
    assert (scan.approved_at, scan.approved_by_id, scan.audited_at, scan.duplicate_of_id) == (None, None, None, None)
    assert not scan.own_words
    assert scan.enrolment.person_id == cast.amara.id


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("support", "assisted"),
        ("region", "skull"),
        ("side", "up"),
        ("finding", "lhb: no such finding"),
        ("finding", "no colon at all"),
        ("normal", "ssp"),
        ("indication", "because"),
        ("protocol", "quick"),
        ("outcome", "fine"),
        ("limitation", "moon"),
        ("modifier", "moon"),
        ("age_band", "41"),
        ("sex", "1980-01-01"),
        ("machine", "Esaote MyLab Omega"),
        ("transducer", "spoon"),
        ("procedure", "surgery"),
        ("mentor", "Ravi"),
        ("mentor", "9" * 30),
        ("site", "-1"),
        ("scanned_on", "yesterday"),
        ("scanned_on", "2026-02-31"),
    ],
)
def test_a_word_that_nobody_knows_is_422_beside_its_field(browse, cast, name, value):
    amara, sent = browse(cast.amara), fields(cast)
    answer = amara.post("/scans", {**sent, name: value}, json=True)
    assert answer.status_code == 422
    assert name in answer.json["errors"]
    assert amara.post("/scans", {**sent, name: value}).status_code == 422
    assert Scan.select().count() == 0


def test_a_mentor_or_site_of_another_placement_is_refused(browse, cast):
    amara = browse(cast.amara)
    assert "mentor" in amara.post("/scans", fields(cast, mentor=cast.grace.id), json=True).json["errors"]
    assert "site" in amara.post("/scans", fields(cast, site=cast.brighton.id), json=True).json["errors"]


def test_a_day_to_come_and_a_day_before_the_enrolment_are_refused_with_the_reason(browse, cast):
    amara = browse(cast.amara)
    late = amara.post("/scans", fields(cast, scanned_on=days_ago(-2).isoformat()))
    early = amara.post("/scans", fields(cast, scanned_on=days_ago(100).isoformat()))
    assert (late.status_code, early.status_code) == (422, 422)
    assert "This day has not come yet." in text_of(late)
    assert "Your enrolment began on" in text_of(early)
    assert f'value="{days_ago(100).isoformat()}"' in early.text  # the input is kept


@pytest.mark.parametrize(
    "secret", ["943 476 5919", "jane.doe@example.com", "DOB 03/04/1961", "CR0 6XA", "07700 900123"]
)
def test_what_identifies_a_patient_is_refused_shown_and_stored_nowhere(browse, cast, databases, settings, secret):
    amara = browse(cast.amara)
    answer = amara.post("/scans", fields(cast, report=f"Seen as {secret}, no tear."))
    assert answer.status_code == 422
    assert "Take it out: nothing in a scan may identify the patient." in text_of(answer)
    assert 'id="report-error"' in answer.text and 'href="#report"' in answer.text  # beside the field, and above
    assert f"Seen as {secret}, no tear." in answer.text  # what was typed is kept in the form
    assert Scan.select().count() == 0
    kept = databases.content(settings.database_url)
    assert b"amara@example.test" in kept and secret.encode() not in kept
    files = list(settings.instance.rglob("*"))
    assert not [file for file in files if file.is_file() and secret.encode() in file.read_bytes()]


def test_a_likely_duplicate_is_asked_about_and_yes_sends_it(browse, cast):
    amara, one, two = browse(cast.amara), fields(cast), fields(cast)
    log(amara, one)
    Scan.update(received_at=clock.now() - timedelta(minutes=3)).where(Scan.id == one["scan_id"]).execute()
    page = amara.get(amara.post("/scans", two).location)
    assert "Is this another patient?" in text_of(page)
    assert "You logged a right knee 3 minutes ago." in text_of(page)
    assert "Yes, another patient" in page.text
    amara.post(f"/scans/{two['scan_id']}/sending", {"version": 1})
    assert stored(two).state == states.WITH_MENTOR


def test_no_it_is_the_same_withdraws_it(browse, cast):
    amara, one, two = browse(cast.amara), fields(cast), fields(cast)
    log(amara, one)
    log(amara, two)
    amara.post(f"/scans/{two['scan_id']}/withdrawal", {"version": 1})
    assert (stored(two).state, stored(one).state) == (states.WITHDRAWN, states.WITH_MENTOR)


def test_a_duplicate_that_was_corrected_to_another_side_is_not_asked_about_any_more(browse, cast):
    amara, one, two = browse(cast.amara), fields(cast), fields(cast)
    log(amara, one)
    log(amara, two)
    amara.post(f"/scans/{two['scan_id']}", fields(cast, side="left", version=1))
    assert (stored(two).state, stored(two).duplicate_of_id) == (states.WITH_MENTOR, None)


def test_a_guided_procedure_is_kept_with_its_part_and_not_without(browse, cast):
    amara = browse(cast.amara)
    name = "knee joint injection"
    wrong = amara.post("/scans", fields(cast, procedure=name), json=True)
    assert "procedure_role" in wrong.json["errors"]
    sent = fields(cast, procedure=name, procedure_role="assisted")
    log(amara, sent)
    assert (stored(sent).procedure, stored(sent).procedure_role) == (name, "assisted")


def test_who_has_left_the_course_logs_nothing_more(browse, cast):
    amara = browse(cast.amara)
    enrolment = cast.amara.enrolments.get()
    type(enrolment).update(ended_on=days_ago(1), ended_as="graduated").where(type(enrolment).id == enrolment).execute()
    assert amara.post("/scans", fields(cast), json=True).status_code == 403
    assert amara.get("/scans/new").status_code == 403
    assert amara.get("/scans").status_code == 200  # what is there stays readable


def test_who_has_left_the_course_changes_nothing_more(browse, cast):
    amara = browse(cast.amara)
    waiting, draft = logged(cast.amara, cast.ravi), logged(cast.amara, cast.ravi, later=True)
    gone = logged(cast.amara, cast.ravi)
    scans.withdraw(gone.id, by=cast.amara, version=1)
    Enrolment.update(ended_on=days_ago(1), ended_as="graduated").where(Enrolment.person == cast.amara).execute()
    before = list(Scan.select().order_by(Scan.id).dicts())
    for scan, action in ((draft, "/sending"), (waiting, "/withdrawal"), (gone, "/withdrawal/undo"), (waiting, "")):
        sent = fields(cast, version=1, side="left")
        assert amara.post(f"/scans/{scan.id}{action}", sent, json=True).status_code == 403, action
    assert amara.get(f"/scans/{waiting.id}/other-side").status_code == 403
    assert list(Scan.select().order_by(Scan.id).dicts()) == before
    page = amara.get(f"/scans/{draft.id}").text
    assert "Send to mentor" not in page and "Withdraw" not in page and ">Edit" not in page


def test_nobody_but_a_student_logs(browse, cast):
    for person in (cast.ravi, cast.dana, cast.helen, cast.esther, cast.ian):
        assert browse(person).post("/scans", fields(cast), json=True).status_code == 403
    assert Scan.select().count() == 0


def test_odd_bodies_are_answered_in_words(browse, cast):
    amara = browse(cast.amara)
    for body, kind in (
        (b"", "application/x-www-form-urlencoded"),
        (b"\xff\xfe%%%=%", "application/x-www-form-urlencoded"),
        (b'{"scan_id": 1', "application/json"),
        (b"--x\r\nContent-Dis", "multipart/form-data; boundary=x"),
    ):
        for path in ("/scans", "/scans/report", "/scans/new", f"/scans/{uuid.uuid4()}"):
            answer = amara.post(path, body, json=True, content_type=kind)
            assert answer.status_code < 500
    assert Scan.select().count() == 0


def test_a_report_may_hold_what_databases_dislike(browse, cast):
    sent = fields(cast, report="A\x00 tear \U0001f9b5 'quoted' \"twice\" <b>.\r\nNext line.")
    log(browse(cast.amara), sent)
    assert stored(sent).report == "A tear \U0001f9b5 'quoted' \"twice\" <b>.\nNext line."


def test_the_story_and_history_have_one_row_for_one_scan(browse, cast):
    sent = fields(cast)
    log(browse(cast.amara), sent)
    assert [(move.verb, move.by_id) for move in Move.select()] == [("log", cast.amara.id)]


def test_handing_over_says_to_whom(browse, cast):
    sent = fields(cast)
    amara = browse(cast.amara)
    log(amara, sent)
    reviews.hand_over(sent["scan_id"], by=cast.amara, to=cast.priya.id)
    page = text_of(amara.get(f"/scans/{sent['scan_id']}"))
    assert "Handed over by Amara Okafor To Priya Nair." in page
    assert Person.get_by_id(stored(sent).mentor_id).name == "Priya Nair"
