"""The report that writes itself: from taps to plain clinical sentences, in the field's order.

Region and side, indication, technique, structures, procedure, conclusion. The same taps always give the same text.
Which words are the student's own, and how a draft follows the taps, is `rules.own_words`.
"""

from dataclasses import dataclass, replace
from itertools import groupby

from rules import measures, own_words, sides
from rules.conclusion import abnormal, conclusion, is_complete, negative_answer
from rules.diagnoses import goes_with_another
from rules.examined import BOTH, Examined, by_side, in_order, is_full, order_of, unplaced_limitations, unrecorded
from rules.phrases import (
    REFER,
    capital,
    finding_words,
    guided,
    listed,
    pair_phrases,
    place,
    places,
    side_of,
    small,
    stop,
)
from rules.programme import Programme
from rules.scan_fields import Entry
from rules.vocabulary import Pair, Region, Vocabulary

HEADLINE_ITEMS = 3

_SIDES = {"left": 1, "right": 2, "both": 3}
_AFTER = "after "  # how a modifier begins that says what was done before
_MODIFIERS = {"dynamic": "dynamic assessment"}


@dataclass(frozen=True)
class Report:
    """The report of an entry, composed and judged."""

    text: str  # as the student left it, with what the taps say now; empty when the student emptied it
    composed: str  # what the taps alone say
    own_words: bool  # the student wrote at least a word of it
    words_missing: bool  # something was found, and the programme wants the student's own words of it
    headline: str


def write(programme: Programme, entry: Entry) -> Report:
    """Compose the report of an entry, keeping the student's own words in it."""
    composed = compose(programme.vocabulary, entry)
    text = plain(entry.report)
    if entry.report_base is not None:
        text = own_words.recompose(text, plain(entry.report_base), composed)
    else:
        text = text or composed
    own = own_words.has_own_words(text, composed)
    return Report(text, composed, own, words_missing(programme, entry, own), headline(programme.vocabulary, entry))


def plain(text: str) -> str:
    """A typed text as it is kept: without white space around it, every line end one character."""
    return text.strip().replace("\r\n", "\n")


def is_normal(entry: Entry) -> bool:
    """Something was recorded, and nothing of it is abnormal."""
    return bool(entry.findings or entry.normal) and not abnormal(entry)


def compose(vocabulary: Vocabulary, entry: Entry) -> str:
    """The report that the taps make: one paragraph of plain sentences; empty until there is a region.

    Words that this vocabulary does not know (an older form's) stand as they were sent.
    """
    if not entry.region:
        return ""
    region = vocabulary.regions.get(entry.region) or Region(id=entry.region, name=entry.region, structures={})
    pairs = _in_order(vocabulary, entry)
    asked = region.indications.get(entry.indication or "")
    lines = [
        *_examination(vocabulary, region, entry),
        f"Indication: {asked.shown if asked else entry.indication}" if entry.indication else "",
        *_technique(entry),
        *_findings(vocabulary, region, entry, pairs),
        *_states(vocabulary, region, entry),
        *_caveats(vocabulary, region, entry),
        conclusion(vocabulary, region, entry, pairs),
        *_advice(vocabulary, entry),
    ]
    return " ".join(stop(line) for line in dict.fromkeys(lines) if line)


def headline(vocabulary: Vocabulary, entry: Entry) -> str:
    """The scan in one short line for a card: "Full-thickness supraspinatus tear", "No rotator cuff tear seen".

    The side is said where the sides of an entry differ. "Normal" is a full examination without a limitation alone.
    """
    region = vocabulary.regions.get(entry.region)
    found = set(abnormal(entry) or entry.findings)
    pairs = [pair for pair in _in_order(vocabulary, entry) if pair in found]
    if not pairs:
        otherwise = "Not seen or limited" if entry.not_seen else "Nothing recorded yet"
        return capital(entry.procedure or "") or _normal_headline(vocabulary, region, entry) or otherwise
    if entry.side == BOTH:
        pairs = list(sides.joined(pairs))
    shown = [replace(pair, finding=vocabulary.finding(pair.finding).shown) for pair in pairs[:HEADLINE_ITEMS]]
    phrases = [
        (_with_side(entry, side, phrase), plain)
        for side, of_side in groupby(shown, key=lambda pair: pair.side)
        for _, phrase, plain in pair_phrases(region, list(of_side))
    ]
    more = len(pairs) - HEADLINE_ITEMS
    joiner = ", " if all(plain for _, plain in phrases) else "; "
    return capital(joiner.join(phrase for phrase, _ in phrases)) + (f" and {more} more" if more > 0 else "")


