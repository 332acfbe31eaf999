"""How many guesses a password would take somebody who knows what people choose: zxcvbn, in bounded time.

zxcvbn counts a blank or a hyphen as something to be guessed, tries every reading of digits and signs as letters, and
keeps the words that it is given in a global. So it is asked for the password with and without its separators, with few
such signs, for no more than the first characters, and by one at a time.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from zxcvbn import zxcvbn
from zxcvbn.matching import L33T_TABLE

ENOUGH = 9.1  # powers of ten: three everyday words in a row are just above it
READ = 64  # characters: what is hard to guess so far is not easier with more behind it
SEPARATORS = " -_.,'’"
MOST_SIGNS = 4  # different signs that zxcvbn may read as letters; it tries all combinations
_SIGNS = frozenset(sign for signs in L33T_TABLE.values() for sign in signs)
# Of the product and the place: the first that somebody would try here.
HERE = """
sonofolio ultrasound sonographer sonography sonogram msk musculoskeletal physio physiotherapy physiotherapist
radiographer radiography radiology lsbu londonsouthbank londonsouthbankuniversity southbank university student
mentor director portfolio pgcert scan scanner shoulder hospital clinic nhs london changeme
"""
_ZXCVBN = Lock()


@dataclass(frozen=True)
class Strength:
    """`guesses` as a power of ten; `words` is what was recognised in it."""

    guesses: float
    words: frozenset[str]

    @property
    def enough(self) -> bool:
        return self.guesses >= ENOUGH


def strength(password: str, own: Collection[str] = ()) -> Strength:
    """How hard `password` is to guess for somebody who knows `own` (names, parts of an address), in small letters."""
    typed = _with_few_signs(password.lower()[:READ])
    joined = typed.translate(str.maketrans("", "", SEPARATORS))
    separators = len(set(typed) & set(SEPARATORS))  # each kind is worth one character
    found = [_ask(typed, own)]
    if separators and joined:
        guesses, words = _ask(joined, own)
        found.append((guesses + separators, words))
    return Strength(min(guesses for guesses, _ in found), frozenset(word for _, words in found for word in words))


def _ask(text: str, own: Collection[str]) -> tuple[float, set[str]]:
    with _ZXCVBN:
        result = zxcvbn(text, user_inputs=[*own, *HERE.split(), *_phrases()])
    return float(result["guesses_log10"]), set(_words(result["sequence"]))


def _words(matches: list[dict[str, Any]]) -> Iterator[str]:
    for match in matches:
        if match["pattern"] == "dictionary":
            yield match["matched_word"]
        yield from _words(match.get("base_matches", []))


def _with_few_signs(text: str) -> str:
    """Further signs become characters that stand for no letter: as hard to guess as any other."""
    signs = [sign for sign in dict.fromkeys(text) if sign in _SIGNS]
    return text.translate({ord(sign): 0xE000 + ord(sign) for sign in signs[MOST_SIGNS:]})


@cache
def _phrases() -> tuple[str, ...]:
    text = Path(__file__).with_name("well_known_phrases.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return tuple(re.sub(r"\W", "", line.lower()) for line in lines)
