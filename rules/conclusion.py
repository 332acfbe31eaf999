"""The conclusion of a report: what was found, on which side, and what it answers of the indication."""

from __future__ import annotations

from collections.abc import Sequence

from rules import sides
from rules.diagnoses import diagnoses, with_side_before
from rules.examined import BOTH, Examined, by_side, in_order
from rules.phrases import listed, place, side_of
from rules.scan_fields import Entry
from rules.vocabulary import Pair, Region, Vocabulary

# A finding that says that something is as it should be; the first is the answer to its question, so it is concluded.
INTACT = "intact repair"
AS_IT_SHOULD_BE = frozenset([INTACT, "patent", "suture anchor"])
# Negatives that stay true beside a finding, unless a finding has one of the words of damage.
_CERTAIN = ("tear", "rupture", "thrombus", "thrombosis")
_DAMAGE = ("tear", "rupture", "avulsion", "sprain", "strain", "dislocation", "lesion", "injury", "thrombus")

# An outcome after what is concluded, and alone. Others stand as the vocabulary writes them.
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


def abnormal(entry: Entry) -> list[Pair]:
    return [pair for pair in entry.findings if pair.finding not in AS_IT_SHOULD_BE]


def conclusion(vocabulary: Vocabulary, region: Region, entry: Entry, pairs: Sequence[Pair]) -> str:
    """The sentence, without its full stop; empty where there is nothing to conclude.

    Args:
        pairs: the findings in the order of the report.
    """
    concluded = [pair for pair in pairs if pair.finding == INTACT or pair.finding not in AS_IT_SHOULD_BE]
    found = listed(diagnoses(vocabulary, region, _with_sides(entry, concluded), entry.measured))
    if entry.side == BOTH and any(not pair.side for pair in concluded):
        found += f" ({side_of(region, BOTH).removeprefix('the ')}; the side of a finding was not recorded)"
    after, alone = _outcome(entry)
    answers = _answers(vocabulary, region, entry)
    parts = [found + after, *answers] if found else [*answers, alone]
    text = "; ".join(dict.fromkeys(part for part in parts if part))
    if text and text == alone and entry.side:
        text = f"{alone}; {side_of(region, entry.side).removeprefix('the ')}"
    return f"Conclusion: {text}" if text else ""


def _outcome(entry: Entry) -> tuple[str, str]:
    """The outcome after a finding, and after (or without) normal structures."""
    if not entry.outcome:
        return "", ""
    after, alone = _OUTCOMES.get(entry.outcome, (f"; {entry.outcome}", entry.outcome))
    if entry.outcome == "normal for age" and (entry.age_band or "").startswith("under "):
        return tuple(f"{text} in a patient {entry.age_band}" for text in (after, alone))  # type: ignore[return-value]
    return after, alone


def _with_sides(entry: Entry, pairs: Sequence[Pair]) -> list[Pair]:
    """Each finding with the side to name: the entry's own; what is of the left and of the right is of both."""
    if entry.side == BOTH:
        return list(sides.joined(pairs))
    return [Pair(pair.structure, pair.finding, entry.side or "") for pair in pairs]


def _answers(vocabulary: Vocabulary, region: Region, entry: Entry) -> list[str]:
    """What else is concluded: of each side, or of both at once where it is the same."""
    of_sides = [one for one in by_side(vocabulary, entry) if one]
    if len(of_sides) > 1:
        alike = {_answer(region, entry, one, BOTH) for one in of_sides}
        if len(alike) == 1:
            return list(alike)
    return [_answer(region, entry, one, one.side) for one in of_sides]


def _answer(region: Region, entry: Entry, seen: Examined, side: str) -> str:
    if any(pair.finding not in AS_IT_SHOULD_BE for pair in seen.findings):
        return _beside_findings(region, entry, seen, side)
    if seen.unlisted and not seen.findings:
        return f"no abnormality seen {_where(region, side)}; the structures examined were not listed"
    asked = _asked(region, entry)
    if not seen.recorded:
        return _not_examined(region, seen, asked or in_order(region, seen.limited), side)
    parts = [_nothing_found(region, entry, seen, side, asked)]
    if not entry.procedure:
        parts += [_rest(region, entry, seen, side), _limits(region, entry, seen, asked, side)]
    return "; ".join(filter(None, parts))


