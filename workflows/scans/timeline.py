"""A scan's moves as people read them on its timeline: what happened, and when, in a few words."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from models import Move, Scan
from rules import states

LATE = timedelta(hours=1)  # from the saving on a phone to the reception here: there was no signal meanwhile

LABELS = {
    "log": "Logged",
    "correct": "Corrected",
    "send": "Sent to the mentor",
    "send_back": "Returned",
    "approve": "Approved",
    "undo": "Approval undone",
    "reopen": "Reopened",
    "ask_to_reopen": "Asked to reopen",
    "decline_to_reopen": "Not reopened",
    "hand_over": "Handed over",
    "withdraw": "Withdrawn",
    "restore": "Brought back as a draft",
    "same_patient": "Sent to the mentor",
    "reply": "Replied",
    "hide": "Text hidden",
    "link": "Another region of the patient",
    states.RELEASE: "Counts now: the mentor is confirmed",
    states.HOLD: "Held: the mentor’s confirmation has ended",
}


def summary(move: Move, scan: Scan) -> str:
    """What this move of the scan did."""
    what = LABELS[move.verb]
    if move.verb == "log":
        what += " on a phone without signal" if _was_late(scan) else ""
        what += " as a draft" if move.after == states.DRAFT else " and sent to the mentor"
    elif move.verb == "same_patient" and move.after == states.WITHDRAWN:
        what = "Joined and withdrawn"
    elif move.verb == "correct":
        sent = move.after == states.WITH_MENTOR and move.before != states.WITH_MENTOR
        what += f"{' and sent' if sent else ''} (version {move.version})"
    elif move.verb == "undo" and move.before == states.WITH_MENTOR:
        what = "Approval taken back before it arrived"
    elif move.verb == "approve":
        what = "Audited and approved" if scan.support == "aided" else what
        what += " (held)" if move.after == states.HELD else ""
    return what


def time_text(move: Move, scan: Scan, words: Callable[[datetime], str]) -> str:
    """When it was, an instant as `words` shows it. Of a scan that was logged without signal: when it was received here,
    and when it was saved by the phone's clock.
    """
    if move.verb == "log" and _was_late(scan):
        return f"received {words(move.at)}; saved on the phone {words(scan.entered_at)}"
    return words(move.at)


def visible_to_student(moves: Iterable[Move], *, undoable: bool) -> list[Move]:
    """A scan's moves, first to last, without those that its student is not told of (decision 8): each approval that was
    undone with its undo, and with `undoable` the last approval, which still can be.
    """
    visible: list[Move] = []
    for move in moves:
        if move.verb != "undo":
            visible.append(move)
        else:
            _take_approval_out(visible)
    if undoable:
        _take_approval_out(visible)
    return visible


def _take_approval_out(moves: list[Move]) -> None:
    """Without the approval with which these moves end, but for what changes nothing."""
    at = max((at for at, move in enumerate(moves) if move.verb not in states.CHANGES_NOTHING), default=-1)
    if at >= 0 and moves[at].verb == "approve":
        moves[at:] = [move for move in moves[at + 1 :] if move.verb not in (states.RELEASE, states.HOLD)]


def _was_late(scan: Scan) -> bool:
    return scan.entered_at is not None and scan.received_at - scan.entered_at > LATE
