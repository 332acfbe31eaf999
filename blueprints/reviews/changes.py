"""What a student changed: since the scan was sent back, and while the mentor was looking.

The form carries a fingerprint of the scan as the mentor saw it, so that a conflict can say what of it changed. What is
approved is bound to the version, never to this.
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from zlib import crc32

from models import Scan
from rules.own_words import sentences
from rules.phrases import listed
from rules.programme import Programme
from rules.scan_fields import FIELDS, Field, by_heading
from workflows.scans.scan_facts import words_of

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
    changes = [repr([values[field.name] for field in fields]) for fields in CHANGES.values()]
    return "".join([f"{crc32(change.encode()):08x}" for change in changes])


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


@dataclass(frozen=True)
class Difference:
    """What was changed under one heading: the sentences or words that are gone, and those that are new."""

    heading: str
    gone: list[str]
    new: list[str]


def since_returned(scan: Scan, programme: Programme) -> list[Difference]:
    """What of the scan is not as it was when it was last sent back. Wants `.returned_content` (see `queries`)."""
    if not scan.returned_content:
        return []
    values = json.loads(scan.returned_content)
    before = Scan(**{**values, "scanned_on": date.fromisoformat(values["scanned_on"])})
    found = []
    for field in FIELDS:
        was, now = (_in_words(field, one, programme) for one in (before, scan)) if field.kind != "id" else ([], [])
        if was != now:
            gone, new = Counter(was) - Counter(now), Counter(now) - Counter(was)
            found.append(Difference(field.heading or field.label, list(gone), list(new)))
    return found


def _in_words(field: Field, scan: Scan, programme: Programme) -> list[str]:
    return list(sentences(scan.report)) if field.name == "report" else words_of(field, scan, programme)
