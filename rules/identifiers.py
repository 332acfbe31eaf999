"""The screen against patient-identifiable data (R8): what is refused before it is stored, and what is asked about.

What it looks for is data, rules/identifiers.json, which a browser runs too (static/identifiers.js): one corpus holds
both to the same verdicts. The few checks that a pattern cannot make are here, and there under the same names.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

TABLE: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
REFUSE, WARN, PASS = "refuse", "warn", "pass"
MOST = 100  # matches of one pattern: the last one takes in the rest of the text, which nobody will read to its end
LONGEST = 400  # characters of one match: no pattern finds more, so what it needs is this near

# What a person may type instead of a plain space, hyphen or digit, each as long as what it stands for; a character
# beyond the Basic Multilingual Plane counts as one.
_PLAIN = {ord(one): plain for typed, plains in TABLE["instead"] for one, plain in zip(typed, plains, strict=True)}
_PLAIN |= {ord(zero) + value: str(value) for zero in TABLE["zeros"] for value in range(10)}  # of every script
_UNSEEN = frozenset(TABLE["unseen"])
_NO_DIGIT, _NO_LETTER = re.compile("[^0-9]+"), re.compile("[^A-Za-z]+")
_RUN, _SPELT = re.compile("[0-9]+"), re.compile("[a-z\u00fe]+")
_WORDS = {name: frozenset(words.split()) for name, words in TABLE["words"].items()}


@dataclass(frozen=True)
class Hit:
    """One find: characters `start` to `end` of the text. `severity` is "refuse" or "warn"; `words` say what it is."""

    kind: str
    start: int
    end: int
    severity: str
    words: str


def _digits(text: str) -> str:
    return _NO_DIGIT.sub("", text)


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", text)


def is_nhs_number(text: str) -> bool:
    """Ten digits that pass modulus 11 (NHS Data Dictionary, "NHS number"; CHI and H&C numbers are checked alike)."""
    digits = [int(one) for one in _digits(text)]
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    check = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return digits[9] == check % 11  # a check of 10 equals no digit; 11 is written 0


def is_chi_number(text: str) -> bool:
    """An NHS number's check digit after a plausible DDMMYY (Public Health Scotland, CHI number)."""
    digits = _digits(text)
    return 1 <= int(digits[:2]) <= 31 and 1 <= int(digits[2:4]) <= 12 and is_nhs_number(digits)


def is_hc_number(text: str) -> bool:
    """The range of Northern Ireland's Health and Care numbers, with the same check digit (NHS Data Dictionary)."""
    return 32 <= int(_digits(text)[:2]) <= 39 and is_nhs_number(text)


def is_near_nhs(text: str) -> bool:
    """Ten digits bare or in threes and four, as an NHS number is written, and not one digit ten times."""
    groups = [len(group) for group in re.split("[ -]", text)]
    return groups in ([10], [3, 3, 4]) and len(set(_digits(text))) > 1


def is_long_number(text: str) -> bool:
    """Not one digit over and over, and not a day, year first or last, with or without a time."""
    day_last = _is_day(text[6:8], text[4:6]) and text[:2] in ("19", "20")
    day_first = len(text) == 8 and _is_day(text[:2], text[2:4]) and text[4:6] in ("19", "20")
    return len(set(text)) > 1 and not (day_last and len(text) in (8, 12, 14)) and not day_first


def is_code(text: str) -> bool:
    """Four digits or more, and not a year alone."""
    digits = _digits(text)
    return len(digits) > 4 or (len(digits) == 4 and not (text.strip() == digits and digits[:2] in ("19", "20")))


def is_shape(text: str) -> bool:
    """Letters that begin a patient's number, not a publication's."""
    return text.lower() not in _WORDS["not_shapes"]


def is_date(text: str) -> bool:
    """A day and a month that there are; written with the month's name it is one."""
    numbers = [number for number in re.split("[^0-9]+", text) if number]
    if _letters(text):
        return True
    if len(numbers[0]) == 4:
        return _is_day(numbers[2], numbers[1])
    return _is_day(numbers[0], numbers[1]) or _is_day(numbers[1], numbers[0])


def _is_day(day: str, month: str) -> bool:
    return 1 <= int(day or 0) <= 31 and 1 <= int(month or 0) <= 12