def _asked(region: Region, entry: Entry) -> list[str]:
    """The structures that answer the indication and are there."""
    asked = region.indications.get(entry.indication or "")
    if asked is None or entry.procedure:
        return []
    return [one for one in asked.structures if region.structures[one].is_there(entry.modifiers)]


def _negative(region: Region, entry: Entry) -> str:
    asked = region.indications.get(entry.indication or "")
    return asked.negative.replace(" or ", " and no ") if asked and not entry.procedure else ""


def _nothing_found(region: Region, entry: Entry, seen: Examined, side: str, asked: list[str]) -> str:
    negative = _negative(region, entry)
    answered = [one for one in asked if one in seen.recorded]
    opened = [one for one in asked if one not in seen.recorded]
    if _is_complete(region, entry, seen):
        whole = f"normal ultrasound appearances of {side_of(region, side)}"
        return f"{whole}; no {negative} seen" if negative else whole
    if negative and asked and not opened:
        return f"no {negative} seen {_where(region, side)}"
    if negative and answered:
        return f"no {negative} seen in {_named(region, answered, side)}; {_not_examined(region, seen, opened, side)}"
    if negative and not asked:
        return f"no {negative} seen in {_named(region, in_order(region, seen.recorded), side)}"
    nothing = f"no abnormality seen in the examined structures {_of_or_on(region, side)}"
    return f"{_not_examined(region, seen, opened, side)}; {nothing}" if opened else nothing


def _beside_findings(region: Region, entry: Entry, seen: Examined, side: str) -> str:
    """What the indication asks that the findings do not say: what was not examined, or a tear that is not there."""
    asked, negative = _asked(region, entry), _negative(region, entry)
    opened = [one for one in asked if one not in seen.recorded]
    if opened:
        return _not_examined(region, seen, opened, side)
    damaged = any(word in pair.finding for pair in seen.findings if pair.structure in asked for word in _DAMAGE)
    return f"no {negative} seen {_where(region, side)}" if asked and negative.endswith(_CERTAIN) and not damaged else ""


def _is_complete(region: Region, entry: Entry, seen: Examined) -> bool:
    """A full examination without a limitation, in which every structure was seen."""
    full = entry.protocol == "full" and region.full and bool(region.structures)
    return full and not entry.limitations and not seen.not_seen and not _unseen(region, entry, seen)


def _unseen(region: Region, entry: Entry, seen: Examined) -> list[str]:
    there = [one.id for one in region.structures.values() if one.is_there(entry.modifiers)]
    return [one for one in there if one not in seen.recorded and one not in seen.limited]


def _rest(region: Region, entry: Entry, seen: Examined, side: str) -> str:
    opened = {one for one in _asked(region, entry) if one not in seen.recorded}
    if not set(_unseen(region, entry, seen)) - opened:
        return ""
    named = side if entry.side == BOTH else ""
    if not region.full:
        return f"nothing else was examined {_on(named) if named else ''}".strip()
    return f"the rest of {side_of(region, named)} was not examined"


def _limits(region: Region, entry: Entry, seen: Examined, asked: list[str], side: str) -> str:
    others = seen.limited - set(asked)
    if others:
        return _not_examined(region, seen, in_order(region, others), side)
    return "limited examination" if entry.limitations and not seen.not_seen else ""


def _not_examined(region: Region, seen: Examined, structures: Sequence[str], side: str) -> str:
    """ "deep veins not examined on the right"."""
    where = " (both sides)" if side == BOTH else f" on the {side}" if side else ""
    states = {"not seen or limited": seen.limited, "not examined": set(structures) - seen.limited}
    return "; ".join(
        f"{listed([_name(region, one) for one in structures if one in chosen])} {state}{where}"
        for state, chosen in states.items()
        if not chosen.isdisjoint(structures)
    )


def _on(side: str) -> str:
    return "on both sides" if side == BOTH else f"on the {side}"


def _where(region: Region, side: str) -> str:
    """ "in the right shoulder", "on the right"."""
    return _on(side) if region.one and side else f"in {side_of(region, side)}"


def _of_or_on(region: Region, side: str) -> str:
    return _on(side) if region.one and side else f"of {side_of(region, side)}"


def _named(region: Region, structures: Sequence[str], side: str) -> str:
    """ "the right subscapularis and infraspinatus"."""
    return with_side_before(side, listed([_name(region, one) for one in structures]))


def _name(region: Region, structure: str) -> str:
    known = region.structures.get(structure)
    return place(known.name if known else structure)
