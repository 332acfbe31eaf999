"""The log form: what it remembers, what it copies, what it keeps, with JavaScript and without."""

from __future__ import annotations

import html
import re

import pytest

import clock
from models import Machine, Move, Party, Scan, db
from rules import states
from rules.vocabulary import Pair
from tests.cast import PASSWORD, days_ago, logged
from tests.client import Client, queries_of
from tests.scans.steps import abnormal, chosen, field_of, fields, log, stored, text_of
from workflows.course import programmes
from workflows.reviews import reviews


def test_the_form_defines_aided_unaided_and_audited_where_they_are_chosen(browse, cast):
    page = text_of(browse(cast.amara).get("/scans/new"))
    for words in (
        "mentor is beside you",
        "your mentor reviews it before it is used",
        "judged image, report and agreement",
    ):
        assert words in page


def test_nine_regions_and_three_sides_are_offered_and_findings_wait_for_the_region(browse, cast):
    page = browse(cast.amara).get("/scans/new")
    assert len(re.findall('name="region"', page.text)) == 9
    assert len(re.findall('name="side"', page.text)) == 3
    assert "Choose a region first" in page.text


def test_mentor_site_machine_and_transducer_are_remembered_and_support_never(browse, cast):
    logged(cast.amara, cast.priya, support="aided", machine="GE Logiq E10", transducer="hockey stick", protocol="full")
    page = browse(cast.amara).get("/scans/new")
    assert "With Priya Nair at Croydon MSK clinic on GE Logiq E10 Change" in text_of(page)
    assert chosen(page, "mentor") == [str(cast.priya.id)]
    assert chosen(page, "transducer") == ["hockey stick"]
    for asked in ("support", "region", "side", "protocol"):
        assert chosen(page, asked) == []


def test_a_mentor_who_has_left_is_not_remembered(browse, cast):
    logged(cast.amara, cast.ravi)
    Party.update(ended_on=days_ago(0)).where(Party.person == cast.ravi).execute()
    page = browse(cast.amara).get("/scans/new")
    assert chosen(page, "mentor") == [str(cast.priya.id)]  # the only one that is left
    assert "Ravi" not in page.text


def test_the_day_is_today(browse, cast):
    today = programmes.get("msk-pgcert").today(clock.now())
    assert f'value="{today.isoformat()}"' in browse(cast.amara).get("/scans/new").text


def test_the_sponsors_machines_come_first(browse, cast):
    Machine.create(site=cast.croydon, name="Acme One")
    page = browse(cast.amara).get("/scans/new").text
    assert page.index("Esaote MyLab X8") < page.index("Acme One") < page.index("GE Logiq E10")
    assert "Omega" not in page  # another site's


def test_after_an_arthroplasty_the_joint_has_no_findings_of_bone_and_cartilage(browse, cast):
    taps = {"region": "hip", "findings": (Pair("joint", "effusion"),), "modifiers": ("after arthroplasty",)}
    page = browse(cast.amara).get(f"/scans/new?like={logged(cast.amara, cast.ravi, **taps).id}")
    marks = {one: "data-hidden" in _input(page, f"joint: {one}") for one in ("osteophytes", "erosion", "synovitis")}
    assert marks == {"osteophytes": True, "erosion": True, "synovitis": False}


def _input(page, value: str) -> str:
    return re.search(rf'<input[^>]*value="{value}"[^>]*>', page.text).group()


