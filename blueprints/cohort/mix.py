"""The case mix of the students in a list: how many scans count in each area of breadth, and how near the target."""

from __future__ import annotations

from dataclasses import dataclass

from blueprints.cohort.roster import Roster
from blueprints.standing import Standing
from rules.programme import Target

STEPS = 9  # shades from the first scan (1) to the target or more (9); 0 is none


@dataclass(frozen=True)
class Cell:
    """One student in one area; `counted` is None where the area is outside their remit."""

    counted: int | None
    step: int
    reached: bool


@dataclass(frozen=True)
class Mix:
    """The areas, and for each student of the page their cells in that order."""

    areas: tuple[Target, ...]
    rows: list[tuple[Standing, list[Cell]]]


def of(roster: Roster) -> Mix:
    """The map of the students on the roster's page. An area without a target is shaded by the usual one."""
    areas = roster.programme.breadth
    targets = [area.target for area in areas if area.target]
    usual = max(targets, default=roster.programme.total // max(1, len(areas)))
    rows = []
    for student in roster.part:
        counted = {region.key: region.counted for region in student.progress.regions}
        rows.append((student, [_cell(counted.get(area.key), area.target, usual) for area in areas]))
    return Mix(areas, rows)


def _cell(counted: int | None, target: int | None, usual: int) -> Cell:
    if counted is None:
        return Cell(None, 0, False)
    step = min(STEPS, -(-counted * (STEPS - 1) // (target or usual)) if counted < (target or usual) else STEPS)
    return Cell(counted, step, bool(target) and counted >= (target or 0))
