"""The answers to a scan that was logged, corrected or moved: JSON for the phone's outbox, a page for a person."""

from dataclasses import asdict
from typing import Any

from flask import Response, url_for

import clock
from blueprints.access import me
from blueprints.form_errors import as_json
from blueprints.hypermedia import about, go_to, json_answer, wants_json
from models import Scan
from workflows.refusals import Invalid
from workflows.scans import mentor_gone, transitions
from workflows.scans.scans import Logged

# Another scan of the same region or a neighbouring one was logged minutes before; until it is answered this is a draft.
QUESTION = (
    "Is this another patient? POST to its url followed by /sending sends it, by /same-patient joins it to the other"
    " side of the same patient, or notes that another region is of the same, by /withdrawal takes it out."
)

# What was entered contradicts itself; until that is answered it is a draft.
ASKED = "Is this meant? POST to its url followed by /sending, with the keys of `asks` as `meant`, sends it as it is."


def saved(done: Logged, status: int = 201, **marks: str) -> Response:
    """The scan was saved: its id, version and state as answered the first time; the page for a browser."""
    if not wants_json():
        return go_to(url_for("scans.show", scan_id=done.scan.id, **marks))
    twin = done.duplicate_of.id if done.duplicate_of else None
    return json_answer(
        {
            **_identity(done.scan),
            "state": done.state,
            "version": done.version,
            "lacks": list(done.missing),
            "duplicate_of": twin,
            "asks": [asdict(ask) for ask in done.asks],
            "question": QUESTION if twin else ASKED if done.asks else None,
            "mentor_gone": mentor_gone.why(done.scan, list(done.missing)) or None,
        },
        status,
    )


def changed(scan: Scan, **marks: str) -> Response:
    """The scan took another state."""
    if wants_json():
        return json_answer({**_identity(scan), **current_state(scan)}, 200)
    return go_to(url_for("scans.show", scan_id=scan.id, **marks))


def same_patient(scan: Scan, first: Scan | None) -> Response:
    """It was said that the scan is of the same patient; `first` is the one to which it was joined, if it was."""
    if wants_json():
        return json_answer({**_identity(scan), **current_state(scan), "joined_to": first.id if first else None}, 200)
    if first is None:
        return go_to(url_for("scans.show", scan_id=scan.id, sent="1"))
    return go_to(url_for("scans.show", scan_id=first.id, joined="1"))


def invalid(invalid: Invalid) -> Response:
    """JSON: field -> sentences, and what the screen found (blueprints/form_errors.py)."""
    body = {"error": "invalid", "message": invalid.sentence, "errors": invalid.problems}
    return json_answer({**body, **as_json(invalid), **about()}, 422)


def conflict(sentence: str, scan: Scan) -> Response:
    """JSON: the scan that has this id, so that the caller can show both."""
    body: dict[str, Any] = {"error": "conflict", "message": sentence, **_identity(scan)}
    return json_answer({**body, **current_state(scan), "headline": scan.headline}, 409)


def current_state(scan: Scan) -> dict[str, Any]:
    """The scan's id, version, state and last step, as this person may see them."""
    return transitions.current_state(scan, me().id, clock.now())


def _identity(scan: Scan) -> dict[str, Any]:
    return {
        "scan_id": scan.id,
        "id": scan.id,
        "case_number": scan.case_number,
        "url": url_for("scans.show", scan_id=scan.id),
    }
