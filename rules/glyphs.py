"""What the portfolio's fonts can print: letters that they lack are found before, and made visible by their number.

A PDF/UA file with a letter that no font has cannot be made, and a letter that is left out changes what somebody wrote.
`printable_letters.txt` is written from the fonts by scripts/printable_letters.py.
"""

import re
import unicodedata
from pathlib import Path

MOST_MARKS = 4  # accents on one letter that are printed; more would stand over the lines above
_LISTED = (Path(__file__).parent / "printable_letters.txt").read_text().split()
_LETTERS = [chr(one) for a, b in (line.split("-") for line in _LISTED) for one in range(int(a, 16), int(b, 16) + 1)]
_MARKS = "".join(one for one in _LETTERS if unicodedata.category(one).startswith("M"))
_RANGES = "".join(r"\U{:0>8}-\U{:0>8}".format(*line.split("-")) for line in _LISTED)
_LACKING = re.compile(f"[^\n{_RANGES}]|(?<=[{_MARKS}]{{{MOST_MARKS}}})[{_MARKS}]")
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_LONG = re.compile("[^ \n\u200b-]{15,}")
WIDTH, PIECE = 22, 10  # of a word, in letters of usual width: from here on it may be broken, after so many letters
_DIGEST = re.compile(r"([0-9]{1,18}:)?[0-9a-f]{64}").fullmatch  # fits a line, and stays whole to be searched for
BREAK = "\u200b"  # a zero-width space: a line may end here


def lines(text: str) -> str:
    """The text with one kind of line end, and spaces for tabs."""
    return _LINE_ENDS.sub("\n", text).replace("\t", "    ")


def lacking(text: str) -> dict[str, None]:
    """The letters of `text` that are not printed, each once, in their order: no font has them, they are hidden (as bidi
    controls are), or they are an accent too many.
    """
    return dict.fromkeys(_LACKING.findall(lines(text)))


def printable(text: str) -> str:
    """The text as it is printed: "[U+1F600]" for a letter that no font has, and words that are too long for a line
    with places at which they may be broken.
    """
    return _LONG.sub(_breakable, _LACKING.sub(lambda one: f"[{code(one[0])}]{BREAK}", lines(text)))


def code(letter: str) -> str:
    """ "U+1F600"."""
    return f"U+{ord(letter):04X}"


def name(letter: str) -> str:
    """Unicode's name of a letter, in small letters, or what it is where it has none."""
    kinds = {"Cc": "control character", "Co": "private character", "Cs": "half of a character"}
    return unicodedata.name(letter, kinds.get(unicodedata.category(letter), "unassigned")).lower()


def _breakable(found: re.Match[str]) -> str:
    word = found[0]
    if _DIGEST(word) or sum(1.7 if one.isupper() or one in "mw%@\u00a0" else 1 for one in word) <= WIDTH:
        return word
    pieces = [""]
    for one in word:
        if len(pieces[-1]) >= PIECE and not unicodedata.category(one).startswith("M"):
            pieces.append("")
        pieces[-1] += one
    return BREAK.join(pieces)
