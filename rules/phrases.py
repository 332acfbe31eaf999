"""How the vocabulary's words stand in a clinical sentence: regions, structures, findings, lists."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

from rules.vocabulary import Pair, Region
from rules.vocabulary_terms import Structure

EPONYMS = (
    "Achilles", "Baker", "Baxter", "De Quervain", "Guyon", "Hill-Sachs", "Hoffa", "Kager", "Lisfranc", "Morton",
    "Osgood", "Sinding", "Stener",
)  # fmt: skip

# fmt: off
# Findings that read well straight after a structure's name: "supraspinatus tendinosis", "hip joint effusion".
_FOLLOWS = frozenset([
    "tendinosis", "calcification", "enthesopathy", "hyperaemia on Doppler", "hyperaemia", "tenosynovitis",
    "paratenonitis", "tear", "subluxation", "sprain", "avulsion", "hypervascularity", "effusion", "synovitis",
    "osteophytes", "erosion", "loose body", "crystal deposition", "thickening", "capsular thickening", "distension",
    "haemorrhage", "enlargement", "compression", "neuroma", "haematoma", "atrophy or fatty change", "wasting",
    "scar", "extrusion", "degeneration", "snapping", "impingement", "cartilage thinning", "periosteal reaction",
    "cortical irregularity", "double contour sign", "stress fracture", "tophus", "aneurysm", "nodule or fibroma",
    "hernia", "widening or step", "friction change", "atrophy", "fatty change", "cortical step", "nodule", "fibroma",
    "widening", "step", "medial dislocation",
])
# Findings whose last word stands after the structure and whose first words before it: "partial hamstring tear".
_AROUND = ("tear", "tendinosis", "strain", "thickening")
# Findings that name their own place.
_ALONE = frozenset([
    "pulley rupture", "sagittal band injury", "intersection syndrome", "chondrocalcinosis", "plantar fasciopathy",
    "intermetatarsal bursitis", "periprosthetic collection", "bifid nerve or persistent median artery",
    "paralabral or parameniscal cyst", "bifid median nerve", "persistent median artery", "paralabral cyst",
    "parameniscal cyst", "os acromiale",
])
# fmt: on
PLAINER = {"tear visible": "tear", "impingement seen": "impingement"}
_PROCEDURES = {"biopsy observed": "biopsy", "platelet-rich plasma": "platelet-rich plasma injection"}
REFER = " (refer)"  # how a finding ends that is a reason to refer
_SINGULAR_ENDINGS = ("ss", "us", "is", "ps")


def listed(items: Sequence[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"; with a comma before the last word where an item has an "and" or "with"."""
    if len(items) < 2:
        return "".join(items)
    several = len(items) > 2 or last == "and"
    comma = "," if several and any(" and " in item or " with " in item for item in items) else ""
    return f"{', '.join(items[:-1])}{comma} {last} {items[-1]}"


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """The text as it stands within a sentence: a small first letter, but for eponyms and abbreviations."""
    if text[1:2].islower() and not text.startswith(EPONYMS):
        return text[:1].lower() + text[1:]
    return text


def stop(text: str) -> str:
    """The text with its full stop, unless it ends a sentence already."""
    return text if text.endswith((".", "?", "!")) else text + "."


def side_of(region: Region, side: str | None) -> str:
    """The region with its side: "the right knee", "both knees", "the hip and groin on both sides"."""
    name = small(region.name)
    if not side:
        return region.bare or f"the {name}"
    if side == "both":
        return region.both or (f"the {name} on both sides" if " and " in name else f"both {name}s")
    return (region.one or "the {side} " + name).replace("{side}", side)


def either_side_of(region: Region) -> str:
    """The region of both sides after "no": "either knee", "the hip and groin on either side"."""
    name = small(region.name)
    if region.both.endswith("on both sides"):
        return region.both.replace("both sides", "either side")
    return f"the {name} on either side" if " and " in name else f"either {name}"


def guided(procedure: str) -> str:
    """A guided procedure within a sentence: "barbotage", "biopsy"."""
    return place(_PROCEDURES.get(procedure, procedure).replace(" or ", "/"))


def place(name: str) -> str:
    """A structure's name within a sentence: what follows its comma goes into brackets."""
    head, comma, rest = name.partition(", ")
    return small(f"{head} ({rest})" if comma and "(" not in head else name)


