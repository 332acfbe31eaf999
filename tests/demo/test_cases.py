"""Every case of the demo course could have been tapped, and none of its words names a patient."""

from __future__ import annotations

import random
from datetime import date

import pytest

import config
from demo import cases, mentors
from rules import identifiers, programme, report
from rules.entry import missing, problems
from rules.own_words import has_own_words
from rules.scan_fields import Entry
from rules.vocabulary import parse_pair

COURSE = programme.load(config.ROOT / "programmes/msk-pgcert.toml")
CASES = cases.load()
NAMES = [f"{place} {case.region}: {case.findings}" for place, case in enumerate(CASES)]


def entry_of(case: cases.Case, indication: str) -> Entry:
    return Entry(
        support="aided",
        region=case.region,
        side="left",
        protocol=case.protocol,
        indication=indication,
        findings=case.findings,
        normal=case.normal,
        outcome=case.outcome,
        limitations=case.limitations,
        modifiers=case.modifiers,
        transducer=case.transducer,
        sex=case.sex,
        mentor=1,
    )


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_case_could_have_been_tapped(case):
    for indication in case.indications:
        entry = entry_of(case, indication)
        assert problems(COURSE, entry, today=date(2026, 11, 23), enrolled_on=date(2026, 9, 14)) == {}
        assert missing(COURSE, entry) == []


@pytest.mark.parametrize("case", [case for case in CASES if not case.is_normal], ids=str)
def test_a_student_describes_every_structure_with_a_finding_in_their_own_words(case):
    assert set(case.says) == {pair.structure for pair in case.findings}
    taps = entry_of(case, case.indications[0])
    composed = report.compose(COURSE.vocabulary, taps)
    for seed in range(6):
        written = cases.own_report(case, taps, COURSE.vocabulary, composed, random.Random(seed))
        assert "{" not in written and "|" not in written and "  " not in written
        assert has_own_words(written, composed)
        assert identifiers.screen(written) == []
        assert written.count("Conclusion: ") == 1


def test_there_are_cases_normal_ones_too_for_every_region():
    assert len(CASES) >= 60
    for region in COURSE.vocabulary.regions:
        kinds = {case.is_normal for case in CASES if case.region == region}
        assert kinds == {True, False}, region


def test_both_sides_are_scanned_only_where_no_other_side_is_spoken_of():
    for case in CASES:
        if case.any_side:
            assert "{other}" not in str((case.says, case.concludes, case.advice))


def test_guided_procedures_are_in_the_vocabulary():
    for region, found in mentors.PROCEDURES.items():
        for one in found:
            assert one["procedure"] in COURSE.vocabulary.procedures
            assert one["indication"] in COURSE.vocabulary.regions[region].indications
            assert COURSE.vocabulary.known_pair(region, parse_pair(one["finding"]))


def test_a_slot_is_filled_with_a_measurement_a_choice_or_what_was_kept():
    chance = random.Random(1)
    text = cases.worded("{ap=8-9} mm, {2.1-2.1}, {a|{3-3}|}, again {ap}", chance, {})
    size = text.split()[0]
    assert size in ("8", "9") and text.endswith(f"again {size}") and "2.1" in text
