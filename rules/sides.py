"""The sides of what an entry says: joined, taken off where they are the entry's own, and given when a side is added."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from rules.scan_fields import Entry
from rules.vocabulary import NotSeen, Pair, split_side, with_side

BOTH = "both"
OPPOSITE = {"left": "right", "right": "left"}
SAME, NORMAL = "same", "normal"  # what is said of a side that is added

Sided = TypeVar("Sided", Pair, NotSeen)


def joined(found: Iterable[Sided]) -> tuple[Sided, ...]:
    """Each once; what was chosen for the left and for the right is of both."""
    sides: dict[Sided, list[str]] = {}
    for one in found:
        sides.setdefault(replace(one, side=""), []).append(one.side)
    return tuple(replace(one, side=side) for one, chosen in sides.items() for side in _joined(chosen))


def _joined(sides: list[str]) -> dict[str, None]:
    if BOTH in sides or OPPOSITE.keys() <= set(sides):
        sides = [BOTH if side in OPPOSITE else side for side in sides]
    return dict.fromkeys(sides)


def joined_texts(texts: Iterable[str]) -> tuple[str, ...]:
    """The same of structures as texts: "left | ssp"."""
    found = joined(NotSeen(text, side=side) for side, text in map(split_side, texts))
    return tuple(with_side(one.side, one.structure) for one in found)


def without_own(entry: Entry) -> Entry:
    """The entry without the side in its words where that is the entry's own: "left | ..." in an entry of the left."""
    return entry if entry.side == BOTH else _changed(entry, lambda side: ["" if side == entry.side else side])


def widened(entry: Entry, other: str = "") -> Entry:
    """An entry of one side as one of both: what it says is of its side, and nothing is said of the other.
    `other`: `SAME` when the student says that the findings are the same there, `NORMAL` when all of it is normal. A
    size, or what was not seen, is of the first side alone in any case.
    """
    first, second = entry.side, OPPOSITE[entry.side]
    wide = _changed(replace(entry, side=BOTH), lambda _: [first])
    if other == NORMAL:
        return replace(wide, normal=joined_texts([*wide.normal, with_side(second, "all")]))
    if other == SAME:
        of_both = _changed(wide, lambda _: [BOTH])
        return replace(wide, findings=of_both.findings, normal=of_both.normal)
    return wide


def narrowed(entry: Entry, side: str) -> Entry:
    """An entry of both sides as one of this side: what it says of the other alone is left out."""
    return _changed(replace(entry, side=side), lambda of: [""] if of in ("", side, BOTH) else [])


def _changed(entry: Entry, new: Callable[[str], list[str]]) -> Entry:
    """The entry with the side of each of its words changed; `new` gives none where the word is left out."""

    def of(words: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(replace(one, side=side) for one in words for side in new(one.side))

    normal = [(side, one) for of_one, one in map(split_side, entry.normal) for side in new(of_one)]
    sizes = [replace(one, pair=replace(one.pair, side=side)) for one in entry.measured for side in new(one.pair.side)]
    return replace(
        entry,
        findings=of(entry.findings),
        normal=tuple(with_side(side, one) for side, one in normal),
        not_seen=of(entry.not_seen),
        measured=tuple(sizes),
    )
