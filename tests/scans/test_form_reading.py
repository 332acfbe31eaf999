"""The form reads what a student sends, whatever it is: each field as its kind, and what cannot be read is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from blueprints.scans.forms import ScanForm
from rules.scan_fields import FIELDS
from rules.vocabulary import Measured, NotSeen, Pair

pytestmark = pytest.mark.both

TEXTS = st.text(" \r\n\tab:é,", max_size=8)
DAYS = ["2026-06-12", "2026-6-1", "2026-06-12 ", "2026-W24-5", "20260612", "12/06/2026", "2026-02-30", "today", " ", ""]
NUMBERS = ["7", " 7 ", "007", "-7", "7.0", "seven", "9" * 15, "9" * 16, "", "\u0667"]
DRAWN = {"day": st.sampled_from(DAYS), "id": st.sampled_from(NUMBERS)}


@st.composite
def sent(draw: st.DrawFn) -> MultiDict[str, str]:
    """Anything under the names of the form's fields: once, several times, or not at all."""
    values = {field.sent: draw(st.lists(DRAWN.get(field.kind, TEXTS), max_size=3)) for field in FIELDS}
    values["report_base"] = draw(st.lists(TEXTS, max_size=2))
    return MultiDict([(name, value) for name, several in values.items() for value in several])


def plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def day(text: str):
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


def pair(text: str) -> Pair:
    structure, _, finding = text.partition(":")
    return Pair(structure.strip(), finding.strip()) if structure.strip() and finding.strip() else Pair("", text)


def read(kind: str, texts: list[str]):
    """What these texts mean in a field of this kind."""
    first, several = plain(texts[0]) if texts else "", tuple(dict.fromkeys(filter(None, map(plain, texts))))
    words = [text.partition(":") for text in several]
    not_seen = dict.fromkeys(NotSeen(structure.strip(), limitation.strip()) for structure, _, limitation in words)
    measured = tuple(Measured(Pair("", text), "", "") for text in several)
    given = {"not_seen": tuple(not_seen), "measured": measured}
    meant = given | {"words": several, "structures": several, "pairs": tuple(dict.fromkeys(map(pair, several)))}
    return {**meant, "day": day(" ".join(texts)), "id": number(first)}.get(kind, first)


def form_of(given: MultiDict) -> ScanForm:
    return ScanForm(given, meta={"csrf": False})


def test_an_entry_is_what_was_sent_in_each_field(app):
    @given(sent())
    def holds(given):
        entry = form_of(given).entry()
        for field in FIELDS:
            assert getattr(entry, field.name) == read(field.kind, given.getlist(field.sent)), field.name
        assert entry.report_base == (plain(given["report_base"]) if "report_base" in given else None)

    with app.test_request_context(method="POST"):
        holds()


def test_a_day_or_number_that_is_none_is_told_and_one_that_was_left_empty_is_not(app):
    told = {
        "scanned_on": "Give the day as day, month and year.",
        "mentor": "Choose one of your mentors.",
        "site": "Choose one of your placement sites.",
    }
    right = {"scanned_on": ("2026-06-12", "2026-6-1", " ", ""), "mentor": ("7", " 7 ", "007", "9" * 15, "")}
    right["site"] = right["mentor"]
    with app.test_request_context(method="POST"):
        for name, sentence in told.items():
            for text in DAYS if name == "scanned_on" else NUMBERS:
                form = form_of(MultiDict({name: text}))
                assert form.validate() == (text in right[name]), (name, text)
                assert form.errors == ({} if text in right[name] else {name: [sentence]})
