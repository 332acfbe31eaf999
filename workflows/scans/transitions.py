"""Taking a scan from one state to another: the only place that changes `scan.state`.

Each transition is checked against the table of states, changes the row only if it is still the version that the person
saw, and writes one step of the scan's timeline, one row of history and the tallies, all in the caller's transaction.
"""

from datetime import datetime
from typing import Any

from models import Move, Person, Scan
from rules import states
from rules.scan_fields import CONTENT, LATER
from statements import Prepared
from workflows.counts import tallies
from workflows.counts.tallies import Facts
from workflows.course import programmes
from workflows.history import history, records
from workflows.notices import notices
from workflows.refusals import Conflict
from workflows.scans.scan_notices import notice_of, student_of

# Shown to a student while an approval can still be undone: neither that it is approved nor that it is not.
JUDGING = (
    "Your mentor is deciding on this scan just now. Look again in a minute; "
    "once it is approved, it changes only after your mentor has reopened it."
)


OVERTAKEN = "This was overtaken by what was done after it. Look at the scan as it stands now."
CHANGED = "This scan was changed meanwhile. Look at it again."
CHANGED_BY_STUDENT = "The student changed this scan while you were looking. Look at it again before you judge it."

_STEPS = Prepared(
    lambda number: (
        Move.select(Move.id, Move.verb, Move.by, Move.version, Move.before, Move.after, Move.why, Move.received)
        .where(Move.scan == number)
        .order_by(Move.id)
        .tuples()
    )
)


def steps_of(scan_id: str) -> list[states.Step]:
    """Every step of the scan's timeline, the first one first."""
    return [states.Step(*row) for row in _STEPS(scan_id)]


def last_step(scan_id: str) -> int:
    """The number of a scan's last step, which every form that changes the scan carries; 0 without one."""
    return max([step.id for step in steps_of(scan_id)], default=0)


def hidden_since(scan_id: str, received: str) -> states.Step | None:
    """The correction that came with this digest and was hidden later: sent again, it is answered as the first time."""
    steps = steps_of(scan_id)
    found = [place for place, step in enumerate(steps) if step.verb == "correct" and step.received == received]
    return steps[found[0]] if found and any(step.verb == states.HIDE for step in steps[found[0] :]) else None


def was_handed_over(scan_id: str) -> bool:
    """Whether the scan was ever given to another mentor."""
    return any(step.verb == "hand_over" for step in steps_of(scan_id))


def done_already(
    scan: Scan,
    verb: str,
    *,
    by: Person,
    now: datetime,
    version: int | None,
    step: int | None,
    why: str | None = None,
    is_so: bool = False,
) -> states.Step | None:
    """Whether an action is still to be done, asked in its own transaction: the one rule for all of them (decision 25).

    An action is made on the step of the timeline that the person saw, and done when that is the last one. Sent again,
    it is answered as the first time. When anything else has come after that step, it was overtaken and is refused.

    Args:
        version: that the person saw; None where a form names none.
        step: number of the last step that the person saw; None of older forms.
        why: the reason that the action carries, where a resend must carry the same.
        is_so: what the action asks for is so already, so that there is nothing to do.

    Returns None when it is to be done now; else the step by which it was done already (of `is_so`, the last one).
    Raises Conflict: it was overtaken, or made on a step or version that the scan does not have.
    """
    steps = steps_of(scan.id)
    later = states.since(steps, verb, by=by.id, version=version, step=step, why=why)
    is_students = student_of(scan) == by.id
    if later is not None:
        if is_students:
            later = states.without_undone(later)
        if done := states.done_by(later, verb, by=by.id, why=why):
            return done
        if is_so and not later and version in (None, scan.version):
            return steps[-1]
    if not states.can(verb, scan.state):
        raise Conflict(_too_late(scan, by, now), scan)
    if version not in (None, scan.version):
        raise Conflict(CHANGED if is_students else CHANGED_BY_STUDENT, scan)
    if later is None or later:
        raise Conflict(OVERTAKEN, scan)
    return None


def current_state(scan: Scan, person: int, now: datetime) -> dict[str, Any]:
    """The scan now, as plain values for who was refused: id, version, the state that they may see, last step."""
    hidden = is_undoable(scan, now) and student_of(scan) == person
    state = states.WITH_MENTOR if hidden else scan.state
    return {"id": scan.id, "version": scan.version, "state": state, "step": last_step(scan.id)}


