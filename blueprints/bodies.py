"""What is sent to us arrived whole, and holds no files: nobody uploads anything.

A phone that loses its signal in the middle of a form must not leave half a scan. The server that we run on hands over
what it got and says that this is all (`wsgi.input_terminated`), so the length that was announced is compared here.
"""

from __future__ import annotations

from flask import Flask, abort, request


def init_app(app: Flask) -> None:
    app.before_request(_whole)


def _whole() -> None:
    announced = request.content_length
    if announced and len(request.get_data()) < announced:
        abort(400)
    if request.files:
        abort(400)
