"""What a student sends is read as the form's fields read it, without making the form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from blueprints.scans import forms
from blueprints.scans.forms import ScanForm, entry_of, readable_entry
from tests.scans.steps import abnormal, log, stored
from workflows.refusals import Invalid

pytestmark = pytest.mark.both

TEXTS = st.text(" \r\n\tab:é,", max_size=8)
DAYS = ["2026-06-12", "2026-6-1", "2026-06-12 ", "2026-W24-5", "20260612", "12/06/2026", "2026-02-30", "today", " ", ""]
NUMBERS = ["7", " 7 ", "007", "-7", "7.0", "seven", "9" * 15, "9" * 16, "", "\u0667"]
LISTS = ("finding", "normal", "limitation", "modifier")


@st.composite
def sent(draw: st.DrawFn) -> MultiDict[str, str]:
    """Anything under the names of the form's fields: once, several times, or not at all."""
    values = {name: draw(st.lists(TEXTS, max_size=3)) for name in (*forms.WORDS, *LISTS, "report_base")}
    values["scanned_on"] = draw(st.lists(st.sampled_from(DAYS), max_size=2))
    values |= {name: draw(st.lists(st.sampled_from(NUMBERS), max_size=2)) for name in ("mentor", "site")}
    return MultiDict([(name, value) for name, several in values.items() for value in several])


def plain(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


def lines(texts: list[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(plain, texts or ()))))


def test_an_entry_is_what_the_fields_of_the_form_hold(app):
    @given(sent())
    def holds(given):
        form, entry = ScanForm(formdata=given), entry_of(given)
        assert {name: getattr(entry, name) for name in forms.WORDS} == {
            name: plain(form[name].data) for name in forms.WORDS
        }
        assert entry.scanned_on == form.scanned_on.data
        assert entry.findings == tuple(dict.fromkeys(map(forms._pair, lines(form.finding.data))))
        assert entry.normal == lines(form.normal.data)
        assert entry.limitations == lines(form.limitation.data)
        assert entry.modifiers == lines(form.modifier.data)
        assert entry.report_base == (plain(form.report_base.data) if form.report_base.raw_data else None)

    with app.test_request_context(method="POST"):
        holds()


@pytest.mark.parametrize("day", DAYS)
def test_a_day_that_is_none_is_told_and_one_that_was_left_empty_is_not(day):
    wrong = {"scanned_on": ["Give the day as day, month and year."]}
    told = {}
    try:
        readable_entry(MultiDict({"scanned_on": day}))
    except Invalid as invalid:
        told = invalid.problems
    assert told == (wrong if day not in ("2026-06-12", "2026-6-1", " ", "") else {})


def test_the_form_is_made_for_who_sees_it_and_not_for_what_is_kept(browse, cast, monkeypatch):
    amara, scan = browse(cast.amara), abnormal(cast, scanned_on="")
    monkeypatch.setattr(ScanForm, "__init__", lambda *_, **__: pytest.fail("A form was made."))
    assert log(amara, scan)["state"] == "with_mentor"
    changed = {**scan, "side": "left", "version": "1"}
    assert amara.post(f"/scans/{scan['scan_id']}", changed, json=True).status_code == 200
    assert stored(scan).side == "left"
    assert "left shoulder" in amara.post("/scans/report", changed, htmx=True).text
