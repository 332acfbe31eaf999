"""What the screen found in a text, for who wrote it: JSON for a phone's outbox; a page has macros/screening.html."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request

from blueprints.hypermedia import json_answer
from workflows.refusals import Invalid
from workflows.scans.screening import Match

NAMED_NOBODY = "named_nobody"  # the field that says: what you asked about names no patient


def named_nobody() -> str:
    """The marks of the matches that the writer has been asked about and says name no patient."""
    return request.form.get(NAMED_NOBODY, "")


@dataclass(frozen=True)
class ScreeningErrors:
    """What a page shows beside its fields. `marks` is empty when saying so would not save it."""

    fields: dict[str, list[Match]] = field(default_factory=dict)
    marks: str = ""
    action: str = ""  # where the same form is sent again

    def beside(self, name: str) -> list[Match]:
        return self.fields.get(name, [])


def errors_of(invalid: Invalid | None) -> ScreeningErrors:
    """The matches in the form that was just sent; its own address, with what the pressed button said of it."""
    if invalid is None or not invalid.matches:
        return ScreeningErrors()
    later = "?later=yes" if "later" in request.values else ""
    return ScreeningErrors(invalid.matches, invalid.marks, f"{request.path}{later}")


def refused_as_json(problems: Mapping[str, Any], invalid: Invalid | None) -> Response:
    """422: field -> sentences, and what the screen found."""
    body = {"error": "invalid", "message": "Put right what is named.", "problems": problems}
    return json_answer({**body, **as_json(invalid)}, 422)


def as_json(invalid: Invalid | None) -> dict[str, Any]:
    """For a JSON answer: `error` is "warned" when sending the form again with `named_nobody` saves it. The words that
    were found are not repeated: `start` and `end` count characters of the text as it was sent.
    """
    if invalid is None or not invalid.matches:
        return {}
    keys = ("kind", "start", "end", "severity", "sentence")
    hits = {
        name: [{key: getattr(one, key) for key in keys} for one in found] for name, found in invalid.matches.items()
    }
    asked = {"error": "warned", NAMED_NOBODY: invalid.marks} if invalid.marks else {}
    return {"hits": hits, **asked}
