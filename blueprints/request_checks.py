"""What is sent to us arrived whole, holds a file only where a view takes one, and is no longer than a page of ours
could have made it.

A phone that loses its signal in the middle of a form must not leave half a scan. Under our own server asgi.py has taken
the body in already; under any other it is read here, whole and within MAX_CONTENT_LENGTH, before the database is asked
anything. How long that may take is then that server's to say. A form with a file is read after it is known who is here.
"""

from typing import Any

from flask import Flask, Response, abort, g, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.routing import IntegerConverter, Map

from blueprints import uploads
from blueprints.access import SAFE, somebody
from blueprints.errors import SENTENCES, busy
from blueprints.hypermedia import ANOTHER, CUT_OFF, KEPT_FOR, refusal

MOST_FIELDS = 500  # every finding of a region, ticked, is about half of that
# What asgi.py says in the environment of a request.
BUSY = "sonofolio.busy"  # its turn to write did not come
WRITING_SINCE = "sonofolio.writing_since"  # when the oldest turn to write was taken (time.monotonic), or None
# What the application says there: the answer's pieces are to be sent one by one.
STREAMED = "sonofolio.streamed"


class RowNumber(IntegerConverter):
    """`<int:...>` of an address: a number larger than a database can take is no address of ours (404)."""

    def __init__(self, url_map: Map, **options: Any) -> None:
        super().__init__(url_map, **{"max": 2**63 - 1, **options})


def init_app(app: Flask) -> None:
    """Before everything else that looks at a request."""
    app.url_map.converters["int"] = RowNumber
    app.before_request(_whole)
    app.before_request(_come_back_later)
    app.before_request(_without_nul)


def init_owner_check(app: Flask) -> None:
    """After it is known who is here."""
    app.before_request(_with_file)
    app.before_request(_of_who_is_here)


def _whole() -> Response | None:
    chunked = "Transfer-Encoding" in request.headers
    if request.method in SAFE:
        return _cut_off() if request.content_length or chunked else None
    if takes := uploads.taken_here():
        request.max_content_length = request.max_form_memory_size = takes.longest_body
        if request.environ.get(uploads.FILE_TO_COME, 0) > takes.longest_body:
            abort(413)
        return None
    announced = request.content_length or 0
    length = len(request.get_data()) if announced or chunked else 0
    if length < announced:
        return _cut_off()
    if chunked and length >= (request.max_content_length or 0):
        abort(413)  # what is longer was not read to its end
    if request.files:
        abort(400)
    _few_fields()
    return None


def _few_fields() -> None:
    if sum(len(values) for _, values in request.form.lists()) > MOST_FIELDS:
        abort(413)


def _with_file() -> Response | None:
    """To a view that takes files: what was put off until it was known who is here."""
    if not uploads.taken_here():
        return None
    if uploads.FILE_TO_COME in request.environ:
        return Response(status=204)  # this person may send it
    _few_fields()
    request.form = _plain(request.form)
    return None


def _cut_off() -> Response:
    return refusal(SENTENCES[400], 400, CUT_OFF)


def _come_back_later() -> Response | None:
    if not request.environ.get(BUSY):
        return None
    g.nobody = True  # the database is not asked who it is
    return busy()


def _without_nul() -> None:
    """A NUL is a letter of nobody's text, and PostgreSQL keeps none: it is left out before anything is read."""
    request.args = _plain(request.args)
    if not uploads.taken_here():
        request.form = _plain(request.form)


def _plain(given: MultiDict[str, str]) -> MultiDict[str, str]:
    pairs = list(given.items(multi=True))
    if not any("\x00" in name + value for name, value in pairs):
        return given
    return ImmutableMultiDict([(name.replace("\x00", ""), value.replace("\x00", "")) for name, value in pairs])


def _of_who_is_here() -> Response | None:
    """A form that was filled in before somebody else signed in on this device is not sent in their name."""
    visitor, owner = somebody(), request.form.get(KEPT_FOR)
    if owner and visitor and owner != str(visitor.id):
        return refusal("Somebody else filled in this form. Sign in as them to send it.", 403, ANOTHER)
    return None