def test_same_again_copies_the_taps_and_not_the_words_nor_the_support(browse, cast):
    scan = logged(
        cast.amara, cast.ravi, side="left", protocol="full", indication="weakness after trauma", scanned_on=days_ago(2)
    )
    page = browse(cast.amara).get(f"/scans/new?like={scan.id}")
    assert (chosen(page, "support"), chosen(page, "region"), chosen(page, "side")) == ([], ["shoulder"], ["left"])
    assert chosen(page, "finding") == ["ssp: full-thickness tear", "sasd: bursitis"]
    assert (chosen(page, "protocol"), chosen(page, "indication")) == (["full"], ["weakness after trauma"])
    assert "14 mm" not in page.text
    assert field_of(page, "report").startswith("Complete examination of the left shoulder, of which not all")
    assert field_of(page, "report") == field_of(page, "report_base")
    assert field_of(page, "another") == "yes"
    assert f'value="{scan.scanned_on.isoformat()}"' not in page.text
    assert field_of(page, "scan_id") != scan.id


def test_same_again_needs_only_the_support_to_be_sent(browse, cast):
    amara, sent = browse(cast.amara), abnormal(cast)
    log(amara, sent)
    page = amara.get(f"/scans/new?like={sent['scan_id']}")
    names = ("region", "side", "finding", "normal", "mentor", "machine", "transducer")
    again = {name: chosen(page, name) for name in names}
    again |= {name: field_of(page, name) for name in ("scan_id", "another", "report", "report_base", "site")}
    assert log(amara, {**again, "support": "aided"})["state"] == "with_mentor"
    assert Scan.select().count() == 2


def test_nobody_copies_somebody_elses_scan(browse, cast):
    scan = logged(cast.mei, cast.grace)
    assert browse(cast.amara).get(f"/scans/new?like={scan.id}").status_code == 404
    assert browse(cast.amara).get("/scans/new?like=nonsense").status_code == 404


def test_ones_own_usual_findings_come_first(browse, cast):
    for _ in range(2):
        logged(cast.amara, cast.ravi, findings=(Pair("lhb", "subluxation"),))
    scan = logged(cast.amara, cast.ravi, findings=(Pair("sasd", "bursitis"),))
    page = browse(cast.amara).get(f"/scans/new?like={scan.id}").text
    order = [
        page.index(f'value="{pair}"') for pair in ("lhb: subluxation", "sasd: bursitis", "ssp: full-thickness tear")
    ]
    assert order == sorted(order)
    assert page.count('value="lhb: subluxation"') == 1  # not a second time under its structure


def test_the_findings_piece_is_vocabulary_alone(browse, cast):
    before = browse(cast.amara).get("/scans/new/findings/shoulder").text
    logged(cast.amara, cast.ravi, findings=(Pair("lhb", "subluxation"),))
    after = browse(cast.amara).get("/scans/new/findings/shoulder").text
    assert before == after == browse(cast.mei).get("/scans/new/findings/shoulder").text
    for word in ("All normal", "Full-thickness supraspinatus tear", "Subscapularis", "Painful arc, impingement?"):
        assert word in before
    assert "csrf" not in before and "Amara" not in before


def test_every_structure_of_every_region_can_be_tapped(browse, cast):
    amara = browse(cast.amara)
    for region in programmes.get("msk-pgcert").vocabulary.regions.values():
        piece = amara.get(f"/scans/new/findings/{region.id}").text
        offered = set(map(html.unescape, re.findall('name="finding" value="([^"]*)"', piece)))
        words = programmes.get("msk-pgcert").vocabulary
        there = [one for one in region.structures.values() if not one.retired]
        after = words.modifiers  # what is offered after any operation is there, and shown when that is chosen
        assert {f"{one.id}: {finding}" for one in there for finding in words.offered(one)} <= offered
        assert offered >= {
            f"{one.id}: {each}" for one in there if not one.gone_after for each in words.offered(one, after)
        }
        assert len(re.findall('name="normal"', piece)) == len(there) + 1


def test_a_region_that_is_none_has_no_findings(browse, cast):
    assert browse(cast.amara).get("/scans/new/findings/skull").status_code == 404


