"""The sides of what a scan says, structures not seen, sizes, and what is asked about: over HTTP, kept and shown."""

from __future__ import annotations

import csv
import io

from models import Scan
from rules.vocabulary import Pair
from tests.cast import logged
from tests.scans.steps import abnormal, chosen, fields, log, stored, text_of
from workflows.scans import transitions

TEAR = "ssp: full-thickness tear"


def both_knees(cast, **more) -> dict:
    said = {"finding": ["left | recess: effusion"], "normal": ["right | all"], "not_seen": ["left | mcl: pain"]} | more
    return fields(cast, region="knee", side="both", **said)


def test_each_word_of_both_sides_is_kept_with_its_side_and_shown_again(browse, cast):
    amara, sent = browse(cast.amara), both_knees(cast)
    assert log(amara, sent)["state"] == "with_mentor"
    scan = stored(sent)
    assert (scan.findings, scan.normal, scan.not_seen) == (
        *([["recess", "effusion", "left"]], ["right | all"], [["mcl", "pain", "left"]]),
    )
    page = text_of(amara.get(f"/scans/{scan.id}"))
    assert "Suprapatellar recess (left): effusion" in page and "Medial collateral ligament (left): pain" in page
    edit = amara.get(f"/scans/{scan.id}/edit")
    assert chosen(edit, "finding") == ["left | recess: effusion"] and chosen(edit, "normal") == ["right | all"]
    (row,) = csv.DictReader(io.StringIO(amara.get("/scans.csv").text.lstrip("\ufeff")))
    assert row["Findings"] == "Suprapatellar recess (left): effusion" and row["Sides"] == ""


def test_left_and_right_are_both_and_a_side_of_its_own_is_none(browse, cast):
    amara = browse(cast.amara)
    sent = both_knees(cast, finding=["left | recess: effusion", "right | recess: effusion"], normal=[])
    log(amara, sent | {"normal": []})
    assert stored(sent).findings[-1][-1] == "both"
    own = fields(cast, region="knee", side="left", finding=["left | recess: effusion"], normal=[])
    log(amara, own)
    assert stored(own).findings == [["recess", "effusion"]]
    other = fields(cast, region="knee", side="left", finding=["right | recess: effusion"], normal=[])
    answer = amara.post("/scans", other, json=True)
    assert answer.status_code == 422 and "finding" in answer.json["errors"]


def test_an_entry_of_both_sides_from_before_is_marked_and_keeps_its_digest(browse, cast):
    scan = logged(cast.amara, cast.ravi, side="both", findings=(Pair("ssp", "full-thickness tear"),))
    assert "Recorded before the sides could differ" in text_of(browse(cast.ravi).get(f"/scans/{scan.id}"))
    assert not {"not_seen", "measured"} & transitions.content(Scan.get_by_id(scan.id)).keys()


def test_a_size_is_kept_with_its_unit_and_nonsense_is_refused_beside_its_field(browse, cast):
    amara, name = browse(cast.amara), f"measured.{TEAR} | tear"
    wrong = abnormal(cast, finding=[TEAR], **{name: "900"})
    assert list(amara.post("/scans", wrong, json=True).json["errors"]) == [name]
    page = amara.post("/scans", wrong)
    assert page.status_code == 422 and 'value="900"' in page.text and "To put right" in page.text
    sent = abnormal(cast, finding=[TEAR], report="My own words.", **{name: "14 x 9 mm"})
    log(amara, sent)
    assert stored(sent).measured == [[["ssp", "full-thickness tear"], "tear", "14x9", "mm"]]
    assert "14 x 9 mm" in text_of(amara.get(f"/scans/{sent['scan_id']}"))


def test_a_contradiction_is_kept_as_a_draft_that_asks_and_one_tap_sends_it(browse, cast):
    amara = browse(cast.amara)
    sent = abnormal(cast, finding=[TEAR], outcome="normal for age", report="My own words.")
    answer = log(amara, sent)
    assert answer["state"] == "draft" and answer["question"] and answer["asks"][0]["field"] == "outcome"
    assert log(amara, sent) == answer, "sent again it asks the same"
    page = amara.get(f"/scans/{sent['scan_id']}?saved=1")
    assert "Is this what you mean?" in text_of(page)
    path = f"/scans/{sent['scan_id']}/sending"
    assert amara.post(path, {"version": 1}, json=True).status_code == 422
    key = answer["asks"][0]["key"]
    assert amara.post(path, {"version": 1, "meant": key}, json=True).status_code == 200
    assert (stored(sent).state, stored(sent).meant) == ("with_mentor", [key])
    again = abnormal(cast, finding=[TEAR], outcome="normal for age", report="Mine.", another="yes", meant=key)
    assert log(amara, again)["state"] == "with_mentor"


def test_the_other_side_is_offered_after_a_fresh_log_alone_claims_nothing_and_is_undone(browse, cast):
    amara = browse(cast.amara)
    sent = abnormal(cast, finding=[TEAR], normal=[], report="It measures 14 mm.")
    page = amara.get(amara.post("/scans", sent).location)
    path = f"/scans/{sent['scan_id']}"
    assert f'href="{path}/other-side"' in page.text
    form = amara.get(f"{path}/other-side")
    assert (chosen(form, "side"), chosen(form, "finding"), chosen(form, "normal")) == (
        *(["both"], [f"right | {TEAR}"], []),
    )
    assert "14 mm" in form.text and stored(sent).version == 1, "to look is not to say"
    normal = amara.get(f"{path}/other-side?as=normal")
    assert chosen(normal, "normal") == ["left | all"]
    same = amara.get(f"{path}/other-side?as=same")
    assert chosen(same, "finding") == [f"left | {TEAR}", f"right | {TEAR}"]
    wide = {**sent, "side": "both", "finding": [f"right | {TEAR}"], "normal": ["left | all"], "version": 1}
    done = amara.get(amara.post(path, {**wide, "widened": "right"}).location)
    assert "Both sides now" in text_of(done) and "Other side too" not in done.text
    for _ in range(2):
        amara.post(f"{path}/other-side/undo?side=right", {"version": 2})
    scan = stored(sent)
    assert (scan.side, scan.findings, scan.normal, scan.version) == ("right", [["ssp", "full-thickness tear"]], [], 3)
    assert "14 mm" in scan.report
    assert amara.get(f"{path}/other-side").status_code == 409


def test_what_the_vocabulary_has_lost_stays_until_that_field_is_changed(browse, cast):
    amara, sent = browse(cast.amara), abnormal(cast, finding=[TEAR], normal=[], report="My own words.")
    log(amara, sent)
    lost = {"findings": [["ssp", "a lost finding"]], "indication": "a lost question", "transducer": "a lost probe"}
    Scan.update(**lost, age_band="a lost band").where(Scan.id == sent["scan_id"]).execute()
    edit = amara.get(f"/scans/{sent['scan_id']}/edit")
    names = {"finding": "ssp: a lost finding", "indication": "a lost question"}
    names |= {"transducer": "a lost probe", "age_band": "a lost band"}
    for name, value in names.items():
        assert chosen(edit, name) == [value], name
    answer = amara.post(f"/scans/{sent['scan_id']}", sent | names | {"version": 1, "report": "Other words."}, json=True)
    assert answer.status_code == 200, answer.text
    assert [getattr(stored(sent), name) for name in lost] == list(lost.values())
    new = amara.post("/scans", abnormal(cast, **names, another="yes"), json=True)
    assert new.status_code == 422, "a new scan has only what is offered or known"
