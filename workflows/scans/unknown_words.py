"""Recorded words that the programmes' files do not know, and how many scans have them.

To count them reads every scan, so it is done when the files have changed (`flask migrate`), and what it found is kept
in a file beside the database, which each start reads. What is recorded in between is held to the files.
"""

import hashlib
import json
from collections import Counter
from pathlib import Path

from peewee import fn

from models import Cohort, Enrolment, Scan
from rules import unknown_words
from rules.phrases import scans
from rules.scan_fields import Entry
from workflows.course import programmes
from workflows.scans import scan_entry

FILE = "unknown-words.json"


def is_counted(file: Path) -> bool:
    """Whether they were counted since the programmes' files changed."""
    return _read(file).get("files") == _digest()


def lines(file: Path) -> list[str]:
    """What was found when they were last counted, for whoever runs Sonofolio."""
    return list(_read(file).get("lines", ()))


def count(file: Path) -> list[str]:
    """Count them in all scans, keep what is found in the file, and return it, a line each."""
    found: Counter[tuple[str, str]] = Counter()
    for column in unknown_words.COLUMNS:
        for programme, word, number in _of_column(column):
            found[programme, word] += number
    said = [
        f"{programme}: {scans(number)} with the unknown word {word!r}"
        for (programme, word), number in sorted(found.items())
    ]
    file.write_text(json.dumps({"files": _digest(), "lines": said}), encoding="utf-8")
    return said


def _of_column(column: str) -> list[tuple[str, str, int]]:
    """(programme, unknown word, scans): the database groups equal values, so that each is looked at once."""
    by = [Cohort.programme, getattr(Scan, column)]
    if column in unknown_words.OF_REGION:
        by.append(Scan.region)
    query = Scan.select(*by, fn.COUNT(Scan.id).alias("number")).join(Enrolment).join(Cohort).group_by(*by).objects()
    known = programmes.keys()  # a course without a file cannot be compared
    return [
        (row.programme, word, row.number)
        for row in query
        if row.programme in known
        for word in unknown_words.unknown(programmes.get(row.programme), _entry(row, column))
        if word.startswith("region:") == (column == "region")
    ]


def _entry(row: Scan, column: str) -> Entry:
    """Of a scan of which this column alone was read, with its region where that matters."""
    read = {column, "region"} if column in unknown_words.OF_REGION else {column}
    return scan_entry.entry_of(Scan(**{name: getattr(row, name) for name in read}))


def _digest() -> str:
    """Of what the programmes' files say."""
    said = repr(list(map(programmes.get, programmes.keys())))
    return hashlib.sha256(said.encode()).hexdigest()


def _read(file: Path) -> dict:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
