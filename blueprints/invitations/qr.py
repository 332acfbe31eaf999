"""A QR code as one SVG path, which a template draws: the content policy forbids styles within."""

from __future__ import annotations

from itertools import groupby

import segno

BORDER = 4  # modules of light around it, which readers want


def path_of(address: str) -> tuple[int, str]:
    """The side of the drawing in modules, and the path of its dark ones."""
    rows = segno.make(address, error="m", micro=False).matrix
    pieces = []
    for y, row in enumerate(rows, start=BORDER):
        x = BORDER
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                pieces.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return len(rows) + 2 * BORDER, "".join(pieces)
