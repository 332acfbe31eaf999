"""What became of a scan, step by step, as the workflows would have written it: rows for the story and for history.

The rows are gathered and written in bulk at the end, because ten thousand single writes would take a minute.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from models import Audit, Move, Notice, Scan
from rules import states
from rules.audits import ONE_TAP, REVIEW
from workflows.history import history
from workflows.history.history import Action
from workflows.notices import notices
from workflows.reviews.reviews import Appraisal
from workflows.scans import transitions
from workflows.scans.scan_notices import notice_of

NEWS = ("approve", "send_back", "reopen")  # what a student is shown as news


@dataclass
class Book:
    """Everything that is to be written."""

    scans: list[Scan] = field(default_factory=list)
    moves: list[dict[str, Any]] = field(default_factory=list)
    audits: list[dict[str, Any]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    def write(self) -> None:
        """Put it into the database, in the order in which it happened."""
        rows = [scan.__data__ for scan in self.scans]  # as they are: an attribute would ask for each mentor
        for start in range(0, len(rows), 300):
            Scan.insert_many(rows[start : start + 300]).execute()
        written = ((Move, self.moves, "at"), (Audit, self.audits, "made_at"), (Notice, self.notices, "at"))
        for model, found, when in written:
            found.sort(key=lambda row: row[when])
            for start in range(0, len(found), 500):
                model.insert_many(found[start : start + 500]).execute()
        history.record_all(sorted(self.actions, key=lambda action: action.at))


class Story:
    """One scan and its steps. `seen_before`: news older than this was seen by the student soon after."""

    def __init__(self, book: Book, scan: Scan, student: int, seen_before: datetime) -> None:
        self.book, self.scan, self.student, self.seen_before = book, scan, student, seen_before
        scan.__dict__["student"] = student  # known, so not asked for again

    def log(self, at: datetime, state: str, lacks: tuple[str, ...] = ()) -> None:
        """The student saves the scan: as a draft, or to the mentor."""
        scan = self.scan
        scan.state, scan.version, scan.received_at = state, 1, at
        scan.sent_at = at if state == states.WITH_MENTOR else None
        scan.first_answer = {"state": state, "version": 1, "lacks": list(lacks), "duplicate_of": None}
        scan.digest = transitions.digest_of(scan)
        scan.received_digest = history.digest({"scan_id": scan.id, **transitions.content(scan)})
        self.book.scans.append(scan)
        self._tell("log", None, at, self.student, "", {})

    def correct(self, at: datetime, after: str, **changes: Any) -> None:
        """The student changes the words; a draft or returned scan is sent with it."""
        if after == states.WITH_MENTOR and self.scan.state != after:
            changes["sent_at"] = at
        self._take("correct", after, at, self.student, changes)

    def approve(
        self, at: datetime, appraisal: Appraisal | None = None, comment: str = "", after: str = states.COUNTED
    ) -> None:
        """The mentor approves; an aided scan is audited with it (R2). Held: they are not confirmed."""
        scan, made = self.scan, REVIEW if appraisal else ONE_TAP
        if scan.support == "aided":
            appraisal = appraisal or Appraisal()
        changes = {
            "approved_at": at,
            "approved_by": scan.mentor_id,
            "approved_version": scan.version,
            "audited_at": at if appraisal else None,
        }
        proof: dict[str, Any] = {}
        if appraisal:
            audit = {"scan": scan.id, "version": scan.version, "by": scan.mentor_id, "made_at": at, "comment": comment}
            judged = {**asdict(appraisal), "made": made}
            self.book.audits.append({**audit, **judged, "voided_at": None})
            proof["audit"] = judged
        self._take("approve", after, at, scan.mentor_id, changes, comment, proof)

    def reopen(self, at: datetime, why: str) -> None:
        """The mentor takes a counted scan back, with a reason."""
        for audit in self.book.audits:
            if audit["scan"] == self.scan.id and audit["voided_at"] is None:
                audit["voided_at"] = at
        none = dict.fromkeys(("approved_at", "approved_by", "approved_version", "audited_at"))
        changes = {**none, "sent_at": at}
        self._take("reopen", states.WITH_MENTOR, at, self.scan.mentor_id, changes, why)

    def send_back(self, at: datetime, why: str) -> None:
        """The mentor returns the scan, saying why."""
        self._take("send_back", states.RETURNED, at, self.scan.mentor_id, {}, why)

    def hand_over(self, at: datetime, to: int) -> None:
        """The mentor asks a colleague of the placement."""
        self._take("hand_over", states.WITH_MENTOR, at, self.scan.mentor_id, {"mentor": to})

    def withdraw(self, at: datetime) -> None:
        """The student takes the scan out."""
        self._take("withdraw", states.WITHDRAWN, at, self.student, {})

    def _take(
        self,
        verb: str,
        after: str,
        at: datetime,
        by: int,
        changes: dict[str, Any],
        why: str = "",
        proof: dict[str, Any] | None = None,
    ) -> None:
        scan = self.scan
        states.move(verb, scan.state, after)
        before = scan.state
        for name, value in {**changes, "state": after}.items():
            setattr(scan, name, value)
        if any(name in transitions.CONTENT for name in changes):
            scan.version += 1
            scan.digest = transitions.digest_of(scan)
        self._tell(verb, before, at, by, why, proof or {})

    def _tell(self, verb: str, before: str | None, at: datetime, by: int, why: str, proof: dict[str, Any]) -> None:
        scan = self.scan
        step = {"scan": scan.id, "at": at, "by": by, "verb": verb, "before": before, "after": scan.state}
        self.book.moves.append({**step, "version": scan.version, "why": why})
        if notice := notice_of(scan, verb, before, by=by, now=at, why=why):
            read_at = at + timedelta(hours=9) if verb in NEWS and at < self.seen_before else None
            self.book.notices.append({**notices.row(**notice), "read_at": read_at})
        payload = {**transitions.payload_of(scan, before), **proof}
        self.book.actions.append(Action(verb, f"scan:{scan.id}", by, at, scan.enrolment_id, payload))
