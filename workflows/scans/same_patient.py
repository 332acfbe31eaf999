"""*Same patient*: the answer to what is asked about a scan that was logged minutes after another one (R4).

Of the other side, it is joined to the first, which has both sides then, and is withdrawn; that can be undone. Of a
neighbouring region, both stay, and the story of each names the other.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from peewee import ModelSelect

import clock
from models import Enrolment, Person, Scan, db
from rules import same_patient as rules
from rules import states
from rules.programme import Programme
from workflows.course import programmes
from workflows.refusals import Conflict, Invalid
from workflows.scans import scan_entry, scans, transitions
from workflows.scans.ownership import editable_scan
from workflows.scans.scan_entry import CheckedEntry, entry_of

OPEN = (states.DRAFT, states.WITH_MENTOR, states.RETURNED)  # the states in which the first can be widened
ALIKE = "One entry says this once, for both sides: edit one of the two until they are alike, then widen."


def relation_of(programme: Programme, scan: Scan) -> str:
    """How a scan that is asked about may be of the patient of an earlier one; empty when it is not asked about."""
    first = scan.duplicate_of if scan.state == states.DRAFT else None
    if first is None or first.state == states.WITHDRAWN:
        return ""
    return rules.relation(programme, (first.region, first.side), (scan.region, scan.side))


def answer(
    scan_id: str, *, by: Person, version: int, step: int | None = None, meant: Iterable[str] = ()
) -> tuple[Scan, Scan | None]:
    """Say that a scan which is asked about is of the same patient.
    `meant`: keys of the contradictions that the student says are meant.
    Returns the scan, and the first one, to which it was joined; None where both stay. Raises Invalid: the two cannot be
    one entry, or something is missing; with sentences that say what. Conflict: it was answered otherwise, or the first
    was approved meanwhile. NotFound, Refused.
    """
    scan, checked = editable_scan(scan_id, by), None
    enrolment = Enrolment.get_by_id(scan.enrolment_id)
    programme = programmes.get(enrolment.cohort.programme)
    relation = relation_of(programme, scan)
    if relation and scan.version == version:
        if relation == rules.OTHER_SIDE:
            checked = _check_joined(programme, enrolment, scan, meant)
        elif relation == rules.NEIGHBOUR:
            checked = scan_entry.check(programme, enrolment, entry_of(scan), clock.now(), scan, meant=meant)
        else:
            raise Invalid({"form": [f"{_case(scan.duplicate_of, capital=True)} says it already: withdraw this one."]})
    with db.atomic():
        first, scan, now = scan.duplicate_of, editable_scan(scan_id, by), clock.now()
        if transitions.done_already(scan, "same_patient", by=by, now=now, version=version, step=step):
            return scan, scan.duplicate_of if scan.state == states.WITHDRAWN else None
        if checked is None or relation_of(programme, scan) != relation:
            raise Conflict(transitions.CHANGED, scan)
        if relation == rules.NEIGHBOUR:
            return _keep_both(programme, scan, checked, by, now), None
        if entry_of(first) != entry_of(scan.duplicate_of):
            raise Conflict(transitions.CHANGED, scan.duplicate_of)
        return scan, _join(programme, scan, checked, by, now)


def why_not_joined(programme: Programme, scan: Scan) -> list[str]:
    """Why a scan of the other side cannot be joined to the first, as far as its student may know; empty when it can."""
    first = scan.duplicate_of
    if first.state not in OPEN and not transitions.is_undoable(first, clock.now()):
        return [
            f"{_case(first, capital=True)} is approved: it has another side only after your mentor has reopened it."
        ]
    if first.duplicate_of_id:
        return [f"Say first whether {_case(first)} is another patient: it is asked about, too."]
    if missing := scan_entry.missing_of(programme, scan):
        return [f"Before it can be joined it needs: {', '.join(missing)}."]
    differ = rules.differences(programme, entry_of(first), entry_of(scan), _case(first))
    return [*differ, ALIKE] if differ else []


def joined_to(programme: Programme, first: Scan) -> Scan | None:
    """The scan that was joined to this one, while nothing has been done with this one since."""
    second = _asked_about(first).where(Scan.state == states.WITHDRAWN).first()
    steps = [step for step in transitions.steps_of(first.id) if step.verb not in states.CHANGES_NOTHING]
    is_last = second is not None and (steps[-1].verb, steps[-1].why) == ("correct", _joined_note(programme, second))
    return second if is_last else None


def take_back(first_id: str, *, by: Person, version: int, step: int | None = None) -> Scan:
    """Undo *Same patient: widen*: the first says of its side what it said, with the student's words and a draft from
    the taps, and the other one, which is returned, is a draft that is asked about.
    Raises Conflict: nothing was joined to it, or it was changed since.
    """
    first = editable_scan(first_id, by)
    enrolment = Enrolment.get_by_id(first.enrolment_id)
    programme = programmes.get(enrolment.cohort.programme)
    second = joined_to(programme, first)
    checked = _check_parted(programme, enrolment, first, second) if second else None
    with db.atomic():
        first, now = editable_scan(first_id, by), clock.now()
        done = transitions.done_already(first, "correct", by=by, now=now, version=version, step=step)
        if done and (undone := _parted_from(programme, first, done)):
            return undone
        second = None if done else joined_to(programme, first)
        if checked is None or second is None:
            raise Conflict(transitions.OVERTAKEN, first)
        placed, later = scan_entry.place(checked, now, first), first.state != states.WITH_MENTOR
        why = _parted_note(programme, second)
        scans.write_correction(first, placed, by=by, now=now, later=later, why=why)
        return transitions.apply(second, "restore", states.DRAFT, by=by, now=now)


def _check_joined(programme: Programme, enrolment: Enrolment, scan: Scan, meant: Iterable[str]) -> CheckedEntry:
    """The first scan's entry with this one joined to it, checked. Raises Conflict: the first is approved. Invalid."""
    first, now = scan.duplicate_of, clock.now()
    wrong = why_not_joined(programme, scan)
    if first.state not in OPEN:
        raise Conflict(transitions.JUDGING if transitions.is_undoable(first, now) else wrong[0], first)
    if wrong:
        raise Invalid({"form": wrong})
    entry = rules.joined(programme, entry_of(first), entry_of(scan), scan.composed)
    entry = replace(entry, report_base=first.composed)
    answered = {*meant, *scan.meant}
    unanswered = {ask.key for ask in scan_entry.asks_of(programme, first)}
    unanswered |= {ask.key for ask in scan_entry.asks_of(programme, scan)} - answered
    passed = rules.of_any_side({*first.meant, *answered} - unanswered)
    return scan_entry.check(programme, enrolment, entry, now, first, meant=passed, known=scan.report)