def test_without_javascript_show_findings_keeps_everything_and_stores_nothing(browse, cast):
    amara = browse(cast.amara)
    assert 'formaction="/scans/new"' in amara.get("/scans/new").text
    sent = fields(
        cast, support="aided", indication="anterior pain", finding="joint: effusion", report="My own sentence."
    )
    page = amara.post("/scans/new", {**sent, "report_base": ""})
    assert (chosen(page, "support"), chosen(page, "region"), chosen(page, "side")) == (["aided"], ["knee"], ["right"])
    assert (chosen(page, "normal"), chosen(page, "indication")) == (["all"], ["anterior pain"])
    assert field_of(page, "scan_id") == sent["scan_id"]
    assert "My own sentence." in field_of(page, "report")
    assert Scan.select().count() == Move.select().count() == 0


def test_another_region_keeps_what_still_applies_and_drops_the_rest(browse, cast):
    sent = abnormal(cast, region="elbow", normal="all", indication="lump", protocol="full")
    page = browse(cast.amara).post("/scans/new", sent)
    assert (chosen(page, "finding"), chosen(page, "normal")) == ([], ["all"])
    assert (chosen(page, "indication"), chosen(page, "protocol")) == (["lump"], ["full"])
    assert not re.search("supraspinatus|ssp|tear", field_of(page, "report"), re.IGNORECASE)


def test_the_form_is_sent_and_saved_without_javascript(browse, cast):
    """The page's own fields, filled as a browser would, are enough."""
    amara = browse(cast.amara)
    page = amara.post("/scans/new", {**fields(cast), "scan_id": field_of(amara.get("/scans/new"), "scan_id")})
    names = ("support", "region", "side", "normal", "mentor", "machine", "transducer")
    sent = {name: chosen(page, name) for name in names}
    sent |= {name: field_of(page, name) for name in ("scan_id", "report", "report_base", "site", "csrf_token")}
    answer = amara.http.post("/scans", data=sent)
    assert answer.status_code == 303
    assert stored(sent).state == states.WITH_MENTOR


def test_two_pages_opened_at_once_after_signing_in_can_both_be_sent(app, cast):
    """Whichever answer's cookie the browser keeps, the forms of both pages are good."""
    browser = Client(app).http
    front = browser.get("/sign-in").text
    token = re.search('name="csrf_token"[^>]*value="([^"]+)"', front).group(1)
    browser.post("/sign-in", data={"csrf_token": token, "email": cast.amara.email, "password": PASSWORD})
    kept = browser.get_cookie("sonofolio").value
    one = browser.get("/scans/new")
    browser.set_cookie("sonofolio", kept)  # the second page was asked for before the first was answered
    browser.get("/scans/new")
    sent = {"csrf_token": field_of(one, "csrf_token"), **fields(cast)}
    assert browser.post("/scans/report", data=sent).status_code == 200


def test_bad_input_has_a_summary_that_takes_the_focus_and_keeps_everything(browse, cast):
    sent = abnormal(
        cast, scanned_on=days_ago(-3).isoformat(), report="My words.", modifier=["dynamic"], outcome="urgent pathway"
    )
    page = browse(cast.amara).post("/scans", sent)
    assert page.status_code == 422
    assert re.search(r'class="error-summary" role="alert" tabindex="-1" autofocus', page.text)
    assert 'href="#scanned_on"' in page.text and 'id="scanned_on-error"' in page.text
    assert chosen(page, "finding") == sent["finding"]
    assert (chosen(page, "modifier"), chosen(page, "outcome")) == (["dynamic"], ["urgent pathway"])
    assert "My words." in field_of(page, "report")
    assert field_of(page, "scan_id") == sent["scan_id"]


def test_a_day_that_cannot_be_read_is_kept_as_it_was_written(browse, cast):
    page = browse(cast.amara).post("/scans", fields(cast, scanned_on="2026-02-31"))
    assert "Give the day as day, month and year." in text_of(page)
    assert 'value="2026-02-31"' in page.text


def test_an_empty_form_says_what_to_choose(browse, cast):
    page = browse(cast.amara).post("/scans", {"scan_id": fields(cast)["scan_id"]})
    assert page.status_code == 422
    assert "Choose a region: there is nothing to save yet." in text_of(page)


