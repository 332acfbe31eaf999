"""What somebody types finds a name or a word, however it is written."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from rules.folding import fold
from rules.word_search import matching, words_of


def test_letters_are_compared_without_what_nobody_types():
    written = {
        "Łukasz Wałęsa": "lukasz walesa",
        "O’Brien": "obrien",
        "O'Brien": "obrien",
        "D`Arcy OʼNeill": "darcy oneill",
        "KIENBÖCK": "kienbock",
        "Kienbo\u0308ck": "kienbock",
        "Émile": "emile",
        "Søren Ørsted": "soren orsted",
        "Đorđe Ħal Ŧor": "dorde hal tor",
        "Straße": "strasse",
        "Þórður Æsa Œuvre": "thordur aesa oeuvre",
        "İpek Yılmaz": "ipek yilmaz",
        "Nguyễn Thị Hương": "nguyen thi huong",
        "Zo\u200be\u00ad": "zoe",
        "ﬁbula mm²": "fibula mm2",
        "Ольга": "ольга",
    }
    assert {name: fold(name) for name in written} == written


def test_a_day_and_a_case_are_one_word_of_a_query():
    typed = {
        "27 November": ["27nov"],
        "knee 3rd nov": ["knee", "3nov"],
        "Nov 3": ["3nov"],
        "4 sept 2026": ["4sep", "2026"],
        "2026-11-03": ["2026", "3nov"],
        "3/11": ["3nov"],
        "32/11 13/13": ["32", "11", "13", "13"],
        "14 mm tear": ["14", "mm", "tear"],
        "#0012": ["case12"],
        "case 7": ["case7"],
        "full-thickness o’brien": ["full", "thickness", "obrien"],
        "a b c d e f g h i j": list("abcdefgh"),
        "%_'": [],
    }
    assert {query: words_of(query) for query in typed} == typed


@given(st.text())
def test_a_text_folds_the_same_however_it_is_written(text):
    folded = fold(text)
    ways = text.upper(), text.lower(), folded, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert {fold(way) for way in ways} == {folded}
    assert fold("’".join(text)) == "".join(map(fold, text))


LETTERS = st.text(st.characters(categories=["Lu", "Ll"]), min_size=1).filter(fold)


@given(st.lists(LETTERS, min_size=1, max_size=6), st.data())
def test_each_word_of_a_text_finds_it_and_a_part_of_a_word_only_while_it_is_typed(words, data):
    text, typed = fold(" ".join(words)), data.draw(st.sampled_from(words))
    assert matching([text], words_of(typed.upper()), str) == [0]
    word = fold(typed)
    assert matching([f"0{word}0"], [word], str) == []  # in the middle of another
    assert matching([f"{word}0 after"], [word], str) == [0]  # the last word may go on
    assert matching([f"{word}0 after"], [word, "after"], str) == []  # one that is finished does not
    assert matching([f"{word}0", f"{word} 0"], [word], str) == [1]  # nor one that stands somewhere
    assert matching([f"{word}0"], [word], lambda: word) == []  # or is somebody's name
