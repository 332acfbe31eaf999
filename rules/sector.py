"""The sector: progress drawn as an ultrasound fan of dots, one dot a scan, and its thumbnail.

Ten arcs of 16, 18, ... 34 dots are 250 exactly: the first five are the 100 aided scans, the last five the 150 unaided.
Another programme's totals are shared out over five arcs a kind in the same ratios, by largest remainder.
All lengths are in the units of the drawing's own view box.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from math import cos, radians, sin

from rules.logbook import Counts
from rules.programme import Programme
from rules.progress import Progress
from rules.totals import SupportProgress

RATIOS = {"aided": (16, 18, 20, 22, 24), "unaided": (26, 28, 30, 32, 34)}

HALF_ANGLE = radians(37)
FIRST_RADIUS, STEP = 110.0, 22.5
DOT_RADIUS = 3.3
# How much of a dot's radius is drawn: a ring's stroke takes its share, and what is to come is faint and small.
DRAWN = {"counted": 1.0, "with_mentor": 0.88, "to_come": 0.58}
MARGIN = 6.0  # keeps the outermost dots and their strokes whole

MINI_CENTRE = (32.0, -6.0)  # of a view box of 64 x 44
MINI_ARCS = {"aided": (30, "a"), "unaided": (44, "u")}


@dataclass(frozen=True)
class Arc:
    """One arc of dots, all of one kind of support ("aided" or "unaided")."""

    support: str
    size: int


@dataclass(frozen=True)
class Dot:
    """One scan: its centre, its kind, and whether it is "counted", "with_mentor" or "to_come"."""

    x: float
    y: float
    support: str
    state: str


@dataclass(frozen=True)
class Shape:
    """All the dots of one kind and state in one path: round for aided, square for unaided scans."""

    support: str
    state: str
    d: str


@dataclass(frozen=True)
class Fan:
    """Where the dots of a programme are (x, y, kind), and how big."""

    width: int
    height: int
    radius: float
    places: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True)
class Sector:
    """The whole drawing, for a view box of "0 0 width height", and the same in words.

    `radius` is a dot's; smaller than usual where a programme asks for so many scans that dots would touch. `runs`:
    kind -> (state, how many dots), from the left of its innermost arc.
    """

    fan: Fan
    runs: dict[str, tuple[tuple[str, int], ...]]
    text: str

    @property
    def width(self) -> int:
        return self.fan.width

    @property
    def height(self) -> int:
        return self.fan.height

    @property
    def radius(self) -> float:
        return self.fan.radius

    @property
    def dots(self) -> list[Dot]:
        """Every dot by itself."""
        states = {
            kind: iter([state for state, number in run for _ in range(number)]) for kind, run in self.runs.items()
        }
        return [Dot(x, y, kind, next(states[kind])) for x, y, kind in self.fan.places]

    @property
    def shapes(self) -> list[Shape]:
        """The dots as few paths: a page with 250 elements in it is slow to make and to read."""
        shapes = []
        for kind, run in self.runs.items():
            at = 0
            for state, number in run:
                if number:
                    shapes.append(Shape(kind, state, "".join(_outlines(self.fan, kind, state)[at : at + number])))
                at += number
        return shapes


@dataclass(frozen=True)
class Path:
    """One stroke of the thumbnail: its path data, "t" (track), "a" (aided) or "u" (unaided), and whether pending."""

    d: str
    kind: str
    pending: bool = False


@dataclass(frozen=True)
class Mini:
    """The thumbnail, for a view box of "0 0 64 44" and strokes 7 wide, and the same in words."""

    paths: tuple[Path, ...]
    text: str


def arcs(programme: Programme) -> tuple[Arc, ...]:
    """Five arcs a kind, innermost first; their sizes add up to the programme's total."""
    return tuple(
        Arc(key, size) for key, support in programme.supports.items() for size in _share(support.total, RATIOS[key])
    )


