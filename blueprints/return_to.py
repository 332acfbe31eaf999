"""The way back from a student to the cohort's list as it was asked for. The address carries what was asked (`back`),
never where to go: whatever somebody writes there, it leads to the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode

NAMES = ("cohort", "q", "show", "region", "site", "mentor", "sort", "page")  # of the list's address
LETTERS = 1000  # more than any list asks for
FIELDS = 20


def written(asked: Mapping[str, object]) -> str:
    """What was asked of the list, for `back`."""
    return urlencode(asked, doseq=True)


def read(text: str) -> dict[str, list[str]]:
    """What `back` says was asked of the list, by the list's own names alone; empty if nothing, or too much."""
    if len(text) > LETTERS:
        return {}
    try:
        said = parse_qs(text, max_num_fields=FIELDS)
    except ValueError:
        return {}
    return {name: said[name] for name in NAMES if name in said}
