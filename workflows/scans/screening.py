"""The one place through which every free text comes in (R8): what surely identifies a patient is refused, what may is
asked about once.

A refused text goes no further than the answer to who wrote it: it is not stored, not logged, and not in any digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rules import identifiers
from workflows.refusals import Invalid

AROUND = 32  # characters shown before and after a find, so that its writer knows the place


@dataclass(frozen=True)
class Find:
    """One find, to be shown to who wrote the text and to nobody else: `repr` hides the words.

    `start` and `end` count characters (code points) of the text as it came, its line ends as one character each.
    `mark` names this find of these words: whoever sends it back says that they name no patient.
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


def screened(
    fields: Mapping[str, str],
    named_nobody: str = "",
    *,
    known: str = "",
    problems: Mapping[str, Sequence[str]] | None = None,
) -> list[str]:
    """Let these texts in: the kinds of find, in order, that their writer says name no patient, for the record.

    Args:
        fields: name of the field -> its text.
        named_nobody: the marks of the finds that the writer has been asked about, parted by spaces.
        known: a text that was let in before: what was gone past there is not asked again.
        problems: what else is wrong, told in the same breath.

    Raises:
        Invalid: something identifies a patient for sure, or may and has not been asked about, or `problems`.
    """
    finds = {name: finds_in(text) for name, text in fields.items()}
    before = finds_in(known) if any(finds.values()) else []
    past = {*named_nobody.split(), *(find.mark for find in before if find.mark)}
    told = {name: [find for find in found if find.mark not in past] for name, found in finds.items()}
    told = {name: found for name, found in told.items() if found}
    if told or problems:
        wrong = {name: list(sentences) for name, sentences in (problems or {}).items()}
        for name, found in told.items():
            wrong[name] = [*wrong.get(name, []), *dict.fromkeys(find.sentence for find in found)]
        raise Invalid(wrong, told)
    return sorted({find.kind for found in finds.values() for find in found})


def finds_in(text: str) -> list[Find]:
    """Everything in the text that identifies a patient, or may, in order. A sure find has no mark that lets it pass."""
    text = text.replace("\r\n", "\n")  # as a browser counts what stands in a field
    return [_find(text, hit) for hit in identifiers.screen(text)]


def _find(text: str, hit: identifiers.Hit) -> Find:
    found, likely = text[hit.start : hit.end], hit.severity == identifiers.WARN
    return Find(
        hit.kind,
        hit.start,
        hit.end,
        hit.severity,
        hit.words,
        identifiers.sentence(hit),
        hashlib.sha256(f"{hit.kind}\0{found}".encode()).hexdigest()[:12] if likely else "",
        _before(text[max(hit.start - AROUND - 1, 0) : hit.start]),
        found,
        _before(text[hit.end : hit.end + AROUND + 1][::-1])[::-1],
    )


def _before(text: str) -> str:
    """The last words of the text that there is room for, after a mark that there are more."""
    if len(text) <= AROUND:
        return text
    _, _, words = text[-AROUND:].partition(" ")
    return f"…{words}"