def _share(total: int, ratios: tuple[int, ...]) -> list[int]:
    """Share out a total in ratios by largest remainder; of equal remainders the inner arc's comes first."""
    whole = sum(ratios)
    sizes = [total * ratio // whole for ratio in ratios]
    by_remainder = sorted(range(len(ratios)), key=lambda at: -(total * ratios[at] % whole))
    for at in by_remainder[: total - sum(sizes)]:
        sizes[at] += 1
    return sizes


def sector(programme: Programme, progress: Progress) -> Sector:
    """The fan of dots: each kind filled from the left of its innermost arc, counted before with the mentor."""
    parts = zip(programme.supports, progress.parts, strict=True)
    return Sector(_fan(arcs(programme)), {kind: _run(part) for kind, part in parts}, _text(progress))


def sector_of_counts(counts: Counts) -> Sector:
    """The same drawing from a logbook's own numbers."""
    fan = tuple(Arc(part.key, size) for part in counts.supports for size in _share(part.total, RATIOS[part.key]))
    runs: dict[str, tuple[tuple[str, int], ...]] = {}
    kinds = []
    for part in counts.supports:
        missing = part.total - part.counted
        waiting = min(part.with_mentor, missing)
        runs[part.key] = ("counted", part.counted), ("with_mentor", waiting), ("to_come", missing - waiting)
        kinds.append(f"{part.counted} of {part.total} {part.name.lower()}, {part.with_mentor} with mentor")
    return Sector(_fan(fan), runs, f"{counts.counted} of {counts.total} counted: {'; '.join(kinds)}.")


@lru_cache
def _fan(fan: tuple[Arc, ...]) -> Fan:
    outer = FIRST_RADIUS + STEP * (len(fan) - 1)
    centre_x = outer * sin(HALF_ANGLE) + MARGIN
    centre_y = MARGIN - FIRST_RADIUS * cos(HALF_ANGLE)
    places, closest = [], STEP
    for number, arc in enumerate(fan):
        radius = FIRST_RADIUS + STEP * number
        step = 2 * HALF_ANGLE / (arc.size - 1) if arc.size > 1 else 0.0
        first = -HALF_ANGLE if arc.size > 1 else 0.0
        closest = min(closest, radius * step or STEP)
        for place in range(arc.size):
            angle = first + step * place
            x, y = round(centre_x + radius * sin(angle), 1), round(centre_y + radius * cos(angle), 1)
            places.append((x, y, arc.support))
    radius = round(min(DOT_RADIUS, closest * 0.4), 2)
    return Fan(round(2 * centre_x), round(centre_y + outer + MARGIN), radius, tuple(places))


@lru_cache
def _outlines(fan: Fan, kind: str, state: str) -> tuple[str, ...]:
    """Path data of every dot of a kind, as it is drawn in this state."""
    radius = fan.radius * DRAWN[state]
    return tuple(_outline(x, y, kind, radius) for x, y, of in fan.places if of == kind)


def _outline(x: float, y: float, kind: str, radius: float) -> str:
    """Path data of one dot: a circle, or a square of nearly its area."""
    r = round(radius, 2)
    if kind == "aided":
        return f"M{x - r:.4g} {y:g}a{r:g} {r:g} 0 1 0 {2 * r:g} 0a{r:g} {r:g} 0 1 0 {-2 * r:g} 0"
    half = round(r - 0.3, 2)
    return f"M{x - half:.4g} {y - half:.4g}h{2 * half:g}v{2 * half:g}h{-2 * half:g}z"


def _run(part: SupportProgress) -> tuple[tuple[str, int], ...]:
    return ("counted", part.counted), ("with_mentor", part.waiting), ("to_come", part.missing - part.waiting)


def _text(progress: Progress) -> str:
    """The drawing in words, for a screen reader and for copying."""
    kinds = []
    for part in progress.parts:
        audited = " and audited" if part.support.counts_when == "audited" else ""
        kinds.append(f"{part.counted} of {part.total} {part.support.name.lower()}{audited}")
    return f"{progress.counted} of {progress.total} counted: {', '.join(kinds)}; {progress.with_mentor} with mentor."


def mini(programme: Programme, progress: Progress) -> Mini:
    """The thumbnail: one track a kind, the counted share on it, then the share that is with the mentor."""
    kinds = zip(programme.supports, progress.parts, strict=True)
    strokes = [_strokes(kind, part.counted, part.missing - part.waiting, part.total) for kind, part in kinds]
    return Mini(tuple(chain.from_iterable(strokes)), _text(progress))


@lru_cache(maxsize=4096)
def _strokes(kind: str, counted: int, to_scan: int, total: int) -> tuple[Path, ...]:
    radius, look = MINI_ARCS[kind]
    share, known = counted / total, (total - to_scan) / total
    paths = [Path(_arc(radius, 0, 1), "t")]
    if counted:
        paths.append(Path(_arc(radius, 0, share), look))
    if known > share:
        paths.append(Path(_arc(radius, share, known), look, pending=True))
    return tuple(paths)


def _arc(radius: int, start: float, end: float) -> str:
    """Path data from one share of the fan (0 to 1, left to right) to another."""
    (x0, y0), (x1, y1) = (_mini_point(radius, share) for share in (start, end))
    return f"M{x0:.1f} {y0:.1f}A{radius} {radius} 0 0 0 {x1:.1f} {y1:.1f}"


def _mini_point(radius: int, share: float) -> tuple[float, float]:
    angle = HALF_ANGLE * (2 * share - 1)
    return MINI_CENTRE[0] + radius * sin(angle), MINI_CENTRE[1] + radius * cos(angle)