def content(scan: Scan) -> dict[str, Any]:
    """What the scan says, as plain values: a scan of before a field was added says the same as it did then."""
    values = {name: getattr(scan, name) for name in CONTENT}
    values["scanned_on"] = scan.scanned_on.isoformat()
    values["findings"] = [list(pair) for pair in scan.findings]
    return {name: value for name, value in values.items() if value or name not in LATER}


def digest_of(scan: Scan) -> str:
    """SHA-256 of what the scan says."""
    return history.digest(content(scan))


def apply(
    scan: Scan,
    verb: str,
    after: str,
    *,
    by: Person,
    now: datetime,
    changes: dict[str, Any] | None = None,
    why: str = "",
    received: str | None = None,
    **payload: Any,
) -> Scan:
    """Move `scan` (as just read in this transaction) to `after`, with `changes` to its columns.

    Args:
        changes: column -> new value; when any of `CONTENT` is among them the version goes up by one.
        why: a reason or comment for the timeline, in the person's words.
        received: digest of the form by which a correction came.
        payload: further plain values for the row of history.

    Raises Conflict when the table has no such move, or somebody changed the scan meanwhile.
    """
    try:
        states.move(verb, scan.state, after)
    except states.NoSuchMove:
        raise Conflict(_too_late(scan, by, now), scan) from None
    before, version, was = scan.state, scan.version, tallies.facts_of(scan)
    values = {**(changes or {}), "state": after}
    for name, value in values.items():
        setattr(scan, name, value)
    if any(name in CONTENT for name in values):
        scan.version = values["version"] = version + 1
        scan.digest = values["digest"] = digest_of(scan)
    if records.update(Scan, values, id=scan.id, version=version, state=before) != 1:
        raise Conflict("Somebody changed this scan a moment ago. Look at it again.", Scan.get_by_id(scan.id))
    record(scan, verb, before, was, by=by, now=now, why=why, received=received, **payload)
    return scan


def hand_over(scan: Scan, to: Person, *, by: Person, now: datetime, why: str = "") -> Scan:
    """Give a waiting scan to another mentor, who may judge it: the caller knows that. In its transaction.
    `why`: "To Priya Nair." unless said otherwise.
    Raises Conflict as `apply`.
    """
    why = why or f"To {to.name}."
    return apply(scan, "hand_over", states.WITH_MENTOR, by=by, now=now, changes={"mentor": to.id}, why=why)


def record(
    scan: Scan,
    verb: str,
    before: str | None,
    was: Facts | None = None,
    *,
    by: Person,
    now: datetime,
    why: str = "",
    received: str | None = None,
    **payload: Any,
) -> None:
    """Write the step of the timeline and the row of history of a move that was just made, update the tallies, and
    notify who is to know of it (`scan_notices`).
    `was`: what the scan brought to the tallies before; None when it was just logged.
    """
    step = {"scan": scan.id, "at": now, "by": by.id, "verb": verb, "before": before, "after": scan.state}
    returned = content(scan) if verb == "send_back" else None
    records.insert(Move, **step, version=scan.version, why=why, received=received, content=returned)
    if notice := notice_of(scan, verb, before, by=by.id, now=now, why=why):
        notices.notify(**notice)
    history.record(
        verb, f"scan:{scan.id}", by=by, at=now, enrolment=scan.enrolment_id, **payload_of(scan, before), **payload
    )
    tallies.moved(was, tallies.facts_of(scan), verb, now)


def payload_of(scan: Scan, before: str | None) -> dict[str, Any]:
    """What history keeps of a move that was just made: the states, the version, and what the scan says, as a digest."""
    return {
        "before": before,
        "after": scan.state,
        "version": scan.version,
        "digest": scan.digest,
        "mentor": scan.mentor_id,
    }


def is_undoable(scan: Scan, now: datetime) -> bool:
    """Whether it was approved so lately that the mentor can still undo it: the student does not see it yet."""
    return scan.approved_at is not None and now - scan.approved_at <= programmes.longest_undo()


def _too_late(scan: Scan, by: Person, now: datetime) -> str:
    if is_undoable(scan, now) and student_of(scan) == by.id:
        return JUDGING
    sentences = {
        states.DRAFT: "This scan is a draft now.",
        states.WITH_MENTOR: "This scan is with the mentor now.",
        states.RETURNED: "This scan was returned to the student.",
        **dict.fromkeys(states.APPROVED, "This scan is approved. It changes only after the mentor has reopened it."),
        states.WITHDRAWN: "This scan was withdrawn.",
    }
    return sentences[scan.state]
