"""Each entry of the log says when and how grave it is, and nobody's text can pose as an entry."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENTRY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (WARNING|ERROR) sonofolio\[\d+\] ")
PROGRAM = r"""
import logging, app
app.create_app(), app.create_app()
log = logging.getLogger("sonofolio")
log.warning("of %s", "somebody\r\n2026-01-01T00:00:00.000Z WARNING sonofolio[1] all is well\u2028and \x0bso\x85on")
try:
    raise ValueError("a\n2026-01-01T00:00:00.000Z ERROR sonofolio[1] all is well")
except ValueError:
    log.exception("fault")
"""


def test_every_entry_says_when_and_how_grave_and_none_looks_like_two(tmp_path):
    env = {"PATH": os.environ["PATH"], "SONOFOLIO_INSTANCE": str(tmp_path), "TZ": "America/New_York"}
    ran = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    lines = ran.stderr.splitlines()
    entries = [line for line in lines if ENTRY.match(line)]
    assert [line.split("] ")[1] for line in entries] == ["of somebody", "fault"]
    assert all(line.startswith("    | ") for line in lines if line not in entries)
    assert "ValueError" in ran.stderr
    said = datetime.fromisoformat(entries[0].split()[0])
    assert abs(datetime.now(UTC) - said) < timedelta(hours=1), "in UTC, whatever the machine's own time is"
