"""A file for an item of the register's checklist."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField

from workflows.refusals import Invalid


class EvidenceForm(FlaskForm):
    """The file, and that it shows no patient. What may not be kept, the workflow says."""

    file = FileField("File")
    shows_nobody = BooleanField("No patient can be recognised in it")

    @classmethod
    def of(cls, item: str, invalid: Invalid | None) -> EvidenceForm:
        """The form of one item, with what was wrong when it was sent. Its fields have ids of their own on the page."""
        form = cls() if invalid else cls(formdata=None)
        for field in (form.file, form.shows_nobody):
            field.id = field.label.field_id = f"{field.name}-{item}"
            field.errors = (invalid.problems if invalid else {}).get(field.name, [])
        return form
