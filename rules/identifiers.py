"""The screen against patient-identifiable data (R8): the sure ones, which are refused before anything is stored.

The patterns are one table, meant to be shared with a browser: ASCII classes only (`\\d`, `\\w` and `\\b` mean other
things there), no flag but ignore-case, and every repeat is bounded or cannot start again inside itself, so that the
time is linear in the text's length whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

# What a person may type instead of a plain space, hyphen or digit, each as long as what it stands for.
_PLAIN = str.maketrans(
    "\u00a0\u2007\u2009\u202f\u2010\u2011\u2012\u2013\u2014\u2212\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff20",
    "    ------0123456789@",
)

_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_GAP = "[ /.-]{1,3}"
_DATE = (
    f"(?:[0-9]{{1,2}}{_GAP}[0-9]{{1,2}}{_GAP}(?:[0-9]{{4}}|[0-9]{{2}})|[0-9]{{4}}{_GAP}[0-9]{{1,2}}{_GAP}[0-9]{{1,2}}"
    f"|[0-9]{{1,2}}(?:st|nd|rd|th)?[ -]?(?:of )?{_MONTH}[ ,.-]{{0,2}}[0-9]{{2,4}}"
    f"|{_MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?[ ,]{{1,2}}[0-9]{{2,4}}|[0-9]{{8}}|[0-9]{{6}})(?![0-9])"
)
_BIRTH = "(?<![a-z])(?:d\\.? ?o\\.? ?b|date of birth|birth ?date|birthday|born)(?![a-z])"

# The first letters of every UK postcode in use.
_AREAS = (
    " AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH "
    "EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M "
    "ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST "
    "SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE "
)
# "L5 4th", "L12 5hz", "C6 2hr": a number with its ending, never the end of a postcode in lower case.
_ENDINGS = frozenset(["st", "nd", "rd", "th", "hz", "hr", "yr"])


@dataclass(frozen=True)
class Hit:
    """One find: characters `start` to `end` of the text. `severity` is "refuse" or "warn"."""

    kind: str
    start: int
    end: int
    severity: str


def _digits(text: str) -> str:
    return "".join(one for one in text if "0" <= one <= "9")


def is_nhs_number(text: str) -> bool:
    """Ten digits that pass modulus 11 (NHS Data Dictionary, "NHS number"; Scotland's CHI number is checked alike)."""
    digits = [int(one) for one in _digits(text)]
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    check = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return digits[9] == check % 11  # a check of 10 equals no digit; 11 is written 0


def is_uk_phone(text: str) -> bool:
    """A UK number has nine or ten digits after its 0 or +44 (Ofcom's numbering plan)."""
    digits = _digits(text)
    rest = digits.removeprefix("0") if not text.lstrip("(").startswith(("+", "00")) else digits.lstrip("0")[2:]
    return len(rest.removeprefix("0")) in (9, 10)


def is_postcode(text: str) -> bool:
    """A postcode of an area in use (Royal Mail), and not a level or a frequency with its unit."""
    area = "".join(one for one in text[:2] if not one.isdigit()).upper()
    return f" {area} " in _AREAS and text[-2:] not in _ENDINGS


def _sure(_: str) -> bool:
    return True


@dataclass(frozen=True)
class Pattern:
    """One row of the table: what it finds, how it looks (letter case ignored), what must also hold, its refusal."""

    kind: str
    look: str
    check: Callable[[str], bool]
    words: str
    needs: str = ""  # a quick look first: without it the text is not searched
    severity: str = "refuse"


PATTERNS = (
    Pattern(
        "nhs_number",
        "(?<![0-9])(?:[0-9]{3}[ .-]{0,2}[0-9]{3}[ .-]{0,2}[0-9]{4}|[0-9](?:[ -][0-9]){9})(?![0-9])",
        is_nhs_number,
        "an NHS number",
    ),
    Pattern("date_of_birth", f"{_BIRTH}[^0-9;\\n]{{0,20}}{_DATE}", _sure, "a date of birth", _BIRTH),
    Pattern("date_of_birth", f"(?<![0-9]){_DATE}[^0-9a-z\\n]{{0,6}}{_BIRTH}", _sure, "a date of birth", _BIRTH),
    Pattern(
        "email",
        "(?<![a-z0-9._%+-])[a-z0-9._%+-]+@[a-z0-9.-]*[a-z0-9]\\.[a-z]{2,24}",
        _sure,
        "an e-mail address",
        "@",
    ),
    Pattern(
        "phone",
        "(?<![0-9.+])(?:\\(?0[12378]|(?:\\+|00)44[ -]?(?:\\(0\\)[ -]?)?[12378])"
        "[0-9]{1,4}\\)?(?:[ -]{0,2}[0-9]{2,6}){1,4}(?![0-9])",
        is_uk_phone,
        "a phone number",
    ),
    Pattern(
        "postcode",
        "(?<![a-z0-9])[a-z]{1,2}[0-9][a-z0-9]? {0,2}[0-9][abd-hjlnp-uw-z]{2}(?![a-z0-9])",
        is_postcode,
        "a full postcode",
    ),
)
_WORDS = {pattern.kind: pattern.words for pattern in PATTERNS}
_FLAGS = re.ASCII | re.IGNORECASE
_COMPILED = tuple((row, re.compile(row.needs, _FLAGS), re.compile(row.look, _FLAGS)) for row in PATTERNS)


def screen(text: str) -> list[Hit]:
    """Everything in the text that identifies a patient for sure, in order; of finds that overlap the first is kept."""
    plain = text if text.isascii() else text.translate(_PLAIN)
    found = [
        Hit(pattern.kind, match.start(), match.end(), pattern.severity)
        for pattern, needs, look in _COMPILED
        if needs.search(plain)
        for match in look.finditer(plain)
        if pattern.check(match[0])
    ]
    kept: list[Hit] = []
    for hit in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def sentence(hit: Hit) -> str:
    """The refusal for the person. It never repeats what was found."""
    return f"This looks like {_WORDS[hit.kind]}. Take it out: nothing in a scan may identify the patient."
