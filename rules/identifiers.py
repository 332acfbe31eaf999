"""The screen against patient-identifiable data (R8): what is refused before it is stored, and what is asked about.

What it looks for is data, rules/identifiers.json, which a browser runs too (static/identifiers.js): one corpus holds
both to the same verdicts. The few checks that a pattern cannot make: `identifier_checks`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

from rules.identifier_checks import CHECKS, SPELT, TABLE, WORDS

REFUSE, WARN, PASS = "refuse", "warn", "pass"
MOST = 100  # matches of one pattern: the last one takes in the rest of the text, which nobody will read to its end
LONGEST = 400  # characters of one match: no pattern finds more, so what it needs is this near

# What a person may type instead of a plain space, hyphen or digit, each as long as what it stands for; a character
# beyond the Basic Multilingual Plane counts as one.
_PLAIN = {ord(one): plain for typed, plains in TABLE["instead"] for one, plain in zip(typed, plains, strict=True)}
_PLAIN |= {ord(zero) + value: str(value) for zero in TABLE["zeros"] for value in range(10)}  # of every script
_UNSEEN = frozenset(TABLE["unseen"])
_RUN = re.compile("[0-9]+")


@dataclass(frozen=True)
class Hit:
    """One find: characters `start` to `end` of the text. `severity` is "refuse" or "warn"; `words` say what it is."""

    kind: str
    start: int
    end: int
    severity: str
    words: str


@dataclass(frozen=True)
class Pattern:
    """Rows of the table that share one look: the first whose check holds is the find."""

    look: re.Pattern[str]
    exact: bool  # it is looked for in the text as it stands; else in lower case
    needs: tuple[str, ...]  # without any of these in the text it is not searched, and only around them
    of_list: str  # the same: without a whole word of this list
    digits: int  # nor with fewer than these, nor without this many in a row: every find has them
    run: int
    rows: tuple[dict[str, Any], ...]

    def needed_of(self, present: set[str], words: set[str]) -> set[str]:
        """Of what it needs, what stands in the text: `present` of all rows' needs, `words` as whole words."""
        return words & WORDS[self.of_list] if self.of_list else present.intersection(self.needs)

    def row_of(self, found: str) -> dict[str, Any] | None:
        """The first row whose check this text passes."""
        return next((row for row in self.rows if "check" not in row or CHECKS[row["check"]](found)), None)


def _with_parts(look: str) -> str:
    while "<<" in look:
        look = re.sub("<<([a-z]+)>>", lambda part: TABLE["parts"][part[1]], look)
    return look


def _compiled() -> Iterator[Pattern]:
    rows = TABLE["rows"]
    for look in dict.fromkeys(row["look"] for row in rows):
        alike = tuple(row for row in rows if row["look"] == look)
        exact = alike[0].get("exact", False)
        needs = alike[0].get("needs", [])
        words, of_list = ((), needs) if isinstance(needs, str) else (tuple(needs), "")
        digits, run = alike[0].get("digits", 0), alike[0].get("run", 0)
        yield Pattern(re.compile(_with_parts(look), re.ASCII), exact, words, of_list, digits, run, alike)


PATTERNS = tuple(_compiled())
LOOKS = tuple(pattern.look for pattern in PATTERNS)
# Each word that a pattern needs, with its pairs of letters: a text that lacks one of them lacks the word.
_NEEDS = {word: set(pairwise(word)) for pattern in PATTERNS for word in pattern.needs}


def _finds(pattern: Pattern, plain: str, lower: str, spans: Iterable[tuple[int, int]] | None = None) -> list[Hit]:
    """What one pattern finds within `spans`. After a match that is none of its rows' the search goes on at the next
    character.
    """
    finds: list[Hit] = []
    search, size = pattern.look.search, len(plain)
    searched = plain if pattern.exact else lower
    rows: dict[str, dict[str, Any] | None] = {}  # what has been judged already
    for at, end in [(0, size)] if spans is None else spans:
        while match := search(searched, at, end):
            start, stop = match.span()
            for group in range(1, pattern.look.groups + 1):
                if match.start(group) >= 0:
                    start, stop = match.span(group)
                    break
            judged = plain[start:stop]
            if judged not in rows:
                rows[judged] = pattern.row_of(judged)
            row = rows[judged]
            at = match.end() if row else match.start() + 1
            if row:
                last = len(finds) + 1 == MOST
                stop = size if last and row["severity"] != PASS else match.end()
                finds.append(Hit(row["kind"], match.start(), stop, row["severity"], row["words"]))
                if last:
                    return finds
    return finds


