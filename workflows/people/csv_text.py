"""A CSV file as a table of texts, whichever alphabet (encoding) the spreadsheet saved it in.

UTF-8 and UTF-16 are known by their form. In an older alphabet one byte is one letter, and the same byte is "é" in one
and "Ž" in another: such a file is read only where every way to read it that makes sense gives the same words. Otherwise
it is refused, with the row: a name is never guessed.
"""

import csv
import io
import re
import unicodedata
from itertools import zip_longest

# Windows in western and central Europe, the older Mac, "CSV (MS-DOS)"; and what makes a file doubtful that reads so.
OLDER = ("cp1252", "cp1250", "mac_roman", "cp850")
RARE = ("cp1254", "iso8859_2", "iso8859_15")
SAVE = "Save it as CSV UTF-8 from the spreadsheet."
_MARKS = "’‘“”–—®™°\u00a0"  # beside letters, what a name, a site or a machine may hold
_NOT_IN_NAMES = "ƒÿŸªºﬁﬂ"
_ICELANDIC = "þÞðÐ"  # in cp850, which nobody uses there, the bytes of what is "ç" and "ê" elsewhere
# What no word has, though each letter alone might be meant.
_NO_WORD = re.compile(
    r"[{lower}][{capital}]"  # "ChloŽ"
    r"|[{small}][A-Z{capital}]"  # "SmithñJones"
    r"|[A-Z{capital}]{{2}}[{small}]|[A-Z][{capital}]+[A-Z][a-z]"  # "CHLOâ", "OÕBrien"
    r"|[{small}{capital}]{{3}}"  # three beside each other: another script altogether
    r"|[A-Za-z{small}{capital}][‘“]|[”®™°][A-Za-z{small}{capital}]|[–—][a-z{small}]|[®™°’‘“”–—]{{2}}".format(
        lower="a-z" + (small := "".join(chr(n) for n in range(0x80, 0x250) if chr(n).islower())),
        small=small,
        capital="".join(chr(n) for n in range(0x80, 0x250) if chr(n).isupper()),
    )
)


class NotReadable(Exception):
    """The file does not read as CSV, or could be read in several ways. The message says what to do."""


def table_of(content: bytes) -> list[list[str]]:
    """The rows of the file, each a list of its cells. Raises NotReadable."""
    encoding = _unicode(content)
    text = _decoded(content, encoding or "latin-1")
    if text is None or "\x00" in text:
        raise NotReadable(f"The file is not text. {SAVE}")
    if encoding:
        return _rows(text)
    tables = _readings(content, OLDER)
    if not tables:
        raw = _rows(content.decode("latin-1"))
        read = ("".join(row).encode("latin-1") for row in raw)  # byte by byte
        number = next(n for n, row in enumerate(read, start=1) if _decoded(row, "utf-8") is None)
        raise NotReadable(f"Row {number} holds letters of an alphabet that is not known here. {SAVE}")
    for number, rows in enumerate(zip_longest(*tables, *_readings(content, RARE)), start=1):
        for cells in zip_longest(*(row or () for row in rows)):
            if len(ways := list(dict.fromkeys(cells))) > 1:
                words = " or ".join(f"“{way}”" for way in ways[:3])
                raise NotReadable(f"Row {number} may say {words}: the file is in an older alphabet. {SAVE}")
    return tables[0]


def is_unicode(content: bytes) -> bool:
    """Whether its alphabet is known by its form, so that it is read once and in one way."""
    return bool(_unicode(content))


def _readings(content: bytes, encodings: tuple[str, ...]) -> list[list[list[str]]]:
    """The rows as each of these encodings has them, if that makes sense."""
    found = ((name, _decoded(content, name)) for name in encodings)
    return [_rows(text) for name, text in found if text is not None and _makes_sense(text, name)]


def _unicode(content: bytes) -> str:
    """UTF-8 or the UTF-16 that this is, with or without its mark; empty for an older alphabet."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    half = len(content) // 2
    for encoding, zeros in (("utf-16-le", content[1::2]), ("utf-16-be", content[::2])):
        if half and len(content) % 2 == 0 and zeros.count(0) > half * 0.7:
            return encoding
    return "utf-8-sig" if _decoded(content, "utf-8-sig") is not None else ""


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _makes_sense(text: str, encoding: str) -> bool:
    """Whether people, places and machines may be called so."""
    special = {one for one in text if not one.isascii()}
    if encoding == "cp850" and special & set(_ICELANDIC):
        return False
    return all(_is_likely(one) for one in special) and not _NO_WORD.search(text)


def _is_likely(one: str) -> bool:
    if one in _MARKS:
        return True
    return one.isalpha() and one not in _NOT_IN_NAMES and unicodedata.name(one, "").startswith("LATIN")


def _rows(text: str) -> list[list[str]]:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise NotReadable(f"This does not read as CSV ({error}). Save it as CSV from the spreadsheet again.") from None
