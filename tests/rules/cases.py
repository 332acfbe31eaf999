"""The table of reports: tests/rules/reports/<region>.toml, each case the taps and the whole report that they make."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rules.scan_fields import Entry
from rules.vocabulary import parse_measured, parse_not_seen, parse_pair

FOLDER = Path(__file__).with_name("reports")


def cases(region: str) -> list[dict[str, Any]]:
    return tomllib.loads((FOLDER / f"{region}.toml").read_text(encoding="utf-8"))["case"]


def entry(case: Mapping[str, Any]) -> Entry:
    """The taps of a case, named as the form sends them."""
    words = ("region", "side", "protocol", "indication", "outcome", "procedure", "procedure_role", "age_band")
    return Entry(
        **{name: case[name] for name in words if name in case},
        findings=tuple(map(parse_pair, case.get("finding", ()))),
        normal=tuple(case.get("normal", ())),
        not_seen=tuple(map(parse_not_seen, case.get("not_seen", ()))),
        measured=tuple(map(parse_measured, case.get("measured", ()))),
        modifiers=tuple(case.get("modifier", ())),
        limitations=tuple(case.get("limitation", ())),
    )
