"""What the counters hang on, in a word: an ETag, so that an open page is answered 304 while nothing has changed."""

from __future__ import annotations

from datetime import date
from zlib import crc32

from flask import Response


def of(version: str, today: date) -> str:
    """From the version of the cohort's numbers (`counting.version_of`) and the programme's day."""
    return f"{version}-{today:%y%m%d}"


def changed(validator: str, address: str) -> str:
    """The same for the piece that says so when the page around it is of another, and leads to this address."""
    return f"{validator}-changed-{crc32(address.encode()):08x}"


def on(answer: Response, validator: str) -> Response:
    """The answer with its validator; weak, as it may be compressed."""
    answer.set_etag(validator, weak=True)
    return answer
