"""The clinical cases of the demo course, read from cases.toml: what was found, and how a student words it."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.own_words import sentences
from rules.scan_fields import Entry
from rules.vocabulary import Pair, Vocabulary, parse_pair

HERE = Path(__file__).resolve().parent
# {8-22}, {2.1-4.8}, {mild|marked}, {ap=8-22}, {ap}
_SLOT = re.compile(r"{(?:([a-z]+)=)?([^{}]*)}")
_RANGE = re.compile(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Case:
    """A kind of case; `says` is structure id -> wordings. Without findings (but patent vessels) it is normal."""

    region: str
    weight: int
    indications: tuple[str, ...]
    findings: tuple[Pair, ...]
    normal: tuple[str, ...]
    protocol: str
    outcome: str
    modifiers: tuple[str, ...]
    limitations: tuple[str, ...]
    ages: tuple[int, int]
    sex: str
    transducer: str
    any_side: bool
    says: dict[str, tuple[str, ...]]
    concludes: tuple[str, ...]
    advice: tuple[str, ...]

    @property
    def is_normal(self) -> bool:
        return not self.says


def load(path: Path = HERE / "cases.toml") -> tuple[Case, ...]:
    """Every case, in the file's order."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(_case(region, one) for region, cases in data.items() for one in cases)


def _case(region: str, data: dict[str, Any]) -> Case:
    everything = data["normal"] == "all"
    says = {structure: tuple(texts) for structure, texts in data.get("says", {}).items()}
    low, high = data["ages"]
    return Case(
        region=region,
        weight=data["weight"],
        indications=tuple(data["indications"]),
        findings=tuple(parse_pair(text) for text in data.get("findings", ())),
        normal=("all",) if everything else tuple(data["normal"]),
        protocol=data.get("protocol", "full" if everything else "focused"),
        outcome=data.get("outcome", "abnormal, explains symptoms" if says else "normal for age"),
        modifiers=tuple(data.get("modifiers", ())),
        limitations=tuple(data.get("limitations", ())),
        ages=(low, high),
        sex=data.get("sex", ""),
        transducer=data.get("transducer", "linear high-frequency"),
        any_side=data.get("sides") == "any",
        says=says,
        concludes=tuple(data.get("concludes", ())),
        advice=tuple(data.get("advice", ())),
    )


def worded(text: str, chance: random.Random, chosen: dict[str, str]) -> str:
    """The text with its slots filled: measurements, choices, and what was chosen under a name."""
    while match := _SLOT.search(text):  # innermost first, so that a choice may hold a measurement
        name, slot = match.groups()
        if slot in chosen:
            value = chosen[slot]
        elif limits := _RANGE.fullmatch(slot):
            low, high = limits.groups()
            places = len(low.partition(".")[2])
            value = f"{chance.uniform(float(low), float(high)):.{places}f}"
        else:
            value = chance.choice(slot.split("|"))
        if name:
            chosen[name] = value
        text = text[: match.start()] + value + text[match.end() :]
    return text


def own_report(case: Case, entry: Entry, vocabulary: Vocabulary, composed: str, chance: random.Random) -> str:
    """The composed report as a student would finish it: findings measured and described, often a conclusion too."""
    chosen = {"side": entry.side or "", "other": {"left": "right", "right": "left"}.get(entry.side or "", "")}
    structures = vocabulary.regions[case.region].structures
    described = {structures[one].name[:1].upper() + structures[one].name[1:]: texts for one, texts in case.says.items()}
    lines = []
    for sentence in sentences(composed):
        head, colon, _ = sentence.partition(": ")
        if colon and head in described:
            sentence = worded(chance.choice(described[head]), chance, chosen)
        elif head == "Conclusion" and case.concludes and chance.random() < 0.8:
            sentence = worded(chance.choice(case.concludes), chance, chosen)
        lines.append(sentence)
    lines.append(worded(chance.choice(case.advice), chance, chosen) if case.advice else "")
    return " ".join(line for line in lines if line)
