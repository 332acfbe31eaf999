"""Erasing somebody, which cannot be undone: their name is typed."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired

from blueprints.field_limits import AtMost
from workflows.people import people


class ErasureForm(FlaskForm):
    name = StringField("Type the name to confirm", [InputRequired("Type the name."), AtMost(people.MOST_NAME)])
