"""Whether an approval counts: its approver was confirmed for the programme's day on which it was given, or it is held.

The state follows from the live approvals and confirmations alone (`rules.confirmations`), so `settle` after each change
of a confirmation is all that is needed, whatever came first.
"""

from __future__ import annotations

from datetime import datetime

import clock
from models import Cohort, Confirmation, Enrolment, Person, Scan
from rules import confirmations as rules
from rules import roles, states
from rules.confirmations import Span
from statements import Prepared, day_of
from workflows.course import programmes
from workflows.scans import transitions

_PROGRAMME = Cohort.select(Cohort.programme).join(Enrolment)
_SPANS = Prepared(
    lambda person, enrolment: (
        Confirmation.select(Confirmation.programme, Confirmation.from_on, Confirmation.until_on)
        .where(
            Confirmation.person == person,
            Confirmation.kind == roles.MENTOR,
            Confirmation.ended_at.is_null(),
            Confirmation.programme == _PROGRAMME.where(Enrolment.id == enrolment),
        )
        .tuples()
    )
)


def state_of_approval(scan: Scan, by: Person, now: datetime) -> str:
    """HELD or COUNTED: the state of this scan if `by` approves it now. One query, by an index."""
    rows = _SPANS.rows(by.id, scan.enrolment_id)
    if not rows:
        return states.HELD
    spans = [Span(*(day_of(day) if day else None for day in days)) for _, *days in rows]
    return rules.state_of(spans, programmes.get(rows[0][0]).today(now))


def spans_of(person: int, programme: str, kind: str = roles.MENTOR) -> list[Span]:
    """The days for which somebody is confirmed now."""
    rows = Confirmation.select(Confirmation.from_on, Confirmation.until_on).where(
        *(getattr(Confirmation, name) == value for name, value in _of(person, programme, kind).items()),
        Confirmation.ended_at.is_null(),
    )
    return [Span(*row) for row in rows.tuples()]


def approved_by(person: int, programme: str) -> list[Scan]:
    """The approved scans of a programme that this person approved, the first approval first; held or counted."""
    rows = Scan.select().join(Enrolment).join(Cohort)
    theirs = (Scan.approved_by == person) & Scan.approved_at.is_null(False) & (Cohort.programme == programme)
    return list(rows.where(theirs).order_by(Scan.approved_at, Scan.id))


def settle(person: int, programme: str, *, by: Person, now: datetime) -> dict[int, list[Scan]]:
    """Hold or count what this person approved, as their confirmations stand now. In the caller's transaction.

    Returns:
        Enrolment id -> the scans whose state is another one now.
    """
    spans, today = spans_of(person, programme), programmes.get(programme).today
    moved: dict[int, list[Scan]] = {}
    for scan in approved_by(person, programme):
        state = rules.state_of(spans, today(scan.approved_at))
        if state != scan.state:
            verb = states.RELEASE if state == states.COUNTED else states.HOLD
            moved.setdefault(scan.enrolment_id, []).append(transitions.apply(scan, verb, state, by=by, now=now))
    return moved


def is_void(scan: Scan) -> bool:
    """The course has refused or ended its approver, and confirms them for no day: another mentor may judge it anew."""
    if scan.state != states.HELD:
        return False
    programme = _PROGRAMME.where(Enrolment.id == scan.enrolment_id).scalar()
    return standing(scan.approved_by_id, programme) == rules.REFUSED


def standing(person: int, programme: str, kind: str = roles.MENTOR) -> str:
    """ "" confirmed for today, "waits" for the first word of the course, "days" confirmed for other days, "refused"."""
    spans = spans_of(person, programme, kind)
    if rules.is_confirmed(spans, programmes.get(programme).today(clock.now())):
        return ""
    if spans:
        return "days"
    was = Confirmation.select(Confirmation.id).where(
        *(getattr(Confirmation, name) == value for name, value in _of(person, programme, kind).items())
    )
    return rules.REFUSED if was.exists() else "waits"


def _of(person: int, programme: str, kind: str) -> dict[str, object]:
    return {"person": person, "programme": programme, "kind": kind}
