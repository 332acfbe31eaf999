"""The course confirms who mentors and assesses, refuses it, or ends it (R9, R10); the approvals follow at once.

Each verb is one transaction: the confirmation, its line of history, every scan that counts or is held by it from now on
(`held_approvals.settle`), and the notices. Nobody decides about themselves.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

import clock
from models import Cohort, Confirmation, Enrolment, Party, Person, Placement, Scan, db
from rules import confirmations as rules
from rules import dates, roles
from statements import parts_of
from visibility import APPROVED, programmes_of_staff
from workflows.history import history, records
from workflows.history.history import Action
from workflows.notices import notices
from workflows.people import held_approvals
from workflows.refusals import Conflict, Invalid, NotFound, Refused, or_not_found
from workflows.scans import screening, transitions

MOST_WHY = 500
ONESELF = "Nobody confirms themselves. Ask another director, or the administrator."
NO_WHY = "Say why: they read it."
_NAMED = {"basis": "named"}


def confirm(
    person: int,
    *,
    programme: str,
    kind: str,
    basis: str,
    by: Person,
    from_on: date | None = None,
    until_on: date | None = None,
) -> Confirmation:
    """Confirm somebody as a mentor or assessor of a programme, for these days; what they approved then counts now.

    The same once more is answered as the first time. For any day at all, it takes the place of what was taken over
    from before confirmations began.

    Args:
        basis: what it rests on, a key of `rules.confirmations.CHOSEN`.
        from_on, until_on: first and last day; None: no bound.

    Raises NotFound: they have no such part on a programme of which `by` decides. Refused: it is `by`. Invalid: field ->
    sentences.
    """
    with db.atomic():
        _check_whose(person, programme, kind, by)
        _check_days(from_on, until_on, basis)
        days: dict[str, Any] = {"from_on": from_on, "until_on": until_on}
        live = _live(person, programme, kind)
        for one in live:
            if (one.from_on, one.until_on, one.basis) == (from_on, until_on, basis):
                return one
        now = clock.now()
        made = records.create(
            Confirmation, person=person, programme=programme, kind=kind, basis=basis, by=by, made_at=now, **days
        )
        if from_on is None and until_on is None:
            _end([one for one in live if one.basis == "before"], by, now, "")
        payload = {"programme": programme, "kind": kind, "basis": basis, "from_on": from_on, "until_on": until_on}
        _record("confirm", person, by, now, payload)
        _settle("mentor_confirmed", person, programme, kind, by, now)
        return made


def end(
    confirmation_id: int, *, by: Person, why: str, last_on: date | None = None, named_nobody: str = ""
) -> Confirmation:
    """End a confirmation, saying why: after a last day; or, without one, as if it never had been, so that what was
    approved by it is held. Ended once more it stays as it was ended.
    Raises NotFound: there is none of a programme of which `by` decides. Refused: it is of `by`. Invalid.
    """
    with db.atomic():
        theirs = programmes_of_staff(by.id, *roles.MANAGERS)
        one = or_not_found(
            Confirmation.get_or_none(Confirmation.id == confirmation_id, Confirmation.programme.in_(theirs))
        )
        if one.person_id == by.id:
            raise Refused(ONESELF)
        if one.ended_at is not None:
            return one
        if last_on is not None and (not dates.can_be(last_on) or one.from_on and last_on < one.from_on):
            raise Invalid({"last_on": ["Write a day within the confirmation, or leave it empty."]})
        reason, warned = _reason(why, named_nobody)
        now = clock.now()
        _end([one], by, now, reason)
        if last_on is not None:
            same = {name: getattr(one, name) for name in ("programme", "kind", "basis", "from_on")}
            until = min(last_on, one.until_on) if one.until_on else last_on
            records.create(Confirmation, person=one.person_id, by=by, made_at=now, until_on=until, **same)
        payload = {"programme": one.programme, "kind": one.kind, "last_on": last_on, **warned}
        _record("end_confirmation", one.person_id, by, now, payload)
        _settle("mentor_ended", one.person_id, one.programme, one.kind, by, now)
        return one


def refuse(person: int, *, programme: str, kind: str, by: Person, why: str, named_nobody: str = "") -> Confirmation:
    """Say that somebody is not confirmed, and why. What they approved stays held; another mentor may judge it anew.
    Raises NotFound, Refused: as `confirm`. Conflict: they are confirmed; that is ended instead. Invalid.
    """
    with db.atomic():
        _check_whose(person, programme, kind, by)
        if _live(person, programme, kind):
            raise Conflict("They are confirmed by now. End the confirmation instead.")
        reason, warned = _reason(why, named_nobody)
        facts: dict[str, Any] = {"person": person, "programme": programme, "kind": kind, "basis": rules.REFUSED}
        if known := Confirmation.get_or_none(**facts, why=reason):
            return known
        now = clock.now()
        made = records.create(Confirmation, **facts, by=by, made_at=now, ended_at=now, ended_by=by, why=reason)
        _record("refuse_confirmation", person, by, now, {"programme": programme, "kind": kind, **warned})
        _settle("mentor_refused", person, programme, kind, by, now)
        return made


def name_by_course(person: int, programme: str, kind: str, *, by: Person | None) -> None:
    """Whoever the course itself names to a part is confirmed by that act. In the caller's transaction.

    Not so whom it has confirmed, ended or refused before; who names themselves; and, where nobody is signed in, who
    has approvals that are held: a director decides then.
    """
    name_all([(person, programme, kind)], by=by)


def name_all(people: Iterable[tuple[int, str, str]], *, by: Person | None) -> None:
    """`name_by_course` for many (person, programme, kind), with a few statements for all of them."""
    parts = [one for one in dict.fromkeys(people) if one[2] in rules.KINDS and (by is None or one[0] != by.id)]
    known: set[tuple[int, str, str]] = set()
    approved: set[tuple[int, str]] = set()
    for some in parts_of(dict.fromkeys(person for person, *_ in parts)):
        kinds = Confirmation.select(Confirmation.person, Confirmation.programme, Confirmation.kind)
        known.update(kinds.where(Confirmation.person.in_(some)).tuples())
        theirs = Scan.select(Scan.approved_by, Cohort.programme).join(Enrolment).join(Cohort)
        approved.update(theirs.where(Scan.approved_by.in_(some), APPROVED).distinct().tuples())
    new = [one for one in parts if one not in known and (by is not None or one[:2] not in approved)]
    now = clock.now()
    row: dict[str, Any] = {**_NAMED, "by": by, "made_at": now, "why": ""}
    named = [{"person": person, "programme": programme, "kind": kind, **row} for person, programme, kind in new]
    records.insert_all(Confirmation, named)
    history.record_all(
        Action(
            "confirm",
            f"person:{person}",
            by.id if by else None,
            now,
            None,
            {**_NAMED, "programme": programme, "kind": kind},
        )
        for person, programme, kind in new
    )
    for person, programme, kind in new:
        if by is not None and (person, programme) in approved:
            _settle("mentor_confirmed", person, programme, kind, by, now)


def _check_whose(person: int, programme: str, kind: str, by: Person) -> None:
    theirs = programmes_of_staff(by.id, *roles.MANAGERS)
    part = (
        Party.select(Party.id)
        .join(Placement)
        .join(Enrolment)
        .join(Cohort)
        .where(Party.person == person, Party.role == kind, Cohort.programme == programme, Cohort.programme.in_(theirs))
    )
    if kind not in rules.KINDS or not part.exists():
        raise NotFound()
    if person == by.id:
        raise Refused(ONESELF)


def _check_days(from_on: date | None, until_on: date | None, basis: str) -> None:
    wrong = {
        name: [dates.SENTENCE]
        for name, day in (("from_on", from_on), ("until_on", until_on))
        if day is not None and not dates.can_be(day)
    }
    if basis not in rules.CHOSEN:
        wrong["basis"] = ["Choose what it rests on."]
    if from_on is not None and until_on is not None and until_on < from_on:
        wrong["until_on"] = ["The last day comes after the first: write a later day."]
    if wrong:
        raise Invalid(wrong)


def _reason(text: str, named_nobody: str) -> tuple[str, dict[str, Any]]:
    reason = text.replace("\r\n", "\n").strip()
    if not reason or len(reason) > MOST_WHY:
        raise Invalid({"why": [f"At most {MOST_WHY} characters." if reason else NO_WHY]})
    kinds = screening.screen({"why": reason}, named_nobody)
    return reason, {"warned": kinds} if kinds else {}


def _live(person: int, programme: str, kind: str) -> list[Confirmation]:
    same = (Confirmation.person == person) & (Confirmation.programme == programme) & (Confirmation.kind == kind)
    return list(Confirmation.select().where(same, Confirmation.ended_at.is_null()))


def _end(ended: Collection[Confirmation], by: Person, now: datetime, why: str) -> None:
    for one in ended:
        records.update(Confirmation, {"ended_at": now, "ended_by": by.id, "why": why}, id=one.id)


def _record(verb: str, person: int, by: Person | None, now: datetime, payload: dict[str, Any]) -> None:
    plain: dict[str, Any] = {
        name: str(value) if isinstance(value, date) else value for name, value in payload.items() if value
    }
    history.record(verb, f"person:{person}", by=by, at=now, **plain)


def _settle(notice: str, person: int, programme: str, kind: str, by: Person, now: datetime) -> None:
    """Let the scans follow, and tell the mentor and the students; of an approval that can be undone nobody is told."""
    if kind != roles.MENTOR:
        return
    held = held_approvals.approved_by(person, programme) if notice == "mentor_refused" else []
    moved = held_approvals.settle(person, programme, by=by, now=now)
    for scan in held:
        moved.setdefault(scan.enrolment_id, []).append(scan)
    notices.notify(notice, f"person:{person}", to=person, by=by.id, at=now)
    of_student = {
        "mentor_confirmed": "scans_released",
        "mentor_ended": "scans_held",
        "mentor_refused": "scans_not_confirmed",
    }
    for enrolment, scans in moved.items():
        if not all(transitions.is_undoable(scan, now) for scan in scans):
            student = Enrolment.get_by_id(enrolment).person_id
            notices.notify(of_student[notice], f"enrolment:{enrolment}", to=student, by=by.id, at=now)
