from __future__ import annotations

import pytest

from tests.portfolio.every_kind import of_all_kinds


@pytest.fixture
def all_kinds(cast, monkeypatch):
    """Amara's enrolment, with scans of every kind and state."""
    return of_all_kinds(cast, monkeypatch)