def _normal_headline(vocabulary: Vocabulary, region: Region | None, entry: Entry) -> str:
    """What a scan without a finding says of the structures that are normal; empty where there are none."""
    said = [one for one in by_side(vocabulary, entry) if one.normal or one.unlisted]
    if not said:
        return ""
    side = f" on the {said[0].side}" if entry.side == BOTH and len(said) == 1 and said[0].side != BOTH else ""
    if region and all(is_complete(region, entry, one) for one in said):
        return f"Normal{side}"
    answers = {negative_answer(region, entry, one) for one in said} if region else set()
    answer = answers.pop() if len(answers) == 1 else ""
    return f"{capital(answer)}{side}" if answer else f"No abnormality in what was examined{side}"


def _with_side(entry: Entry, side: str, phrase: str) -> str:
    if entry.side != BOTH or not side:
        return phrase
    return f"{'bilateral' if side == BOTH else side} {small(phrase)}"


def may_send(programme: Programme, entry: Entry, own: bool) -> str:
    """Whether the report may go to the mentor as it stands: "send", "mark" (own words missing) or "hold".

    The programme decides for a report that only the taps have written, or that is empty; own words always go.
    `own`: the student wrote at least a word of it (`own_words.has_own_words`).
    """
    if own:
        return "send"
    return programme.reports.composed_abnormal if abnormal(entry) else programme.reports.composed_normal


def words_missing(programme: Programme, entry: Entry, own: bool) -> bool:
    """Something was found, and the report has only the taps' words where the programme wants the student's own."""
    recorded = (entry.findings or entry.normal or entry.not_seen) and not entry.procedure
    return bool(recorded) and may_send(programme, entry, own) != "send"


def _in_order(vocabulary: Vocabulary, entry: Entry) -> list[Pair]:
    """Each finding once: left, right, both; by structures as they are examined, then as the vocabulary has them."""
    region = vocabulary.regions.get(entry.region)
    order = order_of(region)

    def place_of(pair: Pair) -> tuple[int, int, bool, int]:
        known = region.structures.get(pair.structure) if region else None
        findings = known.findings if known else ()
        at = findings.index(pair.finding) if pair.finding in findings else len(findings)
        return order.get(pair.structure, len(order)), _SIDES.get(pair.side, 0), goes_with_another(pair.finding), at

    return sorted(dict.fromkeys(entry.findings), key=place_of)


def _examination(vocabulary: Vocabulary, region: Region, entry: Entry) -> list[str]:
    """What was examined; a guided procedure's entry begins with the procedure.

    A full protocol is a complete examination; it says where of a structure, on one of the sides, nothing was recorded.
    """
    operated = [one for one in entry.modifiers if one.startswith(_AFTER)]
    where = " ".join([side_of(region, entry.side), listed(operated)]).strip()
    protocol = "" if entry.protocol == "full" and not region.full else entry.protocol
    examination = f"{capital(protocol)} ultrasound of {where}" if protocol else f"Ultrasound of {where}"
    if is_full(region, entry):
        left_out = any(unrecorded(region, entry, seen) for seen in by_side(vocabulary, entry))
        examination = f"Complete examination of {where}"
        if left_out:
            examination += ", of which not all structures were recorded"
    if not entry.procedure:
        return [examination]
    role = f" ({entry.procedure_role})" if entry.procedure_role else ""
    procedure = f"Ultrasound-guided {guided(entry.procedure)}"
    if protocol:
        return [examination, procedure + role]
    return [f"{procedure}, {where.removeprefix('the ')}{role}"]


def _technique(entry: Entry) -> list[str]:
    extras = listed([_MODIFIERS.get(one, one) for one in entry.modifiers if not one.startswith(_AFTER)])
    transducer = f"{entry.transducer} transducer" if entry.transducer else ""
    technique = " with ".join(part for part in (transducer, extras) if part)
    limited = f"Examination limited by {listed(entry.limitations)}" if entry.limitations else ""
    if unplaced := unplaced_limitations(entry):
        by = f" by {listed(unplaced)}" if len(unplaced) < len(entry.limitations) else ""
        limited += f"; which structures were limited{by} was not recorded"
    return [f"Technique: {technique}" if technique else "", limited]


