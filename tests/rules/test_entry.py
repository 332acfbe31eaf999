"""What of an entry is refused, and beside which field: sides, states and sizes that cannot be together."""

from __future__ import annotations

from dataclasses import replace

from rules.entry import missing, problems
from rules.programme import Programme, Reports
from rules.report import words_missing
from rules.scan_fields import Entry
from rules.vocabulary import NotSeen
from tests.rules.cases import entry
from tests.rules.draw import TODAY

SIZE = "ssp: full-thickness tear | tear = 14x9"
TEAR = {"finding": ["ssp: full-thickness tear"]}

# What is tapped -> the one field beside which it is refused; none where it can be kept.
CHECKED = [
    ({"side": "right", **TEAR}, ""),
    ({"side": "right", "finding": ["left | ssp: full-thickness tear"]}, "finding"),
    ({"side": "right", "normal": ["left | all"]}, "normal"),
    ({"side": "right", "not_seen": ["left | ssp: pain"]}, "not_seen"),
    ({"finding": ["left | ssp: full-thickness tear"]}, "finding"),
    ({"side": "both", "finding": ["up | ssp: full-thickness tear"]}, "finding"),
    ({"side": "both", "finding": ["left | ssp: full-thickness tear"], "normal": ["right | ssp"]}, ""),
    ({"side": "both", "finding": ["left | ssp: full-thickness tear"], "normal": ["left | ssp"]}, "finding"),
    ({"side": "both", "finding": ["left | ssp: full-thickness tear"], "normal": ["both | ssp"]}, "finding"),
    ({"side": "both", "normal": ["both | ssp"], "not_seen": ["right | ssp"]}, "not_seen"),
    ({"side": "both", "normal": ["left | ssp"], "not_seen": ["right | ssp"]}, ""),
    ({"side": "right", "normal": ["all"], "not_seen": ["ssp: pain"], **TEAR}, ""),
    ({"side": "right", "normal": ["ssp"], **TEAR}, "finding"),
    ({"side": "right", "not_seen": ["ssp: boredom"]}, "not_seen"),
    ({"side": "right", "not_seen": ["all"]}, "not_seen"),
    ({"side": "right", "measured": [SIZE], **TEAR}, ""),
    ({"side": "right", "measured": [SIZE]}, "measured.ssp: full-thickness tear | tear"),
    ({"side": "right", "measured": [SIZE.replace("14x9", "900")], **TEAR}, "measured.ssp: full-thickness tear | tear"),
    ({"side": "right", "measured": [SIZE.replace("| tear", "| area")], **TEAR},
     "measured.ssp: full-thickness tear | area"),
    ({"side": "both", "finding": ["left | ssp: full-thickness tear"], "measured": [f"right | {SIZE}"]},
     "measured.right | ssp: full-thickness tear | tear"),
]  # fmt: skip


def test_what_cannot_be_together_is_refused_beside_its_field(msk: Programme):
    for taps, field in CHECKED:
        found = problems(msk, entry({"region": "shoulder", **taps}), today=TODAY, enrolled_on=TODAY)
        assert list(found) == ([field] if field else []), (taps, found)


def test_what_was_not_seen_alone_can_be_sent_and_needs_no_words_about_findings(programme: Programme):
    words, region = programme.vocabulary, next(iter(programme.vocabulary.regions.values()))
    structure = next(iter(region.structures))
    taps = Entry(support="aided", region=region.id, side=words.sides[0], mentor=1, not_seen=(NotSeen(structure),))
    asks = replace(programme, reports=Reports("send", "hold"))
    assert missing(asks, taps, own_words=False) == []
    assert not words_missing(asks, taps, own=False)
    assert missing(asks, replace(taps, not_seen=()), own_words=False) == ["findings, or all normal"]


def test_an_entry_says_what_it_lacks_once(msk: Programme):
    assert list(problems(msk, Entry(), today=TODAY, enrolled_on=TODAY)) == ["region"]
