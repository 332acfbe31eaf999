"""What a student changed while the mentor was looking.

The form carries a fingerprint of the scan as the mentor saw it, so that a conflict can say what of it changed. What is
approved is bound to the version, never to this.
"""

from __future__ import annotations

from zlib import crc32

from models import Scan
from rules.phrases import listed
from rules.scan_fields import by_heading

# How a change is named, in the order of a fingerprint -> its fields.
CHANGES = by_heading(
    lambda field: field.change,
    (
        *("the support", "the region or side", "the findings", "the report", "the indication", "the outcome"),
        *("how it was scanned", "the procedure", "the day", "the age band or sex"),
    ),
)
LENGTH = 8  # hexadecimal digits of one change


def fingerprint(scan: Scan) -> str:
    """A checksum of the fields under each name in `CHANGES`, one after the other."""
    values = scan.__data__  # sixty cards have a thousand of them
    return "".join([_checksum([values[field.name] for field in fields]) for fields in CHANGES.values()])


def changed(seen: str, scan: Scan) -> str:
    """What is not as it was seen: "the report", "the findings and the report"; empty when that cannot be told.

    Args:
        seen: the fingerprint of the scan as it was then.
    """
    now = fingerprint(scan)
    if len(seen) != len(now):
        return ""
    places = range(0, len(now), LENGTH)
    return listed(
        [name for name, at in zip(CHANGES, places, strict=True) if seen[at : at + LENGTH] != now[at : at + LENGTH]]
    )


def _checksum(values: list[object]) -> str:
    return f"{crc32(repr(values).encode()):08x}"
