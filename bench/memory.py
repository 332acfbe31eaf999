"""How much memory processes take, as Linux counts it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def megabytes(*processes: subprocess.Popen) -> float | None:
    """What these processes and all that they have started take together, in MB; None where Linux does not say it.

    Each began a session of its own. Memory that several processes share is divided among them (PSS), so that it is
    counted once.
    """
    if not Path("/proc/self/smaps_rollup").exists():
        return None
    sessions = {process.pid for process in processes}
    return sum(map(_pss, _in_sessions(sessions))) / 1e6


def _in_sessions(sessions: set[int]) -> Iterator[int]:
    for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
        with suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) in sessions:
                yield pid


def _pss(pid: int) -> int:
    """In bytes; nothing for a process that has just ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
