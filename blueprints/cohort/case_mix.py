"""The case mix of the students in a list: how many scans count in each area of breadth, and how near the target."""

from __future__ import annotations

from dataclasses import dataclass

from rules.progress import Progress

STEPS = 9  # shades from the first scan (1) to the target or more (9); 0 is none


@dataclass(frozen=True)
class Cell:
    """One student in one area; `counted` is None where the area is outside their remit."""

    counted: int | None
    step: int
    reached: bool


def cells(progress: Progress) -> list[Cell]:
    """The student's cells in the order of the programme's areas. One without a target is shaded by the usual one."""
    programme = progress.programme
    areas = programme.breadth
    targets = [area.target for area in areas if area.target]
    usual = max(targets, default=programme.total // max(1, len(areas)))
    counted = {region.key: region.counted for region in progress.regions}
    return [_cell(counted.get(area.key), area.target, usual) for area in areas]


def _cell(counted: int | None, target: int | None, usual: int) -> Cell:
    if counted is None:
        return Cell(None, 0, False)
    step = min(STEPS, -(-counted * (STEPS - 1) // (target or usual)) if counted < (target or usual) else STEPS)
    return Cell(counted, step, bool(target) and counted >= (target or 0))
