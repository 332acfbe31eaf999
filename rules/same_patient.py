"""Two entries of one student within minutes: whether they may be of one patient, and two sides joined to one entry.

One region of one patient on one occasion is one entry, of both sides too; two regions are two entries (R4).
"""

from collections.abc import Iterable
from dataclasses import replace

from rules import own_words, phrases, sides
from rules.phrases import capital, side_of, stop
from rules.programme import Programme
from rules.scan_fields import FIELDS, Entry, Field
from rules.vocabulary import split_side, with_side

AGAIN, OTHER_SIDE, NEIGHBOUR = "again", "other side", "neighbour"
RELATIONS = (AGAIN, OTHER_SIDE, NEIGHBOUR)  # the likeliest to be one patient first

SIDED = ("side", "findings", "normal", "not_seen", "measured", "report")  # each side has its own
ONCE = ("age_band", "sex", "mentor", "site")  # of the patient or the place: the later entry need not say it again


def relation(programme: Programme, one: tuple[str, str], other: tuple[str, str]) -> str:
    """How two entries may be of one patient, by the region and side of each: one of `RELATIONS`, empty when not."""
    (region, side), (other_region, other_side) = one, other
    if not (region and side and other_region and other_side):
        return ""
    shared = side == other_side or sides.BOTH in (side, other_side)
    if region == other_region:
        return AGAIN if shared else OTHER_SIDE
    return NEIGHBOUR if shared and programme.vocabulary.are_neighbours(region, other_region) else ""


def place(programme: Programme, region: str, side: str) -> str:
    """ "left shoulder", "both shoulders"."""
    known = programme.vocabulary.regions.get(region)
    return side_of(known, side).removeprefix("the ") if known else f"{side} {region}"


def differences(programme: Programme, first: Entry, second: Entry, first_name: str) -> list[str]:
    """Why two entries cannot be one: a sentence for each field that one entry has once and in which they differ.
    `first_name`: how the sentences name the first: "case 0012".
    """
    found = []
    for field in FIELDS:
        if field.name in SIDED or _agree(field, first, second):
            continue
        here, there = _shown(programme, field, second), _shown(programme, field, first)
        words = (
            f"not the same here as in {first_name}" if field.kind == "id" else f"{here} here, {there} in {first_name}"
        )
        found.append(f"{field.label}: {words}.")
    return found


def _agree(field: Field, first: Entry, second: Entry) -> bool:
    one, other = getattr(first, field.name), getattr(second, field.name)
    if field.kind == "words":
        return set(one) == set(other)
    return one == other or (field.name in ONCE and not other)


def _shown(programme: Programme, field: Field, entry: Entry) -> str:
    value = getattr(entry, field.name)
    if not value or field.kind == "id":
        return "not stated"
    if field.kind == "day":
        return phrases.day(value)
    return ", ".join(field.shown(programme, word) for word in (value if field.kind == "words" else (value,)))


def joined(programme: Programme, first: Entry, second: Entry, composed: str) -> Entry:
    """The first entry with the second, of its other side, joined to it: an entry of both sides.

    Every finding, normal, *not seen* and size keeps its side. The first one's report stays as it is written; what the
    student wrote in the second follows, under its side.
    `composed`: what the taps of the second say.
    """
    one, other = sides.widened(first), sides.widened(second)
    report = "\n".join(filter(None, (first.report, own_line(programme, second, composed))))
    return replace(
        one,
        findings=sides.joined([*one.findings, *other.findings]),
        normal=sides.joined_texts([*one.normal, *other.normal]),
        not_seen=sides.joined([*one.not_seen, *other.not_seen]),
        measured=(*one.measured, *other.measured),
        report=report,
    )


def parted(programme: Programme, both: Entry, second: Entry, composed: str) -> Entry | None:
    """The first entry of what was `joined`, as it was; None when the second's own words are not found in it."""
    line = own_line(programme, second, composed)
    if line not in both.report:
        return None
    before, after = both.report.split(line, 1) if line else (both.report, "")
    report = "\n".join(filter(None, (before.rstrip(), after.strip()))) if line else before
    return sides.narrowed(replace(both, report=report), sides.OPPOSITE[second.side])


def of_any_side(keys: Iterable[str]) -> set[str]:
    """Keys of contradictions in entries of one side, as they may be in one of both."""
    return {with_side(side, key) for key in keys for side in ("", *sides.OPPOSITE, sides.BOTH)}


def of_no_side(keys: Iterable[str]) -> set[str]:
    """Keys of contradictions in an entry of both sides, as they are in one of one side."""
    return {split_side(key)[1] for key in keys}


def own_line(programme: Programme, entry: Entry, composed: str) -> str:
    """The sentences that the student wrote, as one line under their side; empty when there are none."""
    own = own_words.own_sentences(entry.report, composed)
    return f"{capital(place(programme, entry.region, entry.side))}: {' '.join(map(stop, own))}" if own else ""
