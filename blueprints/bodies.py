"""What is sent to us arrived whole, holds no files, and is no longer than a page of ours could have made it.

A phone that loses its signal in the middle of a form must not leave half a scan. The server that we run on hands over
what it got and says that this is all (`wsgi.input_terminated`), so the length that was announced is compared here.
"""

from __future__ import annotations

from flask import Flask, Response, abort, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from blueprints.access import somebody
from blueprints.errors import SENTENCES
from blueprints.hypermedia import ANOTHER, CUT_OFF, KEPT_FOR, refusal

MOST_FIELDS = 500  # every finding of a region, ticked, is about half of that


def init_app(app: Flask) -> None:
    app.before_request(_whole)
    app.before_request(_without_nul)
    app.before_request(_of_who_is_here)


def _whole() -> Response | None:
    announced = request.content_length
    if announced and len(request.get_data()) < announced:
        return refusal(SENTENCES[400], 400, CUT_OFF)
    if request.files:
        abort(400)
    if sum(len(values) for _, values in request.form.lists()) > MOST_FIELDS:
        abort(413)
    return None


def _without_nul() -> None:
    """A NUL is a letter of nobody's text, and PostgreSQL keeps none: it is left out before anything is read."""
    request.args, request.form = _plain(request.args), _plain(request.form)


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
