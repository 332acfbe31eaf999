"""How the mentors of the demo course judge: what an audit says, the comment with it, and why a scan goes back."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

from demo.cases import worded
from models import Scan
from rules.vocabulary import split_side
from workflows.reviews.reviews import Appraisal

_WORDS: dict[str, Any] = tomllib.loads((Path(__file__).resolve().parent / "comments.toml").read_text(encoding="utf-8"))
PROCEDURES: dict[str, list[dict[str, str]]] = _WORDS["procedures"]
# Examined whenever everything was: what a condition in comments.toml may ask for.
_EVERYWHERE = {
    "shoulder": {"ssp", "lhb"},
    "elbow": {"ceo"},
    "wrist": {"median-n"},
    "hand": {"mcp"},
    "knee": {"recess", "baker", "mm"},
}
# What Amara finds on her home screen.
AMARA_S_RETURN = _WORDS["returned"]["shoulder"][0]


def appraisal(scan: Scan, practice: float, skill: float, chance: random.Random) -> Appraisal:
    """A mentor's judgement of a scan that counts; the first weeks are the hardest, a normal report is soon a good one.

    Args:
        practice: how far through the 250 the student is, 0 to 1.
        skill: the student's, 0 to 1.
    """
    ease = 0.5 * skill + 0.5 * min(1.0, 1.6 * practice)  # 0 to 1
    image = _one_of(("good", 0.55 + 0.4 * ease), ("acceptable", 1), chance=chance)
    well_worded = 0.5 + 0.45 * ease if scan.findings else 0.9
    report = _one_of(("good", well_worded), ("acceptable", 1), chance=chance)
    agree = _one_of(("agree", 0.72 + 0.24 * ease), ("minor", 1), chance=chance)
    seen = chance.choices(("machine", "pacs", "not_seen", ""), (60, 30, 1, 9))[0]
    return Appraisal("" if seen == "not_seen" else image, report, agree, seen)


def _one_of(*steps: tuple[str, float], chance: random.Random) -> str:
    """The first word whose limit a throw stays under."""
    throw = chance.random()
    return next(word for word, limit in steps if throw < limit)


def comment(judged: Appraisal | None, scan: Scan, chance: random.Random) -> str:
    """What the mentor writes with it: always about a disagreement, often about a weakness, sometimes a kind word."""
    if judged and judged.agreement != "agree":
        return _about(judged.agreement, scan, chance)
    if judged and judged.report != "good" and chance.random() < 0.7:
        return _about("report", scan, chance)
    if judged and judged.image != "good" and chance.random() < 0.7:
        return _about("image", scan, chance)
    return _about("good", scan, chance) if chance.random() < 0.3 else ""


def why_returned(scan: Scan, chance: random.Random) -> tuple[str, str]:
    """A reason to return this scan, and what the student adds to the report then."""
    words = _WORDS["returned"]
    own = [one for one in words.get(scan.region, []) if _fits(one.get("needs", ""), scan)]
    found = chance.choice(own if own and chance.random() < 0.6 else words["any"])
    return found["why"], worded(found["adds"], chance, {})


def why_reopened(chance: random.Random) -> tuple[str, str]:
    """A reason to reopen a scan that had counted, and what the student adds then."""
    found = chance.choice(_WORDS["reopened"])
    return found["why"], found["adds"]


def _about(kind: str, scan: Scan, chance: random.Random) -> str:
    words = _WORDS[kind]
    own, general = _fitting(words.get(scan.region, []), scan), _fitting(words["any"], scan)
    return chance.choice(own if own and chance.random() < 0.5 else general)


def _fitting(lines: list[str], scan: Scan) -> list[str]:
    """The lines whose condition, before a bar, this scan meets; without the condition."""
    parted = [line.rpartition("|") for line in lines]
    return [words.strip() for needs, _, words in parted if _fits(needs, scan)]


def _fits(needs: str, scan: Scan) -> bool:
    """Whether the scan has all of "ssp, +ssp, !baker, power Doppler, normal" (see comments.toml)."""
    has = {*scan.modifiers, scan.transducer, *(split_side(one)[1] for one in scan.normal)}
    has |= {f"+{structure}" for structure, *_ in scan.findings} | {word for pair in scan.findings for word in pair}
    has.add("abnormal" if any(pair[1] != "patent" for pair in scan.findings) else "normal")
    if "long axis" in scan.report:
        has.add("long axis")
    if "all" in has:
        has |= _EVERYWHERE.get(scan.region, set())
    wants = [one.strip() for one in needs.split(",") if one.strip()]
    return all((one[1:] not in has) if one.startswith("!") else (one in has) for one in wants)
