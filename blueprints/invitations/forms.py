"""Whom one invites. What may not be, the workflow says."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, SelectField, StringField

from workflows.people import people
from workflows.people.invitations import MOST_SITE


def _id(value: object) -> int | None:
    """An id; None for what is no number."""
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 12 else None


class InvitationForm(FlaskForm):
    """`placement` or `programme` says where; `means` is the button that was pressed."""

    placement = HiddenField()
    programme = HiddenField()
    role = HiddenField()
    cohort = SelectField("Cohort", coerce=_id, validate_choice=False)
    site_name = StringField("Site of the placement", render_kw={"maxlength": MOST_SITE})
    name = StringField("Name", render_kw={"maxlength": people.MOST_NAME})
    send_drafts = BooleanField("Send them what waits for a mentor")
    email = EmailField("Email", render_kw={"maxlength": people.MOST_EMAIL})

    @property
    def where(self) -> dict[str, int | str | None]:
        """The place that it names, as the workflow takes it."""
        return {"placement": _id(self.placement.data), "programme": self.programme.data or None}
