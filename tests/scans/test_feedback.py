"""What a student finds and does after the mentor has said something of a scan: the request first, the report under it,
own words and a reply from the scan's own page.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

import clock
from models import Move, Notice, Scan
from rules import states
from rules.vocabulary import Pair
from tests.cast import happened, logged
from tests.scans.steps import text_of
from workflows.reviews import reviews

WHY = "Measure the tear, please."


@pytest.fixture
def returned(cast) -> Scan:
    scan = logged(cast.amara, cast.ravi, findings=(Pair("ssp", "full-thickness tear"),), normal=(), report="")
    return reviews.send_back(scan.id, by=cast.ravi, version=1, why=WHY)


def approved_an_hour_ago(cast, support: str, comment: str) -> Scan:
    scan = logged(cast.amara, cast.ravi, support=support)
    reviews.approve(scan.id, by=cast.ravi, version=1, comment=comment)
    an_hour_ago = clock.now() - timedelta(hours=1)
    happened(scan, an_hour_ago, "approve")
    Scan.update(approved_at=an_hour_ago).where(Scan.id == scan.id).execute()
    return scan


def words(client, scan: Scan, report: str, *, htmx: bool = False, **more):
    scan = Scan.get_by_id(scan.id)
    step = Move.select().where(Move.scan == scan).order_by(Move.id.desc()).get().id
    sent = {"version": scan.version, "step": step, "report": report, **more}
    return client.post(f"/scans/{scan.id}/words", sent, htmx=htmx)


def test_a_returned_scan_opens_at_the_request_with_edit_beside_it_and_its_form_at_the_report(browse, cast, returned):
    amara = browse(cast.amara)
    page = amara.get(f"/scans/{returned.id}").text
    request, report = page.index(WHY), page.index('id="headline"')
    assert request < page.index(f"/scans/{returned.id}/edit") < report, "the request, Edit, and then the scan"
    assert page.count(f'/scans/{returned.id}/edit"') == 1
    form = amara.get(f"/scans/{returned.id}/edit").text
    assert form.index('id="taps"') < form.index(WHY) < form.index('id="report"'), "above the report, and nowhere else"
    assert "autofocus" in form[form.index("back-again") : form.index(WHY)], "the form opens there"
    refused = amara.post(f"/scans/{returned.id}", {"version": 2, "region": "knee", "side": "left"})
    assert WHY in refused.text, "and stays when it comes back"


@pytest.mark.parametrize(("support", "said"), [("unaided", "Approved by"), ("aided", "Audited and approved by")])
def test_feedback_stands_first_on_an_approved_scan(browse, cast, support, said):
    scan = approved_an_hour_ago(cast, support, "Lovely view of the bursa.")
    for person in (cast.amara, cast.ravi):
        page = browse(person).get(f"/scans/{scan.id}").text
        assert page.index(said) < page.index("Lovely view of the bursa.") < page.index('id="headline"')
        assert page.count("Lovely view of the bursa.</blockquote>") == 2, "once as feedback, once in its story"


def test_feedback_that_can_still_be_undone_is_not_there(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1, comment="Lovely view of the bursa.")
    amara = browse(cast.amara)
    assert "Lovely" not in amara.get(f"/scans/{scan.id}").text
    assert amara.post(f"/scans/{scan.id}/reply", {"why": "Thank you."}).status_code == 409, "so nothing can be replied"


def test_own_words_are_written_on_the_scans_page_and_send_it(browse, cast, returned):
    amara = browse(cast.amara)
    text = returned.report + " It measures 14 mm."
    answer = words(amara, returned, text)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/scans/{returned.id}?saved=1")
    scan = Scan.get_by_id(returned.id)
    assert (scan.report, scan.state, scan.own_words, scan.words_missing) == (text, states.WITH_MENTOR, True, False)
    assert scan.findings == returned.findings and scan.side == returned.side, "the rest stays as it is"
    assert words(amara, scan, text + " No fluid.").status_code == 303
    assert Scan.get_by_id(scan.id).state == states.WITH_MENTOR


def test_own_words_can_be_saved_and_sent_later(browse, cast, returned):
    words(browse(cast.amara), returned, returned.report + " It measures 14 mm.", later="yes")
    scan = Scan.get_by_id(returned.id)
    assert (scan.state, scan.own_words) == (states.RETURNED, True)


@pytest.mark.parametrize(
    ("report", "said"),
    [
        ("Seen as 943 476 5919.", "NHS number"),
        ("Mrs Quokka came.", "Does this identify a patient?"),
        ("x" * 5001, "A report has at most 5,000 characters"),
    ],
)
def test_refused_words_come_back_beside_their_field_on_the_page(browse, cast, returned, report, said):
    answer = words(browse(cast.amara), returned, report)
    assert answer.status_code == 422
    assert said in text_of(answer) and report in answer.text
    assert 'id="words" open' in answer.text
    piece = words(browse(cast.amara), returned, report, htmx=True)
    assert piece.status_code == 422 and report in piece.text and "<html" not in piece.text
    assert Scan.get_by_id(returned.id).version == returned.version


def test_words_that_the_screen_asked_about_are_kept_after_go_on(browse, cast, returned):
    amara, report = browse(cast.amara), returned.report + " Mrs Quokka came."
    asked = words(amara, returned, report)
    marks = re.search(r'name="named_nobody" value="([^"]+)"', asked.text)[1]
    assert words(amara, returned, report, named_nobody=marks).status_code == 303
    assert Scan.get_by_id(returned.id).warned == ["name"]


def test_words_for_a_scan_that_was_changed_meanwhile_are_shown_beside_it(browse, cast, returned):
    amara = browse(cast.amara)
    answer = amara.post(f"/scans/{returned.id}/words", {"version": 9, "report": "It measures 14 mm."})
    assert (
        answer.status_code == 409 and "It measures 14 mm." in answer.text and "This is what stands now" in answer.text
    )


def test_a_student_replies_in_one_line_and_the_mentor_is_told_and_reads_it(browse, cast, returned):
    amara, ravi = browse(cast.amara), browse(cast.ravi)
    assert '<input id="reply" name="why"' in amara.get(f"/scans/{returned.id}").text, "one line"
    for _ in range(2):  # the second is a resend
        answer = amara.post(f"/scans/{returned.id}/reply", {"why": "Longitudinal or transverse?"})
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/scans/{returned.id}")
    assert Move.select().where(Move.verb == states.REPLY).count() == 1
    assert [one.recipient_id for one in Notice.select().where(Notice.kind == "scan_replied")] == [cast.ravi.id]
    assert "Longitudinal or transverse?" in ravi.get(f"/scans/{returned.id}").text
    assert "Longitudinal or transverse?" in ravi.get("/news").text
    stands = Scan.get_by_id(returned.id)
    assert (stands.state, stands.version) == (states.RETURNED, returned.version), "nothing else has changed"
    assert WHY in amara.get(f"/scans/{returned.id}").text
    words(amara, returned, returned.report + " It measures 14 mm.")
    assert "Longitudinal or transverse?" in ravi.get("/inbox").text


def test_a_reply_overtakes_nothing_that_a_mentor_was_about_to_do(browse, cast, returned):
    words(browse(cast.amara), returned, returned.report + " It measures 14 mm.")
    scan = Scan.get_by_id(returned.id)
    step = Move.select().where(Move.scan == scan).order_by(Move.id.desc()).get().id
    browse(cast.amara).post(f"/scans/{scan.id}/reply", {"why": "Done."})
    assert reviews.approve(scan.id, by=cast.ravi, version=scan.version, step=step).state == states.COUNTED


def test_nothing_is_replied_where_the_mentor_has_said_nothing(browse, cast):
    scan, amara = logged(cast.amara, cast.ravi), browse(cast.amara)
    assert "reply" not in amara.get(f"/scans/{scan.id}").text.lower()
    assert amara.post(f"/scans/{scan.id}/reply", {"why": "Hello?"}).status_code == 409


def test_a_reply_that_identifies_a_patient_comes_back_with_its_words(browse, cast, returned):
    answer = browse(cast.amara).post(f"/scans/{returned.id}/reply", {"why": "Seen as 943 476 5919."})
    assert answer.status_code == 422 and "Seen as 943 476 5919." in answer.text and "NHS number" in answer.text


def test_feedback_on_an_approved_scan_can_be_answered_too(browse, cast):
    scan = approved_an_hour_ago(cast, "unaided", "Lovely view of the bursa.")
    assert browse(cast.amara).post(f"/scans/{scan.id}/reply", {"why": "Thank you."}).status_code == 303
    assert Scan.get_by_id(scan.id).state == states.COUNTED
