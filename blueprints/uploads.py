"""Which views take a file, how large and of what kinds. Others refuse files (blueprints/request_checks.py).

A body beyond the usual limit is read only after its sender and the form's origin were looked at: asgi.py asks first,
without the body (FILE_TO_COME), and reads it into a temporary file then (docs/decisions/0046-files.md).
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask, current_app, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException

from rules.file_kinds import KINDS
from workflows import files
from workflows.refusals import Invalid

MB = 1024 * 1024
FIELD = "file"
# How many bytes are to come, in the environment of a request whose body waits for the answer 204.
FILE_TO_COME = "sonofolio.file_to_come"


@dataclass(frozen=True)
class Takes:
    """What a view takes: files of at most `mb` MB, of these kinds (none: the view looks itself)."""

    mb: int
    kinds: tuple[str, ...]

    @property
    def longest_body(self) -> int:
        """The form around the file, and somewhat too large a file, which is then told beside its field."""
        return (self.mb + 1) * MB

    @property
    def accept(self) -> str:
        """For the `accept` of the form's field."""
        return ",".join(self.kinds)

    @property
    def too_large(self) -> str:
        return f"A file may have at most {self.mb} MB. Choose a smaller one."


def takes_files(*, mb: int, kinds: Sequence[str] = ()) -> Callable:
    """Declare that a view takes files. It only declares, so its place cannot matter."""
    if unknown := set(kinds) - set(KINDS):
        raise ValueError(f"no kinds of rules/file_kinds.py: {sorted(unknown)}")

    def declare(view: Callable) -> Callable:
        view.takes_files = Takes(mb, tuple(kinds))  # type: ignore[attr-defined]
        return view

    return declare


def taken_by(app: Flask, endpoint: str | None) -> Takes | None:
    """What the view behind this endpoint takes; None: no files."""
    return getattr(app.view_functions.get(endpoint or ""), "takes_files", None)


def taken_here() -> Takes | None:
    """What the view of this request takes."""
    return None if request.method in ("GET", "HEAD", "OPTIONS") else taken_by(current_app, request.endpoint)


def longest_body(app: Flask, method: str, path: str) -> int:
    """How many bytes may be sent to this address as a form with a file; 0 where none is taken."""
    try:
        endpoint, _ = app.url_map.bind("localhost").match(path, method)
    except HTTPException:
        return 0
    takes = taken_by(app, endpoint)
    return takes.longest_body if takes else 0


def sent_file(field: str = FIELD) -> FileStorage:
    """The file that was sent in this field of the form, at its beginning; its name is not to be trusted.

    Raises:
        Invalid: there is none, or it is empty, too large or of no kind that the view takes.
    """
    takes, sent = taken_here(), request.files.get(field)
    if takes is None:
        raise RuntimeError("a view that reads a file declares @takes_files(...)")
    if sent is None or not (sent.filename or sent.stream.read(1)):
        raise Invalid({field: ["Choose a file."]})
    size = sent.stream.seek(0, io.SEEK_END)
    sent.stream.seek(0)
    if size > takes.mb * MB:
        raise Invalid({field: [takes.too_large]})
    if takes.kinds:
        files.check_kind(sent.stream, takes.kinds, field)  # type: ignore[arg-type]
    elif not size:
        raise Invalid({field: ["This file is empty. Choose another."]})
    return sent
