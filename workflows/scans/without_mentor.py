"""Drafts that lack only a mentor: their student may have them sent to whom they invite, once that person joins."""

from datetime import datetime

from models import Cohort, Enrolment, Person, Scan
from rules import states
from workflows.course import programmes
from workflows.scans import scan_entry, transitions

AT_MOST = 50  # of a student who has gone on for long without a mentor: the others are sent by hand


def drafts(placement: int) -> list[Scan]:
    """The drafts of this placement that lack nothing but a mentor, the oldest first."""
    rows = Scan.select(Scan, Enrolment, Cohort).join(Enrolment).join(Cohort)
    waiting = (Scan.placement == placement) & (Scan.state == states.DRAFT) & Scan.duplicate_of.is_null()
    found = rows.where(waiting).order_by(Scan.case_number).limit(AT_MOST)
    return [scan for scan in found if _lacks_only_a_mentor(scan)]


def _lacks_only_a_mentor(scan: Scan) -> bool:
    programme = programmes.get(scan.enrolment.cohort.programme)
    asks = {ask.key for ask in scan_entry.contradictions_of(programme, scan_entry.entry_of(scan))}
    return asks <= set(scan.meant) and scan_entry.missing_of(programme, scan) == ["mentor"]


def send(placement: int, mentor: Person, *, by: Person, now: datetime) -> int:
    """Send them to this mentor, as their student has asked. In the transaction in which the mentor joins. Returns how
    many.
    """
    found = drafts(placement)
    for scan in found:
        changes = {"mentor": mentor.id, "sent_at": now}
        transitions.apply(scan, "send", states.WITH_MENTOR, by=by, now=now, changes=changes)
    return len(found)
