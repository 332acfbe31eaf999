"""What a student does with a scan: log, correct, send, widen, withdraw, restore. (Handing over: `reviews`.)"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from models import Cohort, Enrolment, Party, Person, Scan, db
from rules import states
from rules.entry import Entry
from rules.programme import Programme
from rules.vocabulary import Pair
from statements import Prepared
from visibility import placements_of_mentor, scans_of_student
from workflows import clock
from workflows.course import programmes
from workflows.history import history, records
from workflows.refusals import Conflict, Invalid, NotFound, Refused
from workflows.scans import scan_entry, scan_notices, transitions
from workflows.scans.scan_entry import UNSAID, Saved

# Stands before the digest of a log that holds what the form asked for, too. One without it is of an earlier release;
# its scans may be sent again for half a year, and of those the fields alone are compared.
FORMS = "2:"

KEPT_ONCE_SENT = ("support", "region", "side", "mentor", "site")  # the database refuses a sent scan without them

# Asked with every scan that is logged.
_SCAN = Prepared(lambda number: Scan.select().where(Scan.id == number))
_CURRENT = Prepared(
    lambda person: (
        Enrolment.select(Enrolment, Cohort)
        .join(Cohort)
        .where(Enrolment.person == person, Enrolment.ended_on.is_null())
        .order_by(Enrolment.enrolled_on.desc())
        .limit(1)
    )
)


@dataclass(frozen=True)
class Logged:
    """What became of an entry."""

    scan: Scan
    state: str  # as it was answered the first time
    version: int
    replayed: bool = False
    lacks: tuple[str, ...] = ()  # what is missing before it can be sent
    duplicate_of: Scan | None = None  # asked about: is it another patient?


def enrolment_of(person: Person) -> Enrolment:
    """The student's current enrolment, with its cohort.

    Raises:
        Refused: when the person is not enrolled (any more).
    """
    current = _CURRENT.first(person.id)
    if current is None:
        raise Refused("You are not enrolled at the moment, so there is no portfolio to log to.")
    return current


def log(
    scan_id: str,
    entry: Entry,
    *,
    by: Person,
    received: Mapping[str, Any],
    later: bool = False,
    another: bool = False,
    named_nobody: str = "",
    saved: Saved = UNSAID,
) -> Logged:
    """Keep a scan; send it to the mentor when nothing required is missing, unless it is to be finished later.

    The same `scan_id` with the same `received` content answers as the first time and stores nothing more.

    Args:
        scan_id: UUID made by the browser.
        received: what came in, as plain values; compared on a replay.
        another: the student said that a likely duplicate is another patient.
        named_nobody: marks of what the screen asked about in the report, as for `screening.screened`.
        saved: what the phone says of its *Save scan*; it is no part of what a replay is compared by.

    Raises:
        Invalid: field -> sentences, when it cannot be kept.
        Conflict: this id was used for other content; `current` is what was kept first.
        NotFound: this id is somebody else's.
        Refused: no enrolment.
    """
    scan_id = _uuid(scan_id)
    digests = (FORMS + history.digest({**received, "asks": [later, another]}), history.digest(received))
    if (first := _SCAN.first(scan_id)) is not None:
        return _replay(first, digests, by)
    now, enrolment = clock.now(), enrolment_of(by)
    programme = programmes.get(enrolment.cohort.programme)
    saved = saved.believed(enrolment, now)
    if entry.scanned_on is None and saved.at:  # today was the day on which it was saved, not when it comes
        entry = replace(entry, scanned_on=programme.today(min(saved.at, now)))
    written = scan_entry.written(programme, enrolment, entry, now, named_nobody=named_nobody)
    with db.atomic():
        now = clock.now()
        if (first := _SCAN.first(scan_id)) is not None:  # the same, sent twice at once
            return _replay(first, digests, by)
        if enrolment_of(by).id != enrolment.id:
            raise Conflict("Your enrolment changed meanwhile. Save the scan again.")
        columns = scan_entry.columns_of(programme, enrolment, entry, written, now)
        lacks = scan_entry.lacks(programme, entry, columns)
        before = scan_entry.latest(programme, enrolment, now, saved.at)
        asked = not (another or entry.procedure)
        twin = scan_entry.likely_duplicate(programme, before, entry, now, saved.at) if asked else None
        state = states.DRAFT if later or lacks or twin else states.WITH_MENTOR
        answer = {"state": state, "version": 1, "lacks": list(lacks), "duplicate_of": twin.id if twin else None}
        scan = Scan(
            id=scan_id,
            enrolment=enrolment,
            case_number=before[0][0] + 1 if before else 1,
            state=state,
            received_at=now,
            received_digest=digests[0],
            first_answer=answer,
            entered_at=saved.at,
            form_version=saved.form,
            duplicate_of=twin,
            sent_at=now if state == states.WITH_MENTOR else None,
            **columns,
        )
        scan.digest = transitions.digest_of(scan)
        records.insert(Scan, **scan.__data__)
        states.move("log", None, state)
        transitions.record(scan, "log", None, by=by, now=now, **_gone_past(columns), **saved.proof())
    return Logged(scan, state, 1, lacks=tuple(lacks), duplicate_of=twin)


def correct(
    scan_id: str,
    entry: Entry,
    *,
    by: Person,
    version: int,
    received: Mapping[str, Any] | None = None,
    step: int | None = None,
    later: bool = False,
    named_nobody: str = "",
    saved: Saved = UNSAID,
) -> Logged:
    """Change what a scan says; a draft or returned scan is sent when complete, unless it is to be finished later.

    A scan that waits stays with the mentor who has it: see `reviews.hand_over`.

    The same correction sent again changes nothing and answers as the first time. What the phone says of the saving of
    a correction (`saved`) is kept in history alone: the scan's columns tell of its logging.

    Args:
        received: what came in, as for `log`; a resend is recognised by it, another form that asks for the same by that.
        step: number of the last step of the scan's story that the student saw, see `moves.done_already`.

    Raises:
        Conflict: the scan is no longer as the student saw it, or waits for another mentor than the entry names;
            `current` is what stands.
        Invalid, NotFound, Refused: as for `log`.
    """
    seen = None if received is None else history.digest({**received, "asks": [later]})
    scan, now = _open(scan_id, by), clock.now()
    enrolment = Enrolment.get_by_id(scan.enrolment_id)
    programme = programmes.get(enrolment.cohort.programme)
    done = transitions.done_already(scan, "correct", by=by, now=now, version=version, step=step)
    if done and seen and done.received == seen:
        return Logged(scan, scan.state, scan.version, True, tuple(lacks_of(programme, scan)), scan.duplicate_of)
    entry = _for_its_mentor(scan, entry, moved_before=step is None and not done)
    written = scan_entry.written(programme, enrolment, entry, now, scan, named_nobody=named_nobody)
    with db.atomic():
        scan, now = _open(scan_id, by), clock.now()
        done = transitions.done_already(scan, "correct", by=by, now=now, version=version, step=step)
        if done and seen and done.received == seen:
            return Logged(scan, scan.state, scan.version, True, tuple(lacks_of(programme, scan)), scan.duplicate_of)
        entry = _for_its_mentor(scan, entry, moved_before=step is None and not done)
        columns = scan_entry.columns_of(programme, enrolment, entry, written, now, scan)
        lacks = scan_entry.lacks(programme, entry, columns)
        if done:
            asks = _after(done.before, later or lacks or scan.duplicate_of_id)
            if asks == done.after and _says(scan, columns):
                return Logged(scan, scan.state, scan.version, True, tuple(lacks), scan.duplicate_of)
            raise Conflict(transitions.CHANGED, scan)
        if scan.duplicate_of_id and (scan.region, scan.side) != (entry.region, entry.side):
            columns["duplicate_of"] = scan.duplicate_of = None  # what was asked about is not what it says any more
        if scan.state == states.WITH_MENTOR and lacks:
            raise Invalid({"form": [f"It is with your mentor, so it must stay complete. Missing: {', '.join(lacks)}."]})
        lost = [what for what in lacks if what in KEPT_ONCE_SENT]
        if scan.state == states.RETURNED and lost:
            raise Invalid({"form": [f"It was sent once, so it keeps what it was about. Missing: {', '.join(lost)}."]})
        after = _after(scan.state, later or lacks or scan.duplicate_of_id)
        if after != scan.state:
            columns["sent_at"] = now
        proof = {**_gone_past(columns), **saved.believed(enrolment, now).proof()}
        transitions.apply(scan, "correct", after, by=by, now=now, changes=columns, received=seen, **proof)
    return Logged(scan, scan.state, scan.version, lacks=tuple(lacks), duplicate_of=scan.duplicate_of)


def send(scan_id: str, *, by: Person, version: int, step: int | None = None) -> Scan:
    """Send a complete draft or returned scan to its mentor; also the answer "yes, another patient".

    Raises:
        Invalid: when something required is missing.
        Conflict, NotFound, Refused.
    """
    before = _open(scan_id, by)
    entry, enrolment = entry_of(before), Enrolment.get_by_id(before.enrolment_id)
    programme = programmes.get(enrolment.cohort.programme)
    sendable = before.version == version and before.state != states.WITH_MENTOR  # else it is answered below
    written = scan_entry.written(programme, enrolment, entry, clock.now(), before) if sendable else None
    with db.atomic():
        scan, now = _open(scan_id, by), clock.now()
        is_so = scan.state == states.WITH_MENTOR
        if transitions.done_already(scan, "send", by=by, now=now, version=version, step=step, is_so=is_so):
            return scan
        if written is None:
            raise Conflict(transitions.CHANGED, scan)
        columns = scan_entry.columns_of(programme, enrolment, entry, written, now, scan)
        lacks = scan_entry.lacks(programme, entry, columns)
        if lacks:
            raise Invalid({"form": [f"Before it can be sent it needs: {', '.join(lacks)}."]})
        changes = {"sent_at": now, "duplicate_of": None}
        return transitions.apply(scan, "send", states.WITH_MENTOR, by=by, now=now, changes=changes)


def widen(scan_id: str, *, by: Person, version: int, step: int | None = None) -> Logged:
    """The other side of the same patient too: the same entry becomes *both* (R4); it does not add one."""
    scan, now = _open(scan_id, by), clock.now()
    is_so = scan.side == "both"
    if transitions.done_already(scan, "correct", by=by, now=now, version=version, step=step, is_so=is_so) and is_so:
        return Logged(scan, scan.state, scan.version, replayed=True)
    wider = replace(entry_of(scan), side="both", report=scan.report, report_base=scan.composed)
    return correct(scan_id, wider, by=by, version=version, step=step, later=scan.state != states.WITH_MENTOR)


def withdraw(scan_id: str, *, by: Person, version: int, step: int | None = None) -> Scan:
    """Take a scan out of the portfolio; `restore` brings it back as a draft."""
    with db.atomic():
        scan, now = _open(scan_id, by), clock.now()
        is_so = scan.state == states.WITHDRAWN
        if transitions.done_already(scan, "withdraw", by=by, now=now, version=version, step=step, is_so=is_so):
            return scan
        return transitions.apply(scan, "withdraw", states.WITHDRAWN, by=by, now=now, changes={"duplicate_of": None})


def restore(scan_id: str, *, by: Person, version: int, step: int | None = None) -> Scan:
    """Bring a withdrawn scan back as a draft."""
    with db.atomic():
        scan, now = _open(scan_id, by), clock.now()
        is_so = scan.state == states.DRAFT
        if transitions.done_already(scan, "restore", by=by, now=now, version=version, step=step, is_so=is_so):
            return scan
        return transitions.apply(scan, "restore", states.DRAFT, by=by, now=now, changes={"sent_at": None})


def own(scan_id: str, by: Person) -> Scan:
    """The student's own scan.

    Raises:
        NotFound: when it is nobody's or somebody else's.
    """
    scan = scans_of_student(by.id).where(Scan.id == scan_id).first()
    if scan is None:
        raise NotFound()
    return scan


def _open(scan_id: str, by: Person) -> Scan:
    """The student's own scan, to be changed.

    Raises:
        NotFound: as `own`. Refused: the enrolment has ended, so the portfolio stays as it is.
    """
    scan = own(scan_id, by)
    refuse_ended(scan)
    return scan


def refuse_ended(scan: Scan) -> None:
    """Let its student change nothing in a portfolio whose enrolment has ended.

    Raises:
        Refused.
    """
    if Enrolment.select().where(Enrolment.id == scan.enrolment_id, Enrolment.ended_on.is_null(False)).exists():
        raise Refused("Your enrolment has ended: your portfolio stays here to read, and nothing in it changes.")


def entry_of(scan: Scan) -> Entry:
    """The scan as it would be entered, for the form and for what is derived from it."""
    return Entry(
        **{name: getattr(scan, name) for name in ("support", "region", "side", "protocol", "scanned_on", "indication")},
        **{name: getattr(scan, name) for name in ("outcome", "report", "age_band", "sex", "machine", "transducer")},
        **{name: getattr(scan, name) for name in ("procedure", "procedure_role")},
        findings=tuple(Pair(*pair) for pair in scan.findings),
        normal=tuple(scan.normal),
        limitations=tuple(scan.limitations),
        modifiers=tuple(scan.modifiers),
        mentor=scan.mentor_id,
        site=scan.placement.site_id if scan.placement_id else None,
    )


def lacks_of(programme: Programme, scan: Scan) -> list[str]:
    """What the scan lacks before it can be sent, in the person's words."""
    columns = {"placement": scan.placement_id, "own_words": scan.own_words}
    return scan_entry.lacks(programme, entry_of(scan), columns)


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except (ValueError, AttributeError, TypeError):
        raise Invalid(
            {"scan_id": ["The form has lost its number. Reload it; what you entered can be copied."]}
        ) from None


