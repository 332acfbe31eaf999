"""Mails that did not go: kept with the reason until they go, shown to the directors, and sent again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import clock
from models import FailedMail, Person
from rules import roles
from visibility import programmes_of_staff
from workflows.course import programmes
from workflows.people import people
from workflows.refusals import NotFound

WELCOME, DIGEST, WEEKLY, ADDRESS = "welcome", "digest", "weekly", "address"
KINDS = {
    WELCOME: "link to choose a password",
    DIGEST: "daily mail",
    WEEKLY: "weekly mail about the record",
    ADDRESS: "news of a changed address",
}
LONGEST_REASON = 300


@dataclass(frozen=True)
class Failure:
    """One line of the director's list."""

    id: int
    name: str
    address: str
    mail: str
    reason: str
    since: date
    is_asked: bool


def keep(person: Person, kind: str, reason: str, address: str = "") -> None:
    """Note that this mail did not go. Of one that failed before, the reason is the new one and `since` stays."""
    row = {"person": person, "kind": kind, "address": address, "reason": reason[:LONGEST_REASON], "since": clock.now()}
    FailedMail.insert(row).on_conflict(
        conflict_target=[FailedMail.person, FailedMail.kind, FailedMail.address],
        update={FailedMail.reason: row["reason"], FailedMail.asked_at: None},
    ).execute()


def remove(person: int, kind: str, address: str = "") -> None:
    """It went, or is needed no more."""
    of = (FailedMail.person == person) & (FailedMail.kind == kind) & (FailedMail.address == address)
    FailedMail.delete().where(of).execute()


def everything(*, asked: bool = False) -> list[FailedMail]:
    """What did not go, the oldest first, each with its person; `asked`: only what a director wants sent again."""
    rows = FailedMail.select(FailedMail, Person).join(Person).order_by(FailedMail.since, FailedMail.id)
    return list(rows.where(FailedMail.asked_at.is_null(False)) if asked else rows)


def seen_by(director: int) -> list[Failure]:
    """What did not go to people of the programmes that somebody directs; who has no part is of every programme."""
    rows = everything()
    if not rows:
        return []
    directed = {key for (key,) in programmes_of_staff(director, roles.DIRECTOR).tuples()}
    parts = people.parts_of(list({row.person_id for row in rows}))
    found = []
    for row in rows:
        theirs = {part.programme for part in parts[row.person_id]} or directed
        if theirs & directed:
            since = programmes.get(min(theirs & directed)).today(row.since)
            address, kind = row.address or row.person.email, KINDS[row.kind]
            asked = row.asked_at is not None
            found.append(Failure(row.id, row.person.name, address, kind, row.reason, since, asked))
    return found


def ask_again(number: int, *, by: Person) -> None:
    """A director wants this mail to be sent again: the worker does it within a minute.

    Raises:
        NotFound: there is none, or it is of another programme.
    """
    if number not in {one.id for one in seen_by(by.id)}:
        raise NotFound()
    FailedMail.update(asked_at=clock.now()).where(FailedMail.id == number).execute()


def is_asked() -> bool:
    """Whether a director wants one to be sent again."""
    return FailedMail.select().where(FailedMail.asked_at.is_null(False)).exists()


def keep_all(waiting: Iterable[int], kind: str, reason: str) -> None:
    """As `keep`, for people (by id) of whom none could be reached, as the server is away."""
    for person in waiting:
        keep(Person(id=person), kind, reason)
