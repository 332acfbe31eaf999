"""Whether an approval counts: its approver was confirmed for the programme's day on which it was given, or it is held.

The state follows from the live approvals and confirmations alone (`rules.confirmations`), so `settle` after each change
of a confirmation is all that is needed, whatever came first.
"""

from datetime import datetime

from peewee import ModelSelect, fn

import clock
from models import Cohort, Confirmation, Enrolment, Party, Person, Placement, Scan, Tally
from rules import confirmations as rules
from rules import roles, states
from rules.confirmations import Span
from statements import Prepared, Slot, day_of
from visibility import MENTORS_NOW, PARTS_NOW
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
    rows = Confirmation.select(Confirmation.from_on, Confirmation.until_on).where(Confirmation.ended_at.is_null())
    return [Span(*row) for row in rows.filter(person=person, programme=programme, kind=kind).tuples()]


def approved_by(person: int, programme: str) -> list[Scan]:
    """The approved scans of a programme that this person approved, the first approval first; held or counted."""
    rows = Scan.select().join(Enrolment).join(Cohort)
    theirs = (Scan.approved_by == person) & Scan.approved_at.is_null(False) & (Cohort.programme == programme)
    return list(rows.where(theirs).order_by(Scan.approved_at, Scan.id))


def settle(person: int, programme: str, *, by: Person, now: datetime) -> dict[int, list[Scan]]:
    """Hold or count what this person approved, as their confirmations stand now. In the caller's transaction.
    Returns enrolment id -> the scans whose state is another one now.
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
    return confirmation_status(scan.approved_by_id, programme) == rules.REFUSED


def confirmation_status(person: int, programme: str, kind: str = roles.MENTOR) -> str:
    """ "" confirmed for today, "waits" for the first word of the course, "days" confirmed for other days, "refused"."""
    spans = spans_of(person, programme, kind)
    if rules.is_confirmed(spans, programmes.get(programme).today(clock.now())):
        return ""
    if spans:
        return "days"
    was = Confirmation.filter(person=person, programme=programme, kind=kind).exists()
    return rules.REFUSED if was else "waits"


def waits_of(person: int) -> list[str]:
    """What a mentor is told while the course has not confirmed them on a course where they mentor now: a sentence, and
    the reason where it was refused or ended. One query where they are confirmed.
    """
    rows = _UNCONFIRMED(person)
    if not rows:
        return []
    reasons = [why for (why,) in rows if why is not None]
    return [f"{ENDED} {reasons[-1]}".rstrip()] if reasons else [WAITS]


WAITS = "Your approvals are kept; they count once the course has confirmed you."
ENDED = "The course does not confirm you at present: your approvals are kept, and do not count."


def _unconfirmed(person: Slot) -> ModelSelect:
    live, past = Confirmation.alias(), Confirmation.alias()
    one = (live.person == person) & (live.programme == Cohort.programme) & (live.kind == roles.MENTOR)
    two = (past.person == person) & (past.programme == Cohort.programme) & (past.kind == roles.MENTOR)
    why = past.select(past.why).where(two).order_by(past.id.desc()).limit(1)
    mine = (Party.person == person) & MENTORS_NOW
    rows = Party.select(why).join(Placement).join(Enrolment).join(Cohort)
    return rows.where(mine, ~fn.EXISTS(live.select(live.id).where(one, live.ended_at.is_null()))).distinct().tuples()


_UNCONFIRMED = Prepared(_unconfirmed)


def waiting(programme: str) -> tuple[int, int]:
    """Of a programme: how many mentors and assessors wait to be confirmed, how many approvals are held. Two queries."""
    return _WAITING.value(programme), _HELD.value(programme)


def _waiting(programme: Slot) -> ModelSelect:
    decided = Confirmation.select(Confirmation.id).where(
        Confirmation.person == Party.person, Confirmation.programme == Cohort.programme, Confirmation.kind == Party.role
    )
    new = Party.select(fn.COUNT(fn.DISTINCT(Party.person))).join(Placement).join(Enrolment).join(Cohort)
    now = (Cohort.programme == programme) & Party.role.in_(list(rules.KINDS)) & PARTS_NOW
    return new.where(now, ~fn.EXISTS(decided)).tuples()


def _held(programme: Slot) -> ModelSelect:
    held = Tally.aided_held + Tally.unaided_held
    rows = Tally.select(fn.COALESCE(fn.SUM(held), 0)).join(Enrolment).join(Cohort)
    return rows.where(Cohort.programme == programme).tuples()


_WAITING, _HELD = Prepared(_waiting), Prepared(_held)