def _replay(first: Scan, seen: tuple[str, ...], by: Person) -> Logged:
    if scan_notices.student_of(first) != by.id:
        raise NotFound()
    if first.received_digest not in seen:
        raise Conflict("This scan was saved already, with other content. The first one was kept.", first)
    answer = first.first_answer
    twin = Scan.get_or_none(Scan.id == answer["duplicate_of"]) if answer["duplicate_of"] else None
    return Logged(first, answer["state"], answer["version"], True, tuple(answer["lacks"]), twin)


def _for_its_mentor(scan: Scan, entry: Entry, *, moved_before: bool) -> Entry:
    """The entry with the mentor who has the scan, while it waits for one of its placement's: handing it over is a deed
    of its own, with its own line in the story.

    Args:
        moved_before: the entry may be an older form's, which names the mentor of before a hand-over.

    Raises:
        Conflict: the entry names another mentor.
    """
    theirs = placements_of_mentor(scan.mentor_id).where(Party.placement == scan.placement_id)
    if scan.state != states.WITH_MENTOR or not theirs.exists():
        return entry
    names_another = entry.mentor not in (None, scan.mentor_id)
    if names_another and not (moved_before and transitions.was_handed_over(scan.id)):
        raise Conflict(f"It is with {scan.mentor.name}. Hand it over on the scan's page.", scan)
    return replace(entry, mentor=scan.mentor_id)


def _gone_past(columns: dict[str, Any]) -> dict[str, Any]:
    """For history: the kinds of find that the student says name no patient, if the screen asked."""
    return {"warned": columns["warned"]} if columns["warned"] else {}


def _after(before: str | None, is_open: Any) -> str:
    """The state to which a correction takes a scan: to its mentor, unless something is open yet."""
    return str(before) if is_open else states.WITH_MENTOR


def _says(scan: Scan, columns: dict[str, Any]) -> bool:
    """The scan says what these columns say already: every one that a form can change."""
    return all(scan.__data__[name] == value for name, value in columns.items())
