"""What of an entry is refused, and beside which field: sides, states and sizes that cannot be together."""

from __future__ import annotations

from rules.entry import problems
from rules.programme import Programme
from rules.scan_fields import Entry
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


def test_an_entry_says_what_it_lacks_once(msk: Programme):
    assert list(problems(msk, Entry(), today=TODAY, enrolled_on=TODAY)) == ["region"]
