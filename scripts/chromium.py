"""Find the Chromium that draws the icons, takes the pictures and runs the browser tests.

    .venv/bin/python -m scripts.chromium    # installs one from the system's packages where that is possible

Looked for in this order: `$CHROMIUM`, the usual names on the PATH, the usual place on a Mac, Playwright's own download.
Beside it most browser tests use Chromium's headless shell where there is one: a page of its own costs it 0.2 s of
processor time instead of 1.4, and it rests when the page does. It has no windows, prompts or notifications.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
SHELL = "chromium-headless-shell"
PACKAGES = ("chromium", SHELL)  # of Debian and Ubuntu
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# --no-sandbox: Chromium refuses to start as root or in most containers otherwise, and it opens only our own pages.
# The others keep a browser under test from talking to anybody but us.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOW = (
    "No Chromium was found. Install one (Debian, Ubuntu: `apt-get install chromium`; a Mac: Google Chrome; anywhere: "
    "`.venv/bin/playwright install chromium`), or name one in CHROMIUM."
)


def find() -> str | None:
    """The path of a Chromium, or None when this machine has none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    on_path = next((path for path in map(shutil.which, NAMES) if path), None)
    if on_path or MAC.exists():
        return on_path or str(MAC)
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    return next((str(path) for path in sorted(folder.glob("chromium-*/chrome-*/chrome"))), None)


def launch(playwright, *, shell: bool = False):
    """A headless browser from `sync_playwright()`'s handle; `shell` when the lighter headless shell will do, if there
    is one. Raises RuntimeError, saying what to install.
    """
    path = (shutil.which(SHELL) if shell else None) or find()
    if path is None:
        raise RuntimeError(HOW)
    return playwright.chromium.launch(executable_path=path, args=list(FLAGS))


def install() -> None:
    """Try the system's packages when we may (root, with apt-get). Says what to do otherwise; never fails."""
    if find() and shutil.which(SHELL):
        return
    if os.environ.get("CHROMIUM"):
        if not find():
            print(f"CHROMIUM names {os.environ['CHROMIUM']}, which is not there.")
    elif hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests ...", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False, stdout=subprocess.DEVNULL)
        for package in PACKAGES:  # one by one: where the shell is not known, the whole browser does
            command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
            subprocess.run(command, env=quiet, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not find():
        print(f"{HOW}\nThe browser tests will be skipped.", flush=True)


if __name__ == "__main__":
    sys.exit(install())
