"""R8 at the log form: a sure find is refused, a likely one is asked about, and one more tap goes on."""

from __future__ import annotations

import html
import json
import re
import uuid
from dataclasses import replace

import pytest

import clock
from models import History, Party, Scan
from rules.identifiers import screen
from rules.report import compose
from tests.cast import entry_for
from tests.scans.steps import abnormal, field_of, fields, log, stored, text_of
from workflows.course import programmes
from workflows.history import verification
from workflows.refusals import Invalid
from workflows.scans import scans

SURE = "Seen as 943 476 5919, no tear."
LIKELY = "Tear seen. Mrs Smith tolerated it well."


def go_on(answer) -> tuple[str, str]:
    """Where the answer's *It names no patient* sends the form again, and what it says."""
    button = re.search(r'<button[^>]*name="named_nobody" value="([^"]+)" formaction="([^"]+)"', answer.text)
    assert button, "the answer has no such button"
    return html.unescape(button[2]), html.unescape(button[1])


def finds_of(answer) -> str:
    return re.search(r'<div class="finds">(.*?)</div>', answer.text, re.DOTALL)[1]


def action(verb: str) -> dict:
    return json.loads(History.select().where(History.verb == verb).order_by(History.seq.desc()).first().payload)


def test_a_refused_report_shows_its_writer_what_was_found_and_where(browse, cast):
    answer = browse(cast.amara).post("/scans", fields(cast, report=SURE))
    assert answer.status_code == 422
    assert "This looks like an NHS number." in text_of(answer)
    assert "<mark>943 476 5919</mark>, no tear." in finds_of(answer)
    assert "It names no patient" not in answer.text, "a sure find cannot be gone past"
    assert Scan.select().count() == 0


def test_what_was_found_is_shown_as_text_and_never_as_markup(browse, cast):
    answer = browse(cast.amara).post("/scans", fields(cast, report="<b>x</b>943 476 5919<img src=x>"))
    assert "&lt;b&gt;x&lt;/b&gt;<mark>943 476 5919</mark>&lt;img src=x&gt;" in finds_of(answer)


def test_a_likely_find_is_asked_about_and_one_more_tap_saves_the_scan(browse, cast):
    amara, sent = browse(cast.amara), abnormal(cast, report=LIKELY)
    asked = amara.post("/scans", sent)
    assert asked.status_code == 422 and Scan.select().count() == 0
    assert "This may be a title with a name." in text_of(asked)
    assert "<mark>Mrs Smith</mark> tolerated it well." in finds_of(asked)
    assert field_of(asked, "report") == LIKELY
    address, marks = go_on(asked)
    again = {**sent, "report_base": field_of(asked, "report_base"), "named_nobody": marks}
    assert amara.post(address, again).status_code == 303
    scan = stored(sent)
    assert scan.state == "with_mentor" and scan.warned == ["name"] and LIKELY in scan.report
    assert action("log")["warned"] == ["name"]
    assert "Smith" not in json.dumps([row.payload for row in History.select()])
    assert verification.verify().sound


def test_a_scan_to_be_finished_later_stays_one_when_its_writer_goes_on(browse, cast):
    amara, sent = browse(cast.amara), abnormal(cast, report=LIKELY, later="yes")
    address, marks = go_on(amara.post("/scans", sent))
    del sent["later"]
    assert amara.post(address, {**sent, "named_nobody": marks}).status_code == 303
    assert stored(sent).state == "draft"


def test_saving_again_without_the_answer_asks_again(browse, cast):
    amara, sent = browse(cast.amara), abnormal(cast, report=LIKELY)
    for _ in range(2):
        assert amara.post("/scans", sent).status_code == 422
    assert Scan.select().count() == 0


def test_another_find_is_asked_about_anew_and_the_same_one_is_not(browse, cast):
    amara, sent = browse(cast.amara), abnormal(cast, report=LIKELY)
    _, marks = go_on(amara.post("/scans", sent))
    other = amara.post("/scans", {**sent, "report": LIKELY + " Daughter of Mr Brown.", "named_nobody": marks})
    assert other.status_code == 422
    assert "Mr Brown" in finds_of(other) and "Mrs Smith" not in re.findall("<mark>(.*?)</mark>", finds_of(other))
    other_words = LIKELY.replace("Tear", "A 14 mm tear")
    assert amara.post("/scans", {**sent, "report": other_words, "named_nobody": marks}).status_code == 303


def test_no_answer_lets_a_sure_find_through(browse, cast):
    amara, sent = browse(cast.amara), abnormal(cast, report=f"{LIKELY} DOB 12/03/1961")
    asked = amara.post("/scans", sent)
    assert asked.status_code == 422 and "It names no patient" not in asked.text
    _, marks = go_on(amara.post("/scans", {**sent, "report": LIKELY}))
    for said in (marks, "", " ", "name", "date_of_birth", f"{marks} date_of_birth"):
        assert amara.post("/scans", {**sent, "named_nobody": said}).status_code == 422
    assert Scan.select().count() == 0


@pytest.mark.parametrize("more", [{"report": f"{LIKELY} DOB 12/03/1961"}, {"report": LIKELY, "region": ""}])
def test_where_nobody_can_go_on_nobody_is_asked_to_say_anything(browse, cast, more):
    told = browse(cast.amara).post("/scans", fields(cast, **more))
    assert told.status_code == 422 and "It names no patient" not in told.text
    assert "This may be a title with a name. If it is a patient&#39;s, take it out.<" in told.text


