"""Names of files that leave: of letters, digits and few signs, whatever somebody has typed."""

import re
import unicodedata

MOST = 80


def plain(text: str) -> str:
    """A name that every system takes and nobody is misled by: no folders, control characters, turned or hidden letters,
    no dot at its beginning. "file" when nothing is left.
    """
    letters = unicodedata.normalize("NFC", text[: MOST * 4])
    name = re.sub(r"[^\w .()+-]", " ", letters)  # \w: letters and digits of any language
    name = re.sub(r"\s+", " ", re.sub(r"\.{2,}", ".", name)).strip(" .-")
    return name[:MOST].strip(" .-") or "file"
