"""A guided procedure that counts apart is recorded, never counted, and told by the student's part in it (R4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules import states
from rules.progress import Progress
from rules.totals import StateCounts
from tests.rules.test_progress import counts


@pytest.mark.parametrize("together", [False, True], ids=["counts apart", "counts with the scans"])
def test_only_an_approved_procedure_that_counts_apart_is_recorded(msk, together):
    programme = replace(msk, procedures_count=together)
    for procedure in ("", "barbotage"):
        for state in states.STATES:
            said = states.name_of(state, apart=programme.counts_apart(procedure))
            is_recorded = procedure and state == states.COUNTED and not together
            assert said == ("recorded" if is_recorded else state.replace("_", " ")), (procedure, state)


def test_each_part_is_told_with_what_is_approved_and_what_is_not(msk):
    sent = {
        "performed": StateCounts(counted=3),
        "observed": StateCounts(counted=1, with_mentor=2, returned=4),
        "taught": StateCounts(with_mentor=1),  # a part that the vocabulary has no more
    }
    assert Progress(msk, counts(procedures=sent)).procedures == (
        ("observed", 1, 6),
        ("assisted", 0, 0),
        ("performed", 3, 0),
        ("taught", 0, 1),
    )


def test_of_a_student_without_procedures_nothing_is_told(msk):
    assert Progress(msk, counts()).procedures == ()


def test_procedures_that_count_apart_are_in_none_of_the_scans_numbers(msk):
    sent = {"performed": StateCounts(counted=30, with_mentor=5)}
    shown, without = Progress(msk, counts(procedures=sent)), Progress(msk, counts())
    assert (shown.counted, shown.with_mentor, shown.missing) == (without.counted, without.with_mentor, without.missing)


def test_a_region_offers_its_own_procedures_then_those_of_no_region(msk):
    words = msk.vocabulary
    everywhere = ("platelet-rich plasma", "dry needling", "biopsy observed")
    for region in words.regions.values():
        assert words.procedures_of(region.id) == (*region.procedures, *everywhere), region.id
    assert "carpal tunnel injection" in words.procedures_of("wrist")
    assert "carpal tunnel injection" not in words.procedures_of("knee")
    assert {one for region in words.regions for one in words.procedures_of(region)} == set(words.procedures)
    assert words.procedures_of("") == words.procedures, "without a region all can be chosen"
