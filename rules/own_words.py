"""Which words of a report are the student's own, and how a draft follows the taps without losing one of them.

A report is compared with what the taps composed, sentence by sentence; within a reworded sentence, word by word.
Everything here takes time in proportion to the texts, whatever they hold.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

# A sentence ends at . ? or ! before white space, or at a line's end. One step a character: linear on any text.
_BREAK = re.compile(r"(?<=[.?!])\s+|\n\s*")
_WORD = re.compile(r"\s+|\w+|[^\w\s]")

ALIKE = 0.5  # share of common words from which a sentence is a reworded one rather than a new one
CANDIDATES = 100  # composed sentences that one may be a rewording of: more than the taps ever make
LONGEST_COMPARED = 200  # words and spaces of a sentence up to which their order is compared, which is not linear


@dataclass(frozen=True)
class Span:
    """A run of a report's text, and whether the student wrote it."""

    text: str
    own: bool


@dataclass(slots=True)
class _Chunk:
    """One sentence with the white space after it."""

    text: str
    space: str


def _chunks(text: str) -> list[_Chunk]:
    """The text cut into sentences; put together again they are the text exactly."""
    found, start = [], 0
    for match in _BREAK.finditer(text):
        found.append(text[start : match.end()])
        start = match.end()
    if text[start:]:
        found.append(text[start:])
    return [_Chunk(one.rstrip(), one[len(one.rstrip()) :]) for one in found]


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, without the white space around them."""
    return tuple(chunk.text.strip() for chunk in _chunks(text) if chunk.text.strip())


def own_sentences(report: str, composed: str) -> tuple[str, ...]:
    """The sentences of a report that the taps did not compose as they stand."""
    left = Counter(sentences(composed))
    return tuple(one for one in sentences(report) if not _use_up(left, one))


def own_words(report: str, composed: str) -> tuple[Span, ...]:
    """The report in spans that are the student's own or the taps'; put together they are the report exactly."""
    left = Counter(sentences(composed))
    chunks = _chunks(report)
    are_composed = [_use_up(left, chunk.text.strip()) for chunk in chunks]
    unused = [one for one, count in left.items() if count > 0]
    candidates = {one: _words_of(_WORD.findall(one)) for one in unused[:CANDIDATES]}
    spans: list[Span] = []
    for chunk, is_composed in zip(chunks, are_composed, strict=True):
        text = chunk.text + chunk.space
        spans.extend([Span(text, own=False)] if is_composed else _reworded(text, candidates, left))
    return tuple(_merged(_bare(spans)))


def has_own_words(report: str, composed: str) -> bool:
    """Whether the student wrote at least one word or number of the report."""
    if report == composed:
        return False
    new = set(_WORD.findall(report)).difference(_WORD.findall(composed))
    if any(map(str.isalnum, new)):
        return True  # a word that the taps never said; without one the sentences tell
    return any(span.own for span in own_words(report, composed))


def _use_up(left: Counter[str], sentence: str) -> bool:
    """Use up one of a sentence that the taps composed; False when there is none (left)."""
    if left[sentence] < 1:
        return False
    left[sentence] -= 1
    return True


def _words_of(words: list[str]) -> frozenset[str]:
    return frozenset(word for word in words if not word.isspace())


def _reworded(text: str, candidates: dict[str, frozenset[str]], left: Counter[str]) -> list[Span]:
    """A sentence that the taps did not compose: compared word by word with the composed one most like it, if any.
    `candidates`: the composed sentences that it may be, with their words; one that is used up (`left`) leaves it.
    """
    words = _WORD.findall(text)
    said = _words_of(words)
    nearest, most = "", ALIKE
    for sentence, theirs in candidates.items():
        alike = 2 * len(said & theirs) / (len(said) + len(theirs) or 1)
        if alike >= most:
            nearest, most = sentence, alike
    if not nearest:
        return [Span(text, own=True)]
    _use_up(left, nearest)
    theirs = candidates[nearest] if left[nearest] else candidates.pop(nearest)
    composed = _WORD.findall(nearest)
    if max(len(words), len(composed)) > LONGEST_COMPARED:
        return [Span(word, own=word not in theirs and not word.isspace()) for word in words]
    spans, at = [], 0
    for ours, _, size in SequenceMatcher(None, words, composed, autojunk=False).get_matching_blocks():
        spans.append(Span("".join(words[at:ours]), own=True))
        spans.append(Span("".join(words[ours : ours + size]), own=False))
        at = ours + size
    return spans


def _bare(spans: list[Span]) -> Iterator[Span]:
    """Spaces around own words, and marks that stand alone, are nobody's words."""
    for span in _merged(spans):
        if not span.own or not any(one.isalnum() for one in span.text):
            yield Span(span.text, own=False)
            continue
        words = span.text.strip()
        before, after = span.text.split(words, 1)
        yield from (Span(before, own=False), Span(words, own=True), Span(after, own=False))


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Neighbours of one kind become one span; empty ones go."""
    for own, run in groupby((span for span in spans if span.text), key=lambda span: span.own):
        yield Span("".join(span.text for span in run), own)


def recompose(report: str, was: str, now: str) -> str:
    """The draft after another tap: `report` is what stands there, `was` what was composed before, `now` afresh.

    Nothing edited: `now`. The student's own sentences stay, each where it stood; a composed sentence that the student
    deleted or reworded stays away while it is still what the taps say. A conclusion that the student took over stays
    theirs, since every tap would bring it back. The same taps change nothing.
    """
    if was == now:
        return report
    if report == was:
        return now
    before, after = sentences(was), sentences(now)
    theirs, wanted = Counter(before), Counter(after)
    chunks = [(chunk, _use_up(theirs, chunk.text.strip())) for chunk in _chunks(report)]  # theirs: what was deleted
    composed_again = wanted & Counter(chunk.text.strip() for chunk, composed in chunks if composed)
    topics = {_topic(before, sentence): sentence for sentence in before}
    added: dict[str, list[str]] = {}  # by what they are about
    for sentence in _new_sentences(before, after, report, theirs):
        added.setdefault(_topic(after, sentence), []).append(sentence)
    draft: list[tuple[_Chunk, bool]] = []
    for chunk, composed in chunks:
        sentence = chunk.text.strip()
        topic = _topic(before, sentence)
        if not composed or _use_up(composed_again, sentence):
            draft.append((chunk, composed))
        elif topics[topic] == sentence:  # what replaces it takes its place
            draft.extend((_Chunk(one, chunk.space), True) for one in added.pop(topic, ()))
    new = {sentence for about in added.values() for sentence in about}
    text = _joined(list(_with_new(draft, after, new)))
    return text if report != report.rstrip() else text.rstrip()


def _new_sentences(before: Sequence[str], after: Sequence[str], report: str, deleted: Counter[str]) -> list[str]:
    """The composed sentences that are new and that the student has not written, or written over, already."""
    known = {*before, *sentences(report)}
    new = [one for one in dict.fromkeys(after) if one not in known]
    concluded = [one for one in before if _topic(before, one) == "Conclusion"]
    if concluded and all(deleted[one] for one in concluded):
        new = [one for one in new if _topic(after, one) != "Conclusion"]
    return new


def _topic(composed: Sequence[str], sentence: str) -> str:
    """What a composed sentence is about, so that a changed one takes the place of the one it replaces."""
    if composed and sentence == composed[0]:
        return "examination"
    head, colon, _ = sentence.partition(":")
    return head if colon else " ".join(sentence.split(maxsplit=2)[:2])


def _with_new(draft: list[tuple[_Chunk, bool]], after: Sequence[str], new: set[str]) -> Iterator[_Chunk]:
    """The draft with each new composed sentence behind the one that precedes it and the student's own words there.

    But not behind own words about what comes later: a conclusion in the student's words stays the last. One walk
    through `after`, and one through the draft.
    """
    order = list(dict.fromkeys(after))
    last_about = {_head(sentence): at for at, sentence in enumerate(order)}
    places = {chunk.text.strip(): place for place, (chunk, composed) in enumerate(draft) if composed}
    first = next((at for at, sentence in enumerate(order) if sentence in places), len(order))
    place = min((places[one] for one in order[first:] if one in places), default=len(draft))
    added: dict[int, list[_Chunk]] = {}  # by the place in the draft before which they go
    for at, sentence in enumerate(order):
        if sentence in places:
            place = places[sentence] + 1
        elif sentence in new:
            while at > first and place < len(draft) and not _stays_behind(draft[place], last_about, at):
                place += 1
            added.setdefault(place, []).append(_Chunk(sentence, ""))
    for place, (chunk, _) in enumerate(draft):
        yield from added.get(place, ())
        yield chunk
    yield from added.get(len(draft), ())


def _stays_behind(one: tuple[_Chunk, bool], last_about: dict[str | None, int], at: int) -> bool:
    """A composed sentence, or own words about what the taps say after their sentence number `at`."""
    chunk, composed = one
    head = _head(chunk.text.strip())
    return composed or (head is not None and last_about.get(head, -1) > at)


def _head(sentence: str) -> str | None:
    head, colon, _ = sentence.partition(":")
    return head if colon else None


def _joined(chunks: list[_Chunk]) -> str:
    """The sentences as one text: each parted from the next, so that it can be told apart again."""
    parts = []
    for number, chunk in enumerate(chunks, start=1):
        ended = chunk.text.endswith((".", "?", "!"))
        parted = "\n" in chunk.space or (ended and chunk.space)
        parts += [chunk.text, chunk.space if parted or number == len(chunks) else " " if ended else "\n"]
    return "".join(parts)
