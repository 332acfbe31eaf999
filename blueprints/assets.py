"""Static files under addresses that change with their content, so that browsers may keep them for ever.

A module names what it imports beside it (`import { open } from "./store.js"`). As it is served, each such name is the
whole address with the fingerprint: what is imported may be kept for ever too, and a change below changes all above it.
The lines that are comments stay here: of 41 kB of our modules, compressed, they are 9 (measured with all of static/).
"""

from __future__ import annotations

import hashlib
import re
from functools import cache, lru_cache
from pathlib import Path
from time import monotonic

import brotli
from flask import Flask, Response, current_app, request, url_for
from werkzeug.utils import safe_join

from blueprints.access import ANYBODY

YEAR = 365 * 24 * 3600
IMPORT = re.compile(r'(\b(?:from|import) ")\./([a-z0-9_./-]+\.js)(")')
COMMENT = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)  # a line that is nothing else
TEXTS = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml"}
# Data that rules read and browsers too, beside the files of static/.
SHARED = {"identifiers.json": Path(__file__).resolve().parent.parent / "rules" / "identifiers.json"}


class Assets:
    """The static files as they are served."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.read = cache(self._read)
        self.address = lru_cache(maxsize=512)(self._address)

    def path(self, name: str) -> Path:
        return SHARED.get(name) or self.folder / name

    def url(self, name: str) -> str:
        """The address of a static file, with its content's fingerprint."""
        return self.address(name, self.changed())

    def text(self, name: str) -> str:
        """A module as it is served."""
        return self.read(name, self.changed()).decode()

    def imports(self, name: str) -> list[str]:
        """The modules that a module imports from beside it."""
        if not name.endswith(".js"):
            return []
        beside = Path(name).parent
        return [(beside / found[1]).as_posix() for found in IMPORT.findall(self.path(name).read_text(encoding="utf-8"))]

    def changed(self) -> int:
        """When any of them last changed. Looked at once a second: a stylesheet being worked on shows soon."""
        return self._changed(int(monotonic()))

    @lru_cache(maxsize=2)  # noqa: B019 - one for each application, which lives as long as the process
    def _changed(self, second: int) -> int:
        return max(file.stat().st_mtime_ns for file in (*self.folder.glob("**/*.*"), *SHARED.values()))

    def _read(self, name: str, changed: int) -> bytes:
        data = self.path(name).read_bytes()
        if not name.endswith(".js") or name.startswith("vendor/"):
            return data
        beside = Path(name).parent

        def whole(match: re.Match[str]) -> str:
            return f"{match[1]}{self.address((beside / match[2]).as_posix(), changed)}{match[3]}"

        return IMPORT.sub(whole, COMMENT.sub("", data.decode())).encode()

    def _address(self, name: str, changed: int) -> str:
        fingerprint = hashlib.sha256(self.read(name, changed)).hexdigest()[:12]
        return url_for("static", filename=name, v=fingerprint)


def assets() -> Assets:
    """Those of the application that answers now."""
    return current_app.extensions["assets"]


@lru_cache(maxsize=128)
def _small(data: bytes) -> bytes:
    """As small as it gets: it takes a tenth of a second, once for each content."""
    return brotli.compress(data, quality=11)


def init_app(app: Flask) -> None:
    own = app.extensions["assets"] = Assets(Path(app.static_folder or "static"))

    def static(filename: str) -> Response:
        path, kind = own.path(filename), TEXTS.get(Path(filename).suffix)
        inside = filename in SHARED or safe_join(str(own.folder), filename) is not None
        if kind is None or not inside or not path.is_file():
            return app.send_static_file(filename)
        data = own.read(filename, own.changed())
        response = Response(data, mimetype=kind)
        if request.accept_encodings["br"]:
            response = Response(_small(data), mimetype=kind, headers={"Content-Encoding": "br"})
        response.vary.add("Accept-Encoding")
        response.add_etag()
        return response.make_conditional(request)

    static.allowed = frozenset({ANYBODY})  # type: ignore[attr-defined]
    app.view_functions["static"] = static

    @app.after_request
    def keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code == 200:
            asked = request.args.get("v")
            response.cache_control.no_cache = None
            response.cache_control.public = True
            response.cache_control.max_age = YEAR if asked else 0
            response.cache_control.immutable = bool(asked)
        return response

    app.jinja_env.globals |= {"static_url": own.url}
