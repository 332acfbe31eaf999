"""Whether two entries may be of one patient, and the sides of one patient joined to one entry (R4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rules import report, same_patient
from rules.same_patient import AGAIN, NEIGHBOUR, OTHER_SIDE, relation
from rules.scan_fields import FIELDS, Entry
from rules.vocabulary import Measured, NotSeen, Pair
from tests.rules.conftest import PROGRAMMES

TEAR, BURSITIS = Pair("ssp", "full-thickness tear"), Pair("sasd", "bursitis")
RIGHT = Entry(support="unaided", region="shoulder", side="right", mentor=1, site=1, scanned_on=date(2026, 11, 3))
LEFT = replace(RIGHT, side="left")

RELATIONS = [
    (("shoulder", "right"), ("shoulder", "right"), AGAIN),
    (("shoulder", "right"), ("shoulder", "left"), OTHER_SIDE),
    (("shoulder", "left"), ("shoulder", "right"), OTHER_SIDE),
    (("shoulder", "both"), ("shoulder", "left"), AGAIN),
    (("shoulder", "left"), ("shoulder", "both"), AGAIN),
    (("ankle", "left"), ("foot", "left"), NEIGHBOUR),
    (("foot", "left"), ("ankle", "left"), NEIGHBOUR),
    (("wrist", "right"), ("hand", "right"), NEIGHBOUR),
    (("ankle", "both"), ("foot", "left"), NEIGHBOUR),
    (("ankle", "left"), ("foot", "right"), ""),  # another limb
    (("ankle", "left"), ("knee", "left"), ""),
    (("ankle", "left"), ("", "left"), ""),
    (("ankle", ""), ("ankle", ""), ""),
    (("gone", "left"), ("gone", "right"), OTHER_SIDE),  # a region that the vocabulary has lost
    (("gone", "left"), ("foot", "left"), ""),
]


def test_which_two_entries_may_be_of_one_patient(msk):
    for one, other, how in RELATIONS:
        assert relation(msk, one, other) == how, (one, other)


def test_a_programme_that_names_no_neighbours_asks_about_none(msk):
    second = PROGRAMMES["second"]
    regions = list(second.vocabulary.regions)
    assert not any(
        relation(second, (one, "left"), (other, "left")) for one in regions for other in regions if one != other
    )


def written(programme, entry: Entry, own: str = "") -> tuple[Entry, str]:
    """The entry with its report as it is kept, and what the taps say."""
    composed = report.write(programme, entry).composed
    return replace(entry, report="\n".join(filter(None, (composed, own))), report_base=composed), composed


JOINED = {
    "a tear, and nothing there": (
        *(replace(RIGHT, findings=(TEAR,)), replace(LEFT, normal=("all",))),
        {"findings": (replace(TEAR, side="right"),), "normal": ("left | all",)},
    ),
    "the same finding, of another size": (
        replace(RIGHT, findings=(TEAR,), measured=(Measured(TEAR, "tear", "14x9"),)),
        replace(LEFT, findings=(TEAR, BURSITIS), measured=(Measured(TEAR, "tear", "8"),)),
        {
            "findings": (replace(TEAR, side="both"), replace(BURSITIS, side="left")),
            "measured": (
                Measured(replace(TEAR, side="right"), "tear", "14x9"),
                Measured(replace(TEAR, side="left"), "tear", "8"),
            ),
        },
    ),
    "normal here, not seen there": (
        replace(RIGHT, normal=("ssp", "lhb")),
        replace(LEFT, normal=("ssp",), not_seen=(NotSeen("lhb", "pain"),)),
        {"normal": ("both | ssp", "right | lhb"), "not_seen": (NotSeen("lhb", "pain", "left"),)},
    ),
    "all normal on both": (
        *(replace(LEFT, normal=("all",)), replace(RIGHT, normal=("all",))),
        {"normal": ("both | all",)},
    ),
}
OWN = [("", ""), ("Seen at the footprint.", ""), ("", "No retraction; degenerate"), ("One. Two", "Three!\n\nFour")]


def test_what_is_said_of_each_side_keeps_its_side_and_is_parted_again(msk):
    for name, (one, other, said) in JOINED.items():
        for of_first, of_second in OWN:
            (first, first_taps), (second, taps) = written(msk, one, of_first), written(msk, other, of_second)
            both = replace(same_patient.joined(msk, first, second, taps), report_base=first_taps)
            assert both.side == "both" and {key: getattr(both, key) for key in said} == said, name
            kept = report.write(msk, both)
            own = [line for text in (of_first, of_second) for line in text.replace("!", ".").split(".")]
            assert all(words.strip() in kept.text.replace("!", ".") for line in own for words in line.split("\n")), name
            assert (f"{second.side.capitalize()} shoulder: {of_second.split()[0]}" if of_second else "") in kept.text
            both = replace(both, report=kept.text, report_base=kept.composed)
            back = same_patient.parted(msk, both, second, taps)
            assert back is not None and replace(back, report_base=first_taps) == replace(first, report=back.report)
            assert report.write(msk, back).text == first.report, name


def test_a_report_that_has_lost_the_second_ones_words_cannot_be_parted(msk):
    (first, _), (second, taps) = written(msk, RIGHT), written(msk, LEFT, "No retraction.")
    both = replace(same_patient.joined(msk, first, second, taps), report="Other words.")
    assert same_patient.parted(msk, both, second, taps) is None


DIFFERENT = {
    "support": ("aided", "Support: Aided here, Unaided in case 0012."),
    "protocol": ("full", "Protocol: full here, not stated in case 0012."),
    "indication": ("pain, cuff tear?", "Indication: pain, cuff tear? here, not stated in case 0012."),
    "outcome": ("normal for age", "Outcome: normal for age here, not stated in case 0012."),
    "limitations": (("pain",), "Limitations: pain here, not stated in case 0012."),
    "modifiers": (("power Doppler",), "Modifiers: power Doppler here, not stated in case 0012."),
    "transducer": ("convex", "Transducer: convex here, not stated in case 0012."),
    "machine": ("Esaote", "Machine: Esaote here, not stated in case 0012."),
    "age_band": ("18 to 29", "Age band: 18 to 29 here, not stated in case 0012."),
    "sex": ("male", "Sex: male here, not stated in case 0012."),
    "scanned_on": (date(2026, 11, 2), "Date: 2 November 2026 here, 3 November 2026 in case 0012."),
    "mentor": (2, "Mentor: not the same here as in case 0012."),
    "site": (2, "Site: not the same here as in case 0012."),
    "procedure": ("barbotage", "Guided procedure: barbotage here, not stated in case 0012."),
    "procedure_role": ("assisted", "Your part in it: assisted here, not stated in case 0012."),
}


def test_what_one_entry_says_once_must_be_alike_in_both(msk):
    assert same_patient.differences(msk, RIGHT, LEFT, "case 0012") == []
    assert DIFFERENT.keys() == {field.name for field in FIELDS} - {*same_patient.SIDED, "region"}, (
        "a new field is decided on"
    )
    for name, (value, sentence) in DIFFERENT.items():
        assert same_patient.differences(msk, RIGHT, replace(LEFT, **{name: value}), "case 0012") == [sentence]


def test_the_later_entry_need_not_say_again_who_the_patient_is_and_where(msk):
    first = replace(RIGHT, age_band="18 to 29", sex="male")
    assert same_patient.differences(msk, first, replace(LEFT, mentor=None, site=None), "case 0012") == []
    told = same_patient.differences(msk, replace(first, transducer="convex"), LEFT, "case 0012")
    assert told == ["Transducer: not stated here, convex in case 0012."]


@pytest.mark.parametrize("order", [("pain", "movement"), ("movement", "pain")])
def test_the_order_of_what_was_tapped_is_no_difference(msk, order):
    first = replace(RIGHT, limitations=("pain", "movement"))
    assert same_patient.differences(msk, first, replace(LEFT, limitations=order), "case 0012") == []
