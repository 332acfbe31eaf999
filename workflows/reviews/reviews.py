"""What a mentor does with a scan: approve, audit, undo, return; handing it over. (Reopening: `reopening`.)"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import clock
from models import Audit, Cohort, Enrolment, Move, Person, Scan, db
from rules import audits, states
from rules.programme import Programme
from statements import Prepared
from visibility import mentors_of_placement, scans_visible_to
from workflows.course import programmes
from workflows.history import records
from workflows.notices import notices
from workflows.people import held_approvals
from workflows.refusals import Conflict, Invalid, Refused, or_not_found
from workflows.reviews.appraisals import Appraisal
from workflows.scans import screening, transitions
from workflows.scans.ownership import refuse_ended
from workflows.scans.scan_notices import student_of, subject_of

_WHOSE = Enrolment.select(Enrolment.person).where(Enrolment.id == Scan.enrolment).alias("student")
_VISIBLE = Prepared(lambda person, number: scans_visible_to(person).select_extend(_WHOSE).where(Scan.id == number))
_PROGRAMME = Prepared(
    lambda student: Cohort.select(Cohort.programme).join(Enrolment).where(Enrolment.id == student).tuples()
)
_MENTORS = Prepared(lambda placement: mentors_of_placement(placement).tuples())
_UNSAY = "UPDATE move SET why = '' WHERE scan_id = ? AND verb = 'approve' AND at = ?"
_VOID = "UPDATE audit SET voided_at = ? WHERE scan_id = ? AND voided_at IS NULL"

NOTE_LIMIT = 2000  # characters of a comment or reason
GOES_BACK = "With a major difference or a poor grade it goes back: return it, so that it is put right."
FAILS = "With a major difference or a poor grade this is a failed audit. Return it, or approve it all the same."


@dataclass(frozen=True)
class Answer:
    """What became of one scan among several: it is done, or not, with the sentence that says why."""

    scan_id: str
    sentence: str = ""


def approve(
    scan_id: str,
    *,
    by: Person,
    version: int,
    appraisal: Appraisal | None = None,
    comment: str = "",
    count_failed: bool = False,
    step: int | None = None,
    named_nobody: str = "",
) -> Scan:
    """Approve the version that the mentor saw. An aided scan is audited with it (R2): agreeing, unless said otherwise.

    A second tap, or a resend, changes nothing and answers as the first.

    Args:
        appraisal: what was judged in the review; None of one tap, of which that is kept (`rules.audits.MADE`).
        count_failed: a failed audit is to count all the same, where the programme allows that; it was asked about.
        step: of the last move that the mentor saw, as for `transitions.done_already`.
        named_nobody: marks of what the screen asked about in the comment, as for `screening.screen`.

    Raises Conflict: the scan is no longer the version that the mentor saw, or not waiting any more, or they have
    approved it already with another judgement. Invalid: something is not judged, or a failed audit lacks words or was
    not asked about (`count_failed`). Refused: it is not this mentor's to approve. NotFound.
    """
    note, warned = _note(comment, "comment", named_nobody)
    if appraisal is not None:
        appraisal.refuse_unfinished(note)
    made = audits.ONE_TAP if appraisal is None else audits.REVIEW
    with db.atomic():
        scan, now = judged_scan(scan_id, by), clock.now()
        if transitions.done_already(scan, "approve", by=by, now=now, version=version, step=step):
            _says_nothing_new(scan, appraisal, note)
            return scan
        if appraisal is not None and appraisal.is_failed:
            _refuse_failed(scan, count_failed)
        if appraisal is None and scan.support == "aided":
            appraisal = Appraisal()
        if appraisal is not None:
            _keep_audit(scan, appraisal, note, made, by, now)
            warned["audit"] = {**asdict(appraisal), "made": made}
        changes = {"approved_at": now, "approved_by": by, "approved_version": version}
        changes["audited_at"] = now if appraisal else None
        after = held_approvals.state_of_approval(scan, by, now)
        return transitions.apply(scan, "approve", after, by=by, now=now, changes=changes, why=note, **warned)


def approve_several(seen: Sequence[tuple[str, int, int | None]], *, by: Person) -> list[Answer]:
    """Approve several unaided scans of one student, each answered for itself.
    `seen`: scan id, version and step (or None) of each, as for `approve`.
    Raises Refused when they are of more than one student.
    """
    ids = [scan_id for scan_id, *_ in seen]
    rows = {scan.id: scan for scan in scans_visible_to(by.id).where(Scan.id.in_(ids))}
    if len({scan.enrolment_id for scan in rows.values()}) > 1:
        raise Refused("Approve several scans of one student at a time.")

    def approve_one(scan_id: str, **seen: Any) -> None:
        if scan_id in rows and rows[scan_id].support == "aided":
            raise Refused("An aided scan is audited one by one.")
        approve(scan_id, **seen)

    return _each(approve_one, seen, by)


def undo_several(seen: Sequence[tuple[str, int, int | None]], *, by: Person) -> list[Answer]:
    """Take back several approvals made moments ago, as `undo` does, each answered for itself."""
    return _each(undo, seen, by)


def _each(verb: Callable[..., Any], seen: Sequence[tuple[str, int, int | None]], by: Person) -> list[Answer]:
    answers = []
    for scan_id, version, step in seen:
        try:
            verb(scan_id, by=by, version=version, step=step)
            answers.append(Answer(scan_id))
        except Refused as refusal:
            answers.append(Answer(scan_id, refusal.sentence))
    return answers


def undo(scan_id: str, *, by: Person, version: int, step: int | None = None) -> Scan:
    """Take back an approval made moments ago. The mentor sees 10 seconds; the server allows for a slow network.

    What was said with the approval was told to nobody, so its words leave the story with it. The undo of an approval
    that has not arrived yet is a step of the story, too: so that one is overtaken when it does.
    `step`: as for `approve`, or the step on which the approval was made: it was pressed before the answer had come.
    Raises Refused: the time has passed (the mentor may reopen it with a reason). Conflict, NotFound.
    """
    with db.atomic():
        scan = judged_scan(scan_id, by)
        now = clock.now()
        if transitions.done_already(scan, "undo", by=by, now=now, version=version, step=step):
            return scan
        if scan.state == states.WITH_MENTOR:
            return transitions.apply(scan, "undo", states.WITH_MENTOR, by=by, now=now)
        if scan.approved_by_id != by.id:
            raise Conflict("There is no approval of yours to undo here.", scan)
        if now - scan.approved_at > _programme_of(scan).undo_window:
            raise Refused("The time to undo has passed. Reopen the scan, with a reason, instead.")
        notices.withdraw(subject_of(scan.id), to=student_of(scan), at=scan.approved_at)
        records.execute(Move, _UNSAY, scan.id, Move.at.db_value(scan.approved_at))
        return uncount(scan, "undo", by, now)


def send_back(
    scan_id: str,
    *,
    by: Person,
    version: int,
    why: str,
    appraisal: Appraisal | None = None,
    step: int | None = None,
    named_nobody: str = "",
) -> Scan:
    """Return a scan to the student, saying why. An appraisal made on the way is kept.
    Raises Invalid: no reason was given. Conflict, Refused, NotFound.
    """
    reason, warned = reason_of(why, named_nobody)
    with db.atomic():
        scan, now = judged_scan(scan_id, by), clock.now()
        if transitions.done_already(scan, "send_back", by=by, now=now, version=version, step=step, why=reason):
            _says_nothing_new(scan, appraisal, reason)
            return scan
        if appraisal is not None:
            _keep_audit(scan, appraisal, reason, audits.REVIEW, by, now)
        return transitions.apply(scan, "send_back", states.RETURNED, by=by, now=now, why=reason, **warned)


def hand_over(scan_id: str, *, by: Person, to: int, step: int | None = None) -> Scan:
    """Give a waiting scan to another mentor of its placement; the student or either mentor may do it. So too one that
    is held because the course has refused its approver, or ended their confirmation: that approval is void then.
    Raises Refused: `to` is no mentor of the placement (any more), the student's enrolment has ended, or the approval
    may count yet. NotFound. Conflict: it does not wait any more, or was overtaken.
    """
    with db.atomic():
        now = clock.now()
        scan = or_not_found(scans_visible_to(by.id).where(Scan.id == scan_id).first())
        mentors, is_students = mentors_of(scan), by.id == student_of(scan)
        if is_students:
            refuse_ended(scan)
        elif by.id not in mentors:
            raise Refused("Only the student and the mentors of the placement can hand a scan over.")
        mentor = Person.get_or_none(Person.id == to, Person.disabled_at.is_null()) if to in mentors else None
        if mentor is None:
            raise Refused("Choose another mentor of this placement.")
        is_so, why = scan.mentor_id == to and scan.state == states.WITH_MENTOR, f"To {mentor.name}."
        if transitions.done_already(scan, "hand_over", by=by, now=now, version=None, step=step, why=why, is_so=is_so):
            return scan
        if scan.state == states.HELD:
            _refuse_to_void(scan, to, by, now)
            return uncount(scan, "hand_over", by, now, why, to=to)
        return transitions.hand_over(scan, mentor, by=by, now=now)


def _refuse_to_void(scan: Scan, to: int, by: Person, now: datetime) -> None:
    """A held approval is void only where the course has refused its approver, or ended their confirmation."""
    if transitions.is_undoable(scan, now) and student_of(scan) == by.id:
        raise Conflict(transitions.JUDGING, scan)
    if not held_approvals.is_void(scan):
        raise Conflict("This scan is approved. It counts once the course has confirmed who approved it.", scan)
    if to == scan.approved_by_id:
        raise Refused("Choose another mentor of this placement.")


def mentors_of(scan: Scan) -> list[int]:
    """Ids of the mentors of the scan's placement now."""
    return [person for (person,) in _MENTORS(scan.placement_id)]


