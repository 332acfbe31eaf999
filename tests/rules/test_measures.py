"""What is typed as a size is kept in one form, shown with its unit, and refused when it cannot be meant."""

from __future__ import annotations

import pytest

from rules import measures
from rules.programme import Programme

READ = [
    ("size", "14", "14", "14 mm"),
    ("size", "14x9", "14x9", "14 x 9 mm"),
    ("size", "14 x 9 x 3 mm", "14x9x3", "14 x 9 x 3 mm"),
    ("size", "14mm × 9mm × 3mm", "14x9x3", "14 x 9 x 3 mm"),
    ("size", " 14,5 X 9.0MM ", "14.5x9", "14.5 x 9 mm"),
    ("size", "14 by 9", "14x9", "14 x 9 mm"),
    ("size", "14*9#3", "14x9x3", "14 x 9 x 3 mm"),
    ("size", "14 9 mm", "14x9", "14 x 9 mm"),
    ("size", "100", "100", "100 mm"),
    ("area", "15 mm²", "15", "15 mm²"),
    ("area", "15 mm2", "15", "15 mm²"),
    ("doppler grade", "2", "2", "2"),
    ("level", "Middle Third", "middle third", "middle third"),
]
REFUSED = [
    ("tear", "900"),
    ("tear", "14x9x3"),
    ("retraction", "14x9"),
    ("size", "0"),
    ("size", "-3"),
    ("size", ""),
    ("size", "x"),
    ("size", "14x"),
    ("size", "about 3"),
    ("size", "1e3"),
    ("size", "14 cm"),
    ("size", "٣"),
    ("size", "1 x " * 100),
    ("depth", "61"),
    ("doppler grade", "4"),
    ("doppler grade", "2.5"),
    ("level", "somewhere"),
]


def test_a_size_is_kept_in_one_form_and_shown_with_its_unit(msk: Programme):
    for key, typed, kept, shown in READ:
        measure = msk.vocabulary.measures[key]
        assert measures.read(measure, typed) == kept, typed
        assert measures.read(measure, kept) == kept
        assert measures.shown(measure, kept) == shown


def test_nonsense_is_refused_with_a_sentence_that_says_what_is_taken(msk: Programme):
    for key, typed in REFUSED:
        with pytest.raises(ValueError, match="^(Give|Choose) ") as refused:
            measures.read(msk.vocabulary.measures[key], typed)
        assert str(refused.value).endswith("."), typed


def test_a_sentence_says_a_size_as_its_measure_words_it(msk: Programme):
    known = msk.vocabulary.measures
    assert measures.phrase(known["tear"], "14x9") == "measuring 14 x 9 mm"
    assert measures.phrase(known["retraction"], "12") == "retracted by 12 mm"
    assert measures.phrase(known["level"], "insertion") == "at the insertion"
    assert measures.numbers("14x9.5") == (14.0, 9.5)
    assert measures.numbers("insertion") == ()
