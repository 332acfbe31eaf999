"""What the counters hang on, in a word: an ETag, so that an open page is answered 304 while nothing has changed."""

from __future__ import annotations

from datetime import date

from flask import Response


def of(version: str, today: date) -> str:
    """From the version of the cohort's numbers (`counting.version_of`) and the programme's day."""
    return f"{version}-{today:%y%m%d}"


def changed(validator: str) -> str:
    """The same for the piece that says so when the list below it is of another validator."""
    return f"{validator}-changed"


def on(answer: Response, validator: str) -> Response:
    """The answer with its validator; weak, as it may be compressed."""
    answer.set_etag(validator, weak=True)
    return answer