def _check_parted(programme: Programme, enrolment: Enrolment, first: Scan, second: Scan) -> CheckedEntry:
    """The first scan's entry without the one that was joined to it, checked.
    Raises Conflict: its report is not as it was joined. Invalid.
    """
    both = replace(entry_of(first), report_base=first.composed)
    entry = rules.parted(programme, both, entry_of(second), second.composed)
    if entry is None:
        raise Conflict(transitions.OVERTAKEN, first)
    return scan_entry.check(programme, enrolment, entry, clock.now(), first, meant=rules.of_no_side(first.meant))


def _join(programme: Programme, scan: Scan, checked: CheckedEntry, by: Person, now: datetime) -> Scan:
    """Write the checked entry of both sides over the first scan, and withdraw this one."""
    first = scan.duplicate_of
    why = f"The same patient as {_named(programme, first)}, to which it was joined."
    placed, later = scan_entry.place(checked, now, first), first.state != states.WITH_MENTOR
    scans.write_correction(first, placed, by=by, now=now, later=later, why=_joined_note(programme, scan))
    transitions.apply(scan, "same_patient", states.WITHDRAWN, by=by, now=now, why=why)
    return first


def _keep_both(programme: Programme, scan: Scan, checked: CheckedEntry, by: Person, now: datetime) -> Scan:
    """Send the scan, and say in its story and in that of the first that they are of one patient."""
    first = scan.duplicate_of
    why = f"The same patient as {_named(programme, first)}."
    scan = scans.write_sending(scan, checked, by=by, now=now, verb="same_patient", why=why)
    why = f"The same patient as {_named(programme, scan)}."
    transitions.apply(first, states.LINK, first.state, by=by, now=now, why=why)
    return scan


def _parted_from(programme: Programme, first: Scan, done: states.Step) -> Scan | None:
    """The scan that was parted from this one by that step, if it was."""
    return next((scan for scan in _asked_about(first) if done.why == _parted_note(programme, scan)), None)


def _asked_about(first: Scan) -> ModelSelect:
    """The scans of which it is, or was, asked whether they are of the patient of this one."""
    return Scan.select().where(Scan.enrolment == first.enrolment_id, Scan.duplicate_of == first.id)


def _joined_note(programme: Programme, second: Scan) -> str:
    return f"{_named(programme, second, capital=True)}, of the same patient, was joined to it."


def _parted_note(programme: Programme, second: Scan) -> str:
    return f"{_named(programme, second, capital=True)}, is an entry of its own again."


def _named(programme: Programme, scan: Scan, *, capital: bool = False) -> str:
    """ "case 0012, left shoulder"."""
    return f"{_case(scan, capital=capital)}, {rules.place(programme, scan.region, scan.side)}"


def _case(scan: Scan, *, capital: bool = False) -> str:
    return f"{'Case' if capital else 'case'} {scan.case_number:04}"
