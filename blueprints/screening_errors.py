"""What the screen found in a text, told to who wrote it: as JSON for a phone's outbox; a page has macros/finds.html."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import request

from workflows.refusals import Invalid
from workflows.scans.screening import Find

NAMED_NOBODY = "named_nobody"  # the field that says: what you asked about names no patient


def named_nobody() -> str:
    """The marks of the finds that the writer has been asked about and says name no patient."""
    return request.form.get(NAMED_NOBODY, "")


@dataclass(frozen=True)
class Shown:
    """What a page shows beside its fields. `marks` is empty when saying so would not save it."""

    fields: dict[str, list[Find]] = field(default_factory=dict)
    marks: str = ""
    action: str = ""  # where the same form is sent again

    def of(self, name: str) -> list[Find]:
        return self.fields.get(name, [])


def shown(invalid: Invalid | None) -> Shown:
    """The finds of the form that was just sent; its own address, with what the pressed button said of it."""
    if invalid is None or not invalid.finds:
        return Shown()
    later = "?later=yes" if "later" in request.values else ""
    return Shown(invalid.finds, invalid.marks, f"{request.path}{later}")


def told(invalid: Invalid | None) -> dict[str, Any]:
    """For a JSON answer: `error` is "warned" when sending the form again with `named_nobody` saves it. The words that
    were found are not repeated: `start` and `end` count characters of the text as it was sent.
    """
    if invalid is None or not invalid.finds:
        return {}
    shows = ("kind", "start", "end", "severity", "sentence")
    hits = {
        name: [{key: getattr(find, key) for key in shows} for find in found] for name, found in invalid.finds.items()
    }
    asked = {"error": "warned", NAMED_NOBODY: invalid.marks} if invalid.marks else {}
    return {"hits": hits, **asked}
