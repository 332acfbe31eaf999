"""What a student changed while the mentor was looking.

The form carries a short print of each part of the scan as the mentor saw it, so that a conflict can say which of them
changed. What is approved is bound to the version, never to this.
"""

from __future__ import annotations

from zlib import crc32

from models import Scan
from rules.phrases import listed

# How a change is told -> the columns that make it.
PARTS = {
    "the support": ("support",),
    "the region or side": ("region", "side"),
    "the findings": ("findings", "normal"),
    "the report": ("report",),
    "the indication": ("indication",),
    "the outcome": ("outcome",),
    "how it was scanned": ("protocol", "limitations", "modifiers", "machine", "transducer"),
    "the procedure": ("procedure", "procedure_role"),
    "the day": ("scanned_on",),
    "the age band or sex": ("age_band", "sex"),
}
LENGTH = 8  # hexadecimal digits of a part's print


def prints(scan: Scan) -> str:
    """The prints of the scan's parts, one after the other."""
    values = scan.__data__  # by the columns' names; sixty cards have a thousand of them
    return "".join([_print([values[column] for column in columns]) for columns in PARTS.values()])


def changed(seen: str, scan: Scan) -> str:
    """What is not as it was `seen`: "the report", "the findings and the report"; empty when that cannot be told."""
    now = prints(scan)
    if len(seen) != len(now):
        return ""
    places = range(0, len(now), LENGTH)
    return listed(
        [part for part, at in zip(PARTS, places, strict=True) if seen[at : at + LENGTH] != now[at : at + LENGTH]]
    )


def _print(values: list[object]) -> str:
    return f"{crc32(repr(values).encode()):08x}"
