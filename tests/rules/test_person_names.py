"""How people are greeted, told apart in a list, and known again however their name is typed."""

from __future__ import annotations

from rules.notice_text import KINDS, Item
from rules.person_names import comparable, distinct_first_names, distinct_names, first_name, short_name

CALLED = {
    "Amara Okafor": "Amara",
    "Dr Maria Lopez": "Maria",
    "Dr. Maria Lopez": "Maria",
    "Prof. Dr. Anna-Lena Weber": "Anna-Lena",
    "Professor Sir Tom Bright FRCR": "Tom",
    "A/Prof Jane Doe": "Jane",
    "Assoc. Professor Jane Doe": "Jane",
    "Dr (Mrs) Folake Ade": "Folake",
    "MR RAVI PATEL": "RAVI",
    "Émile Zola": "Émile",
    "Łukasz Śliwiński": "Łukasz",
    "Prudence Dean": "Prudence",
}
IN_FULL = (
    *("Dr Lopez", "Dr. Lopez", "Lopez", "Mrs O’Neil", "Prof Lopez PhD", "J. Lopez", "J Lopez", "Dr J. R. Lopez"),
    *("Lopez, Maria", "Dr van Dijk", "van Dijk", "De Souza", "Dr", "Dr Dr", "MBBS", "李 明"),
)


def test_a_greeting_skips_titles_and_has_the_whole_name_where_no_first_name_is_certain():
    assert {name: first_name(name) for name in CALLED} == CALLED
    assert {name: first_name(name) for name in IN_FULL} == {name: name for name in IN_FULL}
    assert first_name("  Dr   Lopez ") == "Dr Lopez" and first_name("") == ""


def test_a_short_name_has_no_title_for_a_name():
    assert [short_name(name) for name in ("Amara Okafor", "Dr Maria Lopez PhD", "Dr Lopez", "Cher")] == [
        "Amara O.",
        "Maria L.",
        "Dr Lopez",
        "Cher",
    ]


def test_two_people_are_never_called_the_same_in_one_list():
    people = [
        ("Maria Lopez", "m.lopez@x.uk"),
        ("Dr Maria Gomez", "gomez@x.uk"),
        ("Tom Bright", "tom@x.uk"),
        ("Kim Lee", "kim@x.uk"),
        ("kim  lee", "kim2@x.uk"),
        ("Dr Tom", "drtom@x.uk"),
    ]
    assert distinct_first_names(people) == [
        "Maria Lopez",
        "Dr Maria Gomez",
        "Tom",
        "Kim Lee (kim@x.uk)",
        "kim  lee (kim2@x.uk)",
        "Dr Tom",
    ]
    assert distinct_first_names([]) == []


def test_a_notice_greets_by_no_title():
    kind = KINDS["scan_returned"]
    said = [Item(kind, "scan:1", by).sentence for by in ("Dr Maria Lopez", "Dr Lopez", "")]
    assert said == [f"{name} has returned a scan" for name in ("Maria", "Dr Lopez", "Somebody")]


def test_one_name_is_known_however_it_is_typed():
    for one, other in (
        ("José Núñez", "Jose\u0301 Nu\u0301n\u0303ez"),
        ("O'Brien", "O’Brien"),
        ("O`Brien", "O\u02bcBrien"),
        ("Kim Lee", "Kim\u200b  Lee\u00ad"),
        ("Kim Lee", "\u202eKIM\u00a0LEE\ufeff"),
    ):
        assert comparable(one) == comparable(other), (one, other)
    assert comparable("Kim Lee") != comparable("Kim Leo") and comparable("Jose") != comparable("José")


def test_people_of_one_name_are_told_apart_by_their_site_else_by_the_beginning_of_their_address():
    anna, other = ("Anna Müller", "anna.m@x.uk"), ("ANNA MULLER", "anna.k@x.uk")
    tables = [
        ([(*anna, "Croydon"), ("Tom", "tom@x.uk", "Croydon")], ["Anna Müller", "Tom"]),
        ([(*anna, "Croydon"), (*other, "Brighton")], ["Anna Müller (Croydon)", "ANNA MULLER (Brighton)"]),
        ([(*anna, "Croydon"), (*other, "CROYDON")], ["Anna Müller (anna.m…)", "ANNA MULLER (anna.k…)"]),
        ([(*anna, "Croydon"), (*other, "")], ["Anna Müller (anna.m…)", "ANNA MULLER (anna.k…)"]),
        ([("Al", "a@x.uk", ""), ("Al", "a@x.uk.com", "")], ["Al (a@x.uk)", "Al (a@x.uk.…)"]),
    ]
    for people, shown in tables:
        sites = [site for *_, site in people]
        assert distinct_names([one[:2] for one in people], sites.__getitem__) == shown
