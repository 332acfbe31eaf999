"""F12: a new server and the bodies of every form that was released. Each is kept, or refused in a way that a phone can
park: JSON that names the scan and says what is wrong beside the fields, so that a person can put it right.

What a server does not know (a finding, a region, a support of another vocabulary) is refused whole, with 422: nothing
of it is kept here under a guessed meaning, and the phone keeps every word as it was sent.
"""

from __future__ import annotations

import json
import urllib.parse
import uuid
from datetime import timedelta
from pathlib import Path

import pytest

import clock
from blueprints.scans.forms import FORM_VERSION
from models import Scan
from rules.vocabulary import Pair, pair_text
from tests.cast import days_ago
from tests.faults.ground import FULL, reckon

BODIES = Path(__file__).parent / "bodies"
RECORDED = sorted(BODIES.glob("v*/*.json"))
UNKNOWN = {
    "finding": "ssp: calcium hydroxyapatite, resorptive",
    "region": "temporomandibular",
    "support": "remote",
    "side": "midline",
    "normal": "plantar-plate",
    "protocol": "extended",
    "indication": "pre-dive",
    "outcome": "refer to rheumatology",
    "limitation": "language",
    "modifier": "superb microvascular imaging",
    "age_band": "90+",
    "sex": "unknown to us",
    "machine": "A machine that left",
    "transducer": "33 MHz",
    "procedure": "needle tenotomy",
    "procedure_role": "taught",
    "mentor": "4711",
    "site": "4711",
    "scanned_on": "05/11/2026",
}


def name_of(path: Path) -> str:
    return f"{path.parent.name} {path.stem}"


def body_of(path: Path, cast, **more: str) -> list[tuple[str, str]]:
    """The recorded pairs, of this course and this day."""
    places = {"student": cast.amara.id, "mentor": cast.ravi.id, "site": cast.croydon.id}
    places |= {"today": days_ago(0).isoformat(), "yesterday": days_ago(1).isoformat()}
    pairs = [tuple(pair) for pair in json.loads(path.read_text(encoding="utf-8"))]
    filled = {f"{{{name}}}": str(value) for name, value in places.items()}
    return [(name, filled.get(value, value)) for name, value in pairs] + list(more.items())


def with_each_field(paths: list[Path]) -> list[Path]:
    """So many of these bodies that each field of any of them is in one."""
    names = {path: {name for name, _ in json.loads(path.read_text(encoding="utf-8"))} for path in paths}
    found: list[Path] = []
    for path in sorted(paths, key=lambda path: -len(names[path])):
        if names[path] - set().union(*(names[one] for one in found)):
            found.append(path)
    return found


def send(client, pairs):
    return client.post(
        "/scans",
        urllib.parse.urlencode(pairs),
        json=True,
        content_type="application/x-www-form-urlencoded",
    )


def test_every_released_form_has_its_bodies():
    versions = {int(path.parent.name[1:]) for path in RECORDED}
    assert versions == set(range(1, FORM_VERSION + 1)), "python -m tests.faults.bodies.record"
    assert all(len(list(BODIES.glob(f"v{version}/*.json"))) >= 8 for version in versions)


@pytest.mark.parametrize("waited", [False, True], ids=["sent at once", "from the outbox"])
@pytest.mark.parametrize("path", RECORDED, ids=name_of)
def test_a_body_of_any_released_form_is_kept_as_it_was_meant(browse, cast, path, waited):
    at = (clock.now() - timedelta(days=3)).isoformat()
    more = {"entered_at": at, "form": path.parent.name[1:]} if waited else {}
    pairs, amara = body_of(path, cast, **more), browse(cast.amara)
    answer = send(amara, pairs)
    assert answer.status_code == 201, answer.text
    said = dict(pairs)
    assert answer.json["scan_id"] == said["scan_id"]
    assert (answer.json["state"] == "draft") == ("later" in said), answer.json
    scan = Scan.get_by_id(said["scan_id"])
    assert (scan.support, scan.region, scan.side) == (said.get("support", ""), said["region"], said.get("side", ""))
    untouched = said["report"] == said.get("report_base")  # a draft is written afresh by what composes today
    assert scan.report == (scan.composed if untouched else said["report"].replace("\r\n", "\n"))
    assert [pair_text(Pair(*pair)) for pair in scan.findings] == [value for name, value in pairs if name == "finding"]
    assert (scan.form_version is not None) == waited
    assert send(amara, pairs).json == answer.json, "and sent again it is the same"
    assert reckon({scan.id}) == 1


@pytest.mark.parametrize("field", UNKNOWN)
def test_what_this_server_does_not_know_is_refused_so_that_the_phone_parks_it_whole(browse, cast, field):
    old = body_of(BODIES / "v1/everything.json", cast)
    pairs = [pair for pair in old if pair[0] != field] + [(field, UNKNOWN[field])]
    answer = send(browse(cast.amara), pairs)
    assert answer.status_code == 422, answer.text
    assert answer.json["scan_id"] == dict(pairs)["scan_id"]
    assert answer.json["error"] == "invalid" and answer.json["message"] and any(answer.json["errors"].values())
    assert Scan.select().count() == 0, "nothing is kept under a guessed meaning"


def test_fields_that_this_server_does_not_know_are_left_alone(browse, cast):
    later = body_of(BODIES / "v1/two-findings.json", cast, form="7", elastography="2.1 m/s", entered_at="later on")
    amara = browse(cast.amara)
    assert send(amara, later).status_code == 201
    assert Scan.get().form_version is None, "read as a form of today"
    assert send(amara, body_of(BODIES / "v1/two-findings.json", cast)).status_code == 201, "they are no part of it"


@pytest.mark.parametrize("path", RECORDED if FULL else with_each_field(RECORDED), ids=name_of)
def test_no_field_of_it_can_be_missing_or_mad_so_that_we_fail(browse, cast, path):
    amara, whole = browse(cast.amara), body_of(path, cast)
    for at, (name, _) in enumerate(whole):
        for value in (None, "", "\x00", "9" * 400, "é" * 50, "%s{}"):
            rest = whole[:at] + whole[at + 1 :] + ([] if value is None else [(name, value)])
            changed = [pair if pair[0] != "scan_id" or name == "scan_id" else ("scan_id", new()) for pair in rest]
            answer = send(amara, [*changed, ("another", "yes")])
            assert answer.status_code in (201, 403, 413, 422), (name, value, answer.text)
            assert answer.status_code == 201 or answer.json["message"]
    assert reckon(set()) == Scan.select().count()


def new() -> str:
    return str(uuid.uuid4())