def undo_cutoff(programme: Programme, now: datetime) -> datetime:
    """The student is told what a mentor did before this instant: a younger approval may still be undone, and nobody is
    told of it, nor of its comment, until it no longer can.
    """
    return now - programme.undo_window


def uncount(
    scan: Scan, verb: str, by: Person, now: datetime, why: str = "", *, to: int | None = None, **proof: Any
) -> Scan:
    """Take an approved scan back to the mentor `by` (or `to`), its audit void; unless undone it waits from now on."""
    records.execute(Audit, _VOID, Audit.voided_at.db_value(now), scan.id)
    none: dict[str, Any] = dict.fromkeys(
        ("approved_at", "approved_by", "approved_version", "audited_at", "reopen_asked_at")
    )
    changes = {**none, "mentor": to or by.id, **({"sent_at": now} if verb != "undo" else {})}
    return transitions.apply(scan, verb, states.WITH_MENTOR, by=by, now=now, changes=changes, why=why, **proof)


def _programme_of(scan: Scan) -> Programme:
    return programmes.get(_PROGRAMME.value(scan.enrolment_id))


def judged_scan(scan_id: str, by: Person, *, or_left: bool = False) -> Scan:
    """The scan, if this person is the mentor to judge it; with `or_left` also when the one who was has left."""
    scan = or_not_found(_VISIBLE.first(by.id, scan_id))
    if student_of(scan) == by.id:
        raise Refused("Nobody judges a scan of their own.")
    mentors = mentors_of(scan)
    if by.id not in mentors:
        raise Refused("Only a mentor of this placement can judge the scan.")
    if scan.mentor_id != by.id and not (or_left and scan.mentor_id not in mentors):
        name = Person.select(Person.name).where(Person.id == scan.mentor_id).scalar()
        if scan.state == states.WITH_MENTOR:
            gone = f"This scan is with {name}. Take it over first."
            if Move.select().where(Move.scan == scan, Move.verb == "hand_over").exists():
                raise Conflict(gone, scan)  # it may have been theirs when they opened the page
            raise Refused(gone)
        raise Refused(f"{name} has judged this scan, so only {name} can change that.")
    return scan