def _around(lower: str, needed: Iterable[str]) -> list[tuple[int, int]]:
    """The parts of the text in which a match may lie that holds one of these words: they lie apart, in order. A short
    text is not worth the search for them.
    """
    if len(lower) < 10 * LONGEST:
        return [(0, len(lower))]
    places: set[int] = set()  # blocks of that many characters
    for word in needed:
        at = lower.find(word)
        while at >= 0:
            places.add(at // LONGEST)
            at = lower.find(word, (at // LONGEST + 1) * LONGEST)
    spans: list[tuple[int, int]] = []
    for place in sorted(places):
        start, end = max(0, (place - 1) * LONGEST), min(len(lower), (place + 2) * LONGEST + 50)
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


@lru_cache(maxsize=4096)
def _plain(one: str) -> str:
    """The character that stands for this one: a letter with an accent is its letter; another one is a sign for letters,
    the capital one where it is a capital or has no case.
    """
    if ord(one) in _PLAIN:
        return str(_PLAIN[ord(one)])
    base, category = unicodedata.normalize("NFD", one)[0], unicodedata.category(one)
    if base.isascii() and base.isalpha():
        return base
    if category[0] in "LM":
        return "\u00fe" if category in ("Ll", "Lm") or category[0] == "M" else "\u00de"
    return one


def screen(text: str) -> list[Hit]:
    """Everything in the text that identifies a patient, or may, in order. Of finds that overlap one is kept: a sure
    one before a likely one, then the first. What stands within a match to be passed is left out.
    """
    if not _UNSEEN.isdisjoint(text):
        seen = [at for at, one in enumerate(text) if one not in _UNSEEN]
        hits = screen("".join(text[at] for at in seen))
        return [replace(hit, start=seen[hit.start], end=seen[hit.end - 1] + 1) for hit in hits]
    plain = text.translate({ord(one): _plain(one) for one in set(text) if not one.isascii() or one in "\t\r\x0b\f`"})
    lower, runs = plain.lower(), [len(run) for run in _RUN.findall(plain)]
    digits, run = sum(runs), max(runs, default=0)
    words, pairs = set(SPELT.findall(lower)), set(pairwise(lower))
    present = {word for word, its_pairs in _NEEDS.items() if its_pairs <= pairs and word in lower}
    found: list[Hit] = []
    for pattern in PATTERNS:
        if digits < pattern.digits or run < pattern.run:
            continue
        if not pattern.needs and not pattern.of_list:
            found += _finds(pattern, plain, lower)
        elif needed := pattern.needed_of(present, words):
            found += _finds(pattern, plain, lower, _around(lower, needed))
    found = _not_passed(sorted(found, key=lambda hit: (hit.start, -hit.end)))
    sure = _apart([hit for hit in found if hit.severity == REFUSE], [])
    likely = _apart([hit for hit in found if hit.severity == WARN], sure)
    return sorted(sure + likely, key=lambda hit: hit.start)


def _not_passed(hits: list[Hit]) -> list[Hit]:
    """Of `hits`, in order, those within no match to be passed: of any kind if likely, of its own kind if sure."""
    passed = [hit for hit in hits if hit.severity == PASS]
    ends: dict[str, int] = {}  # kind -> where what is passed ends, of what has begun
    kept, at = [], 0
    for hit in hits:
        while at < len(passed) and passed[at].start <= hit.start:
            ends[passed[at].kind] = max(passed[at].end, ends.get(passed[at].kind, 0))
            at += 1
        end = ends.get(hit.kind, 0) if hit.severity == REFUSE else max(ends.values(), default=0)
        if hit.severity != PASS and end < hit.end:
            kept.append(hit)
    return kept


def _apart(hits: list[Hit], others: list[Hit]) -> list[Hit]:
    """Of `hits`, in order, those that overlap no earlier one that is kept, and none of `others`, which lie apart."""
    kept: list[Hit] = []
    ends = at = 0
    for hit in hits:
        while at < len(others) and others[at].end <= hit.start:
            at += 1
        if hit.start >= ends and not (at < len(others) and others[at].start < hit.end):
            kept.append(hit)
            ends = hit.end
    return kept


def sentence(hit: Hit) -> str:
    """What to tell the person. It never repeats what was found, and asks for nothing but to change the words: whether
    one may go on is known where all finds are.
    """
    if hit.severity == REFUSE:
        return f"This looks like {hit.words}. Take it out: nothing in a scan may identify the patient."
    return f"This may be {hit.words}. If it is a patient's, take it out."