def places(names: Iterable[str]) -> str:
    """Several structures after "in": "the supraspinatus, infraspinatus or subscapularis"."""
    items = [place(name) for name in names]
    first = items[0] if items else ""
    named = "'s" in first or any("0" <= one <= "9" for one in first)
    return ("" if named else "the ") + listed(items, "or")


def finding_words(finding: str) -> str:
    """A finding within a sentence: a question mark becomes "possible"."""
    return f"possible {finding[:-1]}" if finding.endswith("?") else finding


def _short(structure: Structure) -> str:
    return structure.short if structure.short is not None else small(structure.name.split(",")[0])


def finding_phrase(structure: Structure, finding: str) -> str | None:
    """The pair as one noun phrase ("full-thickness supraspinatus tear"); None when none is sure to read well."""
    words = PLAINER.get(finding, finding_words(finding))
    short = _short(structure)
    if not short or words in _ALONE or (words != words.lower() and words not in _FOLLOWS):
        return words
    if words == "bursitis" and short.endswith((" bursa", " bursae")) and "and burs" not in short:
        return f"{short.rpartition(' ')[0]} bursitis"
    before, _, after = words.rpartition(" ")
    if not _one_thing(short) and structure.short is None:
        return None
    if words in _FOLLOWS:
        return f"{_without_tendon(short, words)} {words}"
    if after in _AROUND and " or " not in before:
        if " of " in short:
            return f"{words} of the {short}"
        return f"{before} {_without_tendon(short, after)} {after}"
    return None


def pair_phrases(region: Region | None, pairs: Sequence[Pair]) -> list[tuple[Pair, str, bool]]:
    """The pairs in few words, as `pair_phrase`, each beside its (first) pair.

    A structure is named once where that reads well: "median nerve enlargement and compression".
    """
    found: list[tuple[Pair, str, bool]] = []
    for _, group in groupby(pairs, key=lambda pair: pair.structure):
        each = [(pair, *pair_phrase(region, pair)) for pair in group]
        first, said, _ = each[0]
        structure = region.structures.get(first.structure) if region else None
        rest = [_without_name(structure, said, phrase) for _, phrase, _ in each[1:]] if structure else []
        if rest and all(rest) and all(plain for _, _, plain in each):
            each = [(first, listed([said, *rest]), True)]
        found.extend(each)
    return found


def _without_name(structure: Structure, first: str, phrase: str) -> str:
    """A later phrase on a structure that the first has named already, without the name; empty where that is not so."""
    short = _short(structure)
    bare = short.removesuffix(" tendon")
    if not bare or bare not in first:
        return ""
    return next((phrase.removeprefix(name) for name in (f"{short} ", f"{bare} ") if phrase.startswith(name)), "")


def _one_thing(short: str) -> bool:
    """Whether a name can stand before a finding: one thing, in the singular, without brackets."""
    last = short.rpartition(" ")[2]
    plural = last.endswith("bursae") or (last.endswith("s") and not last.endswith(_SINGULAR_ENDINGS))
    return not plural and not any(odd in short for odd in (" and ", "(", "'s"))


def _without_tendon(short: str, noun: str) -> str:
    """ "Achilles tendinosis", but "Achilles tendon tear"."""
    return short.removesuffix(" tendon") if noun.endswith("tendinosis") else short


def pair_phrase(region: Region | None, pair: Pair) -> tuple[str, bool]:
    """A pair in few words, and whether it is a plain noun phrase; otherwise it is "Structure: finding"."""
    structure = region.structures.get(pair.structure) if region else None
    phrase = finding_phrase(structure, pair.finding) if structure else None
    if phrase is not None:
        return phrase, True
    return f"{structure.name if structure else pair.structure}: {finding_words(pair.finding)}", False


def scans(number: int, kind: str = "") -> str:
    """ "1 scan", "1,200 aided scans"."""
    return number_of(number, f"{kind} scan".strip())


def number_of(number: int, noun: str) -> str:
    """ "1 month", "1,200 months"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def days(number: int) -> str:
    """ "1 day", "14 days"."""
    return number_of(number, "day")


def day(on: date) -> str:
    """ "12 June 2027"."""
    return f"{on.day} {on:%B %Y}"
