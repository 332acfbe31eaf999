"""The cards of an inbox as they are drawn; most of them are as they were when it was opened last."""

from __future__ import annotations

import secrets
from typing import Any

from flask import render_template
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from blueprints.kept import Kept
from blueprints.reviews.cards import Card
from blueprints.reviews.reading import Show

TOKEN = secrets.token_hex()  # stands for the form's token, which is this moment's; no text of anybody's has it
_card = Kept("reviews/_card.html", most=2048)


def drawn(card: Card, show: Show) -> Markup:
    """The card as HTML, for this part of the inbox; its forms get their token from `render`."""
    shows = (
        id(card.scan),  # with its student, site and story: read again, it is the same one only if the row is the same
        id(card.programme),
        card.mentor,
        card.sent,
        card.days_overdue,
        card.undo_seconds,
        card.message,
        card.focus,
        card.oob,
        show,
    )
    return _card(shows, card=card, show=show, token=TOKEN)


def render(template: str, **values: Any) -> str:
    """A page or a piece with cards, which it draws with `drawn`."""
    return render_template(template, drawn=drawn, **values).replace(TOKEN, generate_csrf())