@pytest.mark.parametrize("number", [5, 50])
def test_the_form_asks_the_database_four_times_however_many_scans(browse, cast, number):
    for _ in range(number):
        scan = logged(cast.amara, cast.ravi)
    amara = browse(cast.amara)
    for path in ("/scans/new", f"/scans/new?like={scan.id}"):
        with queries_of(db) as seen:
            amara.get(path)
        assert len(seen) <= 4, seen


def test_one_button_says_save_scan(browse, cast):
    page = browse(cast.amara).get("/scans/new").get_data(as_text=True)
    buttons = re.findall(r"<button[^>]*>(.*?)</button>", page, re.S)
    assert [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in buttons].count("Save scan") == 1


# --- Correcting ------------------------------------------------------------------------------------------------


def test_a_scan_is_corrected_until_it_is_approved(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    amara = browse(cast.amara)
    page = amara.get(f"/scans/{scan.id}/edit")
    assert "14 mm" in field_of(page, "report")
    assert (chosen(page, "support"), chosen(page, "side")) == (["unaided"], ["right"])
    answer = amara.post(f"/scans/{scan.id}", abnormal(cast, side="left", version=1, report="Mine now."))
    assert answer.status_code == 303
    now = Scan.get_by_id(scan.id)
    assert (now.side, now.version, now.state, now.report) == ("left", 2, states.WITH_MENTOR, "Mine now.")


def test_a_counted_scan_is_not_corrected_and_the_reason_is_said(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1)
    amara = browse(cast.amara)
    assert "only after your mentor has reopened it" in text_of(amara.get(f"/scans/{scan.id}/edit"))
    answer = amara.post(f"/scans/{scan.id}", abnormal(cast, version=1, report="Too late."))
    assert answer.status_code == 409
    assert "Too late." in field_of(answer, "report")  # nothing is lost
    assert "14 mm" in Scan.get_by_id(scan.id).report


def test_two_corrections_at_once_keep_both_and_say_who_did_what(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    phone, desk = browse(cast.amara), browse(cast.amara)
    phone.post(f"/scans/{scan.id}", abnormal(cast, version=1, report="From the phone."))
    answer = desk.post(f"/scans/{scan.id}", abnormal(cast, version=1, report="From the desk."))
    assert answer.status_code == 409
    assert "From the desk." in field_of(answer, "report")
    page = text_of(answer)
    assert "From the phone." in page and "Corrected (version 2) by Amara Okafor" in page
    assert Scan.get_by_id(scan.id).report == "From the phone."
    assert field_of(answer, "version") == "2"
    assert desk.post(f"/scans/{scan.id}", abnormal(cast, version=2, report="From the desk.")).status_code == 303
    assert Scan.get_by_id(scan.id).report == "From the desk."


def test_a_correction_sent_twice_is_one(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    amara, sent = browse(cast.amara), abnormal(cast, side="left", version=1)
    assert [amara.post(f"/scans/{scan.id}", sent).status_code for _ in range(2)] == [303, 303]
    assert Scan.get_by_id(scan.id).version == 2
    assert Move.select().where(Move.scan == scan).count() == 2


def test_a_correction_that_says_nothing_about_the_version_is_a_conflict(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    assert browse(cast.amara).post(f"/scans/{scan.id}", abnormal(cast, side="left"), json=True).status_code == 409


def test_what_is_with_the_mentor_stays_complete(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    answer = browse(cast.amara).post(f"/scans/{scan.id}", abnormal(cast, version=1, support=None))
    assert answer.status_code == 422
    assert "Missing: support" in text_of(answer)


def test_nobody_corrects_somebody_elses_scan(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    tom = browse(cast.tom)
    assert tom.get(f"/scans/{scan.id}/edit").status_code == 404
    for path in ("", "/edit", "/sending", "/other-side/undo", "/withdrawal", "/withdrawal/undo", "/seen"):
        assert tom.post(f"/scans/{scan.id}{path}", abnormal(cast, version=1)).status_code == 404
    assert Scan.get_by_id(scan.id).version == 1


def test_a_draft_finished_days_later_keeps_its_day(browse, cast):
    scan = logged(cast.amara, cast.ravi, later=True, scanned_on=days_ago(4))
    page = browse(cast.amara).get(f"/scans/{scan.id}/edit")
    assert f'value="{days_ago(4).isoformat()}"' in page.text


def test_the_procedures_offered_are_those_of_the_region_and_one_that_was_recorded_stays(browse, cast):
    amara = browse(cast.amara)

    def offered(page) -> list[str]:
        (select,) = re.findall(r'<select[^>]*name="procedure"[^>]*>(.*?)</select>', page.text, re.DOTALL)
        return [html.unescape(one) for one in re.findall(r'value="([^"]+)"', select)]

    knee = offered(amara.post("/scans/new", fields(cast)))
    assert knee[0] == "knee joint injection" and "dry needling" in knee and "carpal tunnel injection" not in knee
    assert "carpal tunnel injection" in offered(amara.get("/scans/new")), "no region is chosen yet"
    sent = fields(cast, procedure="carpal tunnel injection", procedure_role="observed")
    assert "carpal tunnel injection" in offered(amara.post("/scans/new", sent)), "what was chosen is kept"
    log(amara, sent)
    assert chosen(amara.get(f"/scans/{sent['scan_id']}/edit"), "procedure") == ["carpal tunnel injection"]


def test_several_carry_day_mentor_and_site_from_patient_to_patient_and_nothing_else(browse, cast):
    amara, day = browse(cast.amara), days_ago(1).isoformat()
    first = amara.get("/scans/new?batch=yes")
    assert first.text.index('name="scanned_on"') < first.text.index('name="support"'), "the day and mentor stand on top"
    assert re.search(r'class="card fold carried" open', first.text)
    sent = abnormal(cast, batch="yes", scanned_on=day, mentor=cast.priya.id, transducer="hockey stick", report="Own.")
    answer = amara.post("/scans", sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/scans/new?batch={sent['scan_id']}")
    following = amara.get(answer.headers["Location"])
    assert f'value="{day}"' in following.text and chosen(following, "mentor") == [str(cast.priya.id)]
    assert chosen(following, "transducer") == ["hockey stick"]
    for own in ("support", "region", "side", "finding", "normal"):
        assert chosen(following, own) == [], own
    assert "Own." not in following.text and not re.search(r'class="card fold carried" open', following.text)
    assert "Shoulder · right saved and sent. The next patient:" in text_of(following)
    again = {**fields(cast), "batch": "yes", "another": field_of(following, "another"), "scanned_on": day}
    shoulder = {"region": "shoulder", "later": "yes"}
    last = amara.get(amara.post("/scans", {**again, **shoulder}).headers["Location"])
    assert "saved as a draft, to finish later" in text_of(last)
    assert stored(again).duplicate_of is None, "patient after patient: nobody is asked whether it is another"


def test_the_next_of_several_opens_before_the_last_has_arrived_and_after_somebody_elses(browse, cast):
    theirs = logged(cast.tom, cast.ravi)
    for before in ("2f6d2b64-35a5-4f6f-8f5e-0a2f5f1b8a51", str(theirs.id), "nonsense"):
        page = browse(cast.amara).get(f"/scans/new?batch={before}")
        assert page.status_code == 200 and "The next patient" not in page.text


def test_several_that_are_refused_come_back_as_several(browse, cast):
    answer = browse(cast.amara).post("/scans", fields(cast, batch="yes", region="skull"))
    assert answer.status_code == 422 and field_of(answer, "batch") == "yes" and "Save, next patient" in answer.text
