"""Two devices of one student: whatever a form can change is stored, or refused with what stands. Nothing is answered as
done and dropped."""

from __future__ import annotations

import uuid
from dataclasses import fields as fields_of

import pytest
from werkzeug.datastructures import MultiDict

from blueprints.scans.forms import ScanForm
from models import Enrolment, Party, Placement, Scan
from rules.scan_fields import FIELDS, TYPED, Entry
from tests.cast import days_ago
from tests.scans.steps import abnormal, log, stored
from workflows.course import programmes
from workflows.history import history
from workflows.reviews import reviews
from workflows.scans import transitions

STATES = ("draft", "with_mentor", "returned")
COLUMNS = {one.sent: one.name for one in FIELDS} | {"site": "placement"}


def test_a_resend_is_compared_by_every_field_that_can_be_entered(app):
    entered = {one.name for one in fields_of(Entry)} - {"report_base"}
    assert entered == {one.name for one in FIELDS}
    with app.test_request_context():
        form = ScanForm(MultiDict([(one.sent, "1") for one in FIELDS]), meta={"csrf": False})
    assert set(form.received()) == {one.sent for one in FIELDS}


@pytest.fixture
def changes(cast, database):
    """Of each field of the form, another value than `everything` has, with what must change along with it."""
    programme = programmes.get("msk-pgcert")
    region = programme.vocabulary.regions["shoulder"]
    plain = next(one for one in region.structures if one not in ("ssp", "sasd"))
    found = {
        "support": {"support": "aided"},
        "region": {"region": "knee", "finding": [], "normal": ["all"], "indication": ""},
        "side": {"side": "left"},
        "finding": {"finding": ["ssp: full-thickness tear"]},
        "normal": {"normal": [plain]},
        "not_seen": {"not_seen": [f"{plain}: pain"]},
        "measured": {"measured": ["ssp: full-thickness tear | tear = 14x9"]},
        "report": {"report": "Another report altogether."},
        "procedure": {"procedure": "", "procedure_role": ""},
        "scanned_on": {"scanned_on": days_ago(3).isoformat()},
        "mentor": {"mentor": cast.priya.id},
        "site": {"site": cast.brighton.id, "machine": ""},
        "machine": {"machine": "GE Logiq E10"},
        **{name: {name: several[1]} for name, several in chosen_from(programme, region).items()},
        **{one.sent: {one.sent: "Other words."} for one in TYPED if one.name != "report"},
    }
    assert set(found) >= {one.sent for one in FIELDS}
    return found


def chosen_from(programme, region) -> dict:
    """Name of a field -> the words to choose from, of those that depend on no other field."""
    about = [one for one in FIELDS if one.words and one.name not in ("support", "region", "side", "procedure")]
    return {one.sent: list(one.words(programme)) for one in about} | {"indication": list(region.indications)}


@pytest.fixture
def everything(cast, database):
    """The form with every field filled in, of a student with two mentors at two sites."""
    enrolment = Enrolment.get(Enrolment.person == cast.amara)
    other = Placement.create(enrolment=enrolment, site=cast.brighton, starts_on=days_ago(50))
    for mentor in (cast.ravi, cast.priya):
        Party.create(placement=other, person=mentor, role="mentor")
    programme = programmes.get("msk-pgcert")
    words = programme.vocabulary
    first = {name: some[0] for name, some in chosen_from(programme, words.regions["shoulder"]).items()}
    first["outcome"] = "incidental finding"  # a tear that is normal for age would be asked about
    place = {"site": cast.croydon.id, "machine": "Esaote MyLab X8", "scanned_on": days_ago(1).isoformat()}
    return abnormal(cast, **first, **place, procedure=words.procedures[0], report="14 mm tear.", another="yes")


