"""Static files under addresses that change with their content, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from pathlib import Path
from time import monotonic

from flask import Flask, Response, request, url_for

from blueprints.access import ANYBODY

YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    app.view_functions["static"].allowed = frozenset({ANYBODY})  # type: ignore[attr-defined]
    folder = Path(app.static_folder or "static")

    @cache
    def fingerprint(name: str, changed: int) -> str:
        return hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]

    @lru_cache(maxsize=256)
    def address(name: str, second: int) -> str:
        # Hashed again only when the file has changed, looked at once a second: a stylesheet being worked on shows soon.
        return url_for("static", filename=name, v=fingerprint(name, (folder / name).stat().st_mtime_ns))

    def static_url(name: str) -> str:
        """The address of a static file, with its content's fingerprint."""
        return address(name, int(monotonic()))

    @app.after_request
    def keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code == 200:
            asked = request.args.get("v")
            response.cache_control.no_cache = None
            response.cache_control.public = True
            response.cache_control.max_age = YEAR if asked else 0
            response.cache_control.immutable = bool(asked)
        return response

    app.jinja_env.globals["static_url"] = static_url
