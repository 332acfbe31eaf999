"""Whose a scan is: a student's current enrolment, and the scans that are theirs to read and to change."""

import clock
from models import Cohort, Enrolment, Person, Scan
from statements import Prepared
from visibility import portfolios_visible_to, scans_of_student
from workflows.course import absences
from workflows.refusals import Refused, or_not_found

# One that has begun before one that begins later: nobody logs to next year's portfolio before its first day.
_CURRENT = Prepared(
    lambda person, today: (
        Enrolment.select(Enrolment, Cohort, absences.text_of(Enrolment.id).alias("absent"))
        .join(Cohort)
        .where(Enrolment.person == person, Enrolment.ended_on.is_null())
        .order_by((Enrolment.enrolled_on <= today).desc(), Enrolment.enrolled_on.desc())
        .limit(1)
    )
)


def enrolment_of(person: Person) -> Enrolment:
    """The student's current enrolment, with its cohort and its absences (`absences.theirs`); one that begins later only
    where there is no other.
    Raises Refused when the person is not enrolled (any more).
    """
    current = _CURRENT.first(person.id, clock.now().date().isoformat())
    if current is None:
        raise Refused("You are not enrolled at the moment, so there is no portfolio to log to.")
    return current


def latest_enrolment(person: int) -> Enrolment:
    """The student's enrolment whose portfolio is shown: the current one first, else the last that ended; with its
    cohort. One that begins later comes after one that has begun.
    Raises NotFound: they never were enrolled.
    """
    found = Enrolment.select(Enrolment, Cohort).join(Cohort).where(Enrolment.person == person)
    begun = (Enrolment.enrolled_on <= clock.now().date()).desc()
    return or_not_found(
        found.order_by(Enrolment.ended_on.is_null().desc(), begun, Enrolment.enrolled_on.desc()).first()
    )


def portfolio_of(person: int, enrolment_id: int | None) -> Enrolment:
    """The enrolment, with its cohort, whose portfolio this person opens: their own latest one without an id.
    Raises NotFound: there is none that they may open.
    """
    if enrolment_id is None:
        return latest_enrolment(person)
    return or_not_found(portfolios_visible_to(person).where(Enrolment.id == enrolment_id).first())


def own_scan(scan_id: str, by: Person) -> Scan:
    """The student's own scan. Raises NotFound when it is nobody's or somebody else's."""
    return or_not_found(scans_of_student(by.id).where(Scan.id == scan_id).first())


def editable_scan(scan_id: str, by: Person) -> Scan:
    """The student's own scan, to be changed.
    Raises NotFound as `own_scan`. Refused: the enrolment has ended, so the portfolio stays as it is.
    """
    scan = own_scan(scan_id, by)
    refuse_ended(scan)
    return scan


def refuse_ended(scan: Scan) -> None:
    """Let its student change nothing in a portfolio whose enrolment has ended. Raises Refused."""
    if Enrolment.select().where(Enrolment.id == scan.enrolment_id, Enrolment.ended_on.is_null(False)).exists():
        raise Refused("Your enrolment has ended: your portfolio stays here to read, and nothing in it changes.")
