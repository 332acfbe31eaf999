"""A student's line to the mentor who said something of a scan: a step of its story that changes nothing else."""

import clock
from models import Person, Scan, db
from rules import states
from workflows.refusals import Conflict
from workflows.reviews.reviews import reason_of
from workflows.scans import transitions
from workflows.scans.ownership import editable_scan

NOTHING_SAID = "Your mentor has said nothing of this scan yet."


def reply(scan_id: str, *, by: Person, why: str, named_nobody: str = "") -> Scan:
    """Keep the line, and notify the mentor. The same line sent again is kept once.
    Raises Invalid: nothing was written, or it identifies a patient. Conflict: the mentor has said nothing of the scan.
    Refused, NotFound.
    """
    words, warned = reason_of(why, named_nobody, "Write a line to your mentor.")
    with db.atomic():
        scan, now = editable_scan(scan_id, by), clock.now()
        steps = transitions.steps_of(scan_id)
        mentors_verbs = states.OF_MENTOR if not transitions.is_undoable(scan, now) else states.OF_MENTOR[:-1]
        places = [place for place, one in enumerate(steps) if one.why and one.verb in mentors_verbs]
        if not places or not states.can(states.REPLY, scan.state):
            raise Conflict(NOTHING_SAID, scan)
        if any((one.verb, one.why) == (states.REPLY, words) for one in steps[places[-1] :]):
            return scan
        return transitions.apply(scan, states.REPLY, scan.state, by=by, now=now, why=words, **warned)
