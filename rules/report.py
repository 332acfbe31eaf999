"""The report that writes itself: from taps to plain clinical sentences, in the field's order.

Region and side, indication, technique, structures, procedure, conclusion. The same taps always give the same text.
Which words are the student's own, and how a draft follows the taps, is `rules.own_words`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rules.own_words import Piece, has_own_words, own_words, recompose, sentences
from rules.phrases import capital, finding_words, listed, pair_phrases, places, side_of, stop
from rules.programme import Programme
from rules.vocabulary import Pair, Region, Vocabulary

__all__ = [
    "Piece",
    "Taps",
    "compose",
    "has_own_words",
    "headline",
    "is_normal",
    "may_send",
    "words_missing",
    "own_words",
    "recompose",
    "sentences",
]

ALL = "all"
HEADLINE_ITEMS = 3

# A finding that says that something is as it should be.
_AS_IT_SHOULD_BE = frozenset(["patent"])

# An outcome after what was found, and alone. Others stand as the vocabulary writes them.
_OUTCOMES = {
    "normal for age": (", within normal limits for age", "normal for age"),
    "abnormal, explains symptoms": (", explaining the symptoms", "abnormal, explaining the symptoms"),
    "incidental finding": ("; incidental", "incidental finding"),
    "indeterminate, further imaging": (
        "; indeterminate, further imaging advised",
        "indeterminate, further imaging advised",
    ),
    "urgent pathway": ("; refer on the urgent pathway", "refer on the urgent pathway"),
}
_MODIFIERS = {"dynamic": "dynamic assessment"}


@dataclass(frozen=True)
class Taps:
    """What was tapped, in the vocabulary's ids and words. Anything may be missing while the form is being filled.

    `normal` holds structure ids, or ("all",): everything that was looked at and has no finding is normal.
    """

    region: str | None = None
    side: str | None = None
    protocol: str | None = None
    indication: str | None = None
    findings: tuple[Pair, ...] = ()
    normal: tuple[str, ...] = ()
    outcome: str | None = None
    limitations: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
    transducer: str | None = None
    procedure: str | None = None
    procedure_role: str | None = None
    support: str | None = None


def is_normal(taps: Taps) -> bool:
    """Something was recorded, and nothing of it is abnormal."""
    return bool(taps.findings or taps.normal) and not _abnormal(taps)


def _abnormal(taps: Taps) -> list[Pair]:
    return [pair for pair in taps.findings if pair.finding not in _AS_IT_SHOULD_BE]


def compose(vocabulary: Vocabulary, taps: Taps) -> str:
    """The report that the taps make: one paragraph of plain sentences; empty until there is a region.

    Words that this vocabulary does not know (an older form's) stand as they were sent.
    """
    if not taps.region:
        return ""
    region = vocabulary.regions.get(taps.region) or Region(id=taps.region, name=taps.region, structures={})
    pairs = _in_order(region, taps.findings)
    lines = [
        _examination(region, taps),
        f"Indication: {taps.indication}" if taps.indication else "",
        *_technique(taps),
        *_findings(region, pairs),
        _normals(region, taps),
        _procedure(taps),
        _conclusion(region, taps, pairs),
    ]
    return " ".join(stop(line) for line in lines if line)


def headline(vocabulary: Vocabulary, taps: Taps) -> str:
    """The scan in one short line for a card: "Full-thickness supraspinatus tear", "Normal"."""
    region = vocabulary.regions.get(taps.region or "")
    pairs = _in_order(region, _abnormal(taps) or taps.findings)
    if not pairs:
        return "Normal" if taps.normal else capital(taps.procedure or "") or "Nothing recorded yet"
    phrases = pair_phrases(region, pairs[:HEADLINE_ITEMS])
    more = len(pairs) - HEADLINE_ITEMS
    joiner = ", " if all(plain for _, _, plain in phrases) else "; "
    return capital(joiner.join(phrase for _, phrase, _ in phrases)) + (f" and {more} more" if more > 0 else "")


def may_send(programme: Programme, taps: Taps, own: bool) -> str:
    """Whether the report may go to the mentor as it stands: "send", "mark" (own words missing) or "hold".

    The programme decides for a report that only the taps have written, or that is empty; own words always go.

    Args:
        own: the student wrote at least a word of it (`own_words.has_own_words`).
    """
    if own:
        return "send"
    return programme.reports.composed_normal if is_normal(taps) else programme.reports.composed_abnormal


def words_missing(programme: Programme, taps: Taps, own: bool) -> bool:
    """Something was found, and the report has only the taps' words where the programme wants the student's own."""
    recorded = (taps.findings or taps.normal) and not taps.procedure
    return bool(recorded) and may_send(programme, taps, own) != "send"


def _in_order(region: Region | None, pairs: Iterable[Pair]) -> list[Pair]:
    """Each pair once, in the order in which the region's structures are examined; unknown ones last."""
    order = {structure: at for at, structure in enumerate(region.structures)} if region else {}
    return sorted(dict.fromkeys(pairs), key=lambda pair: order.get(pair.structure, len(order)))


def _examination(region: Region, taps: Taps) -> str:
    ultrasound = f"{capital(taps.protocol)} ultrasound" if taps.protocol else "Ultrasound"
    return f"{ultrasound} of {side_of(region, taps.side)}"


def _technique(taps: Taps) -> list[str]:
    extras = listed([_MODIFIERS.get(one, one) for one in taps.modifiers])
    transducer = f"{taps.transducer} transducer" if taps.transducer else ""
    technique = " with ".join(part for part in (transducer, extras) if part)
    return [
        f"Technique: {technique}" if technique else "",
        f"Examination limited by {listed(taps.limitations)}" if taps.limitations else "",
    ]


def _findings(region: Region, pairs: list[Pair]) -> list[str]:
    """One sentence a structure: "Supraspinatus: full-thickness tear and calcification"."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        found.setdefault(pair.structure, []).append(finding_words(pair.finding))
    return [f"{capital(_name(region, structure))}: {listed(words)}" for structure, words in found.items()]


def _normals(region: Region, taps: Taps) -> str:
    """What was looked at and is normal; structures are named when they were picked, or the whole protocol was done."""
    found = {pair.structure for pair in taps.findings}
    picked = [one for one in taps.normal if one != ALL and one not in found]
    everything = ALL in taps.normal
    if everything and taps.protocol == "full":
        picked = [one for one in region.structures if one not in found]
    order = list(region.structures)
    picked.sort(key=lambda one: order.index(one) if one in order else len(order))
    if picked:
        return f"No abnormality seen in {places(_name(region, one) for one in dict.fromkeys(picked))}"
    if everything:
        return "No other abnormality seen" if _abnormal(taps) else "No abnormality seen in the structures examined"
    return ""


def _procedure(taps: Taps) -> str:
    role = f" ({taps.procedure_role})" if taps.procedure_role else ""
    return f"Procedure: {taps.procedure}{role}" if taps.procedure else ""


def _conclusion(region: Region, taps: Taps, pairs: list[Pair]) -> str:
    after, alone = _OUTCOMES.get(taps.outcome or "", (f"; {taps.outcome}", taps.outcome or ""))
    found = set(_abnormal(taps))
    abnormal = _in_conclusion(region, [pair for pair in pairs if pair in found])
    if abnormal:
        return f"Conclusion: {listed(abnormal)}{after if taps.outcome else ''}"
    if taps.outcome:
        return f"Conclusion: {alone}"
    return "Conclusion: normal ultrasound appearances" if is_normal(taps) else ""


def _in_conclusion(region: Region, pairs: list[Pair]) -> list[str]:
    return [
        phrase if plain else f"{finding_words(pair.finding)} in {places([_name(region, pair.structure)])}"
        for pair, phrase, plain in pair_phrases(region, pairs)
    ]


def _name(region: Region, structure: str) -> str:
    known = region.structures.get(structure)
    return known.name if known else structure
