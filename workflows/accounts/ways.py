"""The ways in that somebody has, and telling them when one of these changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models import Address, Passkey, Person
from workflows.notices import letters, notices

ADDED, REMOVED, ADDRESS, REFUSED = "way_in_added", "way_in_removed", "address_changed", "passkey_refused"


@dataclass(frozen=True)
class Ways:
    """The ways in that somebody has, for their own page."""

    passkeys: list[Passkey]
    addresses: list[Address]  # the first of them first
    has_password: bool


def of(person: int) -> Ways:
    """The ways in of this person."""
    passkeys = Passkey.select().where(Passkey.person == person, Passkey.removed_at.is_null())
    addresses = Address.select().where(Address.person == person).order_by(Address.id)
    password, first = Person.select(Person.password, Person.email).where(Person.id == person).tuples().get()
    ordered = sorted(addresses, key=lambda one: one.email != first)
    return Ways(list(passkeys.order_by(Passkey.made_at.desc(), Passkey.id)), ordered, password is not None)


def may_remove(person: int, which: str) -> bool:
    """Whether this person has another way in once `which`, a passkey's id or an address, is gone. A password is none by
    itself: it goes with an address that they have proved, to which a link is mailed too.
    """
    theirs = of(person)
    proved = [one.email for one in theirs.addresses if one.proved_at is not None]
    return any(one != which for one in (*proved, *(one.id for one in theirs.passkeys)))


def tell(kind: str, person: Person, sentence: str, *, at: datetime, also: Iterable[str | None] = ()) -> None:
    """Tell somebody of a change to their ways in: by a notice, and by a letter to their address, in the transaction of
    the change. It is told whoever did it, since it may have been somebody else in their name.

    Args:
        kind: a key of `rules.notice_text.KINDS`.
        also: further addresses that are told, such as the one that they had before.
    """
    notices.notify(kind, f"person:{person.id}", to=person.id, by=None, at=at)
    for address in dict.fromkeys(filter(None, (person.email, *also))):
        words = {"name": person.name, "sentence": sentence}
        letters.write("ways_in_changed", address=address, person=person.id, words=words, at=at)
