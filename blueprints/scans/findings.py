"""What the log form's findings piece shows for a region: what can be tapped, what is chosen, and its sizes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from blueprints.scans.forms import MeasuredField
from rules.phrases import capital, listed, pair_phrase, place
from rules.scan_fields import Entry
from rules.sides import BOTH, OPPOSITE
from rules.vocabulary import (
    Measure,
    Pair,
    Region,
    Structure,
    Vocabulary,
    not_seen_text,
    pair_text,
    split_side,
    with_side,
)
from workflows.scans.scan_facts import SIDES

ALL = "all"  # of the structures


@dataclass(frozen=True)
class Chip:
    """A finding that can be tapped: as it is sent, as it reads alone, and as it reads under its structure's name."""

    value: str
    alone: str
    under: str
    measures: tuple[str, ...] = ()  # ids
    after: tuple[str, ...] = ()  # modifiers of which one must be chosen before it is offered
    not_after: tuple[str, ...] = ()  # modifiers after which it is not offered
    hidden: bool = False  # it is not offered now

    @property
    def marks(self) -> dict[str, str]:
        """Attributes of its input."""
        found = {"data-measures": "|".join(self.measures), "data-after": "|".join(self.after)}
        found["data-not-after"] = "|".join(self.not_after)
        found["data-hidden"] = "yes" if self.hidden else ""
        return {name: value for name, value in found.items() if value}

    @property
    def marks_under(self) -> dict[str, str]:
        return {"data-alone": self.alone, **self.marks}


@dataclass(frozen=True)
class SizeField:
    """One number, grade or level of a finding: its name in the form and what stands in it."""

    measure: Measure
    name: str
    value: str


@dataclass(frozen=True)
class SizeRow:
    """The sizes of one finding on one side."""

    number: int
    pair: str
    label: str
    fields: list[SizeField]


def of_region(
    words: Vocabulary, region: Region | None, entry: Entry | None = None, usual: Sequence[str] = ()
) -> dict[str, Any]:
    """What scans/_findings.html shows: of the vocabulary alone, unless an entry and own usual findings are given."""
    entry = entry or Entry()
    if region is None:
        return {"region": None, "both": entry.side == BOTH}
    first = first_chips(words, region, usual, entry.modifiers)
    chips = dict(structure_chips(words, region, entry.modifiers))
    shown = {chip.value for chip in first}
    offered = shown | {chip.value for some in chips.values() for chip in some}
    chosen, normals = set(_by_side(map(pair_text, entry.findings))), set(_by_side(entry.normal))
    structures = [
        (region.structures[one], [chip for chip in some if chip.value not in shown]) for one, some in chips.items()
    ]
    return {
        "region": region,
        "both": entry.side == BOTH,
        "first": first,
        "structures": structures,
        "chosen": chosen,
        "normals": normals,
        "gone": _gone_chips(words, region, entry, offered),
        "gone_normals": _gone_normals(region, entry, {ALL, *chips}),
        "not_seen": set(_by_side(map(not_seen_text, entry.not_seen))),
        "limitations": {one: f"Limited by {one}" for one in words.limitations},
        "used": _used(entry, shown),
        "not_there": {one.id for one in region.structures.values() if not one.is_there(entry.modifiers)},
        "sizes": list(_size_rows(words, region, entry)),
        "measures": [
            words.measures[one] for one in dict.fromkeys(m for some in chips.values() for c in some for m in c.measures)
        ],
        "indications": _indications(region, entry),
        "indication": entry.indication,
        "procedures": [(one, capital(one)) for one in words.procedures_of(region.id)],
        **claims_of(words, region, entry),
    }


def first_chips(
    words: Vocabulary, region: Region, usual: Sequence[str] = (), modifiers: Sequence[str] = ()
) -> list[Chip]:
    """The one-tap pairs: the student's own usual ones, then the region's common ones."""
    common = [pair_text(pair) for pair in region.common]
    known = {chip.value: chip for _, chips in structure_chips(words, region, modifiers) for chip in chips}
    return [known[value] for value in dict.fromkeys((*usual, *common)) if value in known]


def structure_chips(words: Vocabulary, region: Region, modifiers: Sequence[str] = ()) -> list[tuple[str, list[Chip]]]:
    """(structure's id, its chips) in the order of examination, of all that is offered after some modifiers."""
    return [
        (one.id, [_chip(words, region, Pair(one.id, finding), modifiers) for finding in _offered(words, one)])
        for one in region.structures.values()
        if not one.retired
    ]


def _offered(words: Vocabulary, structure: Structure) -> list[str]:
    """The findings that are offered for a structure, after whichever modifiers."""
    return [one for one in structure.findings if one not in structure.never and not words.finding(one).retired]


