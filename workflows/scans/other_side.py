"""The other side of the same patient: added to an entry right after it was logged (R4), and taken back."""

from dataclasses import replace
from datetime import datetime, timedelta

import clock
from models import Person, Scan
from rules import same_patient, sides, states
from workflows.course import programmes
from workflows.refusals import Conflict, Invalid
from workflows.scans import scans, transitions
from workflows.scans.ownership import editable_scan
from workflows.scans.scan_entry import entry_of


def may_add_side(scan: Scan, now: datetime) -> bool:
    """Whether the other side of the same patient can be added to this entry (R4): right after it was logged alone."""
    minutes = programmes.get(scan.enrolment.cohort.programme).duplicate_minutes
    fresh = scan.version == 1 and now - scan.received_at <= timedelta(minutes=minutes)
    one_sided = scan.side in sides.OPPOSITE and not scan.procedure
    return fresh and one_sided and scan.state in (states.DRAFT, states.WITH_MENTOR)


def take_side_back(scan_id: str, side: str, *, by: Person, version: int, step: int | None = None) -> scans.Logged:
    """Undo *Other side too*: the entry is of this side again, with what it says of it and the student's own words.
    Raises Invalid: no such side. Conflict: it has no two sides that were told apart, or was changed since.
    """
    scan, now = editable_scan(scan_id, by), clock.now()
    if side not in sides.OPPOSITE:
        raise Invalid({"side": ["Choose one of the list."]})
    is_so = scan.side == side
    if transitions.done_already(scan, "correct", by=by, now=now, version=version, step=step, is_so=is_so) and is_so:
        return scans.Logged(scan, scan.state, scan.version, replayed=True)
    steps = [(step.verb, step.why) for step in transitions.steps_of(scan_id) if step.verb not in states.CHANGES_NOTHING]
    if steps != [("log", ""), ("correct", "")]:
        raise Conflict(transitions.OVERTAKEN, scan)
    entry = sides.narrowed(replace(entry_of(scan), report_base=scan.composed), side)
    later, meant = scan.state != states.WITH_MENTOR, same_patient.of_no_side(scan.meant)
    return scans.correct(scan_id, entry, by=by, version=version, step=step, later=later, meant=meant)
