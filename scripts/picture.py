"""Take docs/picture.png: the running product, as three people see it on their phones, and a portfolio's first page.

    .venv/bin/python -m scripts.picture    (or: make picture)

The README's picture is always the product itself, on the demo course, never a drawing of it.
"""

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from scripts.chromium import launch
from scripts.demo_server import ROOT, Server, demo_server

TARGET = ROOT / "docs/picture.png"
# Who looks at what, in which theme; one of them in the light of the clinic.
SCENES = (
    ("Amara Okafor", "/", "dark"),
    ("Amara Okafor", "/scans/new", "dark"),
    ("Ravi Patel", "/inbox", "dark"),
    ("Dana Director", "/cohort", "light"),
)
# The first page of a graduate's portfolio, printed by the product as the worker prints it, to standard output.
PAGE = """
import json, sys
from app import create_app
from models import Edition, Enrolment, Person
import clock
from workflows.portfolio import contents, pdf
app = create_app()
with app.app_context(), app.extensions["database"].connection_context():
    person = Person.get(Person.name == "Lucy Hargreaves")
    edition = Edition.select().join(Enrolment).where(Enrolment.person == person).order_by(Edition.number.desc()).get()
    logbook = contents.logbook_of(edition.enrolment_id, clock.now(), complete=False)
    address = f"https://scans.example.ac.uk/verify/{edition.code}"
    facts = pdf.EditionFacts(edition.number, "For an employer", edition.code, edition.asked_at, address, None, "", "")
    asked = json.loads(pdf.order(logbook, facts, pdf.content(logbook, facts)[0]))
    sys.stdout.buffer.write(pdf.compiled(pdf.TEMPLATES, asked["inputs"], asked["timestamp"], "png")[0])
"""
PHONE = {"width": 390, "height": 844}
HAND = {"viewport": PHONE, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
SHOWN = 300  # pixels: the width of one phone in the picture
GAP, BEHIND = 18, "#2b3138"
MOST_BYTES = 250_000


def photograph(
    browser: Browser, url: str, person: str, path: str, theme: str, device: dict | None = None
) -> Image.Image:
    """One screen of the product at `url`, as `person` sees `path` on a phone, or on another `device` (what playwright
    is told of it). Raises when the page is not there."""
    context = browser.new_context(base_url=url, color_scheme=theme, **(device or HAND))
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_role("button", name=re.compile(re.escape(person))).first.click()
    page.wait_for_url(lambda address: "/sign-in" not in address)
    answer = page.goto(path)
    if answer is None or not answer.ok:
        raise RuntimeError(f"{path} answered {answer.status if answer else 'nothing'} to {person}")
    page.get_by_role("heading", level=1).wait_for()
    shot = page.screenshot(animations="disabled", caret="hide")
    context.close()
    return Image.open(io.BytesIO(shot)).convert("RGB")


def first_page(server: Server) -> Image.Image:
    """The first page of a portfolio, as wide as a phone is and on its ground."""
    command = [sys.executable, "-c", PAGE]
    done = subprocess.run(command, cwd=ROOT, env=server.environment, capture_output=True, check=True)
    page = Image.open(io.BytesIO(done.stdout)).convert("RGB")
    width = PHONE["width"] * 2
    page = page.resize((width, page.height * width // page.width), Image.Resampling.LANCZOS)
    ground = Image.new("RGB", (width, PHONE["height"] * 2), BEHIND)
    ground.paste(page, (0, (ground.height - page.height) // 2))
    return ground


def side_by_side(screens: list[Image.Image]) -> Image.Image:
    """The screens in one row on a quiet ground."""
    height = SHOWN * PHONE["height"] // PHONE["width"]
    picture = Image.new("RGB", (GAP + len(screens) * (SHOWN + GAP), height + 2 * GAP), BEHIND)
    for place, screen in enumerate(screens):
        small = screen.resize((SHOWN, height), Image.Resampling.LANCZOS)
        picture.paste(small, (GAP + place * (SHOWN + GAP), GAP))
    return picture


def save(picture: Image.Image, target: Path, most: int = MOST_BYTES) -> int:
    """Write a PNG of at most `most` bytes where fewer colours can do it; returns its size in bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for colours in (256, 128, 64):
        picture.quantize(colours, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            target, optimize=True
        )
        if target.stat().st_size <= most:
            break
    return target.stat().st_size


def main() -> None:
    """Start the product, photograph every scene, write the picture."""
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_server(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        screens = [photograph(browser, server.url, *scene) for scene in SCENES]
        browser.close()
        screens.append(first_page(server))
    print(f"{TARGET.relative_to(ROOT)}  {save(side_by_side(screens), TARGET)} bytes")


if __name__ == "__main__":
    main()
