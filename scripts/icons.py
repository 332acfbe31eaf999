"""Draw the product's face and render it in every size that a home screen or a browser tab asks for.

    .venv/bin/python -m scripts.icons

The face is the sector: an ultrasound image's fan made of dots, the near arcs aided (teal, round), the far arcs unaided
(amber, square), so that the shape says what the colour says. A small icon gets fewer, larger marks: 250 of them are a
grey haze below 200 pixels. Drawn with attributes alone, so that it shows under the strictest content policy.
"""

from dataclasses import dataclass
from math import cos, pi, radians, sin
from pathlib import Path

from playwright.sync_api import sync_playwright

from scripts.chromium import launch

FOLDER = Path(__file__).resolve().parent.parent / "static/icons"
NIGHT, AIDED, UNAIDED = "#080c10", "#3fd8c7", "#ffb454"
UNIT = 512  # every drawing is on a square of this side, whatever size it is rendered at


@dataclass(frozen=True)
class Face:
    """One way of drawing the sector.

    `arcs`: marks in each arc from the near one outwards, the first half of them aided. `near`: radius of the first arc
    as a share of the last. `spread`: degrees to either side. `width`: of the whole fan, in units. `mark`: diameter of
    a mark as a share of the distance to its nearest neighbour. `corner`: radius of the square's
    corners, 0 where the system cuts them.
    """

    arcs: tuple[int, ...]
    near: float
    spread: float
    width: float
    mark: float
    corner: float = 0


FULL = tuple(range(16, 35, 2))  # 16 + 18 + ... + 34 = 250: every scan of the course
SOME = (4, 5, 6, 8, 9, 10)  # as far apart along an arc as from one arc to the next
FEW = (2, 3, 4, 5)

ICONS = {
    "icon-512.png": (512, Face(FULL, 0.36, 38, 444, 0.8, 112)),
    "icon-192.png": (192, Face(SOME, 0.28, 38, 430, 0.7, 112)),
    "icon-maskable-512.png": (512, Face(SOME, 0.28, 38, 352, 0.7)),
    "apple-touch-icon.png": (180, Face(SOME, 0.28, 38, 420, 0.7)),
    "favicon-32.png": (32, Face(FEW, 0.3, 37, 474, 0.78, 96)),
}
TAB = Face(FEW, 0.3, 37, 474, 0.78, 96)


def marks(face: Face) -> str:
    """The dots of `face` as SVG, centred on the square."""
    spread = radians(face.spread)
    far = face.width / 2 / sin(spread)
    size = far * face.mark * _room(face)
    far -= size / 2 / sin(spread)  # the width includes the marks themselves
    gap = far * (1 - face.near) / (len(face.arcs) - 1)
    near = far * face.near
    top, bottom = near * cos(spread), far
    apex = UNIT / 2 - (top + bottom) / 2
    circles = []
    for row, count in enumerate(face.arcs):
        radius = near + row * gap
        for place in range(count):
            angle = spread * (2 * place / (count - 1) - 1)
            x, y = UNIT / 2 + radius * sin(angle), apex + radius * cos(angle)
            if row < len(face.arcs) / 2:
                circles.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size / 2:.1f}" fill="{AIDED}"/>')
            else:
                side = size * (pi / 4) ** 0.5  # the same area as the round ones, so that neither kind looks heavier
                turn = f"rotate({-angle * 180 / pi:.1f} {x:.1f} {y:.1f})"
                circles.append(
                    f'<rect x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side:.1f}" height="{side:.1f}" '
                    f'rx="{side / 7:.1f}" transform="{turn}" fill="{UNAIDED}"/>'
                )
    return "".join(circles)


def _room(face: Face) -> float:
    """The least distance between two neighbouring marks, as a share of the last arc's radius."""
    steps = len(face.arcs) - 1
    between = (1 - face.near) / steps
    along = min(
        2 * radians(face.spread) * (face.near + row * between) / (count - 1) for row, count in enumerate(face.arcs)
    )
    return min(between, along)


def svg(face: Face) -> str:
    """The whole icon: the night behind, the sector in front."""
    night = f'<rect width="{UNIT}" height="{UNIT}" rx="{face.corner}" fill="{NIGHT}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {UNIT} {UNIT}">{night}{marks(face)}</svg>\n'


def main() -> None:
    """Write static/icons/: the SVG for browser tabs, the PNGs for home screens."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "favicon.svg").write_text(svg(TAB))
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name, (size, face) in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(f"<style>body{{margin:0}}svg{{display:block;width:{size}px}}</style>{svg(face)}")
            page.screenshot(path=FOLDER / name, omit_background=True)
            page.close()
            print(f"static/icons/{name}  {(FOLDER / name).stat().st_size} bytes")
        browser.close()


if __name__ == "__main__":
    main()