def is_uk_phone(text: str) -> bool:
    """A UK number has nine or ten digits after its 0 or +44 (Ofcom's numbering plan)."""
    digits = _digits(text)
    rest = digits.lstrip("0")[2:] if text.startswith(("+", "00")) else digits.removeprefix("0")
    return len(rest.removeprefix("0")) in (9, 10)


def is_phone_abroad(text: str) -> bool:
    """An international number has at most fifteen digits (ITU E.164); under ten they are measurements."""
    return 10 <= len(_digits(text)) <= 15


def is_postcode(text: str) -> bool:
    """A postcode of an area in use (Royal Mail), and not a level or a frequency with its unit."""
    return _letters(text[:2]).upper() in _WORDS["areas"] and text[-2:] not in _WORDS["endings"]


def is_national_insurance(text: str) -> bool:
    """A prefix that HMRC gives out; in lower case only without gaps (NIM39110)."""
    plain = len(text) == 9 or text[:2].isupper()
    return text[:2].upper() not in _WORDS["never_ni"] and plain


def is_code_in_groups(text: str) -> bool:
    """Five digits or more in any groups."""
    return len(_digits(text)) > 4


def is_name(text: str) -> bool:
    """No word of it is one that follows such a word in a report or a comment."""
    return _WORDS["not_names"].isdisjoint(_SPELT.findall(text.lower()))


def is_name_of_a_form(text: str) -> bool:
    """A word with a small letter, of another script or longer than an abbreviation; and no structure or plane."""
    return is_name(text) and (text != text.upper() or len(text) > 4 or "\u00de" in text)


def is_given_name(text: str) -> bool:
    """One of the given names."""
    return text.lower() in _WORDS["given_names"]


def is_person(text: str) -> bool:
    """A given name that is no eponym too."""
    return is_given_name(text) and text.lower() not in _WORDS["eponyms"]


def is_full_name(text: str) -> bool:
    """A given name that is no eponym too, and a word after it that may be a surname."""
    given, _, surname = text.partition(" ")
    return is_person(given) and is_name(surname)


def is_owner(text: str) -> bool:
    """A word that may be a name: no eponym but one that is a given name too, and no trade or day."""
    lower = text.lower()
    thing = lower in _WORDS["not_owners"] or lower in _WORDS["not_names"]
    return not thing and (is_given_name(text) or lower not in _WORDS["eponyms"])


def is_relative(text: str) -> bool:
    """A word that may be a name, and is no abbreviation."""
    return is_name(text) and text != text.upper()


def is_plate(text: str) -> bool:
    """The three letters of a British registration are no word or abbreviation that follows a code."""
    return text.lower()[-3:] not in _WORDS["not_plates"]


def is_initials(text: str) -> bool:
    """Not an abbreviation of the clinic's."""
    return _letters(text) not in _WORDS["dotted" if "." in text else "not_initials"]


CHECKS: dict[str, Callable[[str], bool]] = {
    "nhs": is_nhs_number,
    "chi": is_chi_number,
    "hc": is_hc_number,
    "near_nhs": is_near_nhs,
    "long": is_long_number,
    "code": is_code,
    "shape": is_shape,
    "date": is_date,
    "phone": is_uk_phone,
    "phone_abroad": is_phone_abroad,
    "postcode": is_postcode,
    "national_insurance": is_national_insurance,
    "grouped": is_code_in_groups,
    "name": is_name,
    "label": is_name_of_a_form,
    "given": is_given_name,
    "person": is_person,
    "full_name": is_full_name,
    "owner": is_owner,
    "relative": is_relative,
    "not_plate": is_plate,
    "initials": is_initials,
}


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

    def needed_of(self, standing: set[str], words: set[str]) -> set[str]:
        """Of what it needs, what stands in the text: `standing` of all rows' needs, `words` as whole words."""
        return words & _WORDS[self.of_list] if self.of_list else standing.intersection(self.needs)

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
    words, pairs = set(_SPELT.findall(lower)), set(pairwise(lower))
    standing = {word for word, its_pairs in _NEEDS.items() if its_pairs <= pairs and word in lower}
    found: list[Hit] = []
    for pattern in PATTERNS:
        if digits < pattern.digits or run < pattern.run:
            continue
        if not pattern.needs and not pattern.of_list:
            found += _finds(pattern, plain, lower)
        elif needed := pattern.needed_of(standing, words):
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
