"""The end of history, written down outside the database: what a cut tail or an older database is found by.

A head is the last entry's number and hash. `anchor` appends it to a file in the instance folder, one JSON object a
line; it also is in each export and in the directors' weekly mail. `verification` looks for every anchored head.
"""

import json
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clock
from models import db
from statements import run
from workflows.history import history

log = logging.getLogger("sonofolio")

FILE = "history-heads.jsonl"
_LAST = "SELECT seq, hash FROM history ORDER BY seq DESC LIMIT 1"
_SINCE = "SELECT COUNT(*) FROM history WHERE seq > ?"
_LONGEST = 4096  # bytes; a line is shorter


@dataclass(frozen=True)
class Head:
    """Where history ended at some moment: the last entry's number and hash, how many entries, when (ISO, UTC)."""

    seq: int
    hash: str
    rows: int = 0
    at: str = ""

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


def of_text(text: str) -> Head:
    """The head that is written as "57:9f3e...", as in the weekly mail. Raises ValueError when it is none."""
    found = re.fullmatch(r"([0-9]{1,18}):([0-9a-f]{64})", text.strip())
    if found is None:
        raise ValueError("a head is a number, a colon and 64 hex digits")
    return Head(int(found[1]), found[2], at="the day of the mail or file")


def current(before: Head | None = None) -> Head | None:
    """Where history ends now; None when it is empty. `before`: an earlier head, so that fewer entries are counted."""
    last = run(_LAST).fetchone()
    if last is None:
        return None
    start = before if before is not None and before.seq <= last[0] else Head(0, "")
    rows = start.rows + run(_SINCE, start.seq).fetchone()[0]
    return Head(last[0], last[1], rows, clock.now().isoformat(timespec="seconds"))


def anchor(path: Path, *, findings: int | None = None) -> Head | None:
    """Append where history ends now to the file, unless its last line says so. Returns the head.
    `findings`: how many things a verification has just found; kept with the head whatever the last line says.
    Raises OSError: the file cannot be written.
    """
    before = _last(path)
    head = current(before)
    if head is not None and (
        findings is not None or before is None or (before.seq, before.hash) != (head.seq, head.hash)
    ):
        _append(path, {**vars(head), **({} if findings is None else {"findings": findings})})
    return head


def exported(path: Path) -> str:
    """Where history ends now as "57:9f3e...", for an export; the file has it too. Empty when nothing was entered."""
    try:
        head = anchor(path)
    except OSError as error:  # the export holds the head all the same
        log.warning("history's head was not written to %s: %s", path, error)
        head = current()
    return str(head or "")


def read(path: Path) -> list[Head]:
    """The heads in the file that history still has to hold: those before an accepted restore, up to where it began.

    A line that was cut off by a power cut says nothing.
    """
    found: list[Head] = []
    for line in _lines(path):
        if "restored_to" in line:
            found = [head for head in found if head.seq < line["restored_to"]]
        else:
            found.append(_head(line))
    return found


def last_verification(path: Path) -> tuple[str, int] | None:
    """When the last verification ran, and how many things it found; None when there was none."""
    found = [(line["at"], line["findings"]) for line in _lines(path) if "findings" in line]
    return found[-1] if found else None


def accept_restore(path: Path, lost: list[Head]) -> None:
    """From now on history need not hold the heads from the first of `lost` on: a backup was restored on purpose. Says
    so in history too.
    """
    first, last = lost[0], lost[-1]
    with db.atomic():
        now = clock.now()
        history.record("accept_restore", "history:heads", by=None, at=now, first=str(first), last=str(last))
    _append(path, {"restored_to": first.seq, "lost": len(lost), "at": now.isoformat(timespec="seconds")})


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for text in file:
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict) and ("restored_to" in line or {"seq", "hash"} <= line.keys()):
                yield line


def _last(path: Path) -> Head | None:
    """The head in the last line; the file is not read whole."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LONGEST))
            text = file.read().rstrip(b"\n").rpartition(b"\n")[2]
    except FileNotFoundError:
        return None
    try:
        return _head(json.loads(text))
    except (ValueError, KeyError, TypeError):
        return None


def _head(line: dict[str, Any]) -> Head:
    return Head(line["seq"], line["hash"], line.get("rows", 0), line.get("at", ""))


def _append(path: Path, line: dict[str, Any]) -> None:
    """Add one line, whole: it begins with a line's end, in case the last one was cut off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"\n{json.dumps(line)}".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
