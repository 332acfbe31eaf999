"""The screen against patient identifiers (R8): what is found, what is left alone, and the corpus that says so."""

from __future__ import annotations

import random
import re
import time
import timeit
from dataclasses import replace
from unittest import mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules import identifiers_corpus as corpus
from rules.identifier_checks import CHECKS, TABLE, is_nhs_number
from rules.identifiers import (
    LONGEST,
    LOOKS,
    MOST,
    PASS,
    PATTERNS,
    REFUSE,
    WARN,
    _finds,
    _with_parts,
    screen,
    sentence,
)
from rules.phrases import capital
from rules.programme import Programme
from rules.report import compose
from rules.scan_fields import Entry
from rules.vocabulary import Pair
from tests.rules import draw

CASES = corpus.read()
TRUE = [case for case in CASES if case.kind]
FALSE = [case for case in CASES if not case.kind]
AROUND = ["{}", "Tear of 14 mm. {}", "Rest normal; {}, unchanged.", "14 x 9 x 3 mm\n{}\n"]


def test_what_identifies_a_patient_is_found_where_it_stands():
    within = [corpus.Case(around.format(case.marked), case.kind, case.severity) for case in TRUE for around in AROUND]
    assert [(case.marked, hits) for case, hits in corpus.failed(within)] == []


def test_what_a_sonographer_writes_is_left_alone():
    texts = [around.format(case.text) for case in FALSE for around in AROUND]
    assert [(text, hits) for text in texts if (hits := screen(text))] == []


def test_texts_that_no_rule_was_written_for_are_judged_right():
    """Of more than 400: at least 97 % of what must be refused is, at least 85 % of what must be asked about is asked
    about or refused, and at most 1 % of what is harmless is asked about.
    """
    cases = corpus.read(corpus.HELD_BACK)
    texts = {case.text for case in cases}
    assert len(texts) == len(cases) >= 400 and texts.isdisjoint(case.text for case in CASES)
    verdicts = {case.text: {hit.severity for hit in screen(case.text)} for case in cases}
    refused = [REFUSE in verdicts[case.text] for case in cases if case.severity == REFUSE]
    asked = [bool(verdicts[case.text]) for case in cases if case.severity == WARN]
    alarms = [bool(verdicts[case.text]) for case in cases if not case.kind]
    assert min(map(len, (refused, asked, alarms))) >= 150
    assert sum(refused) >= 0.97 * len(refused)
    assert sum(asked) >= 0.85 * len(asked)
    assert sum(alarms) <= 0.01 * len(alarms)


def test_the_corpus_is_large_and_has_every_kind_and_both_severities():
    assert len(TRUE) >= 150 and len(FALSE) >= 250
    assert {(case.kind, case.severity) for case in TRUE} == {
        (row["kind"], row["severity"]) for row in TABLE["rows"] if row["severity"] != PASS
    }


def test_each_row_of_the_table_is_needed_by_a_case(monkeypatch):
    """Without it some true case is not found, or not as surely; or something harmless is found."""
    from rules import identifiers

    whole = identifiers.PATTERNS
    for pattern in whole:
        for row in pattern.rows:
            rest = tuple(other for other in pattern.rows if other is not row)
            fewer = [replace(one, rows=rest if one is pattern else one.rows) for one in whole]
            monkeypatch.setattr(identifiers, "PATTERNS", [one for one in fewer if one.rows])
            concerned = FALSE if row["severity"] == PASS else [case for case in TRUE if case.kind == row["kind"]]
            assert corpus.failed(concerned), f"no case needs {row}"


@given(data=st.data())
def test_a_composed_report_never_trips_the_screen(data, programme):
    assert screen(compose(programme.vocabulary, data.draw(draw.taps(programme)))) == []


@pytest.mark.slow
def test_no_finding_indication_or_procedure_composes_to_what_trips_the_screen(programme):
    words = programme.vocabulary
    for region in words.regions.values():
        pairs = [Pair(one.id, finding) for one in region.structures.values() for finding in one.findings]
        taps = [Entry(region=region.id, side=side, findings=(pair,)) for pair in pairs for side in words.sides]
        taps += [Entry(region=region.id, indication=one, normal=("all",)) for one in region.indications]
        taps += [Entry(region=region.id, procedure=one) for one in words.procedures]
        assert [one for one in taps if screen(compose(words, one))] == []


def test_no_word_of_the_vocabulary_trips_the_screen(programme: Programme):
    words = programme.vocabulary
    for region in words.regions.values():
        assert screen("\n".join((region.name, *region.indications))) == []
        for structure in region.structures.values():
            assert screen(" ".join((region.name, structure.name, *structure.findings))) == []
    lists = (words.sides, words.protocols, words.outcomes, words.limitations, words.modifiers)
    lists += (words.transducers, words.procedures, words.procedure_roles, programme.age_bands, programme.sexes)
    assert [word for one in lists for word in one if screen(word)] == []


