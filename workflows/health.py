"""Whether the product can do its work."""

from peewee import InterfaceError, OperationalError, ProgrammingError

from models import Person, db


def database_answers() -> bool:
    """Whether the database is there, with its tables. Asks for a row, as an empty file would answer less."""
    try:
        Person.select(Person.id).limit(1).scalar()
    except (OperationalError, InterfaceError, ProgrammingError):
        return False
    return True


def can_save() -> bool:
    """Whether a transaction that writes can begin. Waits its turn as any writer does, so it is False when somebody has
    held the database's write lock for longer than we wait (database.py), or when nothing may be written at all.
    """
    try:
        with db.atomic():
            return True
    except (OperationalError, InterfaceError):
        return False
