"""The screen against patient identifiers (R8): sure finds are refused, clinical numbers are left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.identifiers import PATTERNS, is_nhs_number, screen, sentence
from rules.phrases import capital
from rules.programme import Programme
from rules.report import compose
from tests.rules import draw

FOUND = {
    "nhs_number": [
        "9434765919", "943 476 5919", "943-476-5919", "943.476.5919", "9 4 3 4 7 6 5 9 1 9",
        "943\u00a0476\u00a05919", "943\u2013476\u20135919", "\uff19\uff14\uff13 476 5919",
    ],
    "date_of_birth": [
        "DOB 12/03/1961", "d.o.b. 12.3.61", "D.O.B: 12-03-61", "born on 12 March 1961", "born 3rd of May 1999",
        "Date of birth: 1961-03-12", "12/03/61 (DOB)", "dob 12031961", "born March 12, 1961",
    ],
    "email": ["a.b@nhs.net", "Jane_Doe+1@example.co.uk"],
    "phone": [
        "07700 900123", "07700900123", "+44 7700 900123", "(020) 7946 0958", "020 7946 0958", "0161 496 0000",
        "0044 (0)20 7946 0958", "01632 960 001",
    ],
    "postcode": ["SW1A 1AA", "cr0 2aa", "M1 1AE", "EC1A1BB", "Se1 0aA"],
}  # fmt: skip

LEFT_ALONE = [
    "14 x 9 x 3 mm", "L4/5", "5.2 MHz", "grade 12/10", "Hill-Sachs", "Baker", "De Quervain", "C5-T1", "PRP 3 ml",
    "10-15 MHz", "2/52 history", "1234567 not seen", "L12-5 probe at 12 MHz", "scanned 01-02-2026 10:15",
    "L5 4th root", "L4 5mm", "newborn, scanned 12/03/2025", "9434765918", "0.12345678901", "0000000000", "A1 pulley",
    "T2 3 weeks", "seen @ 12 MHz", "2 x 3 x 4 x 5 x 6 mm", "stages 1 2 3 4 5 6 7 8 9 of 9", "born in Croydon",
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in FOUND.items() for text in texts])
@pytest.mark.parametrize("around", ["{}", "Tear of 14 mm. {}", "{}. Rest normal.", "x: {}, seen\n"])
def test_a_sure_identifier_is_found_where_it_stands(kind: str, text: str, around: str):
    whole = around.format(text)
    (hit,) = screen(whole)
    assert (hit.kind, hit.severity) == (kind, "refuse")
    assert whole[hit.start : hit.end].strip("(") in text
    assert hit.end - hit.start >= len(text) - 1


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_a_clinical_number_is_left_alone(text: str):
    assert screen(text) == []
    assert screen(f"Seen: {text}, unchanged.") == []


@given(data=st.data())
def test_a_composed_report_never_trips_the_screen(data, programme):
    assert screen(compose(programme.vocabulary, data.draw(draw.taps(programme)))) == []


def test_no_word_of_the_vocabulary_trips_the_screen(programme: Programme):
    for region in programme.vocabulary.regions.values():
        for structure in region.structures.values():
            assert screen(" ".join((region.name, structure.name, *structure.findings))) == []


def test_the_refusal_never_repeats_what_was_found():
    for texts in FOUND.values():
        for text in texts:
            (hit,) = screen(text)
            assert text not in sentence(hit)
            assert sentence(hit).startswith("This looks like")
            assert capital(sentence(hit)).endswith(".")


def test_an_nhs_number_passes_its_check_digit():
    assert is_nhs_number("943 476 5919")
    assert not is_nhs_number("943 476 5918")
    assert not is_nhs_number("1111111111")
    assert not is_nhs_number("94347659")
    valid = [number for number in range(9434765900, 9434766000) if is_nhs_number(str(number))]
    assert 8 <= len(valid) <= 10  # one in eleven numbers


@given(st.text())
def test_any_text_is_screened_and_the_hits_lie_within_it_in_order(text):
    ends = 0
    for hit in screen(text):
        assert ends <= hit.start < hit.end <= len(text)
        ends = hit.end


def test_the_patterns_can_be_shared_with_a_browser():
    for pattern in PATTERNS:
        assert pattern.look.isascii() and pattern.needs.isascii()
        assert not any(word in pattern.look for word in (r"\d", r"\w", r"\b", r"\s", "(?P", "(?i"))


HOSTILE = [
    "0", "0 ", "9 4 3 4 7 6 5 9 1 ", "943 476 591", "a", "a.", "@", "a@", "a@a.", "1/1/", "12/03/61 ", "born ", "dob ",
    "born                   ", "d.o.", "may 1 ", "07", "07 ", "(0", "+44 ", "0071 11 11 11 11 ", "a1 ", "sw1a 1a", " ",
    "\n", "\u00a0",
]  # fmt: skip


def seconds(text: str) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        screen(text)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("before", ["", "dob a@b "])
def test_the_time_grows_with_the_length_alone(piece: str, before: str):
    short, long = (seconds((before + piece * length)[:length]) for length in (12_500, 100_000))
    assert long < 24 * max(short, 0.0005)  # eight times the text: linear is 8, quadratic 64
