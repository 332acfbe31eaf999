"""Notices: written in the transaction of the action that they tell of, and marked as read (docs/decisions/0031).

Nobody is told what they did themselves. The bell, the page "What is new", push messages and the daily mail read the
same rows; how each kind is worded: `rules.notice_text.KINDS`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import clock
from models import INSTANT, UNREAD, Notice, Person, db
from rules import quiet
from rules.notice_text import KINDS
from statements import AT_ONCE, insert, run
from workflows.refusals import Invalid, NotFound

KEPT = timedelta(days=60)  # so long a notice that was read is shown
_WITHDRAW = "DELETE FROM notice WHERE recipient_id = ? AND subject = ? AND at = ?"
_READ_ALL = f"UPDATE notice SET read_at = ? WHERE recipient_id = ? AND deliver_at <= ? AND {UNREAD}"  # noqa: S608
_OLD = "SELECT id FROM notice WHERE id > ? AND deliver_at < ? AND (read_at < ? OR NOT listed) ORDER BY id LIMIT ?"


def notify(
    kind: str, subject: str, *, to: int | None, by: int | None, at: datetime, deliver_at: datetime | None = None
) -> None:
    """Tell one person of something that was just done, in the action's own transaction.

    Args:
        kind: a key of `rules.notice_text.KINDS`.
        subject: what it is about, such as "scan:8f14e45f-..." or "clinic:7".
        to, by: ids of who is told and of who did it. Nothing is written when they are the same, or nobody is told.
        deliver_at: when it may be told, where that is later than `at`.
    """
    if to is not None and to != by:
        insert(Notice, **row(kind, subject, to=to, by=by, at=at, deliver_at=deliver_at))


def row(
    kind: str, subject: str, *, to: int, by: int | None, at: datetime, deliver_at: datetime | None = None
) -> dict[str, Any]:
    """The columns of a notice, unread."""
    return {
        "recipient": to,
        "kind": kind,
        "subject": subject,
        "by": by,
        "at": at,
        "deliver_at": deliver_at or at,
        "listed": KINDS[kind].listed,
    }


def withdraw(subject: str, *, to: int, at: datetime) -> None:
    """Tell this person nothing of what was done to the subject at that instant. In the transaction of its undoing."""
    run(_WITHDRAW, to, subject, INSTANT.db_value(at))


def mark_read(subjects: Sequence[str], *, by: Person) -> None:
    """This person has read what they were told of these subjects."""
    now = clock.now()
    unread = (Notice.recipient == by) & Notice.read_at.is_null() & Notice.listed & (Notice.deliver_at <= now)
    Notice.update(read_at=now).where(unread, Notice.subject.in_(list(subjects))).execute()


def mark_all_read(*, by: Person, until: datetime) -> None:
    """This person has read every notice that was due until then."""
    now = clock.now()
    run(_READ_ALL, INSTANT.db_value(now), by.id, INSTANT.db_value(min(until, now)))


def delete_old() -> int:
    """Delete notices that were read, or went with something in an inbox, so long ago that nothing shows them any more.
    Returns how many.
    """
    before, last, deleted = INSTANT.db_value(clock.now() - KEPT), 0, 0
    while old := [number for (number,) in run(_OLD, last, before, before, AT_ONCE).fetchall()]:
        with db.atomic():  # a short transaction each: nobody waits long for their turn to write
            Notice.delete().where(Notice.id.in_(old)).execute()
        last, deleted = old[-1], deleted + len(old)
    return deleted


def save_preferences(person: Person, *, by_mail: bool, quiet_from: str, quiet_until: str) -> None:
    """How somebody wants to be told: by mail too, and between which times of the day ("21:00") not at all.
    Raises Invalid when that is no time.
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
    """No more daily mail for this person, who need not be signed in: the link in the mail is theirs.
    Raises NotFound when there is no such person.
    """
    if not Person.update(by_mail=False).where(Person.id == person).execute():
        raise NotFound()
