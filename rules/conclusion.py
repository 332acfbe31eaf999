"""The conclusion of a report: what was found, on which side, and what it answers of the indication."""

from collections.abc import Sequence

from rules import sides
from rules.diagnoses import diagnoses, with_side_before
from rules.examined import BOTH, Examined, by_side, in_order, is_full, unplaced_limitations, unrecorded
from rules.phrases import either_side_of, guided, listed, place, side_of
from rules.scan_fields import Entry
from rules.sides import OPPOSITE
from rules.vocabulary import Pair, Region, Vocabulary
from rules.vocabulary_terms import Indication

# A finding that says that something is as it should be; the first is the answer to its question, so it is concluded.
INTACT = "intact repair"
AS_IT_SHOULD_BE = frozenset([INTACT, "patent", "suture anchor"])
UNANSWERED = "no structure that answers the indication was recorded"
# Negatives that stay true beside a finding, unless a finding has one of the words of damage.
_CLOTTED = ("thrombus", "thrombosis")
_CERTAIN = ("tear", "rupture", *_CLOTTED)
_DAMAGE = ("tear", "rupture", "avulsion", "sprain", "strain", "dislocation", "lesion", "injury")

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

_OF_WHAT_WAS_SEEN = ("normal for age", "abnormal, explains symptoms", "incidental finding")


def abnormal(entry: Entry) -> list[Pair]:
    return [pair for pair in entry.findings if pair.finding not in AS_IT_SHOULD_BE]


def conclusion(vocabulary: Vocabulary, region: Region, entry: Entry, pairs: Sequence[Pair]) -> str:
    """The sentence, without its full stop; empty where there is nothing to conclude.
    `pairs`: the findings in the order of the report.
    """
    of_sides = [one for one in by_side(vocabulary, entry) if one]
    concluded = [pair for pair in pairs if pair.finding == INTACT or pair.finding not in AS_IT_SHOULD_BE]
    found = listed(diagnoses(vocabulary, region, _with_sides(entry, concluded), entry.measured))
    if entry.side == BOTH and any(not pair.side for pair in concluded):
        found += f" ({side_of(region, BOTH).removeprefix('the ')}; the side of a finding was not recorded)"
    after, alone = _outcome(entry)
    if entry.outcome in _OF_WHAT_WAS_SEEN and not any(one.recorded or one.unlisted for one in of_sides):
        alone = ""
    answers = _answers(region, entry, of_sides)
    parts = [_done(region, entry), *([found + after, *answers] if found else [*answers, alone])]
    text = "; ".join(dict.fromkeys(part for part in parts if part))
    if text and text == alone and entry.side:
        text = f"{alone}; {side_of(region, entry.side).removeprefix('the ')}"
    return f"Conclusion: {text}" if text else ""


def _done(region: Region, entry: Entry) -> str:
    """The guided procedure, the part in it, and its side: "barbotage assisted, left shoulder"."""
    if not entry.procedure:
        return ""
    where = side_of(region, entry.side).removeprefix("the ")
    return f"{guided(entry.procedure)} {entry.procedure_role or ''}".strip() + f", {where}"


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


def _answers(region: Region, entry: Entry, of_sides: Sequence[Examined]) -> list[str]:
    """What was not found and not examined, of each side, or of both at once where it is the same."""
    if len(of_sides) > 1:
        alike = {_answer(region, entry, one, BOTH) for one in of_sides}
        if len(alike) == 1:
            return list(alike)
    sides_left = {"left", "right"} - {one.side for one in of_sides} if of_sides and of_sides[0].side in OPPOSITE else ()
    silent = [f"nothing was recorded of {side_of(region, one)}" for one in sides_left if entry.side == BOTH]
    return [_answer(region, entry, one, one.side) for one in of_sides] + silent


def _answer(region: Region, entry: Entry, seen: Examined, side: str) -> str:
    if any(pair.finding not in AS_IT_SHOULD_BE for pair in seen.findings):
        return _beside_findings(region, entry, seen, side)
    if seen.unlisted and not seen.findings:
        return f"no abnormality seen {_where(region, side)}; the structures examined were not listed"
    asked = _asked(region, entry)
    if not seen.recorded:
        return _not_examined(region, seen, asked or in_order(region, seen.limited), side)
    parts = [_nothing_found(region, entry, seen, side)]
    if not entry.procedure:
        parts += [_rest(region, entry, seen, side), _limits(region, entry, seen, asked, side)]
    return "; ".join(filter(None, parts))


def _indication(region: Region, entry: Entry) -> Indication:
    """What is asked; nothing beside a guided procedure."""
    return region.indications.get("" if entry.procedure else entry.indication) or Indication(id="none")


def _asked(region: Region, entry: Entry) -> list[str]:
    """The structures that answer the indication, but for those that an operation has taken out."""
    asked = _indication(region, entry).structures
    return [one for one in asked if not region.structures[one].is_gone(entry.modifiers)]


