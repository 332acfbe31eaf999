"""Findings as the diagnoses of a conclusion: one phrase a structure, with its side, each said once."""

from collections.abc import Sequence

from rules import measures
from rules.phrases import PLAINER, REFER, finding_phrase, finding_words, listed, place, side_of
from rules.vocabulary import Measured, Pair, Region, Vocabulary
from rules.vocabulary_terms import Structure

# fmt: off
# The finding that a conclusion names first of its structure, before the others in the vocabulary's order.
_LEADS = ("full-thickness", "massive", "complete", "re-tear", "intact repair", "thrombus", "indeterminate mass")
_TORN = ("tear", "strain", "rupture")  # of a structure
# What goes with another finding of its structure, and is named last.
_LAST = ("hyperaemia", "hypervascularity", "calcification", "thickening", "suture anchor")
# What is of a structure, not in it.
_OF = (
    *_TORN, "repair", "sprain", "avulsion", "enlargement", "compression", "subluxation", "thickening", "extrusion",
    "atrophy", "degeneration", "fracture",
)
_ADJECTIVES = ("labral", "meniscal", "fascial", "trochlear")  # how the short name of a structure can end
_PLACES = ("ray", "web space")  # measures that say where a diagnosis is
# Findings of which there can be one: "with a partial-thickness tear".
_COUNTED = (
    "tear", "cyst", "ganglion", "collection", "effusion", "neuroma", "haematoma", "mass", "fracture", "step", "node",
    "malformation", "lipoma", "hernia", "nodule", "fibroma", "scar", "anchor", "repair", "body", "aneurysm", "tumour",
    "tract", "strain", "sprain", "avulsion", "erosion", "defect", "lesion", "rupture", "tophus", "sign", "irregularity",
    "injury", "reaction", "thrombus",
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
    found: dict[tuple[str, str, str], list[Pair]] = {}
    for pair in pairs:
        structure = region.structures.get(pair.structure)
        alone = pair.finding if structure and structure.short == "" else ""  # beside others, not with them
        found.setdefault((pair.structure, pair.side, alone), []).append(pair)
    alike: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for (structure_id, side, _), of_structure in found.items():
        refer = REFER if any(pair.finding.endswith(REFER) for pair in of_structure) else ""
        alike.setdefault((side, _leading(vocabulary, of_structure, places), refer), []).append(structure_id)
    said = [_diagnosis(region, structures, side, words) + refer for (side, words, refer), structures in alike.items()]
    return list(dict.fromkeys(said))


def _leading(vocabulary: Vocabulary, pairs: Sequence[Pair], places: Sequence[Measured]) -> tuple[str, ...]:
    """The words of one structure's findings, the one that leads first, each with the ray or space where it is."""
    words = []
    for pair in sorted(pairs, key=lambda pair: not pair.finding.startswith(_LEADS)):
        where = _where(vocabulary, pair, [one for one in places if _same(one.pair, pair)])
        name = finding_words(vocabulary.finding(pair.finding).shown).removesuffix(REFER).replace(" or ", "/")
        words.append(f"{PLAINER.get(name, name)} {where}".strip())
    return tuple(dict.fromkeys(words))


def _where(vocabulary: Vocabulary, pair: Pair, places: Sequence[Measured]) -> str:
    """ "of the third ray"; of a finding on both sides "(third ray on the left, fifth ray on the right)"."""
    sides: dict[str, list[str]] = {}
    for one in places:
        sides.setdefault(measures.phrase(vocabulary.measures[one.measure], one.value), []).append(one.pair.side)
    if pair.side != "both":
        return listed(list(sides))
    bare = {said: said.removeprefix("of the ").removeprefix("in the ") for said in sides}
    said = [bare[one] + (f" on the {of[0]}" if of in (["left"], ["right"]) else "") for one, of in sides.items()]
    return f"({', '.join(said)})" if said else ""


def _same(sized: Pair, pair: Pair) -> bool:
    alike = (sized.structure, sized.finding) == (pair.structure, pair.finding)
    return alike and (sized.side == pair.side or "" in (sized.side, pair.side) or pair.side == "both")


def _diagnosis(region: Region, structures: Sequence[str], side: str, words: Sequence[str]) -> str:
    first, *rest = words
    beside = f" with {listed([_with_article(one) for one in rest])}" if rest else ""
    known = [region.structures.get(one) for one in structures]
    if len(structures) > 1 or known[0] is None:
        names = listed([place(one.name if one else key) for key, one in zip(structures, known, strict=True)])
        several = f"{first}s" if len(structures) > 1 and first.endswith((*_TORN, "repair")) else first
        return f"{several} {_of_or_in(first)} {with_side_before(side, names)}{beside}"
    structure = known[0]
    head, where = _head_and_where(first)
    phrase = finding_phrase(structure, head)
    tail = first.removeprefix(head)
    if phrase == head:
        return f"{head} in {side_of(region, side)}{f' ({where})' if where else ''}{beside}"
    if _is_of_the_whole(structure, head):
        return f"{head} of {with_side_before(side, _tendon(structure))}{tail}{beside}"
    if phrase is None:
        return f"{head} {_of_or_in(head)} {with_side_before(side, place(structure.name))}{tail}{beside}"
    adjective = "bilateral" if side == "both" else side
    return f"{adjective} {phrase}{tail}{beside}".strip()


def _head_and_where(words: str) -> tuple[str, str]:
    """("tear", "third ray") of "tear of the third ray" and of "tear (third ray)"."""
    mark = next((one for one in (" of the ", " in the ", " (") if one in words), "\n")
    head, _, where = words.partition(mark)
    return head, where.removesuffix(")")


def with_side_before(side: str, names: str) -> str:
    """ "the right supraspinatus tendon", "the supraspinatus tendon on both sides"."""
    the = "" if "'s" in names.partition(" ")[0] else "the "
    return f"{the}{names} on both sides" if side == "both" else f"the {side} {names}" if side else f"{the}{names}"


def _of_or_in(finding: str) -> str:
    return "of" if finding.endswith(_OF) else "in"


def _is_of_the_whole(structure: Structure, finding: str) -> bool:
    """Whether a finding is said of the name: "tear of the supraspinatus tendon", but "medial meniscal tear"."""
    noun = structure.short is None or (structure.short and not structure.short.endswith(_ADJECTIVES))
    return bool(noun) and (finding.endswith((*_TORN, "repair")) or finding == "fracture")


def _tendon(structure: Structure) -> str:
    """A structure's name where it is torn: "supraspinatus tendon", but "common extensor origin"."""
    name = place(structure.name) if structure.short is None else structure.short
    last = name.rpartition(" ")[2]
    named = last in ("tendon", "tendons", "origin", "insertion", "mechanism") or ")" in last
    return name if named or "tendinosis" not in structure.findings else f"{name} tendon"


def _with_article(words: str) -> str:
    """ "a partial-thickness tear", but "hyperaemia": what stands after "with"."""
    head, _ = _head_and_where(words)
    if not head.endswith(_COUNTED):
        return words
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"
