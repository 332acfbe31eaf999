"""Taking a counted scan back to its mentor: the student asks for it, the mentor reopens it or declines."""

import clock
from models import Person, Scan, db
from workflows.refusals import Conflict
from workflows.reviews.reviews import judged_scan, reason_of, uncount
from workflows.scans import transitions
from workflows.scans.ownership import editable_scan

ASKED = "You have asked for this already. Your mentor answers it."
NOT_ASKED = "Nobody asks to reopen this scan."


def reopen(scan_id: str, *, by: Person, why: str, step: int | None = None, named_nobody: str = "") -> Scan:
    """Take a counted scan back to the mentor, with a reason that the student sees; then it can be corrected.

    When the mentor who counted it has left the placement, any of its mentors may, and has it from then on.
    Raises Invalid: no reason was given. Conflict: it is not counted, or was overtaken. Refused, NotFound.
    """
    reason, warned = reason_of(why, named_nobody)
    with db.atomic():
        scan, now = judged_scan(scan_id, by, or_left=True), clock.now()
        if transitions.done_already(scan, "reopen", by=by, now=now, version=None, step=step, why=reason):
            return scan
        return uncount(scan, "reopen", by, now, reason, **warned)


def ask(scan_id: str, *, by: Person, why: str, step: int | None = None, named_nobody: str = "") -> Scan:
    """The student asks the mentor to reopen a counted scan, with a reason; one request at a time.

    The reason passes the screen like every text. It is read in the scan's story and in the student's own files: in no
    notice or mail, and in no file for others.
    Raises Invalid: no reason was given. Conflict: it is not counted, was asked already, or was overtaken. Refused,
    NotFound.
    """
    reason, warned = reason_of(why, named_nobody, "Say why, so that your mentor can decide.")
    with db.atomic():
        scan, now = editable_scan(scan_id, by), clock.now()
        if transitions.done_already(scan, "ask_to_reopen", by=by, now=now, version=None, step=step, why=reason):
            return scan
        if transitions.is_undoable(scan, now):
            raise Conflict(transitions.JUDGING, scan)
        if scan.reopen_asked_at is not None:
            raise Conflict(ASKED, scan)
        changes = {"reopen_asked_at": now}
        return transitions.apply(
            scan, "ask_to_reopen", scan.state, by=by, now=now, changes=changes, why=reason, **warned
        )


def decline(scan_id: str, *, by: Person, why: str, step: int | None = None, named_nobody: str = "") -> Scan:
    """Leave a scan counted that its student asked to reopen, saying why.
    Raises Invalid: no reason was given. Conflict: nobody asks for it, or it was overtaken. Refused, NotFound.
    """
    reason, warned = reason_of(why, named_nobody)
    with db.atomic():
        scan, now = judged_scan(scan_id, by, or_left=True), clock.now()
        if transitions.done_already(scan, "decline_to_reopen", by=by, now=now, version=None, step=step, why=reason):
            return scan
        if scan.reopen_asked_at is None:
            raise Conflict(NOT_ASKED, scan)
        changes = {"reopen_asked_at": None}
        return transitions.apply(
            scan, "decline_to_reopen", scan.state, by=by, now=now, changes=changes, why=reason, **warned
        )
