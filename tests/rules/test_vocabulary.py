"""The controlled words: every pair that is offered exists, and a slip in the file is named."""

from __future__ import annotations

import copy
import tomllib

import pytest

from rules.programme import Programme
from rules.vocabulary import Pair, VocabularyError, pair_text, parse, parse_pair
from tests.rules.conftest import ROOT


def test_every_pair_offered_first_can_be_picked(programme: Programme):
    for region in programme.vocabulary.regions.values():
        assert region.common
        assert all(programme.vocabulary.known_pair(region.id, pair) for pair in region.common)


def test_a_structure_has_its_tissues_findings_and_its_own(msk: Programme):
    supraspinatus = msk.vocabulary.regions["shoulder"].structures["ssp"]
    assert "tendinosis" in supraspinatus.findings
    assert "massive retracted tear" in supraspinatus.findings
    assert not msk.vocabulary.known_pair("shoulder", Pair("ssc", "massive retracted tear"))
    assert not msk.vocabulary.known_pair("knee", Pair("ssp", "tendinosis"))
    assert not msk.vocabulary.known_pair("the moon", Pair("ssp", "tendinosis"))


def test_a_pair_is_read_back_as_it_is_written(programme: Programme):
    for region in programme.vocabulary.regions.values():
        for structure in region.structures.values():
            for finding in structure.findings:
                pair = Pair(structure.id, finding)
                assert parse_pair(pair_text(pair)) == pair


@pytest.mark.parametrize("text", ["", "ssp", "ssp:", ": tear", " : ", "ssp tendinosis"])
def test_half_a_pair_is_refused(text: str):
    with pytest.raises(VocabularyError):
        parse_pair(text)


def raw() -> dict:
    return copy.deepcopy(tomllib.loads((ROOT / "tests/programmes/second_vocabulary.toml").read_text(encoding="utf-8")))


def broken(change) -> str:
    data = raw()
    change(data)
    with pytest.raises(VocabularyError) as refused:
        parse(data)
    return str(refused.value)


def test_a_slip_in_the_file_is_named():
    assert "tissue takes one of" in broken(lambda d: d["regions"][0]["structures"][0].update(tissue="bone"))
    assert "heart: attack" in broken(lambda d: d["regions"][0].update(common=["heart: attack"]))
    assert '"forearm" is there more than once' in broken(lambda d: d["regions"][0].update(id="forearm"))
    assert '"triceps" is there more than once' in broken(
        lambda d: d["regions"][0]["structures"][0].update(id="triceps")
    )
    assert "id takes" in broken(lambda d: d["regions"][0]["structures"][0].update(id="all"))
    assert "sides is missing" in broken(lambda d: d.pop("sides"))
    assert "colour is not known" in broken(lambda d: d.update(colour="teal"))
    assert "one takes a phrase with {side}" in broken(lambda d: d["regions"][0].update(one="the arm"))


def test_a_slip_in_what_is_said_of_words_is_named():
    slips = {
        'neighbours takes ids of other regions; "ghost"': lambda d: d["regions"][0].update(neighbours=["ghost"]),
        'procedures takes procedures.names; "ghost"': lambda d: d["regions"][0].update(procedures=["ghost"]),
        'short_list takes structures of this region; "ghost"': lambda d: d["regions"][0].update(short_list=["ghost"]),
        'indications takes structures of this region; "ghost"': lambda d: d["regions"][0].update(
            indications=[{"id": "why?", "structures": ["ghost"]}]
        ),
        "measures takes ids of measures": lambda d: d.update(findings=[{"id": "tendinosis", "measures": ["girth"]}]),
        "gone_after takes modifiers": lambda d: d["regions"][0]["structures"][0].update(gone_after=["lunch"]),
        "words or a unit": lambda d: d.update(measures=[{"id": "girth", "name": "Girth"}]),
        "phrase takes a phrase with {}": lambda d: d.update(
            measures=[{"id": "girth", "name": "Girth", "unit": "mm", "phrase": "wide"}]
        ),
        "reason is missing": lambda d: d.update(exclusions=[{"id": "x", "findings": ["tendinosis"]}]),
        "outcome takes one of the outcomes": lambda d: d.update(
            exclusions=[{"id": "x", "outcome": "joy", "reason": "Why."}]
        ),
        "takes findings of structures": lambda d: d.update(
            exclusions=[{"id": "x", "findings": ["joy"], "reason": "Why."}]
        ),
        "retired takes true or false": lambda d: d["regions"][0]["structures"][0].update(retired="yes"),
    }
    for sentence, change in slips.items():
        said = broken(change)
        assert sentence in said
        assert "\n" not in said


def test_a_list_that_may_be_empty_may_be_left_out():
    data = raw()
    for region in data["regions"]:
        region.pop("procedures", None)
    for place, key in (
        *((data, key) for key in ("modifiers", "limitations", "transducers")),
        (data["procedures"], "names"),
        *((data["regions"][0], key) for key in ("indications", "common")),
    ):
        place.pop(key, None)
    words = parse(data)
    first = next(iter(words.regions.values()))
    assert not any((words.modifiers, words.limitations, words.transducers, words.procedures))
    assert not first.indications
    assert not first.common
