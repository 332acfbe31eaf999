"""Reading a programme's data files: typed values out of parsed TOML, with errors that name the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class DataFileError(ValueError):
    """A data file is wrong. The message names the key and says what it takes."""


class Table:
    """One table of a parsed TOML file. Reading a key checks it; `done()` refuses keys that nobody read."""

    def __init__(self, data: Any, error: type[DataFileError], path: str = "") -> None:
        self._error = error
        self._path = path
        self._read: set[str] = set()
        if not isinstance(data, Mapping):
            raise error(f"{path or 'the file'} takes a table of keys, not {_shown(data)}.")
        self._data = data

    def wrong(self, key: str, takes: str) -> DataFileError:
        """The error to raise for a key of this table: where it is, what it takes, what was there."""
        return self._error(f"{self._path}{key} takes {takes}, not {_shown(self._data.get(key))}.")

    def _value(self, key: str, takes: str, default: Any) -> Any:
        self._read.add(key)
        if key in self._data:
            return self._data[key]
        if default is None:
            raise self._error(f"{self._path}{key} is missing: it takes {takes}.")
        return default

    def text(self, key: str, default: str | None = None, *, empty: bool = False) -> str:
        """A line of text; without a default it must be there and not be empty (unless `empty`)."""
        value = self._value(key, "text", default)
        if not isinstance(value, str) or not (value.strip() or empty or value == default):
            raise self.wrong(key, "text")
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """One of a few words."""
        takes = "one of " + ", ".join(choices)
        value = self._value(key, takes, None)
        if value not in choices:
            raise self.wrong(key, takes)
        return str(value)

    def whole(self, key: str, *, least: int = 0) -> int:
        """A whole number of at least `least`."""
        takes = f"a whole number of at least {least}"
        value = self._value(key, takes, None)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.wrong(key, takes)
        return value

    def number(self, key: str) -> float:
        """A number of at least 0, whole or not."""
        takes = "a number of at least 0"
        value = self._value(key, takes, None)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise self.wrong(key, takes)
        return value

    def flag(self, key: str, default: bool | None = None) -> bool:
        """true or false."""
        value = self._value(key, "true or false", default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def texts(self, key: str, *, empty: bool = False) -> tuple[str, ...]:
        """A list of different texts; at least one unless `empty`."""
        takes = "a list of different texts" + ("" if empty else ", at least one")
        value = self._value(key, takes, [] if empty else None)
        good = isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value)
        if not good or len(set(value)) < len(value) or not (value or empty):
            raise self.wrong(key, takes)
        return tuple(value)

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers above 0, at least one."""
        takes = "a list of whole numbers above 0, at least one"
        value = self._value(key, takes, None)
        if not isinstance(value, list) or not value or any(type(one) is not int or one < 1 for one in value):
            raise self.wrong(key, takes)
        return tuple(value)

    def has(self, key: str) -> bool:
        """Whether an optional key is there; asking makes it a known one."""
        self._read.add(key)
        return key in self._data

    def table(self, key: str) -> Table:
        """A table within this one."""
        return Table(self._value(key, "a table of keys", None), self._error, f"{self._path}{key}.")

    def tables(self, key: str) -> list[Table]:
        """A list of tables, at least one."""
        value = self._value(key, "a list of tables, at least one", None)
        if not isinstance(value, list) or not value:
            raise self.wrong(key, "a list of tables, at least one")
        return [Table(one, self._error, f"{self._path}{key}[{number}].") for number, one in enumerate(value, start=1)]

    def names(self) -> list[str]:
        """Every key of the table, in the file's order."""
        return list(self._data)

    def done(self) -> None:
        """Refuse a key that nothing reads: it is a slip of the pen, and its setting would not hold."""
        for key in self._data:
            if key not in self._read:
                known = ", ".join(sorted(self._read))
                raise self._error(f"{self._path}{key} is not known here; the keys are {known}.")


def _shown(value: Any) -> str:
    """What was there, short enough for one line."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
