"""What is true of made editions now: void, superseded, changed since, or current."""

from collections.abc import Iterable

from peewee import fn

from models import Edition, Scan
from rules.editions import MADE, EditionStatus
from statements import parts_of
from visibility import COUNTED


def status_of(edition: Edition) -> EditionStatus:
    """What is true now of a made edition. At most two queries."""
    return statuses_of([edition])[edition.id]


def statuses_of(editions: Iterable[Edition]) -> dict[int, EditionStatus]:
    """What is true now of each of these made editions, by id. Two queries for every 500 students.

    A later edition supersedes an earlier one unless it was made void itself. A counted scan of an edition is reopened
    when it counts no more, and changed when it counts with other words.
    """
    asked = list(editions)
    latest: dict[int, int] = {}
    digests: dict[str, str] = {}
    for enrolments in parts_of({edition.enrolment_id for edition in asked}):
        valid = (Edition.state == MADE) & Edition.void_at.is_null() & Edition.enrolment.in_(enrolments)
        numbers = Edition.select(Edition.enrolment, fn.MAX(Edition.number)).where(valid)
        latest.update(numbers.group_by(Edition.enrolment).tuples())
        counted = Scan.select(Scan.id, Scan.digest).where(Scan.enrolment.in_(enrolments), COUNTED)
        digests.update(counted.tuples())
    return {edition.id: _status(edition, latest.get(edition.enrolment_id, 0), digests) for edition in asked}


def _status(edition: Edition, latest: int, digests: dict[str, str]) -> EditionStatus:
    now = {number: digests.get(number) for number in edition.scans}
    return EditionStatus(
        void_at=edition.void_at,
        superseded_by=latest if latest > edition.number else None,
        reopened=sum(digest is None for digest in now.values()),
        changed=sum(digest is not None and digest != edition.scans[number] for number, digest in now.items()),
    )
