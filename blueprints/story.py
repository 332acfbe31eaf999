"""A scan's moves as people read them: what happened, in a few words."""

from __future__ import annotations

from models import Move
from rules import states

SAID = {
    "log": "Logged",
    "correct": "Corrected",
    "send": "Sent to the mentor",
    "send_back": "Returned",
    "approve": "Approved",
    "undo": "Approval undone",
    "reopen": "Reopened",
    "hand_over": "Handed over",
    "withdraw": "Withdrawn",
    "restore": "Brought back as a draft",
}


def said(move: Move, support: str) -> str:
    """What this move of a scan of that support did."""
    what = SAID[move.verb]
    if move.verb == "log":
        what += " as a draft" if move.after == states.DRAFT else " and sent to the mentor"
    elif move.verb == "correct":
        sent = move.after == states.WITH_MENTOR and move.before != states.WITH_MENTOR
        what += f"{' and sent' if sent else ''} (version {move.version})"
    elif move.verb == "approve" and support == "aided":
        what = "Audited and approved"
    return what
