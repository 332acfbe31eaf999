"""Letters that the portfolio's fonts lack are found before it is made, and shown by their number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import glyphs
from scripts import printable_letters

CASES = [
    ("Łukasz Żółw, ñ é e\u0301 Ω Ж 5 µm ≥ 3 × 4", [], "Łukasz Żółw, ñ é e\u0301 Ω Ж 5 µm ≥ 3 × 4"),
    ("שלום مرحبا", [], "שלום مرحبا"),
    ("a 你 b", ["你"], "a [U+4F60] b"),
    ("bone \U0001f9b4", ["\U0001f9b4"], "bone [U+1F9B4]"),
    ("bell\x07", ["\x07"], "bell[U+0007]"),
    ("never\u202edias", ["\u202e"], "never[U+202E]dias"),
    ("no\u200bspace, no\u00adhyphen", ["\u200b", "\u00ad"], "no[U+200B]space, no[U+00AD]hyphen"),
    ("private \ue000, tag \U000e0041, unassigned \u0378", ["\ue000", "\U000e0041", "\u0378"], None),
    ("one\r\ntwo\rthree\u2028four\x0bfive\tsix", [], "one\ntwo\nthree\nfour\nfive    six"),
    ("a" + "\u0301" * 6, ["\u0301"], "a" + "\u0301" * 4 + "[U+0301]" * 2),
]


def test_the_ranges_are_those_of_the_fonts():
    """Of the regular one; what the bold one lacks is set in the regular one."""
    told = printable_letters.TARGET.read_text()
    assert told == printable_letters.text(), "run `python -m scripts.printable_letters`"


@pytest.mark.parametrize(("text", "lacking", "printed"), CASES)
def test_a_letter_that_no_font_has_is_found_and_shown_by_its_number(text, lacking, printed):
    assert list(glyphs.lacking(text)) == lacking
    shown = glyphs.printable(text).replace(glyphs.BREAK, "")
    assert printed is None or shown == printed
    assert all(f"[{glyphs.code(letter)}]" in shown and glyphs.name(letter) for letter in lacking)


def test_a_letter_has_a_name():
    assert [glyphs.name(letter) for letter in "\U0001f9b4\x07\ue000\u0378"] == [
        "bone",
        "control character",
        "private character",
        "unassigned",
    ]


@given(st.text(max_size=200))
def test_nothing_is_lost_and_no_word_is_too_long_for_a_line(text):
    shown = glyphs.printable(text)
    assert not glyphs.lacking(shown.replace(glyphs.BREAK, ""))
    whole = "".join(f"[{glyphs.code(one)}]" if one in glyphs.lacking(text) else one for one in glyphs.lines(text))
    if "\u0300" not in text:
        assert "".join(shown.split(glyphs.BREAK)).count("[U+") >= whole.count("[U+") - len(text) * (whole != shown)
    pieces = shown.replace(glyphs.BREAK, " ").replace("-", " ").split()
    assert all(len(piece) <= 2 * glyphs.WIDTH for piece in pieces)


def test_a_usual_word_is_left_alone_and_a_long_one_can_be_broken():
    assert glyphs.printable("acromioclavicular metacarpophalangeal") == "acromioclavicular metacarpophalangeal"
    assert glyphs.printable("x" * 200).split(glyphs.BREAK) == ["x" * 10] * 20
    assert glyphs.BREAK not in glyphs.printable("e\u0301" * 8)
    assert all(not piece.startswith("\u0301") for piece in glyphs.printable("e\u0301" * 50).split(glyphs.BREAK))
