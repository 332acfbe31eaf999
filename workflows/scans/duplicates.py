"""Whether a scan may be of the patient of another one: the same region or a neighbouring one, entered moments before or
after."""

from datetime import datetime, timedelta

from models import INSTANT, Enrolment, Scan
from rules import states
from rules.programme import Programme
from rules.same_patient import RELATIONS, relation
from rules.scan_fields import Entry
from statements import Prepared

LATEST = 20  # nobody logs more within the minutes in which a duplicate is likely
ALL = 10_000  # more than a student has: one that comes late was entered among scans of any age

_LATEST = Prepared(
    lambda student, most: (
        Scan.select(
            *(Scan.case_number, Scan.id, Scan.region, Scan.side, Scan.state, Scan.procedure),
            *(Scan.received_at, Scan.entered_at),
        )
        .where(Scan.enrolment == student)
        .order_by(Scan.case_number.desc())
        .limit(most)
        .tuples()
    )
)


def latest(programme: Programme, enrolment: Enrolment, now: datetime, entered_at: datetime | None) -> list[tuple]:
    """The student's scans among which one entered then may have a duplicate: the latest first, as stored, each
    beginning with its case number.
    `entered_at`: by the phone's clock; None when it does not say.
    """
    late = entered_at is not None and now - entered_at > timedelta(minutes=programme.duplicate_minutes)
    return _LATEST.rows(enrolment.id, ALL if late else LATEST)


def likely_duplicate(
    programme: Programme, among: list[tuple], entry: Entry, now: datetime, entered_at: datetime | None = None
) -> Scan | None:
    """A scan that was entered moments before or after this one and may be of the same patient; None when there is none.

    One of the same region and side before one of the other side, and that before one of a neighbouring region; of
    several the latest.

    Args:
        among: the `latest` scans.
        entered_at: when, by the phone's clock; None when it does not say, and `now` it was received.
    """
    if not (entry.region and entry.side):
        return None
    apart = timedelta(minutes=programme.duplicate_minutes)
    found: dict[str, str] = {}
    for _, scan_id, region, side, state, procedure, *at in among:
        how = relation(programme, (region, side), (entry.region, entry.side))
        if how and not procedure and state != states.WITHDRAWN:
            received, entered = map(INSTANT.python_value, at)
            if _between(entered_at, now, entered, received) <= apart:
                found.setdefault(how, scan_id)
    nearest = next((found[how] for how in RELATIONS if how in found), None)
    return Scan.get_by_id(nearest) if nearest else None


def _between(entered: datetime | None, now: datetime, before: datetime | None, received: datetime) -> timedelta:
    """How much time lay between the entering of two scans, as well as two clocks can say; below nought is moments.

    A phone's clock may be wrong, but it is as wrong for both: what lies between is right, whenever they were received.
    Of one that does not say, its reception stands for it. Nobody enters what was received already.
    """
    if entered and before:
        return abs(entered - before)
    if entered is None and before is None:
        return now - received  # it was received before: when the clock says otherwise, that was put back
    return abs(min(entered or now, now) - min(before or received, received))