def test_a_phone_is_told_what_to_ask_and_sends_it_again(browse, cast):
    amara, sent = browse(cast.amara), abnormal(cast, report=LIKELY)
    answer = amara.post("/scans", sent, json=True)
    assert answer.status_code == 422 and answer.json["error"] == "warned"
    (hit,) = answer.json["hits"]["report"]
    assert set(hit) == {"kind", "start", "end", "severity", "sentence"}
    assert LIKELY[hit["start"] : hit["end"]] == "Mrs Smith" and hit["severity"] == "warn"
    assert "Smith" not in answer.text
    done = log(amara, {**sent, "named_nobody": answer.json["named_nobody"]})
    for again in (sent, {**sent, "named_nobody": answer.json["named_nobody"]}, {**sent, "named_nobody": "other"}):
        assert log(amara, again) == done, "a replay answers as the first time, with or without the answer"
    assert Scan.select().count() == 1 and History.select().where(History.verb == "log").count() == 1


def test_a_phone_is_told_that_a_sure_find_is_refused(browse, cast):
    answer = browse(cast.amara).post("/scans", abnormal(cast, report=SURE), json=True)
    assert answer.status_code == 422 and answer.json["error"] == "invalid"
    (hit,) = answer.json["hits"]["report"]
    assert (hit["kind"], SURE[hit["start"] : hit["end"]]) == ("nhs_number", "943 476 5919")
    assert "named_nobody" not in answer.json and "943 476" not in answer.text  # the scan's id may hold a 943


def test_what_was_gone_past_once_is_not_asked_at_the_next_change(browse, cast):
    amara, sent = browse(cast.amara), abnormal(cast, report=LIKELY)
    _, marks = go_on(amara.post("/scans", sent))
    log(amara, {**sent, "named_nobody": marks})
    path = f"/scans/{sent['scan_id']}"
    change = {**sent, "version": 1, "report": LIKELY + " No effusion."}
    assert amara.post(path, change, json=True).status_code == 200
    assert stored(sent).warned == ["name"] and action("correct")["warned"] == ["name"]
    another = {**change, "version": 2, "report": LIKELY + " Seen with Mr Brown."}
    asked = amara.post(path, another)
    assert asked.status_code == 422 and re.findall("<mark>(.*?)</mark>", finds_of(asked)) == ["Mr Brown"]
    assert go_on(asked)[0] == path
    clean = {**change, "version": 2, "report": "Tear seen. No effusion."}
    assert amara.post(path, clean, json=True).status_code == 200
    assert stored(sent).warned == [] and "warned" not in action("correct")


def test_the_mentor_and_the_student_are_told_that_it_was_asked(browse, cast):
    amara, sent = browse(cast.amara), abnormal(cast, report=LIKELY)
    _, marks = go_on(amara.post("/scans", sent))
    log(amara, {**sent, "named_nobody": marks})
    path = f"/scans/{sent['scan_id']}"
    assert "The screen asked about a possible name; you went on." in text_of(amara.get(path))
    ravi = browse(cast.ravi)
    for page in ("/inbox", path, f"{path}/review"):
        assert "The screen asked about a possible name; the student went on." in text_of(ravi.get(page)), page


def test_a_scan_without_a_find_says_nothing_of_it(browse, cast):
    amara, sent = browse(cast.amara), abnormal(cast)
    log(amara, sent)
    assert "The screen asked" not in amara.get(f"/scans/{sent['scan_id']}").text
    assert "warned" not in action("log")


@pytest.mark.parametrize("name", ["indication", "protocol", "machine", "transducer", "outcome", "age_band"])
def test_what_is_chosen_from_a_list_takes_no_words(browse, cast, name):
    for region in ("knee", ""):
        sent = fields(cast, **{"region": region, "normal": None, name: "943 476 5919", "later": "yes"})
        assert browse(cast.amara).post("/scans", sent).status_code == 422, (name, region)
    assert Scan.select().count() == 0


def test_a_machine_takes_no_words_while_the_student_has_no_mentor_either(browse, cast):
    Party.update(ended_on=clock.now().date()).where(Party.role == "mentor").execute()
    sent = fields(cast, mentor=None, machine="943 476 5919", later="yes")
    assert browse(cast.amara).post("/scans", sent).status_code == 422
    assert Scan.select().count() == 0


def test_a_number_from_before_the_screen_is_refused_when_its_scan_is_touched_again(browse, cast):
    amara, sent = browse(cast.amara), abnormal(cast, later="yes")
    log(amara, sent)
    path = f"/scans/{sent['scan_id']}"
    Scan.update(report=SURE).execute()
    assert amara.post(f"{path}/sending", {"version": 1}).status_code == 422
    assert amara.post(path, {**sent, "version": 1, "report": f"{SURE} No effusion."}).status_code == 422
    assert amara.post(path, {**sent, "version": 1, "report": "No effusion."}, json=True).status_code == 200


def test_what_the_taps_and_the_writer_make_together_is_screened_too(cast):
    """The words that were composed before leave the report, and what they parted comes together."""
    entry = entry_for(cast.ravi)
    composed = compose(programmes.get("msk-pgcert").vocabulary, entry)
    written = f"{composed}\nSeen as 943 476\nNormal knee.\n5919"
    entry = replace(entry, report=written, report_base=f"{composed}\nNormal knee.")
    assert screen(written) == []
    with pytest.raises(Invalid) as refused:
        scans.log(str(uuid.uuid4()), entry, by=cast.amara, received={})
    assert refused.value.matches["report"][0].kind == "nhs_number"
    assert Scan.select().count() == 0


def test_the_form_says_once_that_the_screen_cannot_find_everything(browse, cast):
    sentence = "Nothing here may identify the patient, and the check for it cannot find everything."
    amara = browse(cast.amara)
    assert text_of(amara.get("/scans/new")).count(sentence) == 1
    refused = amara.post("/scans", abnormal(cast, report=SURE))
    assert refused.status_code == 422 and text_of(refused).count(sentence) == 1
