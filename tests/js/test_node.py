"""The browser's modules by themselves: node runs tests/js/*.test.mjs, each file a test here."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
OLDEST = 20
HOW = f"node {OLDEST} or later is not here: apt-get install nodejs"


def _node() -> str | None:
    """The node to run, if there is one that is new enough."""
    node = shutil.which("node")
    if node is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return node if said.startswith("v") and int(said[1:].split(".")[0]) >= OLDEST else None


NODE = _node()


@pytest.mark.skipif(NODE is None, reason=HOW)
@pytest.mark.parametrize("file", sorted(HERE.glob("*.test.mjs")), ids=lambda file: file.name)
def test_the_module_does_what_its_file_says(file):
    words = [NODE, "--no-warnings", "--test", "--test-reporter=tap", str(file)]
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"{ran.stdout}{ran.stderr}"
    assert "# fail 0" in ran.stdout and "# pass 0" not in ran.stdout
