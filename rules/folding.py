"""Text as somebody types who looks for it, and by which lists are sorted: without capitals, accents, strokes and
apostrophes, so that "lukasz o'brien" is Łukasz O’Brien.
"""

import re
import unicodedata
from functools import lru_cache

APOSTROPHES = "'`\u00b4\u02b9\u02bb\u02bc\u02c8\u2018\u2019\u201b\u2032\uff07"
_OTHER = re.compile("[^\0-&(-_a-\x7f]")  # what may need folding: all but ASCII, and two apostrophes of ASCII
_WRITTEN = {"æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ĸ": "k", "ŋ": "n"}
_STROKE = re.compile("LATIN SMALL LETTER ([A-Z]) WITH ")  # by Unicode's name of a letter that does not decompose


def fold(text: str) -> str:
    """The text without what nobody types in a search."""
    text = text.casefold()
    if text.isascii() and "'" not in text and "`" not in text:
        return text  # most names; a list of a thousand students folds three thousand
    return _OTHER.sub(lambda found: _folded(found[0]), text)


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    character = unicodedata.normalize("NFC", character)
    if character in APOSTROPHES:
        return ""
    return "".join(map(_letter, unicodedata.normalize("NFKD", character).casefold()))


def _letter(character: str) -> str:
    if character in APOSTROPHES or unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return ""  # the last are those without width
    stroke = _STROKE.match(unicodedata.name(character, ""))
    return stroke[1].lower() if stroke else _WRITTEN.get(character, character)