def test_what_the_person_is_told_never_repeats_what_was_found():
    for case in TRUE:
        (hit,) = screen(case.text)
        assert case.text[hit.start : hit.end] not in sentence(hit)
        assert sentence(hit).startswith("This looks like" if hit.severity == "refuse" else "This may be")
        assert capital(sentence(hit)).endswith(".")
        assert "say so" not in sentence(hit), "nobody can, beside a sure find"


def test_a_sure_find_is_kept_before_a_likely_one_that_it_overlaps():
    assert [(hit.kind, hit.severity) for hit in screen("pt name Smith DOB 12/03/1961")] == [
        ("name", "warn"),
        ("date_of_birth", "refuse"),
    ]
    assert [hit.severity for hit in screen("aged (DOB 12/03/1961)")] == ["refuse"]


def test_an_nhs_number_passes_its_check_digit():
    assert is_nhs_number("943 476 5919")
    assert not is_nhs_number("943 476 5918")
    assert not is_nhs_number("1111111111")
    assert not is_nhs_number("94347659")
    valid = [number for number in range(9434765900, 9434766000) if is_nhs_number(str(number))]
    assert 8 <= len(valid) <= 10  # one in eleven numbers


@given(st.integers(0, 9_999_999_999))
@example(188656014)  # grouped as a telephone number, it is refused as one
def test_any_ten_digits_with_the_right_check_digit_are_refused_however_they_are_grouped(number):
    ten = f"{number:010}"
    texts = [ten, " ".join(ten), f"({ten[:3]}) {ten[3:6]} {ten[6:]}", f"{ten[0]},{ten[1:4]},{ten[4:7]},{ten[7:]}"]
    texts += [sign.join((ten[:3], ten[3:6], ten[6:])) for sign in (*" -,_./:;|*~#", ", ", "] [", " - ", "\u3001")]
    texts += ["\u200b".join(ten), ten.translate({48 + value: 0x966 + value for value in range(10)})]
    for text in texts:
        refused = {hit.kind for hit in screen(f"Seen: {text}, tear") if hit.severity == "refuse"}
        assert bool(refused) if is_nhs_number(ten) else refused <= {"phone"}, text


SEPARATORS = (", ", ",", " ", " x ", " / ", "/", "-", " - ", "; ", ": ", " and ", " (", ") ", " mm, ", "\n")


def test_lists_of_measurements_are_hardly_ever_taken_for_a_number():
    """Of lists with whole numbers, decimals and four digits in them, parted by anything, fewer than one in 200."""
    chance = random.Random(9)
    sizes = [lambda: chance.randint(1, 99), lambda: f"{chance.uniform(0, 30):.1f}", lambda: chance.randint(100, 2500)]

    def measured() -> str:
        values = [str(chance.choices(sizes, (5, 4, 1))[0]()) for _ in range(chance.randint(2, 9))]
        return f"Tendon {chance.choice(SEPARATORS).join(values)} mm, CSA 14 mm2"

    texts = [measured() for _ in range(4000)]
    assert len([text for text in texts if any(hit.severity == "refuse" for hit in screen(text))]) < len(texts) / 200


@given(st.text("943476 ,x\u200b\u2060\ufe0f", max_size=30), st.sampled_from(["9434765919", "SW1A 1AA", "Mrs Smith"]))
def test_what_nobody_sees_within_a_find_hides_it_from_nobody(before, found):
    """The find is where it stands in the text as it was typed, with what nobody sees in it."""
    text = f"{before}. {chr(0x200B).join(found)} tear"
    hits = screen(text)
    assert any(text[hit.start : hit.end].replace("\u200b", "") == found for hit in hits)


@settings(max_examples=400)
@given(data=st.data())
@pytest.mark.slow
def test_a_pattern_is_passed_over_only_where_it_would_have_found_nothing(data):
    """A find is no longer than is looked at around a word that it needs, and has that word and its digits."""
    pattern = data.draw(st.sampled_from(PATTERNS))
    text = data.draw(st.from_regex(pattern.look))
    for hit in _finds(pattern, text, text.lower()):
        find = text[hit.start : hit.end].lower()
        runs = [len(run) for run in re.findall("[0-9]+", find)]
        assert sum(runs) >= pattern.digits and max(runs, default=0) >= pattern.run, find
        assert not pattern.needs or any(word in find for word in pattern.needs), find
        assert len(find) <= LONGEST, find
        of_list = set(TABLE["words"].get(pattern.of_list, "").split())
        assert not of_list or of_list & set(re.findall("[a-z\u00fe]+", find)), find


