"""Search by words: each word of the query stands in the text as a word, so that "normal" does not find abnormality.

The last word may still be typed: where nothing has it as a word, what begins with it is found. Texts are folded
(rules/folding.py); a final s makes no difference ("tear" finds tears, "baker" finds Baker's).
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache

from rules.folding import fold

MOST = 8  # words of a query that are looked for
MONTHS = tuple(f"{date(2000, month, 1):%B}".lower() for month in range(1, 13))
_ISO = re.compile(r"\b\d{4}-(\d\d?)-(\d\d?)\b")
_SLASHES = re.compile(r"\b(\d\d?)/(\d\d?)\b")
_DAY_MONTH = re.compile(r"\b(\d\d?)(?:st|nd|rd|th)? ([a-z]{3,9})\b")
_MONTH_DAY = re.compile(r"\b([a-z]{3,9}) (\d\d?)(?:st|nd|rd|th)?\b")
_CASE = re.compile(r"(?:#|\bcase )0*(\d+)\b")
_WORD = re.compile(r"[^\W_]+")


def words_of(typed: str) -> list[str]:
    """The words of a query, folded. A day ("3 November", "Nov 3rd", "3/11", "2026-11-03") and the number of a case
    ("#4", "case 4") are one word each, as `day_words` and `case_words` have them.
    """
    text = " ".join(fold(typed).split())
    text = _ISO.sub(lambda found: f"{found[0][:4]} {_day(found[0], int(found[2]), found[1])}", text)
    text = _SLASHES.sub(lambda found: _day(found[0], int(found[1]), found[2]), text)
    text = _DAY_MONTH.sub(lambda found: _day(found[0], int(found[1]), found[2]), text)
    text = _MONTH_DAY.sub(lambda found: _day(found[0], int(found[2]), found[1]), text)
    return _WORD.findall(_CASE.sub(r"case\1", text))[:MOST]


@lru_cache(maxsize=1024)  # a student's scans are of few days
def day_words(on: date) -> str:
    """What a day is found by."""
    sept = "sept " if on.month == 9 else ""
    return f"{on.day} {on:%b} {sept}{on:%B} {on.year} {on:%a} {on:%A} {on.day}{on:%b}".lower()


def case_words(number: int) -> str:
    """What the number of a case is found by."""
    return f"{number} {number:04} case{number}"


def matching(texts: Sequence[str], words: Sequence[str], names: Callable[[], str]) -> list[int]:
    """The places of the texts that have all these words.

    Args:
        texts: folded.
        names: further words that are known, folded; a last word that is known is no beginning of another: "patel" is
            a mentor, also before the first scan with him. Asked only where that makes a difference.
    """
    if not words:
        return []
    *whole, last = words
    having = [place for place, text in enumerate(texts) if all(_has(text, word) for word in whole)]
    found = [place for place in having if _has(texts[place], last)]
    if found or not having or any(_has(text, last) for text in texts) or _has(names(), last):
        return found
    return [place for place in having if _has(texts[place], last, begun=True)]


def _has(text: str, word: str, *, begun: bool = False) -> bool:
    at = text.find(word)  # much quicker than a pattern, which would look at each letter of the text
    while at >= 0:
        after = at + len(word)
        if not begun and text[after : after + 1] == "s":
            after += 1
        if not text[at - 1 : at].isalnum() and (begun or not text[after : after + 1].isalnum()):
            return True
        at = text.find(word, at + 1)
    return False


def _day(written: str, day: int, month: str) -> str:
    """ "3nov"; what is no day stays as it is written."""
    if month.isdigit():
        name = MONTHS[int(month) - 1] if 1 <= int(month) <= 12 else ""
    else:
        name = next((one for one in MONTHS if one.startswith(month) or month == "sept" == one[:4]), "")
    return f"{day}{name[:3]}" if name and 1 <= day <= 31 else written
