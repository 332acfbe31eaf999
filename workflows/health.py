"""Whether the product can do its work."""

from __future__ import annotations

from peewee import InterfaceError, OperationalError, ProgrammingError

from models import Person


def database_answers() -> bool:
    """Whether the database is there, with its tables. Asks for a row, as an empty file would answer less."""
    try:
        Person.select(Person.id).limit(1).scalar()
    except (OperationalError, InterfaceError, ProgrammingError):
        return False
    return True
