"""The file of an earlier logbook, read into rows: our own open data (rules/logbook.py), or any CSV whose columns are
mapped by hand (rules/earlier_columns.py). Nothing of it is stored before it has been screened: until then it travels in
the form of its own pages (`pack`), and goes back to nobody but who sent it.
"""

import base64
import csv
import hashlib
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from rules import earlier_columns
from rules.cells import original
from rules.logbook import Logbook
from workflows.people import csv_text
from workflows.refusals import Invalid

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 5_000_000, 5_000, 100
MOST_PASTED = 400_000  # characters
MOST_LINES = 20  # of one row, on average: a report has some
MOST_OLD_BYTES = 1_000_000  # of a file in an older alphabet, which is read in several ways and compared
SHOWN = 40  # characters of a name that is repeated in a sentence
SPLIT = "Split it into several, or leave columns out."
# How a file begins that is none of ours, whatever it is called.
_BINARY = {
    b"PK\x03\x04": "This is an Excel workbook or a zip. Save the sheet as CSV from the spreadsheet.",
    b"%PDF": "This is a PDF. Save the logbook as CSV, or copy its table into the field below.",
    b"\x1f\x8b": "This is a compressed file. Unpack it first.",
    b"\xd0\xcf\x11\xe0": "This is an old Excel or Word file. Save the sheet as CSV from the spreadsheet.",
}


@dataclass(frozen=True)
class EarlierFile:
    """A file that reads. `digest` is of what it says, whatever the alphabet and the hour in which it was saved."""

    content: bytes  # the same file in UTF-8, to be carried along
    digest: str
    headings: tuple[str, ...] = ()  # of a CSV; empty for our own open data
    headed: bool = True
    cells: tuple[tuple[int, list[str]], ...] = ()  # the rows of a CSV with their numbers
    logbook: Logbook | None = None  # our own open data

    def about(self) -> dict[str, Any]:
        """What our own open data says beside its scans: the course, the counts, the placements, what proves it."""
        left_out = {"scans", "earlier", "format"}
        return self.logbook.model_dump(mode="json", exclude=left_out) if self.logbook else {}


def read(content: bytes) -> EarlierFile:
    """The file's rows. Raises Invalid: "file" -> why it cannot be read."""
    if len(content) > MOST_BYTES:
        raise _no_file(f"The file is larger than {MOST_BYTES // 1_000_000} MB. {SPLIT}")
    if not content.strip():
        raise _no_file("There is nothing in it.")
    for begins, sentence in _BINARY.items():
        if content.startswith(begins):
            raise _no_file(sentence)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _logbook(content.removeprefix(b"\xef\xbb\xbf"))
    if max(content.count(mark) for mark in (b",", b";", b"\t")) > MOST_ROWS * MOST_COLUMNS:
        raise _no_file(f"It has more cells than can be read. {SPLIT}")
    if content.count(b"\n") > MOST_ROWS * MOST_LINES:
        raise _no_file(f"It has more than {MOST_ROWS:,} rows. {SPLIT}")
    if len(content) > MOST_OLD_BYTES and not csv_text.is_unicode(content):
        raise _no_file(f"It is in an older alphabet, and too large to be read so. {csv_text.SAVE}")
    try:
        return _csv([[cell.strip() for cell in map(original, row)] for row in csv_text.table_of(content)])
    except csv_text.NotReadable as wrong:
        raise _no_file(str(wrong)) from None


def _no_file(sentence: str) -> Invalid:
    return Invalid({"file": [sentence]})


def _logbook(content: bytes) -> EarlierFile:
    try:
        found = Logbook.model_validate_json(content)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ", ".join(str(part)[:SHOWN] for part in first["loc"])
        says = f"{where}: {first['msg']}" if where else first["msg"]
        raise _no_file(f"This is JSON, but no logbook of Sonofolio ({says[:200]}).") from None
    rows = len(found.scans) + len(found.earlier)
    if not rows:
        raise _no_file("There is no scan in it.")
    if rows > MOST_ROWS:
        raise _no_file(f"It holds {rows:,} scans; at most {MOST_ROWS:,} can be brought in at once.")
    says = found.model_dump_json(exclude={"made_at", "record"})
    return EarlierFile(content, hashlib.sha256(says.encode()).hexdigest(), logbook=found)


def _csv(table: list[list[str]]) -> EarlierFile:
    if not (first := next((row for row in table if any(row)), None)):
        raise _no_file("There is nothing in it.")
    headed = earlier_columns.has_headings(first)
    begins = table.index(first) + headed
    cells = tuple((number, row) for number, row in enumerate(table[begins:], start=begins + 1) if any(row))
    if not cells:
        raise _no_file("There are headings in it, and no scan below them.")
    if len(cells) > MOST_ROWS:
        raise _no_file(f"It has {len(cells):,} rows; at most {MOST_ROWS:,} can be brought in at once. {SPLIT}")
    rows = [first, *(row for _, row in cells)]
    width = max(at for row in rows for at, cell in enumerate(row, start=1) if cell)
    if width > MOST_COLUMNS:
        raise _no_file(f"It has {width:,} columns; at most {MOST_COLUMNS} can be read.")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    content = text.getvalue().encode()
    headings = _headings(first if headed else [], width)
    return EarlierFile(content, hashlib.sha256(content).hexdigest(), headings, headed, cells)


def _headings(first: Sequence[str], width: int) -> tuple[str, ...]:
    """A name for each column, no two alike."""
    found: list[str] = []
    for at in range(width):
        heading = " ".join(first[at].split())[: earlier_columns.LONGEST_HEADING] if at < len(first) else ""
        found.append(heading if heading and heading not in found else f"{heading or 'Column'} {at + 1}".strip())
    return tuple(found)


def pack(file: EarlierFile) -> str:
    """The file as a hidden field."""
    packed = base64.urlsafe_b64encode(zlib.compress(file.content)).decode()
    return f"{'json' if file.logbook else 'csv'}.{packed}"


def unpack(draft: str) -> EarlierFile:
    """The file of a hidden field, as it was packed. Raises Invalid: it is none of ours."""
    kind, _, packed = draft.partition(".")
    unpacked = zlib.decompressobj()
    try:
        content = unpacked.decompress(base64.urlsafe_b64decode(packed.encode()), 2 * MOST_BYTES)
        if kind in ("csv", "json") and unpacked.eof:
            return (
                _logbook(content)
                if kind == "json"
                else _csv(list(csv.reader(io.StringIO(content.decode(), newline=""))))
            )
    except (ValueError, zlib.error, csv.Error):  # ValueError: no base64, or no UTF-8
        pass
    raise _no_file("The file was lost on its way. Choose it again.")
