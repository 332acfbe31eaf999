"""A student's absences as they are read: with the row of what is asked anyway, so that no page asks once more."""

from datetime import date
from functools import lru_cache
from typing import Any

from peewee import Field, ModelSelect, fn

from models import Absence, Enrolment
from rules import calendar
from rules.calendar import Extension, Interruption
from statements import run

# Of the row of `enrolment` in whose query it stands; what was taken back is left out. SQLite and PostgreSQL both have
# string_agg, and neither promises an order, so each has its number with it.
_TEXT = " || ' ' || ".join(f"COALESCE(CAST({name} AS TEXT), '-')" for name in ("from_on", "until_on", "absence.due_on"))
AS_TEXT = (
    f"(SELECT string_agg(CAST(absence.id AS TEXT) || ' ' || {_TEXT}, ',') FROM absence"  # noqa: S608 - our own names
    " WHERE absence.enrolment_id = enrolment.id AND voided_at IS NULL)"
)
_OF = f"SELECT {AS_TEXT} FROM enrolment WHERE id = ?"  # noqa: S608 - our own names


def text_of(enrolment: Field) -> ModelSelect:
    """The same as a part of a query of peewee's, of the enrolment in this column of it."""
    text: Any = Absence.id.cast("TEXT")
    for day in (Absence.from_on, Absence.until_on, Absence.due_on):
        text = text.concat(" ").concat(fn.COALESCE(day.cast("TEXT"), "-"))
    live = (Absence.enrolment == enrolment) & Absence.voided_at.is_null()
    return Absence.select(fn.string_agg(text, ",").coerce(False)).where(live)


@lru_cache(maxsize=4096)
def read(stored: str | None) -> tuple[calendar.Absence, ...]:
    """The absences that this text holds, in the order in which they were decided."""
    if not stored:
        return ()
    rows = sorted((one.split() for one in stored.split(",")), key=lambda row: int(row[0]))
    return tuple(_absence(*(None if day == "-" else date.fromisoformat(day) for day in days)) for _, *days in rows)


def _absence(from_on: date | None, until_on: date | None, due_on: date | None) -> calendar.Absence:
    return Extension(due_on) if due_on else Interruption(from_on or date.max, until_on)


def of(enrolment: int) -> tuple[calendar.Absence, ...]:
    """The absences of this enrolment (id). One query."""
    row = run(_OF, enrolment).fetchone()
    return read(row[0]) if row else ()


def theirs(enrolment: Enrolment) -> tuple[calendar.Absence, ...]:
    """The absences of this enrolment, which may have come with it as `.absent` (`text_of`); else one query."""
    return read(vars(enrolment)["absent"]) if "absent" in vars(enrolment) else of(enrolment.id)