def in_state(client, sent: dict, state: str, cast) -> dict:
    """The scan, logged and brought to that state; the form of its edit page."""
    log(client, {**sent, **({"later": "yes"} if state == "draft" else {})})
    if state == "returned":
        reviews.send_back(sent["scan_id"], by=cast.ravi, version=1, why="Which side?")
    return {**sent, "version": 1, "later": "yes"}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.slow
def test_what_a_second_device_changes_is_never_dropped(browse, cast, everything, changes, state):
    amara = browse(cast.amara)
    for name, change in changes.items():
        for without in (True, False):
            sent = {**everything, "scan_id": _new()}
            edit = in_state(amara, sent, state, cast)
            step = {} if without else {"step": transitions.last_step(sent["scan_id"])}
            path = f"/scans/{sent['scan_id']}"
            first = amara.post(path, edit | step, json=True)
            assert (first.status_code, first.json["version"]) == (200, 2), first.text
            before = row(sent)
            second = amara.post(path, (edit | change) | step, json=True)
            assert second.status_code == 409, (name, without, second.text)
            assert second.json["version"] == 2 and second.json["headline"] and second.json["message"]
            assert row(sent) == before
            page = amara.post(path, (edit | change) | step)
            assert page.status_code == 409 and "This is what stands now" in page.text, name
            assert amara.post(path, edit | step, json=True).json == first.json, "the first device's resend is its own"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.slow
def test_what_one_device_changes_is_stored(browse, cast, everything, changes, state):
    amara = browse(cast.amara)
    for name, change in changes.items():
        sent = {**everything, "scan_id": _new()}
        edit = in_state(amara, sent, state, cast)
        before = stored(sent)
        answer = amara.post(f"/scans/{sent['scan_id']}", (edit | change), json=True)
        if state == "with_mentor" and name == "mentor":
            assert answer.status_code == 409 and "Hand it over" in answer.json["message"]
            continue
        assert answer.status_code == 200, (name, answer.text)
        column = COLUMNS[name]
        assert stored(sent).__data__[column] != before.__data__[column], f"{name} was answered 200 and dropped"


def test_that_one_device_finishes_later_and_the_other_sends_is_told(browse, cast, everything):
    amara = browse(cast.amara)
    edit = in_state(amara, everything, "draft", cast)
    path = f"/scans/{everything['scan_id']}"
    assert amara.post(path, edit, json=True).json["state"] == "draft"
    sends = {name: value for name, value in edit.items() if name != "later"}
    assert amara.post(path, sends, json=True).status_code == 409
    assert amara.post(path, sends | {"version": 2}, json=True).json["state"] == "with_mentor"
    assert amara.post(path, edit | {"version": 2}, json=True).status_code == 409, "nor is what was sent kept for later"


def test_a_first_log_with_another_field_is_not_taken_for_a_resend(browse, cast, everything, changes):
    amara = browse(cast.amara)
    first = log(amara, everything)
    for name, change in changes.items():
        answer = amara.post("/scans", everything | change, json=True)
        assert answer.status_code == 409, name
    assert amara.post("/scans", everything | {"later": "yes"}, json=True).status_code == 409
    assert log(amara, everything) == first
    assert Scan.select().count() == 1


def test_a_scan_of_an_earlier_release_is_still_answered_as_the_first_time(app, browse, cast, everything, changes):
    amara = browse(cast.amara)
    several = {name: value if isinstance(value, list) else [str(value)] for name, value in everything.items()}
    sent = MultiDict([(name, one) for name, values in several.items() for one in values])
    first = log(amara, everything)
    with app.test_request_context():
        received = ScanForm(sent, meta={"csrf": False}).received()
    Scan.update(received_digest=history.digest(received)).execute()
    assert log(amara, everything) == first
    assert amara.post("/scans", everything | changes["mentor"], json=True).status_code == 409


def row(sent: dict) -> tuple:
    return Scan.select().where(Scan.id == sent["scan_id"]).tuples().get()


def _new() -> str:
    return str(uuid.uuid4())
