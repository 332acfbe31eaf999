"""Who is told what: every move of a scan names the person who is told of it, and from when (docs/decisions/0013).

So there is one truth: what is new for somebody are the moves told to them that they have not seen. What leaves by push
or mail (`pushes`, `digests`) is read from the same rows, and an undone approval, told to nobody, is in none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from models import NEWS, UNREAD, Enrolment, InstantField, Move, Person, Scan, db
from rules import quiet, states
from statements import Prepared, run
from workflows import clock
from workflows.course import programmes
from workflows.history import records
from workflows.refusals import Invalid, NotFound

BY_A_MENTOR = ("send_back", "approve", "reopen")
_STUDENT = Prepared(lambda number: Enrolment.select(Enrolment.person).where(Enrolment.id == number).tuples())
_UNTELL = "UPDATE move SET why = '', told_id = NULL, told_at = NULL WHERE scan_id = ? AND verb = 'approve' AND at = ?"
_SEE = f"UPDATE move SET seen_at = ? WHERE told_id = ? AND told_at <= ? AND {UNREAD}"  # noqa: S608 (our own words)
_instant = InstantField()


def student_of(scan: Scan) -> int:
    """Id of the person whose scan it is. Asked once for a scan at hand, unless it was read with it, as `student`."""
    if "student" not in scan.__dict__:
        scan.__dict__["student"] = _STUDENT.value(scan.enrolment_id)
    return scan.__dict__["student"]


def told(scan: Scan, verb: str, before: str | None, *, by: int, now: datetime) -> dict[str, int | datetime]:
    """The columns of a move that say who is told of it, and from when; empty when nobody is.

    The student is told what a mentor did, an approval once it can no longer be undone (decision 8); a mentor is told
    of a scan that came to them. Nobody is told what they did themselves.
    """
    at = now
    if verb in BY_A_MENTOR:
        person = student_of(scan)
        if verb == "approve":
            at += programmes.longest_undo() + timedelta.resolution  # at the very end of it, an undo is still taken
    elif scan.state == states.WITH_MENTOR and verb != "undo" and (before != states.WITH_MENTOR or verb == "hand_over"):
        person = scan.mentor_id
    else:
        return {}
    return {} if person == by else {"told": person, "told_at": at}


def untell(scan: Scan, at: datetime) -> None:
    """Nobody is told of the approval of that instant, nor what was said with it. In the undo's own transaction."""
    records.execute(Move, _UNTELL, scan.id, _instant.db_value(at))


def see(scan_ids: Sequence[str], *, by: Person) -> None:
    """This person has seen what they were told of these scans."""
    now = clock.now()
    news = (Move.told == by.id) & (Move.told_at <= now) & Move.seen_at.is_null() & Move.verb.in_(NEWS)
    with db.atomic():
        Move.update(seen_at=now).where(Move.scan.in_(list(scan_ids)), news).execute()


def see_all(*, by: Person, until: datetime) -> None:
    """This person has seen all the news that they were told until then."""
    with db.atomic():
        run(_SEE, _instant.db_value(clock.now()), by.id, _instant.db_value(min(until, clock.now())))


def choose(person: Person, *, by_mail: bool, quiet_from: str, quiet_until: str) -> None:
    """How somebody wants to be told: by mail too, and between which times of the day ("21:00") not at all.

    Raises:
        Invalid: when that is no time.
    """
    times, problems = {}, {}
    for name, text in (("quiet_from", quiet_from), ("quiet_until", quiet_until)):
        try:
            times[name] = quiet.minute(text)
        except ValueError:
            problems[name] = ["Write a time of the day, such as 21:00."]
    if problems:
        raise Invalid(problems)
    Person.update(by_mail=by_mail, **times).where(Person.id == person.id).execute()


def stop_mail(person: int) -> None:
    """No more digests for this person, who need not be signed in: the link in the mail is theirs.

    Raises:
        NotFound: when there is no such person.
    """
    if not Person.update(by_mail=False).where(Person.id == person).execute():
        raise NotFound()