def _findings(vocabulary: Vocabulary, region: Region, entry: Entry, pairs: list[Pair]) -> list[str]:
    """One sentence a structure and side: "Left supraspinatus: full-thickness tear (measuring 14 x 9 mm)"."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        shown = finding_words(vocabulary.finding(pair.finding).shown)
        words = shown.removesuffix(REFER) + _sizes(vocabulary, entry, pair)
        name = region.name_of(pair.structure)
        if entry.side == BOTH and pair.side:
            name = f"{name}, both sides" if pair.side == BOTH else f"{pair.side} {small(name)}"
        found.setdefault(capital(name), []).append(words)
    return [f"{name}: {listed(words)}" for name, words in found.items()]


def _sizes(vocabulary: Vocabulary, entry: Entry, pair: Pair) -> str:
    """What was measured of a finding, in brackets; with its side where the finding is of both."""
    said = []
    for one in entry.measured:
        measure, own_side = vocabulary.measures.get(one.measure), one.pair.side == pair.side
        if replace(one.pair, side=pair.side) == pair and measure and (own_side or pair.side == BOTH):
            where = "" if own_side or not one.pair.side else f" on the {one.pair.side}"
            said.append(measures.phrase(measure, one.value) + where)
    return f" ({', '.join(dict.fromkeys(said))})" if said else ""


def _states(vocabulary: Vocabulary, region: Region, entry: Entry) -> list[str]:
    """What is normal and what was not seen, of each side; of both at once where that is the same."""
    of_sides = by_side(vocabulary, entry)
    said = [_state(region, entry, one) for one in of_sides]
    names = [side_of(region, one.side).removeprefix("the ") for one in of_sides]
    if len(said) < 2:
        return said[0]
    if said[0] == said[1] and any(said[0]):
        said, names = said[:1], [side_of(region, BOTH).removeprefix("the ")]
    lines = []
    for name, of_side, seen in zip(names, said, of_sides, strict=False):
        normal, *limited = of_side
        lines.append(f"{capital(name)}: {small(normal)}" if normal else "")
        lines += [one.replace(":", f", {name}:", 1) for one in limited]
        if not seen:
            lines.append(f"{capital(name)}: nothing was recorded")
    return lines


def _state(region: Region, entry: Entry, seen: Examined) -> list[str]:
    reasons = {one.structure: _in_brackets(one.limitation) for one in seen.not_seen}
    limited = [place(region.name_of(one)) + reasons[one] for one in in_order(region, seen.limited)]
    in_part = [place(region.name_of(one)) + reasons[one] for one in in_order(region, reasons.keys() - seen.limited)]
    no = "Within these limits, no" if unplaced_limitations(entry) else "No"
    normal = ""
    if seen.normal:
        normal = f"{no} abnormality seen in {places(region.name_of(one) for one in seen.normal)}"
    elif seen.unlisted:
        other = " other" if seen.findings else ""
        normal = f"{no}{other} abnormality seen; the structures examined were not listed"
    return [
        normal,
        f"Not seen or limited: {listed(limited)}" if limited else "",
        f"Seen with a limitation: {listed(in_part)}" if in_part else "",
    ]


def _in_brackets(limitation: str) -> str:
    """ " (pain)", " (access: dressing, cast)"; nothing where there is none."""
    return f" ({limitation.replace(' (', ': ').removesuffix(')')})" if limitation else ""


def _caveats(vocabulary: Vocabulary, region: Region, entry: Entry) -> list[str]:
    """What ultrasound cannot say of the structures that were examined."""
    examined = {one for seen in by_side(vocabulary, entry) for one in seen.recorded}
    torn = {pair.structure for pair in entry.findings if "tear" in pair.finding}
    return [one.caveat for one in region.structures.values() if one.id in examined - torn]


def _advice(vocabulary: Vocabulary, entry: Entry) -> list[str]:
    """What a guideline advises after what was measured, with its source."""
    said = []
    for advice in vocabulary.advice:
        for one in entry.measured:
            large = one.measure == advice.measure and max(measures.numbers(one.value), default=0) > advice.larger_than
            if one.pair.finding in advice.findings and (large or one.value in advice.words):
                said.append(f"{advice.sentence} ({advice.source})")
    return said
