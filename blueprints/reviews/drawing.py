"""The cards of an inbox as they are drawn; most of them are as they were when it was opened last."""

from __future__ import annotations

import secrets

from markupsafe import Markup

from blueprints.kept import Kept
from blueprints.reviews.cards import Card
from blueprints.reviews.reading import Show

TOKEN = secrets.token_hex()  # stands for the form's own token, which is this moment's; no text of anybody's has it
_card = Kept("reviews/_card.html", most=2048)


def drawn(card: Card, show: Show, token: str) -> Markup:
    """The card as HTML, for this part of the inbox, with this token in its forms."""
    shows = (
        card.scan.row,  # the scan with its student, site and story
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
    return _card(shows, card=card, show=show, token=TOKEN).replace(TOKEN, token)
