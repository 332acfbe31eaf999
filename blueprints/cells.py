"""What a cell of a spreadsheet may begin with, so that opening a file of ours never runs what somebody typed."""

from __future__ import annotations

# A cell that begins with one of these is a formula to a spreadsheet program (OWASP, "CSV injection").
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def neutral(text: str) -> str:
    """The cell with an apostrophe before what would be run as a formula, quotes and spaces before it looked through."""
    begins = text.lstrip(" \n\"'\u00a0")
    return f"'{text}" if begins.startswith(FORMULA) else text
