"""Which words of a report are the student's own, and how a draft follows the taps without losing one of them.

A report is compared with what the taps composed, sentence by sentence; within a reworded sentence, word by word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

# A sentence ends at . ? or ! before white space, or at a line's end. One step a character: linear on any text.
_BREAK = re.compile(r"(?<=[.?!])\s+|\n\s*")
_WORD = re.compile(r"\s+|\w+|[^\w\s]")

ALIKE = 0.5  # share of common words from which a sentence is a reworded one rather than a new one


@dataclass(frozen=True)
class Piece:
    """A run of a report's text, and whether the student wrote it."""

    text: str
    own: bool


@dataclass
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


def own_words(report: str, composed: str) -> tuple[Piece, ...]:
    """The report in pieces that are the student's own or the taps'; put together they are the report exactly."""
    left = Counter(sentences(composed))
    chunks = _chunks(report)
    kept = [_take(left, chunk.text.strip()) for chunk in chunks]
    pieces: list[Piece] = []
    for chunk, is_composed in zip(chunks, kept, strict=True):
        text = chunk.text + chunk.space
        pieces.extend([Piece(text, own=False)] if is_composed else _reworded(text, left))
    return tuple(_merged(_bare(pieces)))


def has_own_words(report: str, composed: str) -> bool:
    """Whether the student wrote at least one word or number of the report."""
    if report == composed:
        return False
    new = set(_WORD.findall(report)).difference(_WORD.findall(composed))
    if any(map(str.isalnum, new)):
        return True  # a word that the taps never said; without one the sentences tell
    return any(piece.own for piece in own_words(report, composed))


def _take(left: Counter[str], sentence: str) -> bool:
    """Use up one of a sentence that the taps composed; False when there is none (left)."""
    if left[sentence] < 1:
        return False
    left[sentence] -= 1
    return True


def _reworded(text: str, left: Counter[str]) -> list[Piece]:
    """A sentence that the taps did not compose: compared word by word with the composed one most like it, if any."""
    words = _WORD.findall(text)
    said = {word for word in words if not word.isspace()}
    nearest, most = "", ALIKE
    for sentence, count in left.items():
        theirs = set(_WORD.findall(sentence)) - {" "}
        alike = 2 * len(said & theirs) / (len(said) + len(theirs) or 1)
        if count > 0 and alike >= most:
            nearest, most = sentence, alike
    if not nearest:
        return [Piece(text, own=True)]
    _take(left, nearest)
    pieces, at = [], 0
    for ours, _, size in SequenceMatcher(None, words, _WORD.findall(nearest), autojunk=False).get_matching_blocks():
        pieces.append(Piece("".join(words[at:ours]), own=True))
        pieces.append(Piece("".join(words[ours : ours + size]), own=False))
        at = ours + size
    return pieces


def _bare(pieces: list[Piece]) -> Iterator[Piece]:
    """Spaces around own words, and marks that stand alone, are nobody's words."""
    for piece in _merged(pieces):
        if not piece.own or not any(one.isalnum() for one in piece.text):
            yield Piece(piece.text, own=False)
            continue
        words = piece.text.strip()
        before, after = piece.text.split(words, 1)
        yield from (Piece(before, own=False), Piece(words, own=True), Piece(after, own=False))


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind become one piece; empty ones go."""
    run, own = "", False
    for piece in pieces:
        if piece.text and run and piece.own != own:
            yield Piece(run, own)
            run = ""
        if piece.text:
            run, own = run + piece.text, piece.own
    if run:
        yield Piece(run, own)


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
    before, after = list(sentences(was)), list(sentences(now))
    theirs, standing = Counter(before), Counter(after)
    chunks = [(chunk, _take(theirs, chunk.text.strip())) for chunk in _chunks(report)]  # theirs: what was deleted
    kept = standing & Counter(chunk.text.strip() for chunk, composed in chunks if composed)
    coming = _coming(before, after, report, theirs)
    slots = {_slot(before, sentence): sentence for sentence in before}
    draft: list[tuple[_Chunk, bool]] = []
    for chunk, composed in chunks:
        sentence = chunk.text.strip()
        if not composed or _take(kept, sentence):
            draft.append((chunk, composed))
            continue
        same_place = [one for one in coming if slots.get(_slot(after, one)) == sentence]
        for one in same_place:
            coming.remove(one)
            draft.append((_Chunk(one, chunk.space), True))
    for sentence in coming:
        draft.insert(_place(draft, after, sentence), (_Chunk(sentence, ""), True))
    text = _joined([chunk for chunk, _ in draft])
    return text if report != report.rstrip() else text.rstrip()


def _coming(before: list[str], after: list[str], report: str, deleted: Counter[str]) -> list[str]:
    """The composed sentences that are new and that the student has not written, or written over, already."""
    here = set(sentences(report))
    new = [one for one in after if one not in before and one not in here]
    concluded = [one for one in before if _slot(before, one) == "Conclusion"]
    if concluded and all(deleted[one] for one in concluded):
        new = [one for one in new if _slot(after, one) != "Conclusion"]
    return new


def _slot(composed: list[str], sentence: str) -> str:
    """What a composed sentence is about, so that a changed one takes the place of the one it replaces."""
    if composed.index(sentence) == 0:
        return "examination"
    head, colon, _ = sentence.partition(":")
    return head if colon else " ".join(sentence.split()[:2])


def _place(draft: list[tuple[_Chunk, bool]], after: list[str], sentence: str) -> int:
    """Where a new composed sentence goes: behind the one that precedes it and the student's own words there.

    But not behind own words about what comes later: a conclusion in the student's words stays the last.
    """
    at = after.index(sentence)
    later_heads = {later.partition(":")[0] for later in after[at + 1 :] if ":" in later}
    composed = {chunk.text.strip(): place for place, (chunk, composed) in enumerate(draft) if composed}
    for earlier in reversed(after[:at]):
        if earlier in composed:
            place = composed[earlier] + 1
            while place < len(draft) and not draft[place][1] and _head(draft[place][0]) not in later_heads:
                place += 1
            return place
    following = [composed[later] for later in after[at + 1 :] if later in composed]
    return min(following, default=len(draft))


def _head(chunk: _Chunk) -> str | None:
    head, colon, _ = chunk.text.strip().partition(":")
    return head if colon else None


def _joined(chunks: list[_Chunk]) -> str:
    """The sentences as one text: each parted from the next, so that it can be told apart again."""
    text = ""
    for number, chunk in enumerate(chunks, start=1):
        ended = chunk.text.endswith((".", "?", "!"))
        parted = "\n" in chunk.space or (ended and chunk.space)
        text += chunk.text + (chunk.space if parted or number == len(chunks) else " " if ended else "\n")
    return text
