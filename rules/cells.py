"""Cells of a spreadsheet: what somebody typed is never run as a formula when a file of ours is opened.

A program takes a cell for a formula by its first character (OWASP, "CSV injection"). Where a cell begins is the
program's choice: one that parts cells at semicolons, as the German and French ones do, or at tabs or bars, ignores our
commas and quotation marks, and cuts `x;=1+1` into two. So an apostrophe goes before a formula at the beginning, and
behind everything at which cells or rows are parted.
"""

import re

# = + - @, their wide and small forms, and the minus sign.
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212"
# What a program drops before it looks: spaces, marks that are not seen, quotation marks.
_PASSED = (
    "\x00-\x08\x0e-\x1b\x1f \x7f-\x84\x86-\xa0\u00ad\u1680\u2000-\u200f\u202a-\u202f\u205f-\u2064\u3000\ufeff"
    "\"'`\u2018-\u201f\u00ab\u00bb\u2039\u203a"
)
# At which cells or rows are parted.
_PARTS = ",;|\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029\u060c\u061b\uff0c\uff1b\uff5c"
_CELL = f"[{_PASSED}]*+[{_SIGNS}]"
_BEGINS = f"[{_PASSED}\n]*+[{_SIGNS}\t\r]"  # of the first cell: a tab or a line's end before all else counts too

_FORMULA = re.compile(f"\\A(?={_BEGINS})|(?<=[{_PARTS}])(?={_CELL})")
_NEUTRAL = re.compile(f"\\A'(?={_BEGINS})|(?<=[{_PARTS}])'(?={_CELL})")


def neutral(text: str) -> str:
    """The text as a cell: with an apostrophe before each part of it that a program could run as a formula."""
    return _FORMULA.sub("'", text)


def original(cell: str) -> str:
    """The text of which `neutral` made this cell."""
    return _NEUTRAL.sub("", cell)
