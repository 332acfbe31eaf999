"""Who is told of a scan's move: the student of what a mentor did, a mentor of a scan that came to them."""

from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, Field, Function, fn

from models import Enrolment, Scan
from rules import states
from statements import Prepared
from workflows.course import programmes

SUBJECT = SQL("'scan:'").concat(Scan.id)  # `subject_of` each scan of a query
_STUDENT = Prepared(lambda number: Enrolment.select(Enrolment.person).where(Enrolment.id == number).tuples())
_TO_STUDENT = {
    "send_back": "scan_returned",
    "reopen": "scan_reopened",
    "decline_to_reopen": "reopen_declined",
    "approve": "scan_approved",
    states.HIDE: "scan_hidden",
}
_TO_MENTOR = {"ask_to_reopen": "reopen_asked", states.REPLY: "scan_replied"}


def subject_of(scan_id: str) -> str:
    """What notices about this scan name as their subject."""
    return f"scan:{scan_id}"


def scan_id_of(subject: Field) -> Function:
    """The scan's id in a column of subjects, within a query; of another subject, what is no scan's id."""
    return fn.SUBSTR(subject, len(subject_of("")) + 1)


def student_of(scan: Scan) -> int:
    """Id of the person whose scan it is. Asked once for a scan at hand, unless it was read with it, as `student`."""
    if "student" not in scan.__dict__:
        scan.__dict__["student"] = _STUDENT.value(scan.enrolment_id)
    return scan.__dict__["student"]


def notice_of(scan: Scan, verb: str, before: str | None, *, by: int, now: datetime, why: str) -> dict[str, Any] | None:
    """What `notices.notify` takes for a move that was just made; None when nobody is told.

    A student hears of an approval once it can no longer be undone (decision 8).
    """
    deliver_at = None
    if kind := _TO_STUDENT.get(verb):
        to = student_of(scan)
        if verb == "approve":
            kind = "scan_commented" if why else kind
            deliver_at = now + programmes.longest_undo() + timedelta.resolution  # at its very end an undo still comes
    elif verb in _TO_MENTOR:
        kind, to = _TO_MENTOR[verb], scan.mentor_id
    elif scan.state == states.WITH_MENTOR and verb != "undo" and (before != states.WITH_MENTOR or verb == "hand_over"):
        kind, to = ("scan_handed_over" if verb == "hand_over" else "scan_sent"), scan.mentor_id
    else:
        return None
    return {"kind": kind, "subject": subject_of(scan.id), "to": to, "by": by, "at": now, "deliver_at": deliver_at}
