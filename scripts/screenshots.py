"""Take static/screenshots/: what a browser shows before it installs Sonofolio, of the running product.

    .venv/bin/python -m scripts.screenshots    (or: make screenshots)

Which there are, and how large, is said once, in the manifest (blueprints/pwa/views.py).
"""

import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from blueprints.pwa.views import SCREENSHOTS
from scripts.chromium import launch
from scripts.demo_server import ROOT, demo_server
from scripts.picture import photograph

FOLDER = ROOT / "static/screenshots"
# Whose screen it is, and in which theme; one in the light of the clinic.
SCENES = {
    "home-phone.webp": ("Amara Okafor", "/", "dark"),
    "log-phone.webp": ("Amara Okafor", "/scans/new", "dark"),
    "inbox-phone.webp": ("Ravi Patel", "/inbox", "light"),
    "home-desk.webp": ("Amara Okafor", "/", "dark"),
    "inbox-desk.webp": ("Ravi Patel", "/inbox", "light"),
}
DESK = {"viewport": {"width": 1280, "height": 800}}
MOST_BYTES = 60_000


def save(picture: Image.Image, target: Path, most: int = MOST_BYTES) -> int:
    """Write a WebP of at most `most` bytes where a lower quality can do it; returns its size in bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for quality in (80, 65, 50, 35, 28, 20):
        picture.save(target, quality=quality, method=6)
        if target.stat().st_size <= most:
            break
    return target.stat().st_size


def main() -> None:
    """Start the product and take every screenshot that the manifest names."""
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_server(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        for name, _, form, _ in SCREENSHOTS:
            device = DESK if form == "wide" else None
            target = FOLDER / name
            size = save(photograph(browser, server.url, *SCENES[name], device), target)
            print(f"{target.relative_to(ROOT)}  {size} bytes")
        browser.close()


if __name__ == "__main__":
    main()
