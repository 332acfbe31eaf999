"""The whole reports of many scans, each read as a sonographer would, and what is true of the report of any taps."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.entry import problems
from rules.examined import by_side, unrecorded
from rules.own_words import sentences
from rules.programme import Programme
from rules.report import compose, headline
from rules.scan_fields import Entry
from rules.vocabulary import Pair, split_side
from tests.rules import draw
from tests.rules.cases import FOLDER, cases, entry
from tests.rules.conftest import PROGRAMMES

MSK = PROGRAMMES["msk"].vocabulary


@pytest.mark.parametrize("region", MSK.regions)
def test_what_is_tapped_makes_this_report(msk: Programme, region: str):
    for case in cases(region):
        taps = entry(case)
        about = f"{region}: {case['name']}"
        assert not problems(msk, taps, today=draw.TODAY, enrolled_on=draw.TODAY), about
        assert sentences(compose(MSK, taps)) == tuple(case["report"].strip().splitlines()), about
        assert headline(MSK, taps) == case["headline"], about


def test_the_table_covers_every_region_and_kind_of_scan():
    all_cases = [case for region in MSK.regions for case in cases(region)]
    assert len(all_cases) >= 180
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(MSK.regions)
    for region in MSK.regions:
        of_region = cases(region)
        assert any(case["side"] == "both" for case in of_region), region
        assert any("procedure" in case for case in of_region), region


# What is true of any taps


@given(data=st.data())
def test_every_structure_called_normal_was_tapped_or_belongs_to_the_list(data: st.DataObject):
    taps = data.draw(draw.sided_taps(PROGRAMMES["msk"]))
    structures = MSK.regions[taps.region].structures
    tapped = {structure for _, structure in map(split_side, taps.normal)}
    if "all" in tapped:
        tapped |= set(MSK.claimed(taps.region, taps.protocol, taps.indication, taps.modifiers))
    heads = {one.name.partition(", ")[0].lower(): key for key, one in structures.items() if key not in tapped}
    longer = {one.name.lower() for key, one in structures.items() if key in tapped}
    for sentence in sentences(compose(MSK, taps)):
        _, normal, names = sentence.partition("abnormality seen in ")
        if normal and not sentence.startswith("Conclusion"):
            said = re.split(r", | or ", names.rstrip(".").removeprefix("the ").lower())
            for head in set(said) & heads.keys():
                assert any(head in one for one in longer), (sentence, head)


@given(data=st.data())
def test_the_report_names_the_side_that_was_entered_and_no_other(data: st.DataObject):
    taps = data.draw(draw.sided_taps(PROGRAMMES["msk"]))
    text = compose(MSK, taps)
    concluded = [one for one in sentences(text) if one.startswith("Conclusion")]
    if taps.side == "both":
        assert all(re.search(r"\b(left|right|both|bilateral)\b", one) for one in concluded), text
        entered = {side for side in _sides(taps) if side in ("left", "right")}
        if not entered:
            assert not re.search(r"\b(left|right)\b", text.lower()), text
    elif taps.side:
        other = "right" if taps.side == "left" else "left"
        assert all(re.search(rf"\b{taps.side}\b", one) for one in concluded), text
        assert not re.search(rf"\b({other}|both|bilateral)\b", text.lower()), text
    else:
        assert not re.search(r"\b(left|right|both|bilateral)\b", text.lower()), text


def _sides(taps: Entry) -> set[str]:
    words = {pair.side for pair in taps.findings} | {one.side for one in taps.not_seen}
    return words | {split_side(one)[0] for one in taps.normal}


@given(data=st.data())
def test_nothing_is_said_twice_and_no_or_is_a_diagnosis(data: st.DataObject):
    text = compose(MSK, data.draw(draw.sided_taps(PROGRAMMES["msk"])))
    assert len(set(sentences(text))) == len(sentences(text)), text
    for one in sentences(text):
        if one.startswith("Conclusion"):
            parts = one.removeprefix("Conclusion: ").rstrip(".").split("; ")
            assert len(set(parts)) == len(parts), text
            assert " or " not in one.replace("not seen or limited", ""), text


@given(data=st.data())
def test_normal_appearances_are_of_a_full_examination_without_a_limitation(data: st.DataObject):
    taps = data.draw(draw.sided_taps(PROGRAMMES["msk"]))
    if "normal ultrasound appearances" in compose(MSK, taps):
        assert taps.protocol == "full" and not taps.limitations and MSK.regions[taps.region].full
        assert any(split_side(one)[1] == "all" for one in taps.normal) or len(taps.normal) > 1


@given(data=st.data())
def test_a_complete_examination_has_something_recorded_of_every_structure_on_every_side(data: st.DataObject):
    taps = data.draw(draw.sided_taps(PROGRAMMES["msk"]))
    text, headed = compose(MSK, taps), headline(MSK, taps)
    whole = not any(unrecorded(MSK.regions[taps.region], taps, seen) for seen in by_side(MSK, taps))
    full = taps.protocol == "full" and MSK.regions[taps.region].full
    assert text.startswith("Complete examination") == full
    assert ("of which not all structures were recorded" in text) == (full and not whole), text
    if headed.startswith("Normal"):
        assert "normal ultrasound appearances" in text and not taps.limitations, (headed, text)


@given(data=st.data())
def test_what_is_not_seen_is_said_of_what_was_seen_alone(data: st.DataObject):
    taps = data.draw(draw.sided_taps(PROGRAMMES["msk"]))
    asked = MSK.regions[taps.region].indications.get(taps.indication)
    negative = asked.negative.replace(" or ", " and no ") if asked else ""
    text = compose(MSK, taps)
    if not negative or f"no {negative} seen" not in text.partition("Conclusion")[2]:
        return
    seen = set().union(*(one.recorded for one in by_side(MSK, taps)))
    assert seen & {*asked.structures, *asked.any_of}, text
    if f"no {negative} seen in the " not in text and not asked.any_of:
        gone = {one for one in asked.structures if MSK.regions[taps.region].structures[one].is_gone(taps.modifiers)}
        assert seen >= set(asked.structures) - gone, text


@given(data=st.data())
def test_a_limitation_never_stands_beside_an_unqualified_list_of_normals(data: st.DataObject):
    taps = data.draw(draw.sided_taps(PROGRAMMES["msk"]))
    text = compose(MSK, taps)
    if taps.limitations and not taps.not_seen:
        assert "which structures were limited was not recorded" in text
        assert not re.search(
            r"(?<!limits, )no abnormality seen in (?!the examined)", text.lower().split("conclusion")[0]
        )
    assert not taps.not_seen or "Not seen or limited" in text


def test_taps_of_an_entry_without_a_side_do_not_depend_on_their_order(msk: Programme):
    found = (Pair("ssp", "full-thickness tear"), Pair("ssp", "calcification"))
    taps = Entry(region="shoulder", side="right", findings=found)
    assert compose(msk.vocabulary, taps) == compose(msk.vocabulary, replace(taps, findings=found[::-1]))
