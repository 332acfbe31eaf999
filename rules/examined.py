"""What an entry says of each side: its findings, the structures that are normal, and those that were not seen.

*All normal* stands for the structures that the vocabulary says (`Vocabulary.claimed`). What was not tapped and does not
belong to them was not examined.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rules.scan_fields import Entry
from rules.vocabulary import NotSeen, Pair, Region, Vocabulary, split_side

ALL = "all"
BOTH = "both"


@dataclass(frozen=True)
class Examined:
    """What was recorded of one side."""

    side: str  # left, right or both; empty where the entry has none
    findings: tuple[Pair, ...]
    normal: tuple[str, ...]  # ids of the structures that are normal, in the order of examination
    not_seen: tuple[NotSeen, ...]
    unlisted: bool  # *all normal* was tapped where it stands for no structure

    @cached_property
    def found(self) -> frozenset[str]:
        """The structures with a finding."""
        return frozenset(pair.structure for pair in self.findings)

    @cached_property
    def recorded(self) -> frozenset[str]:
        """The structures that were seen: normal, or with a finding."""
        return self.found.union(self.normal)

    @cached_property
    def limited(self) -> frozenset[str]:
        """The structures of which nothing but a limitation was recorded."""
        return frozenset(one.structure for one in self.not_seen) - self.found

    def __bool__(self) -> bool:
        return bool(self.findings or self.normal or self.not_seen or self.unlisted)


def by_side(vocabulary: Vocabulary, entry: Entry) -> tuple[Examined, ...]:
    """One of the entry's side; one each of left and right where an entry of both sides tells them apart."""
    words = [pair.side for pair in entry.findings] + [one.side for one in entry.not_seen]
    words += [split_side(one)[0] for one in entry.normal]
    if entry.side != BOTH or {"left", "right"}.isdisjoint(words):
        return (_of_side(vocabulary, entry, entry.side or "", {*words, ""}),)
    return tuple(_of_side(vocabulary, entry, side, {side, BOTH, ""}) for side in ("left", "right"))


def _of_side(vocabulary: Vocabulary, entry: Entry, side: str, taken: set[str]) -> Examined:
    findings = tuple(pair for pair in entry.findings if pair.side in taken)
    not_seen = tuple(one for one in entry.not_seen if one.side in taken)
    tapped = [structure for of, structure in map(split_side, entry.normal) if of in taken]
    claimed: Iterable[str] = ()
    if ALL in tapped:
        claimed = vocabulary.claimed(entry.region, entry.protocol, entry.indication, entry.modifiers)
    otherwise = {pair.structure for pair in findings} | {one.structure for one in not_seen}
    normal = {one for one in [*claimed, *tapped] if one != ALL} - otherwise
    unlisted = ALL in tapped and not claimed and not normal
    return Examined(side, findings, in_order(vocabulary.regions.get(entry.region), normal), not_seen, unlisted)


def unrecorded(region: Region, entry: Entry, seen: Examined) -> list[str]:
    """The structures of the region of which nothing was recorded on this side, not even that they were not seen."""
    there = [one.id for one in region.structures.values() if one.is_there(entry.modifiers)]
    return [one for one in there if one not in seen.recorded and one not in seen.limited]


def is_full(region: Region, entry: Entry) -> bool:
    """Whether the region was examined on its full protocol."""
    return entry.protocol == "full" and region.full


def unplaced_limitations(entry: Entry) -> list[str]:
    """The limitations of the entry that no structure is marked with."""
    placed = {one.limitation for one in entry.not_seen}
    return [] if "" in placed else [one for one in entry.limitations if one not in placed]


def in_order(region: Region | None, structures: Iterable[str]) -> tuple[str, ...]:
    """Structures in the order of examination; those that the region does not know last."""
    order = order_of(region)
    return tuple(sorted(structures, key=lambda one: (order.get(one, len(order)), one)))


def order_of(region: Region | None) -> dict[str, int]:
    return {structure: at for at, structure in enumerate(region.structures)} if region else {}
