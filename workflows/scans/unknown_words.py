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
from rules.phrases import scans
from rules.programme import Programme
from rules.scan_fields import FIELDS, Entry
from rules.vocabulary import Pair, pair_text, split_side
from workflows.course import programmes
from workflows.scans import scan_entry

FILE = "unknown-words.json"
# Columns that are told apart by the region: what they name are words of it.
OF_REGION = ("indication", "findings", "normal", "not_seen", "measured")
COLUMNS = (*OF_REGION, *(one.name for one in FIELDS if one.words))


def is_counted(file: Path) -> bool:
    """Whether they were counted since the programmes' files changed."""
    return _read(file).get("files") == _digest()


def lines(file: Path) -> list[str]:
    """What was found when they were last counted, for whoever runs Sonofolio."""
    return list(_read(file).get("lines", ()))


def count(file: Path) -> list[str]:
    """Count them in all scans, keep what is found in the file, and return it, a line each."""
    found: Counter[tuple[str, str]] = Counter()
    for column in COLUMNS:
        for programme, word, number in _of_column(column):
            found[programme, word] += number
    found_lines = [
        f"{programme}: {scans(number)} with the unknown word {word!r}"
        for (programme, word), number in sorted(found.items())
    ]
    file.write_text(json.dumps({"files": _digest(), "lines": found_lines}), encoding="utf-8")
    return found_lines


def _of_column(column: str) -> list[tuple[str, str, int]]:
    """(programme, unknown word, scans): the database groups equal values, so that each is looked at once."""
    by = [Cohort.programme, getattr(Scan, column)]
    if column in OF_REGION:
        by.append(Scan.region)
    query = Scan.select(*by, fn.COUNT(Scan.id).alias("number")).join(Enrolment).join(Cohort).group_by(*by).objects()
    known = programmes.keys()  # a course without a file cannot be compared
    return [
        (row.programme, word, row.number)
        for row in query
        if row.programme in known
        for word in unknown(programmes.get(row.programme), _entry(row, column))
        if word.startswith("region:") == (column == "region")
    ]


def _entry(row: Scan, column: str) -> Entry:
    """Of a scan of which this column alone was read, with its region where that matters."""
    read = {column, "region"} if column in OF_REGION else {column}
    return scan_entry.entry_of(Scan(**{name: getattr(row, name) for name in read}))


def _digest() -> str:
    """Of what the programmes' files say."""
    text = repr(list(map(programmes.get, programmes.keys())))
    return hashlib.sha256(text.encode()).hexdigest()


def _read(file: Path) -> dict:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def unknown(programme: Programme, entry: Entry) -> list[str]:
    """Each as "shoulder, findings: ssp: tear", once. Words of a region that is unknown are not told one by one."""
    found = [
        f"{one.name}: {word}"
        for one in FIELDS
        if one.words is not None
        for word in _several(getattr(entry, one.name))
        if word not in one.words(programme)
    ]
    words = programme.vocabulary
    if region := words.regions.get(entry.region):
        seen = [one.structure for one in entry.not_seen]
        normal = [structure for _, structure in map(split_side, entry.normal) if structure != "all"]
        findings = [Pair(pair.structure, pair.finding) for pair in entry.findings]
        lost = {
            "indication": [one for one in _several(entry.indication) if one not in region.indications],
            "findings": [pair_text(pair) for pair in findings if not words.known_pair(region.id, pair)],
            "normal": [one for one in normal if one not in region.structures],
            "not_seen": [one for one in seen if one not in region.structures],
            "measured": [one.measure for one in entry.measured if one.measure not in words.measures],
        }
        found += [f"{region.id}, {column}: {word}" for column, several in lost.items() for word in several]
    return list(dict.fromkeys(found))


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return (value,) if value else ()
