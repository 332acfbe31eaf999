"""Keeps the addresses that people have proved in step with the first of them, `Person.email`.

Where the course itself says what somebody's address is (a file of people, a command), it is taken for proved: the
account was theirs by that address before there were others.
"""

from collections.abc import Sequence
from datetime import datetime

from models import Address, Person
from workflows.history import records


def insert_all(people: Sequence[Person], at: datetime) -> None:
    """The addresses of people who are new. In the transaction in which these are written."""
    rows = [{"person": one.id, "email": one.email, "made_at": at, "proved_at": at} for one in people if one.email]
    records.insert_all(Address, rows)


def replace(person: int, old: str | None, new: str, at: datetime) -> None:
    """The course gives somebody another first address: the old one goes. In the transaction in which it does."""
    gone = Address.email.in_([one for one in (old, new) if one])
    records.write(Address.delete().where(Address.person == person, gone))
    records.insert(Address, person=person, email=new, made_at=at, proved_at=at)
