"""What a student does with a scan: log, correct, send, withdraw, restore. (Handing over: `reviews`.)"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import clock
from models import Enrolment, Party, Person, Scan, db
from rules import states
from rules.scan_fields import Entry
from visibility import placements_of_mentor
from workflows.course import absences, programmes
from workflows.history import history, records
from workflows.refusals import Conflict, Invalid
from workflows.scans import duplicates, resends, scan_entry, transitions
from workflows.scans.ownership import editable_scan, enrolment_of
from workflows.scans.resends import Logged
from workflows.scans.scan_entry import NO_STAMP, Ask, CheckedEntry, PhoneStamp, PlacedEntry

REQUIRED_ONCE_SENT = ("support", "region", "side", "mentor", "site")  # the database refuses a sent scan without them


def log(
    scan_id: str,
    entry: Entry,
    *,
    by: Person,
    received: Mapping[str, Any],
    later: bool = False,
    another: bool = False,
    named_nobody: str = "",
    meant: Iterable[str] = (),
    stamp: PhoneStamp = NO_STAMP,
) -> Logged:
    """Keep a scan; send it to the mentor when nothing required is missing, unless it is to be finished later.

    The same `scan_id` with the same `received` content answers as the first time and stores nothing more.

    Args:
        scan_id: UUID made by the browser.
        received: what came in, as plain values; compared on a replay.
        another: the student said that a likely duplicate is another patient.
        meant: keys of the contradictions that the student says are meant.
        stamp: what the phone says of its *Save scan*; it is no part of what a replay is compared by.

    Raises Invalid: field -> sentences, when it cannot be kept. Conflict: this id was used for other content; `current`
    is what was kept first. NotFound: this id is somebody else's. Refused: no enrolment.
    """
    scan_id, digests = _uuid(scan_id), resends.digests_of(received, [later, another, *sorted(meant)])
    if replayed := resends.logged_before(scan_id, digests, by):
        return replayed
    now, enrolment = clock.now(), enrolment_of(by)
    programme = programmes.get(enrolment.cohort.programme)
    stamp = stamp.plausible(enrolment, now)
    if entry.scanned_on is None and stamp.at:  # today was the day on which it was saved, not when it comes
        entry = replace(entry, scanned_on=programme.today(min(stamp.at, now)))
    checked = scan_entry.check(programme, enrolment, entry, now, named_nobody=named_nobody, meant=meant)
    with db.atomic():
        if replayed := resends.logged_before(scan_id, digests, by):  # the same, sent twice at once
            return replayed
        again = enrolment_of(by)
        if (again.id, absences.theirs(again)) != (enrolment.id, absences.theirs(enrolment)):
            raise Conflict("Your enrolment changed meanwhile. Save the scan again.")
        asks = not (another or entry.procedure)
        return _insert(scan_id, checked, digests[0], stamp, by=by, later=later, asks_for_duplicates=asks)


def _insert(
    scan_id: str,
    checked: CheckedEntry,
    digest: str,
    stamp: PhoneStamp,
    *,
    by: Person,
    later: bool,
    asks_for_duplicates: bool,
) -> Logged:
    """Place a checked entry and write it as a new scan."""
    programme, enrolment, now = checked.programme, checked.enrolment, clock.now()
    placed = scan_entry.place(checked, now)
    before = duplicates.latest(programme, enrolment, now, stamp.at)
    twin = duplicates.likely_duplicate(programme, before, checked.entry, now, stamp.at) if asks_for_duplicates else None
    state = states.DRAFT if later or placed.missing or placed.asks or twin else states.WITH_MENTOR
    answer = {"state": state, "version": 1, "lacks": placed.missing, "duplicate_of": twin.id if twin else None}
    answer["asks"] = [[ask.field, ask.key, ask.sentence] for ask in placed.asks]
    scan = Scan(
        id=scan_id,
        enrolment=enrolment,
        case_number=before[0][0] + 1 if before else 1,
        state=state,
        received_at=now,
        received_digest=digest,
        first_answer=answer,
        entered_at=stamp.at,
        form_version=stamp.form,
        duplicate_of=twin,
        sent_at=now if state == states.WITH_MENTOR else None,
        **placed.columns,
    )
    scan.digest = transitions.digest_of(scan)
    records.insert(Scan, **scan.__data__)
    states.move("log", None, state)
    transitions.record(scan, "log", None, by=by, now=now, **_warned(placed.columns), **stamp.payload())
    return Logged(scan, state, 1, missing=tuple(placed.missing), duplicate_of=twin, asks=tuple(placed.asks))


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
    meant: Iterable[str] = (),
    stamp: PhoneStamp = NO_STAMP,
) -> Logged:
    """Change what a scan says; a draft or returned scan is sent when complete, unless it is to be finished later.

    A scan that waits stays with the mentor who has it: see `reviews.hand_over`. The same correction sent again changes
    nothing and answers as the first time. What the phone says of the saving of a correction (`stamp`) is kept in
    history alone: the scan's columns tell of its logging.

    Args:
        received: what came in, as for `log`; a resend is recognised by it, another form that asks for the same by that.
        step: as for `transitions.done_already`.

    Raises Conflict: the scan is no longer as the student saw it, or waits for another mentor than the entry names;
    `current` is the scan as it is now. Invalid, NotFound, Refused: as for `log`.
    """
    digest = None if received is None else history.digest({**received, "asks": [later, *sorted(meant)]})
    scan, now, _, wanted = _wanted(scan_id, entry, digest, by, version, step)
    enrolment = Enrolment.get_by_id(scan.enrolment_id)
    programme = programmes.get(enrolment.cohort.programme)
    if wanted is None:
        return resends.unchanged(scan, scan_entry.missing_of(programme, scan), scan_entry.asks_of(programme, scan))
    checked = scan_entry.check(programme, enrolment, wanted, now, scan, named_nobody=named_nobody, meant=meant)
    with db.atomic():
        scan, now, done, wanted = _wanted(scan_id, entry, digest, by, version, step)
        if wanted is None:
            return resends.unchanged(scan, scan_entry.missing_of(programme, scan), scan_entry.asks_of(programme, scan))
        placed = scan_entry.place(replace(checked, entry=wanted), now, scan)
        if done:
            return _corrected_already(scan, done, placed, later)
        stamp = stamp.plausible(enrolment, now)
        write_correction(scan, placed, by=by, now=now, later=later, received=digest, stamp=stamp)
    asked = {"missing": tuple(placed.missing), "duplicate_of": scan.duplicate_of, "asks": tuple(placed.asks)}
    return Logged(scan, scan.state, scan.version, **asked)


def _wanted(
    scan_id: str, entry: Entry, digest: str | None, by: Person, version: int, step: int | None
) -> tuple[Scan, datetime, states.Step | None, Entry | None]:
    """The scan now, the step by which it was corrected already, and the entry; None of a correction sent again."""
    scan, now = editable_scan(scan_id, by), clock.now()
    if digest and (gone := transitions.hidden_since(scan.id, digest)):
        return scan, now, gone, None
    done = transitions.done_already(scan, "correct", by=by, now=now, version=version, step=step)
    if done and digest and done.received == digest:
        return scan, now, done, None
    return scan, now, done, _with_its_mentor(scan, entry, may_be_handed_over=step is None and not done)


def _corrected_already(scan: Scan, done: states.Step, placed: PlacedEntry, later: bool) -> Logged:
    """The answer to another form that asks for what was done by this step. Raises Conflict when it asks for more."""
    stands = all(scan.__data__[name] == value for name, value in placed.columns.items())
    if not stands or _state_after(done.before, scan, later, placed) != done.after:
        raise Conflict(transitions.CHANGED, scan)
    return resends.unchanged(scan, placed.missing, placed.asks)


def write_correction(
    scan: Scan,
    placed: PlacedEntry,
    *,
    by: Person,
    now: datetime,
    later: bool,
    received: str | None = None,
    stamp: PhoneStamp = NO_STAMP,
    why: str = "",
) -> None:
    """Write a placed entry over what the scan says, in the caller's transaction; `received` and `why` are its step's.
    Raises Invalid: it would take something out of a scan that was sent and needs it.
    """
    columns, missing = placed.columns, placed.missing
    if scan.duplicate_of_id and (scan.region, scan.side) != (columns["region"], columns["side"]):
        columns["duplicate_of"] = scan.duplicate_of = None  # what was asked about is not what it says any more
    if scan.state == states.WITH_MENTOR and missing:
        raise Invalid({"form": [f"It is with your mentor, so it must stay complete. Missing: {', '.join(missing)}."]})
    if scan.state == states.WITH_MENTOR and placed.asks:
        raise Invalid(_unanswered(placed.asks))
    lost = [what for what in missing if what in REQUIRED_ONCE_SENT]
    if scan.state == states.RETURNED and lost:
        raise Invalid({"form": [f"It was sent once, so it keeps what it was about. Missing: {', '.join(lost)}."]})
    after = _state_after(scan.state, scan, later, placed)
    if after != scan.state:
        columns["sent_at"] = now
    payload = {**_warned(columns), **stamp.payload()}
    transitions.apply(scan, "correct", after, by=by, now=now, changes=columns, why=why, received=received, **payload)


def send(scan_id: str, *, by: Person, version: int, step: int | None = None, meant: Iterable[str] = ()) -> Scan:
    """Send a complete draft or returned scan to its mentor; also the answer "yes, another patient", or "I mean it" to
    what was asked about (`meant`).
    Raises Invalid when something required is missing. Conflict, NotFound, Refused.
    """
    before = editable_scan(scan_id, by)
    entry, enrolment = scan_entry.entry_of(before), Enrolment.get_by_id(before.enrolment_id)
    programme = programmes.get(enrolment.cohort.programme)
    sendable = before.version == version and before.state != states.WITH_MENTOR  # else it is answered below
    checked = scan_entry.check(programme, enrolment, entry, clock.now(), before, meant=meant) if sendable else None
    with db.atomic():
        scan, now = editable_scan(scan_id, by), clock.now()
        is_so = scan.state == states.WITH_MENTOR
        if transitions.done_already(scan, "send", by=by, now=now, version=version, step=step, is_so=is_so):
            return scan
        if checked is None:
            raise Conflict(transitions.CHANGED, scan)
        return write_sending(scan, checked, by=by, now=now)


def write_sending(
    scan: Scan, checked: CheckedEntry, *, by: Person, now: datetime, verb: str = "send", why: str = ""
) -> Scan:
    """Take a scan to its mentor, in the caller's transaction.
    Raises Invalid when something required is missing, or asked about still.
    """
    if missing := scan_entry.place(checked, now, scan).missing:
        raise Invalid({"form": [f"Before it can be sent it needs: {', '.join(missing)}."]})
    if checked.asks:
        raise Invalid(_unanswered(checked.asks))
    changes = {"sent_at": now, "duplicate_of": None, "meant": checked.meant}
    payload: dict[str, Any] = {"meant": checked.meant} if checked.meant else {}
    return transitions.apply(scan, verb, states.WITH_MENTOR, by=by, now=now, changes=changes, why=why, **payload)


def withdraw(scan_id: str, *, by: Person, version: int, step: int | None = None) -> Scan:
    """Take a scan out of the portfolio; `restore` brings it back as a draft."""
    return _move(scan_id, "withdraw", states.WITHDRAWN, {"duplicate_of": None}, by, version, step)


def restore(scan_id: str, *, by: Person, version: int, step: int | None = None) -> Scan:
    """Bring a withdrawn scan back as a draft."""
    return _move(scan_id, "restore", states.DRAFT, {"sent_at": None}, by, version, step)


def _move(
    scan_id: str, verb: str, after: str, changes: dict[str, Any], by: Person, version: int, step: int | None
) -> Scan:
    with db.atomic():
        scan, now = editable_scan(scan_id, by), clock.now()
        is_so = scan.state == after
        if transitions.done_already(scan, verb, by=by, now=now, version=version, step=step, is_so=is_so):
            return scan
        return transitions.apply(scan, verb, after, by=by, now=now, changes=changes)


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except (ValueError, AttributeError, TypeError):
        raise Invalid(
            {"scan_id": ["The form has lost its number. Reload it; what you entered can be copied."]}
        ) from None


def _with_its_mentor(scan: Scan, entry: Entry, *, may_be_handed_over: bool) -> Entry:
    """The entry with the mentor who has the scan, while it waits for one of its placement's: handing it over is an
    action of its own, with its own step of the timeline.
    `may_be_handed_over`: the entry may be an older form's, which names the mentor of before a hand-over.
    Raises Conflict: the entry names another mentor.
    """
    theirs = placements_of_mentor(scan.mentor_id).where(Party.placement == scan.placement_id)
    if scan.state != states.WITH_MENTOR or not theirs.exists():
        return entry
    names_another = entry.mentor not in (None, scan.mentor_id)
    if names_another and not (may_be_handed_over and transitions.was_handed_over(scan.id)):
        raise Conflict(f"It is with {scan.mentor.name}. Hand it over on the scan's page.", scan)
    return replace(entry, mentor=scan.mentor_id)


def _unanswered(asks: Iterable[Ask]) -> dict[str, list[str]]:
    """Field -> the contradictions that nobody has said are meant."""
    found: dict[str, list[str]] = {}
    for ask in asks:
        found.setdefault(ask.field, []).append(f"{ask.sentence} Change it, or say that you mean it.")
    return found


def _warned(columns: dict[str, Any]) -> dict[str, Any]:
    """For history: the kinds of match that the student says name no patient, and the contradictions that are meant."""
    return {name: columns[name] for name in ("warned", "meant") if columns[name]}


def _state_after(before: str | None, scan: Scan, later: bool, placed: PlacedEntry) -> str:
    """The state to which a correction takes a scan: to its mentor, unless something is open yet."""
    return str(before) if later or placed.missing or placed.asks or scan.duplicate_of_id else states.WITH_MENTOR