def _chip(words: Vocabulary, region: Region, pair: Pair, modifiers: Sequence[str]) -> Chip:
    known = words.finding(pair.finding)
    not_after = region.structures[pair.structure].replaced_after if known.native else ()
    hidden = bool(known.after) and not set(known.after) & set(modifiers) or bool(set(not_after) & set(modifiers))
    alone, measures = capital(pair_phrase(region, pair)[0]), words.measures_of(region.id, pair)
    return Chip(pair_text(pair), alone, capital(known.shown), measures, known.after, not_after, hidden)


def _by_side(texts: Iterable[str]) -> Iterable[str]:
    """The texts as the form sends them: what is of both sides, for the left and for the right."""
    for text in texts:
        side, rest = split_side(text)
        yield from (with_side(one, rest) for one in ("left", "right")) if side == BOTH else (text,)


def _gone_chips(words: Vocabulary, region: Region, entry: Entry, offered: set[str]) -> list[Chip]:
    """What was chosen and is not offered: a word that the vocabulary has lost, or one of the other side."""
    found = {}
    for pair in entry.findings:
        bare = replace(pair, side="") if entry.side == BOTH else pair
        if pair_text(bare) not in offered:
            label = capital(pair_phrase(region, replace(pair, side=""))[0]) + SIDES.get(bare.side, "")
            found[pair_text(bare)] = Chip(pair_text(bare), label, label)
    return list(found.values())


def _gone_normals(region: Region, entry: Entry, offered: set[str]) -> list[tuple[str, str]]:
    """The same of structures that were normal: as they are sent, and as they read."""
    found = {}
    for text in entry.normal:
        side, structure = split_side(text)
        value = structure if entry.side == BOTH else text
        if value not in offered:
            known = region.structures.get(structure)
            found[value] = f"{known.name if known else structure}: normal" + (
                "" if entry.side == BOTH else SIDES.get(side, "")
            )
    return list(found.items())


def _used(entry: Entry, shown: set[str]) -> set[str]:
    """The structures of which something is chosen inside their fold."""
    inside = {pair.structure for pair in entry.findings if pair_text(replace(pair, side="")) not in shown}
    return inside | {split_side(one)[1] for one in entry.normal} - {ALL} | {one.structure for one in entry.not_seen}


def _size_rows(words: Vocabulary, region: Region, entry: Entry) -> Iterable[SizeRow]:
    values = {MeasuredField.input_name(one.pair, one.measure): one.value for one in entry.measured}
    chosen = [*entry.findings, *(one.pair for one in entry.measured)]
    pairs = [replace(pair, side=side) for pair in chosen for side in (OPPOSITE if pair.side == BOTH else [pair.side])]
    for number, pair in enumerate(dict.fromkeys(pairs), 1):
        label = capital(pair_phrase(region, replace(pair, side=""))[0]) + SIDES.get(pair.side, "")
        known = words.known_pair(region.id, replace(pair, side=""))  # of a word that was lost, what was recorded alone
        names = [(one, MeasuredField.input_name(pair, one)) for one in words.measures_of(region.id, pair)]
        fields = [
            SizeField(words.measures[one], name, values.get(name, "")) for one, name in names if known or name in values
        ]
        if fields:
            yield SizeRow(number, pair_text(pair), label, fields)


def _indications(region: Region, entry: Entry) -> list[tuple[str, str]]:
    found = {one.id: one.shown for one in region.indications.values() if not one.retired or one.id == entry.indication}
    if entry.indication and entry.indication not in found:
        found = {entry.indication: entry.indication, **found}
    return list(found.items())


def claims_of(words: Vocabulary, region: Region, entry: Entry) -> dict[str, Any]:
    """Which structures *All normal* stands for, in small words, and what changes that (static/scan-findings.js)."""

    def claimed(protocol: str, indication: str = "", modifiers: Sequence[str] = ()) -> list[str]:
        return list(words.claimed(region.id, protocol, indication, modifiers))

    claims = {
        "names": {one.id: place(one.name) for one in region.structures.values()},
        "full": claimed("full"),
        "short": claimed(""),
        "for": {one.id: claimed("focused", one.id) for one in region.indications.values() if one.structures},
        "gone": {one.id: list(one.gone_after) for one in region.structures.values() if one.gone_after},
    }
    now = claimed(entry.protocol, entry.indication, entry.modifiers)
    spoken = {pair.structure for pair in entry.findings} | {one.structure for one in entry.not_seen}
    names = [claims["names"][one] for one in now if one not in spoken or entry.side == BOTH]
    says = "Says normal, where nothing else is chosen" if entry.side == BOTH and entry.findings else "Says normal"
    return {"claims": claims, "claimed_words": f"{says}: {listed(names)}" if names else ""}