def _negative(region: Region, entry: Entry) -> str:
    return _indication(region, entry).negative.replace(" or ", " and no ")


def _of_any(region: Region, entry: Entry, seen: Examined) -> list[str]:
    """The structures that were seen of which each answers the indication for its own part."""
    return [one for one in _indication(region, entry).any_of if one in seen.recorded]


def negative_answer(region: Region, entry: Entry, seen: Examined) -> str:
    """ "no rotator cuff tear seen"; empty where not all that answers the indication was seen."""
    negative, asked = _negative(region, entry), _asked(region, entry)
    return f"no {negative} seen" if negative and asked and seen.recorded.issuperset(asked) else ""


def _nothing_found(region: Region, entry: Entry, seen: Examined, side: str) -> str:
    negative, asked, any_of = _negative(region, entry), _asked(region, entry), _of_any(region, entry, seen)
    beside = [one for one in asked if one in seen.recorded and one not in any_of]
    opened = _not_examined(region, seen, [one for one in asked if one not in seen.recorded], side)
    if negative and not asked and not any_of:
        opened = UNANSWERED
    answer = negative_answer(region, entry, seen)
    if is_complete(region, entry, seen):
        operated = " ".join(one for one in entry.modifiers if one.startswith("after "))
        whole = f"normal ultrasound appearances of {side_of(region, side)} {operated}".strip()
        return "; ".join(filter(None, [whole, answer, opened]))
    if answer:
        return f"{answer} {_where(region, side)}"
    if negative and (any_of or beside):
        in_part = f"no {negative} seen in {_named(region, any_of, side)}" if any_of else ""
        others = f"no abnormality seen in {_named(region, beside, side)}" if beside else ""
        return "; ".join(filter(None, [in_part, others, opened]))
    where = _where(region, side) if region.one and side else f"of {_of(region, side)}"
    nothing = f"no abnormality seen in the examined structures {where}"
    return "; ".join(filter(None, [opened, nothing]))


def _beside_findings(region: Region, entry: Entry, seen: Examined, side: str) -> str:
    """What the indication asks that the findings do not say: what was not examined, or a tear that is not there."""
    negative, asked, any_of = _negative(region, entry), _asked(region, entry), _of_any(region, entry, seen)
    if opened := [one for one in asked if one not in seen.recorded]:
        return _not_examined(region, seen, opened, side)
    if negative and not asked and not any_of:
        return UNANSWERED
    answering = asked or any_of
    denied = _CLOTTED if negative.endswith(_CLOTTED) else _DAMAGE
    damaged = {pair.structure for pair in seen.findings if any(word in pair.finding for word in denied)}
    certain = negative.endswith(_CERTAIN) and damaged.isdisjoint(answering)
    untouched = seen.found.isdisjoint(answering) and not negative.startswith("cause of")
    if not negative or not answering or not (certain or untouched):
        return ""
    named_already = len(answering) == 1 and _name(region, answering[0]) in negative
    everywhere = certain and asked and not damaged or named_already
    return f"no {negative} seen {_where(region, side) if everywhere else 'in ' + _named(region, answering, side)}"


def is_complete(region: Region, entry: Entry, seen: Examined) -> bool:
    """A full examination without a limitation, in which every structure of this side was seen."""
    full = is_full(region, entry) and bool(region.structures)
    return full and not entry.limitations and not seen.not_seen and not unrecorded(region, entry, seen)


def _rest(region: Region, entry: Entry, seen: Examined, side: str) -> str:
    opened = {one for one in _asked(region, entry) if one not in seen.recorded}
    if not set(unrecorded(region, entry, seen)) - opened:
        return ""
    named = side if entry.side == BOTH else ""
    if not region.full:
        return f"nothing else was examined {_on(named) if named else ''}".strip()
    return f"the rest of {side_of(region, named)} was not examined"


def _limits(region: Region, entry: Entry, seen: Examined, asked: list[str], side: str) -> str:
    others = seen.limited - set(asked)
    limits = [_not_examined(region, seen, in_order(region, others), side)] if others else []
    if unplaced_limitations(entry):
        limits.append("limited examination")
    return "; ".join(limits)


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
    """After a negative."""
    return "on either side" if side == BOTH else f"on the {side}"


def _where(region: Region, side: str) -> str:
    """After a negative: "in the right shoulder", "in either knee", "on the right"."""
    if region.one and side:
        return _on(side)
    return f"in {_of(region, side)}"


def _of(region: Region, side: str) -> str:
    return either_side_of(region) if side == BOTH else side_of(region, side)


def _named(region: Region, structures: Sequence[str], side: str) -> str:
    """After a negative: "the right subscapularis and infraspinatus", "the hamstrings on either side"."""
    named = with_side_before(side, listed([_name(region, one) for one in structures]))
    return named.replace("on both sides", "on either side")


def _name(region: Region, structure: str) -> str:
    return place(region.name_of(structure))
