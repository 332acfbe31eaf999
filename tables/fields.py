"""What every table is made of: the database, columns of our own kinds, and checks that the database makes."""

import json
from datetime import UTC, datetime, timedelta

from peewee import BigIntegerField, Check, DatabaseProxy, Model, TextField

db = DatabaseProxy()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class InstantField(BigIntegerField):
    """An aware UTC datetime, kept as microseconds since 1970: the same on every database, and it sorts."""

    def db_value(self, value: datetime | int | None) -> int | None:
        if value is None or isinstance(value, int):
            return value
        return (value - EPOCH) // timedelta(microseconds=1)

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


INSTANT = InstantField()  # converts instants, and back, where a statement is written out


class ListField(TextField):
    """Plain values, kept as JSON text."""

    def db_value(self, value: list | tuple | dict | None) -> str | None:
        return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def python_value(self, value: str | None) -> list | dict | None:
        return None if value is None else json.loads(value)


def one_of(column: str, values: tuple[str, ...]) -> Check:
    """The database refuses any other word in this column."""
    return Check(f"{column} IN ({', '.join(repr(value) for value in values)})")


def minute_of_day(column: str) -> Check:
    """The database refuses what is no minute of a day."""
    return Check(f"{column} BETWEEN 0 AND 1439")


class Table(Model):
    class Meta:
        database = db
        legacy_table_names = False
