"""The service worker as it is served: a script that hands the list of its release to static/service-worker.js."""

import hashlib
import json
from functools import lru_cache

from flask import render_template, url_for

from blueprints.assets import Assets, assets

# What every page needs: kept by every phone ...
SHELL = (
    "app.css",
    "app.js",
    "phone.js",
    "approvals.js",
    "offline.js",
    "vendor/htmx.min.js",
    "icons.svg",
    "icons/favicon.svg",
)
# ... and what the log form needs besides: kept by the phone of who logs.
FORM = ("scan-form.js", "identifiers.json")


def script() -> str:
    """The worker. A change of any static file, or of the page that it keeps, changes this text, which is how a browser
    learns of a new release."""
    own = assets()
    return _script(own, own.release())


@lru_cache(maxsize=8)  # browsers ask for it at every page that they open
def _script(own: Assets, files: str) -> str:
    names = own.with_imports(*SHELL)
    page = render_template("pwa/page.html", me=None, rooms=[], more_rooms=[])
    release = {
        "release": hashlib.sha256((files + page).encode()).hexdigest()[:12],
        "static": own.url(""),
        "shell": sorted(own.url(name) for name in names),
        "form": sorted(own.url(name) for name in own.with_imports(*FORM) - names),
        "offline": url_for("pwa.offline"),
    }
    return f'import {{ serve }} from "{own.url("service-worker.js")}";\nserve({json.dumps(release, indent=2)});\n'
