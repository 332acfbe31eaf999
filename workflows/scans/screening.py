"""The screen that every typed text passes (R8): what surely identifies a patient is refused, what may is asked about
once.

A refused text goes no further than the answer to who wrote it: it is not stored, not logged, and not in any digest.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rules import identifiers
from workflows.refusals import Invalid

CONTEXT = 32  # characters shown before and after a match, so that its writer knows the place


@dataclass(frozen=True)
class Match:
    """One match, to be shown to who wrote the text and to nobody else: `repr` hides the words.

    `start` and `end` count characters (code points) of the text as it came, its line ends as one character each.
    `mark` names this match of these words: whoever sends it back says that they name no patient.
    """

    kind: str
    start: int
    end: int
    severity: str
    words: str
    sentence: str
    mark: str
    before: str = field(repr=False)
    found: str = field(repr=False)
    after: str = field(repr=False)


def screen(
    fields: Mapping[str, str],
    named_nobody: str = "",
    *,
    known: str = "",
    problems: Mapping[str, Sequence[str]] | None = None,
) -> list[str]:
    """The kinds of match, in order, that the writer of these texts says name no patient, for the record.

    Args:
        fields: name of the field -> its text.
        named_nobody: the marks of the matches that the writer has been asked about, parted by spaces.
        known: a text that was kept before: what was asked about then is not asked again.
        problems: what else is wrong, which is raised with it.

    Raises Invalid: something identifies a patient for sure, or may and has not been asked about, or `problems`.
    """
    matches = {name: find_matches(text) for name, text in fields.items()}
    before = find_matches(known) if any(matches.values()) else []
    passed = {*named_nobody.split(), *(match.mark for match in before if match.mark)}
    open_matches = {name: [match for match in found if match.mark not in passed] for name, found in matches.items()}
    open_matches = {name: found for name, found in open_matches.items() if found}
    if open_matches or problems:
        wrong = {name: list(sentences) for name, sentences in (problems or {}).items()}
        for name, found in open_matches.items():
            wrong[name] = [*wrong.get(name, []), *dict.fromkeys(match.sentence for match in found)]
        raise Invalid(wrong, open_matches)
    return sorted({match.kind for found in matches.values() for match in found})


def find_matches(text: str) -> list[Match]:
    """Everything in the text that identifies a patient, or may, in order. A sure match has no mark."""
    text = text.replace("\r\n", "\n")  # as a browser counts what stands in a field
    return [_match(text, hit) for hit in identifiers.screen(text)]


def _match(text: str, hit: identifiers.Hit) -> Match:
    found, likely = text[hit.start : hit.end], hit.severity == identifiers.WARN
    return Match(
        hit.kind,
        hit.start,
        hit.end,
        hit.severity,
        hit.words,
        identifiers.sentence(hit),
        hashlib.sha256(f"{hit.kind}\0{found}".encode()).hexdigest()[:12] if likely else "",
        _last_words(text[max(hit.start - CONTEXT - 1, 0) : hit.start]),
        found,
        _last_words(text[hit.end : hit.end + CONTEXT + 1][::-1])[::-1],
    )


def _last_words(text: str) -> str:
    """The last words of the text that there is room for, after a mark that there are more."""
    if len(text) <= CONTEXT:
        return text
    _, _, words = text[-CONTEXT:].partition(" ")
    return f"…{words}"
