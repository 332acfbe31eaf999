"""Static files under the address of their release, so that browsers may keep them for ever.

    /static/<release>/outbox.js

The release is a digest of all static files. A module imports what lies beside it by its own name (`./store.js`), so
whatever a page of one release loads is of one release. An address without a release, or with another one (a page that
was open while a new release came), answers with today's file, which is kept by nobody. A module is served without the
lines that are comments: of 41 kB of our modules, compressed, they are 9.
"""

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from posixpath import dirname, join, normpath
from time import monotonic

import brotli
from flask import Flask, Response, current_app, request
from werkzeug.utils import safe_join

from blueprints.access import ANYBODY

YEAR = 365 * 24 * 3600
COMMENT = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)  # a line that is nothing else
IMPORT = re.compile(r'\b(?:from|import)[ (]"(\.[^"]+\.js)"')
RELEASED = re.compile(r"(?:([0-9a-f]{12})/)?(.*)", re.DOTALL)
TEXTS = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml"}
# Data that rules read and browsers too, beside the files of static/.
SHARED = {"identifiers.json": Path(__file__).resolve().parent.parent / "rules" / "identifiers.json"}


class Assets:
    """The static files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path | None:
        """Where a static file lies; None when there is none of this name."""
        inside = safe_join(str(self.folder), name)
        path = SHARED.get(name) or (Path(inside) if inside else None)
        return path if path and path.is_file() else None

    def release(self) -> str:
        """The digest of all static files. They are looked at once a second, so that an edited file shows soon."""
        return self._release(int(monotonic()))

    def url(self, name: str) -> str:
        """The address of a static file in the current release."""
        return f"/static/{self.release()}/{name}"

    def with_imports(self, *names: str) -> set[str]:
        """These files, and every module that they import, however far down."""
        found, left = set(), list(names)
        while left:
            name = left.pop()
            if name not in found:
                found.add(name)
                text = (self.folder / name).read_text(encoding="utf-8") if name.endswith(".js") else ""
                left += [normpath(join(dirname(name), imported)) for imported in IMPORT.findall(text)]
        return found

    @lru_cache(maxsize=2)  # noqa: B019 - one for each application, which lives as long as the process
    def _release(self, second: int) -> str:
        files = [file for file in (*self.folder.rglob("*"), *SHARED.values()) if file.is_file()]
        return _digest(tuple(sorted((str(file), file.stat().st_mtime_ns) for file in files)))


@lru_cache(maxsize=8)
def _digest(files: tuple[tuple[str, int], ...]) -> str:
    paths = [Path(name) for name, _ in files]
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in paths)).hexdigest()[:12]


def assets() -> Assets:
    """The static files of the application that answers now."""
    return current_app.extensions["assets"]


@lru_cache(maxsize=128)
def _compressed(data: bytes) -> bytes:
    """As small as it gets: it takes a tenth of a second, once for each content."""
    return brotli.compress(data, quality=11)


def init_app(app: Flask) -> None:
    own = app.extensions["assets"] = Assets(Path(app.static_folder or "static"))

    def static(filename: str) -> Response:
        release, name = RELEASED.fullmatch(filename).groups()  # type: ignore[union-attr]
        response = _file(own, name)
        current = release == own.release()
        response.cache_control.no_cache = None
        response.cache_control.public = True
        response.cache_control.max_age = YEAR if current else 0
        response.cache_control.immutable = current
        return response

    static.allowed = frozenset({ANYBODY})  # type: ignore[attr-defined]
    app.view_functions["static"] = static
    app.jinja_env.globals |= {"static_url": own.url}


def _file(own: Assets, name: str) -> Response:
    path, kind = own.path(name), TEXTS.get(Path(name).suffix)
    if kind is None or path is None:
        return current_app.send_static_file(name)
    data = path.read_bytes()
    if kind == "text/javascript" and not name.startswith("vendor/"):
        data = COMMENT.sub("", data.decode()).encode()
    response = Response(data, mimetype=kind)
    if request.accept_encodings["br"]:
        response = Response(_compressed(data), mimetype=kind, headers={"Content-Encoding": "br"})
    response.vary.add("Accept-Encoding")
    response.add_etag()
    return response.make_conditional(request)
