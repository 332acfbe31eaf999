"""Hide now (R8): whoever may read a scan and sees patient data in it blanks its whole text, for everybody at once and
for good. The approval is void and the student writes it anew; what is kept is that it happened, never what it said.

What is outside the database follows as soon as the transaction is over (`hidden_list`): the list by which a restored
backup hides it again, the bytes of editions, the pages of the database's files. What fails then, the worker does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import clock
from models import Audit, Cohort, Enrolment, Hiding, Move, Person, Scan, db
from rules import states
from visibility import scans_visible_to
from workflows import files
from workflows.history import history, records
from workflows.notices import notices
from workflows.people.retention import directors_of
from workflows.refusals import Conflict, Refused, or_not_found
from workflows.scans import blanking, hidden_list, transitions
from workflows.scans.ownership import own_scan
from workflows.scans.scan_notices import student_of, subject_of

ASK_INSTEAD = "Your mentor and the course read it: ask them to hide it."
OWN_DRAFT = "Nobody else reads it: hide it yourself."
KEPT_ON_PHONES = timedelta(days=366)  # so long phones are told of it
_VOID = "UPDATE audit SET voided_at = ? WHERE scan_id = ? AND voided_at IS NULL"
_LIVE = "UPDATE audit SET version = ? WHERE scan_id = ? AND voided_at IS NULL"
_NO_APPROVAL: dict[str, Any] = dict.fromkeys(
    ("approved_at", "approved_by", "approved_version", "audited_at", "reopen_asked_at")
)


@dataclass(frozen=True)
class Again:
    """A hiding that a restored backup does not know of: which scan, when, and by whom (an id)."""

    scan: str
    at: datetime
    by: int


def hide(scan_id: str, *, by: Person) -> Scan:
    """Blank the whole text of a scan. It is urgent, so it takes whatever version stands; a second tap changes nothing.
    Raises NotFound: nobody's, or not this person's to read. Refused: a student's own that others read (they `ask`).
    Conflict: its state has no such move.
    """
    with db.atomic():
        scan = or_not_found(scans_visible_to(by.id).where(Scan.id == scan_id).first())
        if student_of(scan) == by.id and scan.state not in (states.DRAFT, states.WITHDRAWN):
            raise Refused(ASK_INSTEAD)
        if is_hidden(scan):
            return scan
        now = clock.now()
        hashes = _hide(scan, by=by, now=now)
    files.discard(*hashes)
    hidden_list.begin()
    return scan


def ask(scan_id: str, *, by: Person) -> None:
    """A student asks that a scan of theirs be hidden: whoever has it and the directors are notified. Once at a time.
    Raises NotFound: no scan of theirs. Conflict: nobody else reads it, or it is hidden already.
    """
    with db.atomic():
        scan = own_scan(scan_id, by)
        if scan.state in (states.DRAFT, states.WITHDRAWN):
            raise Conflict(OWN_DRAFT, scan)
        if is_hidden(scan):
            raise Conflict("Its text is hidden already.", scan)
        if asked_for(scan):
            return
        now = clock.now()
        records.create(Hiding, scan=scan.id, asked_at=now)
        history.record("ask_to_hide", subject_of(scan.id), by=by, at=now, enrolment=scan.enrolment_id)
        for person in sorted({scan.mentor_id, *_directors(scan)}):
            notices.notify("hiding_asked", subject_of(scan.id), to=person, by=by.id, at=now)


def hide_again(hidden: Sequence[Again]) -> tuple[int, list[str]]:
    """Hide in a restored database what was hidden since its backup was made.
    Returns how many scans it was, and the hashes of files whose bytes are to be erased, or not to be put back.
    """
    number, hashes = 0, []
    for one in hidden:
        with db.atomic():
            scan = Scan.get_or_none(Scan.id == one.scan)
            if scan is None or Hiding.select().where(Hiding.scan == one.scan, Hiding.at >= one.at).exists():
                continue
            by = Person.get_or_none(Person.id == one.by) or Person.get_by_id(student_of(scan))
            hashes += _hide(scan, by=by, now=one.at)
            number += 1
    return number, hashes


def is_hidden(scan: Scan) -> bool:
    """Whether its text is hidden and nothing was written since."""
    return last_of(scan.id, scan.version) is not None


def last_of(scan_id: str, version: int) -> Hiding | None:
    """By whom and when this version was blanked, with who did it; None where it was not."""
    found = Hiding.select(Hiding, Person).join(Person, on=(Hiding.by == Person.id), attr="by")
    return found.where(Hiding.scan == scan_id, Hiding.version == version).order_by(Hiding.id.desc()).first()


def asked_for(scan: Scan) -> bool:
    """Whether its student asks that it be hidden, and nobody has done it yet."""
    return Hiding.select().where(Hiding.scan == scan.id, Hiding.at.is_null()).exists()


def seen_by(person: int) -> list[tuple[str, int]]:
    """Id of each scan that was hidden and that this person may read, or did something to while they had a part, and the
    version as which it was blanked: what their phone keeps of earlier versions is to go.
    """
    recent = Hiding.select(Hiding.scan, Hiding.version).where(Hiding.at >= clock.now() - KEPT_ON_PHONES)
    hidden = list(recent.order_by(Hiding.id).tuples())
    if not hidden:
        return []
    seen = scans_visible_to(person).select(Scan.id).where(Scan.id.in_({scan for scan, _ in hidden}))
    touched = Move.select(Move.scan).where(Move.by == person, Move.scan.in_({scan for scan, _ in hidden}))
    theirs = {scan for query in (seen, touched) for (scan,) in query.tuples()}
    return [(scan, version) for scan, version in hidden if scan in theirs]


def _hide(scan: Scan, *, by: Person, now: datetime) -> list[str]:
    """Blank it, in the caller's transaction. Returns the hashes of files whose bytes are to be erased."""
    texts = blanking.texts_of(scan)
    fields = {name: sum(map(len, found)) for name, found in texts.items()}
    changes: dict[str, Any] = {
        **blanking.BLANK,
        "first_answer": {**scan.first_answer, "lacks": [], "asks": []},
    }
    after, stands = _after(scan)
    if stands:
        changes["approved_version"] = scan.version + 1
        records.execute(Audit, _LIVE, scan.version + 1, scan.id)
    elif scan.approved_at is not None:
        changes |= _NO_APPROVAL
        records.execute(Audit, _VOID, Audit.voided_at.db_value(now), scan.id)
    blanking.blank_story(scan)
    blanking.withdraw_mails(scan, texts, now)
    hashes = blanking.void_editions(scan, by=by, now=now)
    done: dict[str, Any] = {"at": now, "by": by.id, "version": scan.version + 1, "fields": fields}
    if not records.write(Hiding.update(**done).where(Hiding.scan == scan.id, Hiding.at.is_null())):
        records.create(Hiding, scan=scan.id, **done)
    # Last, so that its entry in history proves every row that was blanked.
    transitions.apply(scan, states.HIDE, after, by=by, now=now, changes=changes, hidden=fields, count_stands=stands)
    if scan.state not in (states.DRAFT, states.WITHDRAWN):
        for person in sorted({scan.mentor_id, *_directors(scan)}):
            notices.notify("scan_hidden_here", subject_of(scan.id), to=person, by=by.id, at=now)
    return hashes


def _after(scan: Scan) -> tuple[str, bool]:
    """The state to which hiding takes it, and whether its count stands: after the enrolment has ended nothing is
    written anew.
    """
    if scan.state in (states.DRAFT, states.WITHDRAWN):
        return scan.state, False
    ended = Enrolment.select().where(Enrolment.id == scan.enrolment_id, Enrolment.ended_on.is_null(False)).exists()
    stands = ended and scan.approved_at is not None
    return (scan.state if stands else states.RETURNED), stands


def _directors(scan: Scan) -> list[int]:
    programme = Cohort.select(Cohort.programme).join(Enrolment).where(Enrolment.id == scan.enrolment_id).scalar()
    return directors_of([programme])
