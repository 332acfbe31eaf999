"""No program takes what somebody typed for a formula, wherever it parts our cells, and nothing typed is lost."""

from __future__ import annotations

import csv
import io
import re

from hypothesis import example, given
from hypothesis import strategies as st

from rules.cells import neutral, original

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
SEPARATORS = [",", ";", "\t", "|", "\u060c", "\u061b"]
HOSTILE = st.text(st.sampled_from([*SIGNS, *"\"' ,;\t|\r\nx1", "\u00a0", "\ufeff", "\u2028", "\uff1b"]), max_size=12)

CELLS = {
    "=1": "'=1",
    " =1": "' =1",
    '"=1': "'\"=1",
    "'=1": "''=1",
    "\uff1d1": "'\uff1d1",
    "\ufeff\u200b=1": "'\ufeff\u200b=1",
    "\t1": "'\t1",
    "\r1": "'\r1",
    "x;=1+1": "x;'=1+1",
    "x; =1+1": "x;' =1+1",
    'x;"=1+1': "x;'\"=1+1",
    "x,=1": "x,'=1",
    "x\t=1": "x\t'=1",
    "x|=1": "x|'=1",
    "x\n=1": "x\n'=1",
    "x\r\n@a": "x\r\n'@a",
    "x\u2028=1": "x\u2028'=1",
    "x;\uff1d1": "x;'\uff1d1",
    "x;y;-1;z,+2": "x;y;'-1;z,'+2",
    ";;=1": ";;'=1",
}
AS_THEY_ARE = [
    "",
    "14 mm - no tear",
    "a=1",
    "(1)",
    "2026-11-23",
    "Tear: -ve, normal; 2 - 3 mm",
    "one\n\ntwo",
    "O'Brien",
]


def test_a_formula_gets_an_apostrophe_where_a_program_may_begin_a_cell():
    assert {text: neutral(text) for text in CELLS} == CELLS


def test_other_texts_stay_as_they_are():
    assert [neutral(text) for text in AS_THEY_ARE] == AS_THEY_ARE


def written(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([neutral(cell) for cell in cells])
    return out.getvalue()


def cut(file: str) -> list[str]:
    """The file's cells as programs with other separators have them: some heed quotation marks, some do not."""
    found = []
    for separator in SEPARATORS:
        found += [cell for row in csv.reader(io.StringIO(file, newline=""), delimiter=separator) for cell in row]
        found += re.split(f"[{separator}\r\n\u2028]", file)
    return found


@example(["x;=1+1", 'a"', ';"=2', "\r=3"])
@given(st.lists(HOSTILE | st.text(max_size=12), min_size=1, max_size=4))
def test_wherever_the_file_is_cut_no_cell_is_a_formula(cells):
    for cell in cut(written(cells)):
        assert not cell.lstrip(' "\u00a0\ufeff').startswith(tuple(SIGNS)), cell


@given(HOSTILE | st.text())
def test_what_was_typed_can_be_read_back(text):
    assert original(neutral(text)) == text


@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_a_file_of_ours_read_at_its_own_separator_has_every_cell_as_it_was_typed(cells):
    (row,) = csv.reader(io.StringIO(written(cells), newline=""))
    assert [original(cell) for cell in row] == cells
