"""Findings as the diagnoses of a conclusion: one phrase a structure, with its side, each said once."""

from __future__ import annotations

from collections.abc import Sequence

from rules import measures
from rules.phrases import PLAINER, finding_phrase, finding_words, listed, place, side_of
from rules.vocabulary import Measured, Pair, Region, Structure, Vocabulary

# fmt: off
# The finding that a conclusion names first of its structure, before the others in the vocabulary's order.
_LEADS = ("full-thickness", "massive", "complete", "re-tear", "intact repair", "thrombus", "indeterminate mass")
_TORN = ("tear", "strain", "rupture")  # of a structure
# What goes with another finding of its structure, and is named last.
_LAST = ("hyperaemia", "hypervascularity", "calcification", "thickening", "suture anchor")
_PLACES = ("ray", "web space")  # measures that say where a diagnosis is
# Findings of which there can be one: "with a partial-thickness tear".
_COUNTED = (
    "tear", "cyst", "ganglion", "collection", "effusion", "neuroma", "haematoma", "mass", "fracture", "step", "node",
    "malformation", "lipoma", "hernia", "nodule", "fibroma", "scar", "anchor", "repair", "body", "aneurysm", "tumour",
    "tract", "strain", "sprain", "avulsion", "erosion", "defect", "lesion", "rupture", "tophus", "sign", "irregularity",
    "injury", "reaction",
)
# fmt: on


def goes_with_another(finding: str) -> bool:
    """Whether it is named after the other findings of its structure."""
    return finding.startswith(_LAST)


def diagnoses(vocabulary: Vocabulary, region: Region, pairs: Sequence[Pair], sizes: Sequence[Measured]) -> list[str]:
    """The findings as diagnoses, each said once with its side: "full-thickness tear of the right supraspinatus tendon".

    Several findings of one structure are one phrase; one finding of several structures is said once.
    """
    places = [one for one in sizes if one.measure in _PLACES and one.measure in vocabulary.measures]
    found: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs:
        found.setdefault((pair.structure, pair.side), []).append(pair)
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (structure, side), of_structure in found.items():
        alike.setdefault((side, _leading(vocabulary, of_structure, places)), []).append(structure)
    said = [_diagnosis(region, structures, side, words) for (side, words), structures in alike.items()]
    return list(dict.fromkeys(said))


def _leading(vocabulary: Vocabulary, pairs: Sequence[Pair], places: Sequence[Measured]) -> tuple[str, ...]:
    """The words of one structure's findings, the one that leads first, each with the ray or space where it is."""
    words = []
    for pair in sorted(pairs, key=lambda pair: not pair.finding.startswith(_LEADS)):
        of_pair = [one for one in places if _same(one.pair, pair)]
        where = listed([measures.phrase(vocabulary.measures[one.measure], one.value) for one in of_pair])
        name = finding_words(vocabulary.finding(pair.finding).shown).replace(" or ", "/")
        words.append(f"{PLAINER.get(name, name)} {where}".strip())
    return tuple(dict.fromkeys(words))


def _same(sized: Pair, pair: Pair) -> bool:
    alike = (sized.structure, sized.finding) == (pair.structure, pair.finding)
    return alike and (sized.side == pair.side or "" in (sized.side, pair.side) or pair.side == "both")


def _diagnosis(region: Region, structures: Sequence[str], side: str, words: Sequence[str]) -> str:
    first, *rest = words
    beside = f" with {listed([_with_article(one) for one in rest])}" if rest else ""
    known = [region.structures.get(one) for one in structures]
    if len(structures) > 1 or known[0] is None:
        names = listed([place(one.name if one else key) for key, one in zip(structures, known, strict=True)])
        joint = "of" if first.endswith(_TORN) else "in"
        return f"{first} {joint} {with_side_before(side, names)}{beside}"
    structure = known[0]
    head, _, where = first.partition(" of the ") if " of the " in first else first.partition(" in the ")
    phrase = finding_phrase(structure, head)
    tail = first.removeprefix(head)
    if phrase == head:
        return f"{head} in {side_of(region, side)}{' (' + where + ')' if where else ''}{beside}"
    if structure.short is None and (head.endswith(_TORN) or head == "intact repair"):
        return f"{head} of {with_side_before(side, _tendon(structure))}{tail}{beside}"
    if phrase is None:
        return f"{head} in {with_side_before(side, place(structure.name))}{tail}{beside}"
    adjective = "bilateral" if side == "both" else side
    return f"{adjective} {phrase}{tail}{beside}".strip()


def with_side_before(side: str, names: str) -> str:
    """ "the right supraspinatus tendon", "the supraspinatus tendon on both sides"."""
    return f"the {names} on both sides" if side == "both" else f"the {side} {names}" if side else f"the {names}"


def _tendon(structure: Structure) -> str:
    """A structure's name where it is torn: "supraspinatus tendon", but "common extensor origin"."""
    name = place(structure.name)
    last = name.rpartition(" ")[2]
    named = last in ("tendon", "tendons", "origin", "insertion", "mechanism") or ")" in last
    return name if named or "tendinosis" not in structure.findings else f"{name} tendon"


def _with_article(words: str) -> str:
    """ "a partial-thickness tear", but "hyperaemia": what stands after "with"."""
    head = words.partition(" of the ")[0].partition(" in the ")[0]
    if not head.removesuffix(" (refer)").endswith(_COUNTED):
        return words
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"
