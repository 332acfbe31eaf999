"""The report that writes itself: from taps to plain clinical sentences, in the field's order.

Region and side, indication, technique, structures, procedure, conclusion. The same taps always give the same text.
Which words are the student's own, and how a draft follows the taps, is `rules.own_words`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rules import own_words
from rules.phrases import capital, finding_words, listed, pair_phrases, places, side_of, stop
from rules.programme import Programme
from rules.scan_fields import Entry
from rules.vocabulary import Pair, Region, Vocabulary

ALL = "all"
HEADLINE_ITEMS = 3

# A finding that says that something is as it should be.
_AS_IT_SHOULD_BE = frozenset(["patent"])

# An outcome after what was found, and alone. Others stand as the vocabulary writes them.
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
_MODIFIERS = {"dynamic": "dynamic assessment"}


@dataclass(frozen=True)
class Report:
    """The report of an entry, composed and judged.

    Attributes:
        text: as the student left it, with what the taps say now; empty when the student emptied it.
        composed: what the taps alone say.
        own_words: the student wrote at least a word of it.
        words_missing: something was found, and the programme wants the student's own words of it.
    """

    text: str
    composed: str
    own_words: bool
    words_missing: bool
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
    return bool(entry.findings or entry.normal) and not _abnormal(entry)


def _abnormal(entry: Entry) -> list[Pair]:
    return [pair for pair in entry.findings if pair.finding not in _AS_IT_SHOULD_BE]


def compose(vocabulary: Vocabulary, entry: Entry) -> str:
    """The report that the taps make: one paragraph of plain sentences; empty until there is a region.

    Words that this vocabulary does not know (an older form's) stand as they were sent.
    """
    if not entry.region:
        return ""
    region = vocabulary.regions.get(entry.region) or Region(id=entry.region, name=entry.region, structures={})
    pairs = _in_order(region, entry.findings)
    lines = [
        _examination(region, entry),
        f"Indication: {entry.indication}" if entry.indication else "",
        *_technique(entry),
        *_findings(region, pairs),
        _normals(region, entry),
        _procedure(entry),
        _conclusion(region, entry, pairs),
    ]
    return " ".join(stop(line) for line in lines if line)


def headline(vocabulary: Vocabulary, entry: Entry) -> str:
    """The scan in one short line for a card: "Full-thickness supraspinatus tear", "Normal"."""
    region = vocabulary.regions.get(entry.region)
    pairs = _in_order(region, _abnormal(entry) or entry.findings)
    if not pairs:
        return "Normal" if entry.normal else capital(entry.procedure) or "Nothing recorded yet"
    phrases = pair_phrases(region, pairs[:HEADLINE_ITEMS])
    more = len(pairs) - HEADLINE_ITEMS
    joiner = ", " if all(plain for _, _, plain in phrases) else "; "
    return capital(joiner.join(phrase for _, phrase, _ in phrases)) + (f" and {more} more" if more > 0 else "")


def may_send(programme: Programme, entry: Entry, own: bool) -> str:
    """Whether the report may go to the mentor as it stands: "send", "mark" (own words missing) or "hold".

    The programme decides for a report that only the taps have written, or that is empty; own words always go.

    Args:
        own: the student wrote at least a word of it (`own_words.has_own_words`).
    """
    if own:
        return "send"
    return programme.reports.composed_normal if is_normal(entry) else programme.reports.composed_abnormal


def words_missing(programme: Programme, entry: Entry, own: bool) -> bool:
    """Something was found, and the report has only the taps' words where the programme wants the student's own."""
    recorded = (entry.findings or entry.normal) and not entry.procedure
    return bool(recorded) and may_send(programme, entry, own) != "send"


def _in_order(region: Region | None, pairs: Iterable[Pair]) -> list[Pair]:
    """Each pair once, in the order in which the region's structures are examined; unknown ones last."""
    order = {structure: at for at, structure in enumerate(region.structures)} if region else {}
    return sorted(dict.fromkeys(pairs), key=lambda pair: order.get(pair.structure, len(order)))


def _examination(region: Region, entry: Entry) -> str:
    ultrasound = f"{capital(entry.protocol)} ultrasound" if entry.protocol else "Ultrasound"
    return f"{ultrasound} of {side_of(region, entry.side)}"


def _technique(entry: Entry) -> list[str]:
    extras = listed([_MODIFIERS.get(one, one) for one in entry.modifiers])
    transducer = f"{entry.transducer} transducer" if entry.transducer else ""
    technique = " with ".join(part for part in (transducer, extras) if part)
    return [
        f"Technique: {technique}" if technique else "",
        f"Examination limited by {listed(entry.limitations)}" if entry.limitations else "",
    ]


def _findings(region: Region, pairs: list[Pair]) -> list[str]:
    """One sentence a structure: "Supraspinatus: full-thickness tear and calcification"."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        found.setdefault(pair.structure, []).append(finding_words(pair.finding))
    return [f"{capital(_name(region, structure))}: {listed(words)}" for structure, words in found.items()]


def _normals(region: Region, entry: Entry) -> str:
    """What was looked at and is normal; structures are named when they were picked, or the whole protocol was done."""
    found = {pair.structure for pair in entry.findings}
    picked = [one for one in entry.normal if one != ALL and one not in found]
    everything = ALL in entry.normal
    if everything and entry.protocol == "full":
        picked = [one for one in region.structures if one not in found]
    order = list(region.structures)
    picked.sort(key=lambda one: order.index(one) if one in order else len(order))
    if picked:
        return f"No abnormality seen in {places(_name(region, one) for one in dict.fromkeys(picked))}"
    if everything:
        return "No other abnormality seen" if _abnormal(entry) else "No abnormality seen in the structures examined"
    return ""


def _procedure(entry: Entry) -> str:
    role = f" ({entry.procedure_role})" if entry.procedure_role else ""
    return f"Procedure: {entry.procedure}{role}" if entry.procedure else ""


def _conclusion(region: Region, entry: Entry, pairs: list[Pair]) -> str:
    after, alone = _OUTCOMES.get(entry.outcome, (f"; {entry.outcome}", entry.outcome))
    found = set(_abnormal(entry))
    abnormal = _in_conclusion(region, [pair for pair in pairs if pair in found])
    if abnormal:
        return f"Conclusion: {listed(abnormal)}{after if entry.outcome else ''}"
    if entry.outcome:
        return f"Conclusion: {alone}"
    return "Conclusion: normal ultrasound appearances" if is_normal(entry) else ""


def _in_conclusion(region: Region, pairs: list[Pair]) -> list[str]:
    return [
        phrase if plain else f"{finding_words(pair.finding)} in {places([_name(region, pair.structure)])}"
        for pair, phrase, plain in pair_phrases(region, pairs)
    ]


def _name(region: Region, structure: str) -> str:
    known = region.structures.get(structure)
    return known.name if known else structure
