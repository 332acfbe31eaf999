"""The rules are tried on the real course and on a second, invented one: nothing of a course may hide in the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.programme import Programme, load

ROOT = Path(__file__).parents[2]
PROGRAMMES = {
    "msk": load(ROOT / "programmes" / "msk-pgcert.toml"),
    "second": load(ROOT / "tests" / "programmes" / "second.toml"),
}


@pytest.fixture(params=list(PROGRAMMES), scope="session")
def programme(request: pytest.FixtureRequest) -> Programme:
    """Each programme in turn."""
    return PROGRAMMES[request.param]


@pytest.fixture(scope="session")
def msk() -> Programme:
    """The real course alone, where its own numbers and words are the point."""
    return PROGRAMMES["msk"]
