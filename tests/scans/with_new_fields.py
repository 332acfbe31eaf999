"""Run by test_new_field.py in a copy of the project to which fields were added: a choice, several choices, a text, and
a choice that is carried from scan to scan. Each is entered, kept, shown, compared and exported like any other field.
"""

from __future__ import annotations

import csv
import io
import re
import uuid

import clock
from models import Scan
from tests.cast import logged as cast_logged
from tests.client import Client
from tests.reviews.steps import approve, card_form
from tests.scans.steps import abnormal, chosen, field_of, fields, log, stored, text_of
from workflows.notices import messages
from workflows.scans import scan_entry, scans, transitions

SAID = {"pressure": "firm", "artefact": ["aniso", "shadow"], "remark": "Gel pad used.", "cover": "sheath"}


def logged(browse, cast) -> tuple[Client, dict, Scan]:
    sent = abnormal(cast, report="14 mm tear.", **SAID)
    amara = browse(cast.amara)
    log(amara, sent)
    return amara, sent, stored(sent)


def test_the_form_offers_them_and_shows_them_again(browse, cast):
    amara = browse(cast.amara)
    page = amara.get("/scans/new")
    for words in (
        "Probe pressure",
        "Light",
        "As felt.",
        "Artefacts",
        "Anisotropy",
        "Remark",
        "Probe cover",
        "Position",
        "Lying",
    ):
        assert words in text_of(page)
    refused = amara.post("/scans", fields(cast, **SAID, region=None))
    assert refused.status_code == 422 and chosen(refused, "pressure") == ["firm"]
    assert chosen(refused, "artefact") == ["aniso", "shadow"] and chosen(refused, "cover") == ["sheath"]
    assert "Gel pad used." in refused.text


def test_they_are_kept_read_back_and_carried(browse, cast):
    amara, sent, scan = logged(browse, cast)
    assert (scan.pressure, scan.artefacts, scan.remark, scan.cover) == (
        *("firm", ["aniso", "shadow"], "Gel pad used.", "sheath"),
    )
    entry = scan_entry.entry_of(scan)
    assert (entry.pressure, entry.artefacts, entry.remark) == ("firm", ("aniso", "shadow"), "Gel pad used.")
    for page in (amara.get(f"/scans/{scan.id}/edit"), amara.get(f"/scans/new?like={scan.id}")):
        assert chosen(page, "pressure") == ["firm"] and chosen(page, "artefact") == ["aniso", "shadow"]
    new = amara.get("/scans/new")
    assert chosen(new, "cover") == ["sheath"] and not chosen(new, "pressure")


def test_words_that_are_not_offered_and_patients_are_refused(browse, cast):
    amara = browse(cast.amara)
    wrong = {"pressure": "brutal", "artefact": ["aniso", "moire"], "cover": "bag", "remark": "x" * 301}
    for name, value in wrong.items():
        answer = amara.post("/scans", fields(cast, **{name: value}), json=True)
        assert answer.status_code == 422 and list(answer.json["errors"]) == [name], answer.text
    sure = amara.post("/scans", fields(cast, remark="Seen as 943 476 5919."), json=True)
    assert sure.status_code == 422 and "remark" in sure.json["hits"]
    asked = fields(cast, remark="As for Mrs Kowalczyk.")
    page = amara.post("/scans", asked)
    assert page.status_code == 422 and "<mark>Mrs Kowalczyk</mark>" in page.text
    marks = re.search(r'name="named_nobody" value="([^"]+)"', page.text).group(1)
    assert amara.post("/scans", asked | {"named_nobody": marks}).status_code == 303
    assert Scan.get().warned == ["name"]


def test_they_are_part_of_what_a_version_and_a_resend_stand_for(browse, cast):
    amara, sent, scan = logged(browse, cast)
    assert {"pressure", "artefacts", "remark", "cover"} <= transitions.content(scan).keys()
    for name, value in {"pressure": "light", "artefact": ["aniso"], "remark": "None.", "cover": "gel"}.items():
        assert amara.post("/scans", sent | {name: value}, json=True).status_code == 409, "another scan, the same number"
        before = stored(sent)
        answer = amara.post(f"/scans/{scan.id}", sent | {name: value, "version": before.version}, json=True)
        assert answer.status_code == 200, answer.text
        assert (stored(sent).version, stored(sent).digest != before.digest) == (before.version + 1, True)


def test_a_mentor_sees_them_and_hears_what_of_them_changed(browse, cast):
    amara, sent, scan = logged(browse, cast)
    ravi = browse(cast.ravi)
    for path in ("/inbox", f"/scans/{scan.id}/review", f"/scans/{scan.id}"):
        page = text_of(ravi.get(path))
        assert re.search("Probe pressure firm|Probe pressure Firm", page), path
        assert "Artefacts Anisotropy and Shadowing" in page and "Remark Gel pad used." in page, path
    form = card_form(ravi, scan)
    amara.post(f"/scans/{scan.id}", sent | {"pressure": "light", "remark": "", "version": 1}, json=True)
    answer = approve(ravi, scan, form, htmx=True)
    assert answer.status_code == 409
    assert "Amara changed the probe pressure and the remark while you were looking." in text_of(answer)


def test_a_notification_offers_to_approve_only_what_it_shows(cast, database):
    normal = {"region": "knee", "findings": (), "normal": ("all",), "report": ""}
    since = clock.now()
    for said, is_offered in (({"position": "lying"}, False), ({"remark": "Gel pad used."}, False), ({}, True)):
        scan = cast_logged(cast.amara, cast.ravi, **normal, **said)
        message = messages.message(cast.ravi.id, since, clock.now())
        assert ("scan" in message) == is_offered, (said, message)
        scans.withdraw(scan.id, by=cast.amara, version=1)


def test_the_spreadsheet_has_their_columns(browse, cast):
    amara, _, scan = logged(browse, cast)
    (row,) = csv.DictReader(io.StringIO(amara.get("/scans.csv").text.lstrip("\ufeff")))
    assert (row["Probe pressure"], row["Artefacts"], row["Remark"], row["Probe cover"]) == (
        *("firm", "Anisotropy; Shadowing", "Gel pad used.", "sheath"),
    )
    assert row["Identifier"] == scan.id == str(uuid.UUID(row["Identifier"]))
    assert field_of(amara.get(f"/scans/{scan.id}/edit"), "remark").strip() == "Gel pad used."
