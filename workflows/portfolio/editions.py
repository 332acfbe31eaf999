"""Editions of a portfolio: asked for by a student or a director, made by the worker, made void with a reason.

The row is the truth: `asked`, then `making`, then `made` with its file, or `failed` with the reason. A worker that was
killed in between leaves `making`, which another takes up after `ABANDONED`.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

import clock
from models import Cohort, Edition, Enrolment, Person, db
from rules import editions as rule
from rules import roles
from rules.logbook import Logbook
from visibility import programmes_of_staff
from workflows import files
from workflows.course import programmes
from workflows.history import heads, history, records
from workflows.notices import notices
from workflows.portfolio import contents, pdf, signing
from workflows.refusals import Invalid, Refused, or_not_found
from workflows.reviews import reviews

log = logging.getLogger("sonofolio")

ABANDONED = timedelta(minutes=10)  # after which the worker that began it is taken for dead
TRIES = 3
RETRY = timedelta(minutes=1)  # after a failed try
SENTENCES = (Refused, pdf.PdfError)  # faults that say in words for the person what is wrong
OPEN = Edition.state.in_((rule.ASKED, rule.MAKING))


def ask(enrolment_id: int, *, by: Person, purpose: str, declared: bool) -> Edition:
    """Ask for an edition of one's own portfolio. While one is on its way, that one is the answer.
    Raises NotFound: no enrolment of this person's. Invalid: no such purpose, or not declared though it leaves the
    course.
    """
    with db.atomic():
        or_not_found(Enrolment.get_or_none(Enrolment.id == enrolment_id, Enrolment.person == by))
        wrong = {}
        if purpose not in rule.PURPOSES:
            wrong["purpose"] = ["Choose what the edition is for."]
        elif not declared and purpose != rule.WORKING:
            wrong["declared"] = ["Sign the declaration, or make a working copy."]
        if wrong:
            raise Invalid(wrong)
        if known := Edition.get_or_none(Edition.enrolment == enrolment_id, OPEN):
            return known
        now = clock.now()
        return _asked([enrolment_id], by, purpose, now, now if declared else None)[0]


def ask_for_cohort(cohort_id: int, *, by: Person) -> datetime:
    """Ask for an edition of everybody's portfolio in a cohort that `by` directs, but those on their way. Nobody has
    declared these. Returns the instant by which they are found again.
    Raises NotFound: no such cohort. Refused: nobody is in it, or each has one on its way.
    """
    with db.atomic():
        directs = Cohort.programme.in_(programmes_of_staff(by.id, roles.DIRECTOR))
        or_not_found(Cohort.get_or_none(Cohort.id == cohort_id, directs))
        busy = Edition.select(Edition.enrolment).where(OPEN)
        found = Enrolment.select(Enrolment.id).where(Enrolment.cohort == cohort_id, Enrolment.id.not_in(busy))
        ids = [number for (number,) in found.order_by(Enrolment.id).tuples()]
        if not ids:
            raise Refused("There is nobody in this cohort whose edition is not on its way already.")
        now = clock.now()
        _asked(ids, by, rule.SUBMISSION, now, None)
        return now


def _asked(enrolments: Iterable[int], by: Person, purpose: str, now: datetime, declared_at: datetime | None) -> list:
    made = []
    for enrolment in enrolments:
        last = Edition.select(fn.MAX(Edition.number)).where(Edition.enrolment == enrolment).scalar() or 0
        edition = records.create(
            Edition,
            enrolment=enrolment,
            number=last + 1,
            purpose=purpose,
            code=rule.new_code(),
            asked_at=now,
            asked_by=by,
            declared_at=declared_at,
        )
        declared = {"declared": True} if declared_at else {}
        thing = f"edition:{edition.id}"
        history.record("ask_for_edition", thing, by=by, at=now, enrolment=enrolment, number=last + 1, **declared)
        made.append(edition)
    return made


def void(edition_id: int, *, by: Person, why: str, named_nobody: str = "") -> None:
    """Make an edition void for ever: whoever verifies it is told so. Its own student may, and who directs the course.
    Raises NotFound: none of theirs. Refused: not made, or void already. Invalid: no reason, or one with patient data.
    """
    with db.atomic():
        directs = Cohort.programme.in_(programmes_of_staff(by.id, roles.DIRECTOR))
        found = Edition.select(Edition, Enrolment).join(Enrolment).join(Cohort)
        edition = or_not_found(found.where(Edition.id == edition_id, (Enrolment.person == by) | directs).first())
        if edition.state != rule.MADE:
            raise Refused("Only an edition that was made can be made void.")
        if edition.void_at:
            raise Refused("This edition is void already.")
        why, warned = reviews.reason_of(why, named_nobody, missing="Write why, in a few words.")
        now = clock.now()
        records.update(Edition, {"void_at": now, "void_by": by.id, "void_why": why}, id=edition.id)
        enrolment = edition.enrolment
        history.record("void_edition", f"edition:{edition.id}", by=by, at=now, enrolment=enrolment.id, **warned)
        notices.notify("edition_void", f"edition:{edition.id}", to=enrolment.person_id, by=by.id, at=now)


def is_due() -> bool:
    """Whether the worker has an edition to make."""
    return _next(clock.now()) is not None


def make_due(settings: Any, url_of: Any, at_most: int = 5) -> int:
    """Make what is due, oldest first; returns how many were made. Several workers share them out.

    Args:
        settings: a config.Settings: where history's heads are kept, and what signs.
        url_of: the address at which a code is verified.
        at_most: after so many the worker looks at its other jobs.
    """
    made = 0
    for _ in range(at_most):
        edition = _take()
        if edition is None:
            break
        try:
            _make(edition, settings, url_of)
            made += 1
        except Exception as error:  # whatever it is, the student is told, and the next edition is made
            log.exception("edition %s", edition.id)
            _failed(edition, error)
    return made


def _next(now: datetime) -> int | None:
    """The id of the oldest edition that may be begun now."""
    ready = (Edition.state == rule.ASKED) & (Edition.began_at.is_null() | (Edition.began_at <= now - RETRY))
    abandoned = (Edition.state == rule.MAKING) & (Edition.began_at <= now - ABANDONED)
    return Edition.select(Edition.id).where(OPEN, ready | abandoned).order_by(Edition.asked_at, Edition.id).scalar()


def _take() -> Edition | None:
    """An edition that this worker alone makes now."""
    with db.atomic():
        now = clock.now()
        number = _next(now)
        if number is None:
            return None
        records.write(
            Edition.update(state=rule.MAKING, began_at=now, tries=Edition.tries + 1).where(Edition.id == number)
        )
        edition = Edition.get_by_id(number)
        history.record("begin_edition", f"edition:{number}", by=None, at=now, enrolment=edition.enrolment_id)
        return edition


def _make(edition: Edition, settings: Any, url_of: Any) -> None:
    head = heads.exported(settings.instance / heads.FILE)
    logbook = contents.logbook_of(edition.enrolment_id, edition.began_at, complete=False, head=head)
    programme = programmes.get(logbook.course.programme)
    facts = pdf.EditionFacts(
        number=edition.number,
        purpose=rule.PURPOSES[edition.purpose],
        code=edition.code,
        made_at=edition.began_at,
        verify_url=url_of(edition.code),
        declared_on=programme.today(edition.declared_at) if edition.declared_at else None,
        declaration=programme.portfolio.declaration,
        not_declared=rule.NOT_DECLARED,
    )
    rendered = pdf.render(logbook, facts)
    written = files.write(signing.sign(rendered.content, settings=settings, at=edition.began_at))
    with db.atomic():
        # Another worker that took this one for dead has made it meanwhile, or makes it again: one of both is kept.
        ours = Edition.get_or_none(
            Edition.id == edition.id, Edition.state == rule.MAKING, Edition.tries == edition.tries
        )
        if ours:
            _keep(ours, logbook, rendered, written, head)
    if not ours:
        files.discard(written.sha256)


def _keep(edition: Edition, logbook: Logbook, rendered: pdf.Rendered, written: files.Written, head: str) -> None:
    """The edition is made: its file, what it holds, and who is notified. Within a transaction."""
    now = clock.now()
    file = files.store(written, at=now)
    values = {
        "state": rule.MADE,
        "made_at": now,
        "file": file.id,
        "pages": rendered.pages,
        "counted": logbook.counts.counted,
        "head": head,
        "root": logbook.record.root,
        "scans": contents.scan_digests(logbook),
        "why": rule.unprinted(rendered.missing),
    }
    records.update(Edition, values, id=edition.id)
    payload = {"sha256": file.sha256, "root": logbook.record.root, "head": head, "counted": logbook.counts.counted}
    thing, enrolment = f"edition:{edition.id}", edition.enrolment
    history.record("make_edition", thing, by=None, at=now, enrolment=enrolment.id, **payload)
    notices.notify("edition_made", thing, to=enrolment.person_id, by=None, at=now)


def _failed(edition: Edition, error: Exception) -> None:
    """Back into the queue, or given up after `TRIES`; the reason is kept for whoever asked."""
    why = str(error) if isinstance(error, SENTENCES) else rule.UNKNOWN_FAULT
    given_up = edition.tries >= TRIES
    with db.atomic():
        now = clock.now()
        state = rule.FAILED if given_up else rule.ASKED
        values = {"state": state, "why": why, "began_at": now}
        if records.update(Edition, values, id=edition.id, state=rule.MAKING, tries=edition.tries):
            thing, enrolment = f"edition:{edition.id}", edition.enrolment
            history.record("fail_edition", thing, by=None, at=now, enrolment=enrolment.id, given_up=given_up)
            if given_up:
                notices.notify("edition_failed", thing, to=enrolment.person_id, by=None, at=now)
