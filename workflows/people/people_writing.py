"""Writes many new people and their parts at once, with a few statements for all of them, and the lines of history
that the verbs of `people` write for one.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from peewee import ForeignKeyField, Model

import clock
from models import Cohort, Enrolment, Machine, Party, Person, Placement, Site, Staff
from statements import parts_of
from workflows.history import history, records
from workflows.history.history import Action
from workflows.people import confirmations, first_address

# In this order, as each refers to those before it; by which columns the rows of those that others refer to are found.
ORDER: dict[type[Model], tuple] = {
    Person: (Person.email,),
    Cohort: (Cohort.name, Cohort.programme),
    Site: (Site.name,),
    Enrolment: (Enrolment.person, Enrolment.cohort),
    Placement: (Placement.enrolment, Placement.site),
    Machine: (),
    Staff: (),
    Party: (),
}


def write(new: Sequence[Model], *, by: Person | None) -> None:
    """Write these, which refer to each other as objects, and give them their ids. In the caller's transaction."""
    for model, key in ORDER.items():
        made = [one for one in new if type(one) is model]
        records.insert_all(model, [_row(one) for one in made])
        if key:
            _number(model, key, made)
    now, actor = clock.now(), by.id if by else None
    first_address.insert_all([one for one in new if isinstance(one, Person)], now)
    ordered = [one for model in ORDER for one in new if type(one) is model]
    begun = [one.id for one in ordered if isinstance(one, Enrolment)]
    history.record_all((action for one in ordered for action in _actions(one, actor, now)), begun=begun)
    parts = [one for one in ordered if isinstance(one, Party)]
    named = [(one.person.id, one.placement.enrolment.cohort.programme, one.role) for one in parts]
    confirmations.name_all(named, by=by)


def _row(thing: Any) -> dict[str, Any]:
    fields = [field for field in thing._meta.sorted_fields if not field.primary_key]
    return {
        field.name: getattr(thing, field.name).id if isinstance(field, ForeignKeyField) else thing.__data__[field.name]
        for field in fields
        if field.name in thing.__data__
    }


def _number(model: Any, key: tuple, made: Sequence[Any]) -> None:
    """Give what was just written the ids that the database gave it."""
    unnumbered = {tuple(_row(one)[column.name] for column in key): one for one in made}
    for part in parts_of(dict.fromkeys(first for first, *_ in unnumbered)):
        for number, *values in model.select(model.id, *key).where(key[0].in_(part)).tuples():
            if one := unnumbered.get(tuple(values)):
                one.id = number


def _actions(thing: Any, by: int | None, at: datetime) -> Iterator[Action]:
    """Its lines of history, the same that the functions of `people` write."""
    if isinstance(thing, Person):
        yield Action("register", f"person:{thing.id}", by, at, None, {})
    elif isinstance(thing, Cohort):
        yield Action("open_cohort", f"cohort:{thing.id}", by, at, None, {"programme": thing.programme})
    elif isinstance(thing, Enrolment):
        yield Action("enrol", f"enrolment:{thing.id}", by, at, thing.id, {"cohort": thing.cohort.id})
    elif isinstance(thing, Placement):
        yield Action("place", f"placement:{thing.id}", by, at, thing.enrolment.id, {"site": thing.site.id})
    elif isinstance(thing, Staff):
        about = {"programme": thing.programme, "role": thing.role}
        yield Action("appoint", f"person:{thing.person.id}", by, at, None, about)
    elif isinstance(thing, Party):
        about = {"person": thing.person.id, "role": thing.role}
        yield Action("take_part", f"placement:{thing.placement.id}", by, at, thing.placement.enrolment.id, about)
