"""What was not saved, and why: beside the fields of its form, with what the screen found in a text
(macros/screening.html); as JSON for a phone's outbox.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, make_response, request
from flask_wtf import FlaskForm

from blueprints.hypermedia import json_answer, wants_json
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


def check(form: FlaskForm) -> None:
    """Raises Invalid for what a form's own fields refuse."""
    if not form.validate():
        raise Invalid({name: errors for name, errors in form.errors.items() if name})


def show_errors(form: FlaskForm, invalid: Invalid | None, other: str = "") -> None:
    """Show the sentences beside their fields; beside the field `other` those of none that the form has."""
    for name, sentences in (invalid.problems if invalid else {}).items():
        form[name if name in form or not other else other].errors = list(sentences)


def not_saved(
    invalid: Invalid, page: Callable[[Invalid], str | Response], form: FlaskForm | None = None, other: str = ""
) -> Response:
    """422: JSON for who asks for that, else the page, with the sentences beside the fields of its form."""
    if wants_json():
        return refused_as_json(invalid.problems, invalid)
    if form is not None:
        show_errors(form, invalid, other)
    return make_response(page(invalid), 422)


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
