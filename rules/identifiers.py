"""The screen against patient-identifiable data (R8): what is refused before it is stored, and what is asked about.

What it looks for is data, rules/identifiers.json, which a browser runs too (static/identifiers.js): one corpus holds
both to the same verdicts. The few checks that a pattern cannot make are here, and there under the same names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

TABLE: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
REFUSE, WARN = "refuse", "warn"

# What a person may type instead of a plain space, hyphen or digit, each as long as what it stands for; a character
# beyond the Basic Multilingual Plane counts as one.
_PLAIN = {ord(one): plain for typed, plains in TABLE["instead"] for one, plain in zip(typed, plains, strict=True)}
_PLAIN |= {ord(zero) + value: str(value) for zero in TABLE["zeros"] for value in range(10)}  # of every script
_UNSEEN = frozenset(TABLE["unseen"])
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
    return "".join(one for one in text if "0" <= one <= "9")


def _letters(text: str) -> str:
    return "".join(one for one in text if one.isascii() and one.isalpha())


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


def is_name(text: str) -> bool:
    """No word of it is one that follows such a word in a report or a comment."""
    words = re.split("[^a-z\u00c0-\u024f]+", text.lower())
    return not any(word in _WORDS["not_names"] for word in words)


def is_initials(text: str) -> bool:
    """Not an abbreviation of the clinic's."""
    return _letters(text) not in _WORDS["not_initials"]


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
    "name": is_name,
    "initials": is_initials,
}


@dataclass(frozen=True)
class Pattern:
    """Rows of the table that share one look: the first whose check holds is the find."""

    look: re.Pattern[str]
    needs: tuple[str, ...]  # without any of these in the text it is not searched
    digits: int  # nor with fewer than these: every find has them
    rows: tuple[dict[str, Any], ...]


def _with_parts(look: str) -> str:
    while "<<" in look:
        look = re.sub("<<([a-z]+)>>", lambda part: TABLE["parts"][part[1]], look)
    return look


def _compiled() -> Iterator[Pattern]:
    rows = TABLE["rows"]
    for look in dict.fromkeys(row["look"] for row in rows):
        alike = tuple(row for row in rows if row["look"] == look)
        flags = re.ASCII if alike[0].get("exact") else re.ASCII | re.IGNORECASE
        yield Pattern(
            re.compile(_with_parts(look), flags), tuple(alike[0].get("needs", ())), alike[0].get("digits", 0), alike
        )


PATTERNS = tuple(_compiled())
LOOKS = tuple(pattern.look for pattern in PATTERNS)


def _finds(pattern: Pattern, plain: str) -> Iterator[Hit]:
    """What one pattern finds. After a match that is none of its rows' the search goes on at the next character."""
    at = 0
    while match := pattern.look.search(plain, at):
        judged = next((group for group in match.groups() if group is not None), match[0])
        row = next((row for row in pattern.rows if "check" not in row or CHECKS[row["check"]](judged)), None)
        if row:
            yield Hit(row["kind"], match.start(), match.end(), row["severity"], row["words"])
        at = match.end() if row else match.start() + 1


def screen(text: str) -> list[Hit]:
    """Everything in the text that identifies a patient, or may, in order. Of finds that overlap one is kept: a sure
    one before a likely one, then the first.
    """
    if not _UNSEEN.isdisjoint(text):
        seen = [at for at, one in enumerate(text) if one not in _UNSEEN]
        hits = screen("".join(text[at] for at in seen))
        return [replace(hit, start=seen[hit.start], end=seen[hit.end - 1] + 1) for hit in hits]
    plain = text.translate(_PLAIN) if not text.isascii() or "\t" in text or "\r" in text else text
    lower, digits = plain.lower(), sum(map(plain.count, "0123456789"))
    found = [
        hit
        for pattern in PATTERNS
        if digits >= pattern.digits and (not pattern.needs or any(word in lower for word in pattern.needs))
        for hit in _finds(pattern, plain)
    ]
    found.sort(key=lambda hit: (hit.start, -hit.end))
    sure = _apart([hit for hit in found if hit.severity == REFUSE], [])
    likely = _apart([hit for hit in found if hit.severity == WARN], sure)
    return sorted(sure + likely, key=lambda hit: hit.start)


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
