"""Stored files as answers: always to be saved, never opened as a page of ours."""

from flask import Response, request

from blueprints.request_checks import STREAMED
from models import File
from rules.file_names import plain
from workflows import files


def as_attachment(file: File, name: str) -> Response:
    """The file as a download of this name, in pieces. Who may have it is the view's to say.

    Args:
        name: with its ending.

    Raises:
        MissingFile: it is not there, or not as it was stored.
    """
    response = Response(files.read(file), mimetype=file.kind)
    response.content_length = file.bytes
    response.set_etag(file.sha256)
    return attachment(response, name).make_conditional(request.environ)


def attachment(response: Response, name: str) -> Response:
    """This answer as a download whose pieces are sent as they are read: each perhaps in another thread, so none may
    come from the database.
    """
    response.headers.set("Content-Disposition", "attachment", filename=plain(name))
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    request.environ[STREAMED] = True
    return response