def test_a_long_text_is_searched_as_a_short_one_is():
    """Far apart in 20 kB of report each true case is found as it is alone; too many of a kind end in one to the end."""
    report = next(case.text for case in FALSE if len(case.text) > 150)
    for case in TRUE[::10]:
        assert case.holds(screen(f"{report * 50}\n{case.text}\n{report * 50}")) or "«" in case.marked, case
    many = screen("Mrs Smith, " * 500)
    assert len(many) == MOST and many[-1].end == len("Mrs Smith, " * 500)


DATE = re.compile(_with_parts("(?:<<date>>|<<anyday>>)"), re.ASCII)


@given(st.from_regex(DATE))
def test_what_a_date_is_looked_for_by_begins_every_date(date):
    found = DATE.search(date)
    assert re.match("[0-9adfjmnos]", found[0], re.IGNORECASE)
    assert sum("(?=[0-9adfjmnos])(?:<<date>>|<<anyday>>)" in row["look"] for row in TABLE["rows"]) == 1


@given(st.one_of(st.sampled_from([case.text for case in CASES]), st.text("0123456789 -/.+at19JanpP", max_size=40)))
def test_the_digits_that_are_counted_first_change_no_verdict(text):
    counted = screen(text)
    with mock.patch("rules.identifiers.PATTERNS", [replace(one, digits=0, run=0) for one in PATTERNS]):
        assert counted == screen(text)


@given(st.text())
def test_any_text_is_screened_and_the_hits_lie_within_it_in_order(text):
    ends = 0
    for hit in screen(text):
        assert ends <= hit.start < hit.end <= len(text)
        ends = hit.end


def test_the_patterns_can_be_shared_with_a_browser():
    for look in LOOKS:
        assert look.pattern.isascii()
        outside = re.sub(r"\[[^\]]*\]", "", look.pattern)  # its character classes left out
        assert not re.search(r"\\[a-zA-Z]|\(\?P|\(\?i|[*+.^$]", outside), look.pattern
    assert {row["check"] for row in TABLE["rows"] if "check" in row} == set(CHECKS)
    for typed, plain in TABLE["instead"]:
        assert len(typed) == len(plain) and plain.isascii()


def test_every_row_says_what_it_is_and_why():
    for row in TABLE["rows"]:
        assert set(row) <= {"kind", "look", "digits", "run", "needs", "exact", "check", "severity", "words", "why"}
        assert row["severity"] in (REFUSE, WARN, PASS) and row["words"] and row["why"].endswith(".")
        needs = row.get("needs", ())
        assert needs in TABLE["words"] if isinstance(needs, str) else all(word == word.lower() for word in needs)
        assert row.get("exact") or not re.search("[A-Z]", _with_parts(row["look"])), "looked for in lower case"


def test_given_names_are_words_of_small_letters_in_order_and_none_is_a_word_of_a_report():
    names = TABLE["words"]["given_names"].split()
    assert names == sorted(set(names)) and len(names) > 1000
    assert all(re.fullmatch("[a-z]{2,}", name) for name in names)
    assert set(names).isdisjoint(TABLE["words"]["not_names"].split())


def test_a_hundred_kilobytes_of_hostile_text_take_little_more_than_counting_to_a_million():
    """Which takes 30 ms on a free core of a small server; the screen is allowed three times that, for the noise of a
    busy one. Both are measured by turns, and the quietest of several tries counts.
    """

    def floor():
        return sum(number for number in range(1_000_000))

    for unit in ("0", "a1 ", "born 1/1/", "mrn a 1/", "2024-1", "patient called ", "Mrs ", "Susan's ", "son of A "):
        text = (unit * 100_000)[:100_000]
        ours = least = float("inf")
        for _ in range(8):
            least = min(least, timeit.timeit(floor, timer=time.process_time, number=1))
            ours = min(ours, timeit.timeit(lambda text=text: screen(text), timer=time.process_time, number=1))
            if ours < 3 * least:
                break
        assert ours < 3 * least, (unit, ours, least)


def test_a_report_of_two_thousand_characters_costs_little_more_than_reading_its_words():
    """About 25 times as much as one search for its words."""
    report = (next(case.text for case in FALSE if len(case.text) > 150) * 14)[:2000]
    taken = {work: [] for work in (screen, re.compile(r"\w+").findall)}
    for _ in range(10):
        for work, times in taken.items():
            times.append(timeit.timeit(lambda work=work: work(report), timer=time.process_time, number=20))
    ours, floor = map(min, taken.values())
    assert ours < 75 * floor
