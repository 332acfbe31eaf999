"""Mails that did not go: kept with the reason until they go, shown to the directors, and sent again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import clock
from models import FailedMail, Letter, Person
from statements import Prepared
from visibility import people_visible_to
from workflows.notices import letters
from workflows.refusals import NotFound

WELCOME, DIGEST, WEEKLY, ADDRESS = "welcome", "digest", "weekly", "address"
KINDS = {
    WELCOME: "link to choose a password",
    DIGEST: "daily mail",
    WEEKLY: "weekly mail about the record",
    ADDRESS: "news of a changed address",
}
LONGEST_REASON = 300

_WHOSE = Prepared(
    lambda: (
        FailedMail.select(FailedMail.person)
        .union_all(Letter.select(Letter.person).where(letters.HAS_FAILED, Letter.person.is_null(False)))
        .tuples()
    )
)
_ALL = Prepared(lambda: FailedMail.select(FailedMail, Person).join(Person).order_by(FailedMail.since, FailedMail.id))


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
    is_letter: bool = False  # its secret was deleted with it: nobody can have it sent again
    is_tried_again: bool = False  # by itself
    person: int = 0


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
    return [row for row in _ALL() if row.asked_at is not None or not asked]


def seen_by(manager: int) -> list[Failure]:
    """What did not go to people whom somebody manages, the oldest first."""
    rows, unsent = everything(), letters.not_gone()
    visible = _visible(manager, [row.person_id for row in (*rows, *unsent)])
    if not visible:
        return []
    found = []
    for row in rows:
        if row.person_id in visible:
            address, asked = row.address or row.person.email or "", row.asked_at is not None
            mail = (row.id, row.person.name, address, KINDS[row.kind], row.reason, clock.day_of(row.since), asked)
            found.append(Failure(*mail, person=row.person_id))
    for letter in unsent:
        if letter.person_id in visible:
            words, again = letter.kind.replace("_", " "), letter.next_at is not None
            of = (letter.id, letter.person.name, letter.address, words, letter.reason, clock.day_of(letter.made_at))
            found.append(Failure(*of, False, True, again, person=letter.person_id))
    return found


def number_seen_by(manager: int) -> int:
    """How many did not go to people whom somebody manages. One query while every mail has gone, else two."""
    whose = [person for (person,) in _WHOSE.rows()]
    visible = _visible(manager, whose)
    return sum(person in visible for person in whose)


def _visible(manager: int, among: list[int]) -> set[int]:
    """Those `among` these people whom somebody manages. No query for none."""
    if not among:
        return set()
    rows = people_visible_to(manager).where(Person.id.in_(set(among)))
    return {number for (number,) in rows.select(Person.id).tuples()}


def ask_again(number: int, *, by: Person) -> None:
    """A director wants this mail to be sent again: the worker does it within a minute.
    Raises NotFound: there is none, or it is of another programme.
    """
    if number not in {one.id for one in seen_by(by.id) if not one.is_letter}:
        raise NotFound()
    FailedMail.update(asked_at=clock.now()).where(FailedMail.id == number).execute()


def is_asked() -> bool:
    """Whether a director wants one to be sent again."""
    return FailedMail.select().where(FailedMail.asked_at.is_null(False)).exists()


def keep_all(waiting: Iterable[int], kind: str, reason: str) -> None:
    """As `keep`, for people (by id) of whom none could be reached, as the server is away."""
    for person in waiting:
        keep(Person(id=person), kind, reason)
