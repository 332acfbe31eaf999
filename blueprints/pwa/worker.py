"""The service worker as it is served: its script, after a few lines that say what belongs to this release."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache

from flask import render_template, url_for

from blueprints.assets import Assets, assets

# What every page needs: kept by every phone, under addresses that change with the content ...
SHELL = (
    "app.css",
    "app.js",
    "phone.js",
    "taps.js",
    "offline.js",
    "vendor/htmx.min.js",
    "icons.svg",
    "icons/favicon.svg",
)
# ... and what the log form needs besides: kept by the phone of who logs.
FORM = ("scan-form.js", "identifiers.json")


def script() -> str:
    """The worker. Any change to what it keeps changes this text, which is how a browser learns of a new release."""
    own = assets()
    return _script(own, own.changed())


@lru_cache(maxsize=8)  # browsers ask for it at every page that they open
def _script(own: Assets, changed: int) -> str:
    names = _with_imports(own, SHELL)
    shell = sorted(own.url(name) for name in names)
    form = sorted(own.url(name) for name in _with_imports(own, FORM) - names)
    page = render_template("pwa/page.html", me=None, rooms=[], more_rooms=[])
    body = own.text("service-worker.js")
    release = hashlib.sha256("\0".join((*shell, *form, page, body)).encode()).hexdigest()[:12]
    words = {"release": release, "shell": shell, "form": form, "offline": url_for("pwa.offline")}
    return f"self.RELEASE = {json.dumps(words, indent=2)};\n{body}"


def _with_imports(own: Assets, names: tuple[str, ...]) -> set[str]:
    """These files, and every module that they import, however far down."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += own.imports(name)
    return found
