"""Write rules/printable_letters.txt: the letters that the portfolio's fonts have, as ranges of hexadecimal code points.

    .venv/bin/python -m scripts.printable_letters

To run after scripts/vendor.py when the fonts change; tests/rules/test_glyphs.py compares the two.
"""

import unicodedata
from itertools import pairwise

from fontTools.ttLib import TTFont

from scripts.vendor import ROOT

FONT = ROOT / "templates/pdf/fonts/DejaVuSansCondensed.ttf"
TARGET = ROOT / "rules/printable_letters.txt"
JOINERS = "\u200c\u200d"  # they shape Arabic and Persian words; other format characters hide something


def letters() -> list[int]:
    """The code points with a glyph and a meaning: no control, format, private or unassigned ones."""
    with TTFont(FONT, lazy=True) as font:
        points = sorted(font.getBestCmap())
    return [one for one in points if chr(one) in JOINERS or unicodedata.category(chr(one))[0] != "C"]


def text() -> str:
    """One range a line, "41-5A"."""
    points = letters()
    cuts = [0, *(at for at, (a, b) in enumerate(pairwise(points), 1) if b != a + 1), len(points)]
    return "".join(f"{points[first]:X}-{points[end - 1]:X}\n" for first, end in pairwise(cuts))


if __name__ == "__main__":
    TARGET.write_text(text())
