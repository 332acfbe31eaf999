"""Data files: TOML, read by pydantic into frozen dataclasses whose annotations say what each key takes.

A field's `description` is what its key takes, as a message words it. A check of a field raises ValueError with what is
taken, or without words for the description; a check of a whole dataclass raises one whose sentence begins with the key.
"""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, TypeAdapter, ValidationError

T = TypeVar("T")

CLOSED = ConfigDict(extra="forbid")  # a key that nothing reads is a slip of the pen, and its setting would not hold


def _different(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise ValueError
    return values


Text = Annotated[str, Field(pattern=r"\S", description="text")]
TextOrNone = Annotated[str, Field(pattern=r"^$|\S", description="text")]
_Texts = Annotated[tuple[Text, ...], AfterValidator(_different)]
Texts = Annotated[_Texts, Field(min_length=1, description="a list of different texts, at least one")]
TextsOrNone = Annotated[_Texts, Field(description="a list of different texts")]
Flag = Annotated[StrictBool, Field(description="true or false")]
Whole = Annotated[StrictInt, Field(ge=0, description="a whole number of at least 0")]
Positive = Annotated[StrictInt, Field(ge=1, description="a whole number of at least 1")]
Number = Annotated[StrictInt | StrictFloat, Field(ge=0, lt=float("inf"), description="a number of at least 0")]
Tables = Field(min_length=1, description="a list of tables, at least one")


class DataFileError(ValueError):
    """A data file is wrong. The message names the key and says what it takes."""


def load(path: Path | str, parse: Callable[[dict[str, Any]], T], error: type[DataFileError]) -> T:
    """What `parse` makes of a file.
    Raises DataFileError: of the given class, when it is not there, not TOML, or wrong; the message names the file.
    """
    path = Path(path)
    try:
        return parse(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as wrong:
        raise error(f"{path.name}: {wrong}") from wrong


def read(kind: type[T], data: Mapping[str, Any], error: type[DataFileError], context: Any = None) -> T:
    """Make a dataclass of a parsed file; `context` is what its fields' own checks go by.
    Raises DataFileError: of the given class, with one line about the first mistake.
    """
    adapter = TypeAdapter(kind)
    try:
        return adapter.validate_python(data, context=context)
    except ValidationError as wrong:
        raise error(_sentence(adapter.json_schema(), data, wrong.errors()[0])) from None


def _sentence(schema: dict[str, Any], value: Any, error: Any) -> str:
    """Where the mistake is and what is taken there. The way to it ends at the first field that takes no tables."""
    where, place = "", schema
    for step in error["loc"]:
        if place.get("type") == "object":
            where += f".{step}" if where else step
            keys = place.get("properties", {})
            place = keys.get(step) or place["additionalProperties"]
            if not place:
                return f"{where} is not known here; the keys are {', '.join(sorted(keys))}."
        elif "$ref" in place.get("items", ()):
            where, place = f"{where}[{step + 1}]", place["items"]
        else:
            break
        place = schema["$defs"][place["$ref"].rpartition("/")[2]] if "$ref" in place else place
        value = value.get(step) if isinstance(value, Mapping) else value[step]
    table = place.get("type") == "object"
    takes = "a table of keys" if table else place.get("description") or place["anyOf"][0]["description"]
    if error["type"] == "missing":
        return f"{where} is missing: it takes {takes}."
    if words := str(error["ctx"]["error"]) if error["type"] == "value_error" else "":
        if table:
            return f"{where}.{words}".lstrip(".")
        takes = words
    return f"{where} takes {takes}, not {shown(value)}."


def shown(value: Any) -> str:
    """What was there, short enough for one line."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