def _says_nothing_new(scan: Scan, appraisal: Appraisal | None, note: str) -> None:
    """A resend is what was said already. Another judgement of a scan that is judged is told, not dropped in silence."""
    if appraisal is None:
        return
    before = Audit.get_or_none(Audit.scan == scan, Audit.voided_at.is_null())
    judged = {**asdict(appraisal), "comment": note}
    if before is None or any(getattr(before, name) != value for name, value in judged.items()):
        if scan.state == states.RETURNED:
            raise Conflict("You have returned this scan already. What you said of it then was kept.", scan)
        raise Conflict("You have approved this scan already. Reopen it, with a reason, to judge it anew.", scan)


def _keep_audit(scan: Scan, appraisal: Appraisal, comment: str, made: str, by: Person, now: datetime) -> None:
    records.execute(Audit, _VOID, Audit.voided_at.db_value(now), scan.id)
    row = {**asdict(appraisal), "comment": comment, "made": made, "version": scan.version, "made_at": now}
    records.insert(Audit, scan=scan, by=by, **row)


def _refuse_failed(scan: Scan, count_failed: bool) -> None:
    """A failed audit counts only where the programme allows it, and after it was asked about.
    Raises Invalid: it is to be returned, or was not asked about yet.
    """
    if not _programme_of(scan).failed_audit_counts:
        raise Invalid({"count_failed": [GOES_BACK]})
    if not count_failed:
        raise Invalid({"count_failed": [FAILS]})


def _note(text: str, name: str, named_nobody: str) -> tuple[str, dict[str, Any]]:
    """The words as they are kept, and for history the kinds of find that the mentor went past, if any."""
    text = text.replace("\r\n", "\n").strip()  # as the person's browser counted it
    if len(text) > NOTE_LIMIT:
        raise Invalid({name: [f"At most {NOTE_LIMIT:,} characters; this has {len(text):,}."]})
    kinds = screening.screen({name: text}, named_nobody) if text else []
    return text, {"warned": kinds} if kinds else {}


def reason_of(
    text: str, named_nobody: str, missing: str = "Say why, so that the student knows what to do."
) -> tuple[str, dict[str, Any]]:
    """The reason as `_note`; `missing` is what is said when there is none."""
    reason, warned = _note(text, "why", named_nobody)
    if not reason:
        raise Invalid({"why": [missing]})
    return reason, warned
