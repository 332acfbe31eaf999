"""What somebody types finds a name or a word, however it is written."""

from __future__ import annotations

from rules.folding import fold
from rules.word_search import words_of


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
