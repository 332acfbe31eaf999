"""The append-only, hash-chained record of who did what. Written in the transaction of the deed itself.

A transaction is the only one that writes until it ends (docs/decisions/0009-one-writer.md). So the head read here stays
the head until this row is the next, `seq` goes up in the order of the chain, and what a deed keeps beside its row (the
tallies) is refreshed by one at a time.

One global chain (`previous`), and within it a chain for each student (`student_previous`), both under the row's hash:
a row changed, removed or moved anywhere is found by `verify`. Personal fields stay outside the payload, so that
erasing a person does not break the chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import History, InstantField, Person, db
from statements import insert, run

START = "0" * 64
_instant = InstantField()
_LAST = "SELECT hash FROM history ORDER BY seq DESC LIMIT 1"
_LAST_OF = "SELECT hash FROM history WHERE enrolment_id = ? ORDER BY seq DESC LIMIT 1"
_HEADS = f"SELECT ({_LAST}), ({_LAST_OF})"
_written = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def canonical(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, as the hash needs it."""
    return _written(value)


def digest(value: Any) -> str:
    """SHA-256, in hex, of the canonical JSON of `value`."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


@dataclass(frozen=True)
class Deed:
    """Something done, as the chain keeps it: `thing` is "kind:id", `by` and `enrolment` are ids."""

    verb: str
    thing: str
    by: int | None
    at: datetime
    enrolment: int | None
    payload: Mapping[str, Any]


def record(
    verb: str, thing: str, *, by: Person | None, at: datetime, enrolment: int | None = None, **payload: Any
) -> None:
    """Add one row. Call it inside the transaction that does the deed: outside, two could follow the same row.

    Args:
        thing: what it was done to, as "kind:id".
        enrolment: id of the student's enrolment that it concerns, if any.
        payload: plain values without personal fields.
    """
    _in_the_queue()
    deed = Deed(verb, thing, by.id if by else None, at, enrolment, payload)
    head, student_head = _heads(enrolment)
    insert(History, **_row(deed, head, None if enrolment is None else student_head))


def record_all(deeds: Iterable[Deed], *, batch: int = 500, begun: Collection[int] = ()) -> None:
    """Add many rows in the order given, `batch` at a time: the same chain as `record` makes one by one.

    Args:
        begun: enrolments that are new, about which there is no row yet.
    """
    _in_the_queue()
    head, _ = _heads()
    student_heads = dict.fromkeys(begun, START)
    rows: list[dict[str, Any]] = []
    for deed in deeds:
        student = deed.enrolment
        if student is not None and student not in student_heads:
            _, student_heads[student] = _heads(student)
        rows.append(_row(deed, head, None if student is None else student_heads[student]))
        head = rows[-1]["hash"]
        if student is not None:
            student_heads[student] = head
        if len(rows) == batch:
            History.insert_many(rows).execute()
            rows = []
    if rows:
        History.insert_many(rows).execute()


def _in_the_queue() -> None:
    if not db.in_transaction():
        raise RuntimeError("history is written inside the transaction of the deed")


def _heads(enrolment: int | None = None) -> tuple[str, str]:
    """The last row's hash, of the whole chain and of this student's."""
    last, last_of = run(_HEADS, enrolment).fetchone()
    return last or START, last_of or START


def _row(deed: Deed, previous: str, student_previous: str | None) -> dict[str, Any]:
    row = {
        "at": _instant.db_value(deed.at),
        "actor": deed.by,
        "verb": deed.verb,
        "object": deed.thing,
        "enrolment": deed.enrolment,
        "payload": canonical(deed.payload),
        "previous": previous,
        "student_previous": student_previous,
    }
    return {**row, "hash": digest(row)}


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: how many rows, the head's hash, and the first bad row's number with the reason."""

    rows: int
    head: str
    bad_seq: int | None = None
    reason: str = ""

    @property
    def sound(self) -> bool:
        return self.bad_seq is None


def verify(rows: Iterable[tuple] | None = None) -> Verdict:
    """Walk the whole chain in order. A tail that was cut off cannot be seen from the chain alone."""
    if rows is None:
        fields = [History.seq, History.at, History.actor, History.verb, History.object, History.enrolment]
        fields += [History.payload, History.previous, History.student_previous, History.hash]
        rows = History.select(*fields).order_by(History.seq).tuples().iterator()
    head, count = START, 0
    student_heads: dict[int, str] = {}
    for seq, at, actor, verb, thing, enrolment, payload, previous, student_previous, stated in rows:
        row = {
            "at": _instant.db_value(at),
            "actor": actor,
            "verb": verb,
            "object": thing,
            "enrolment": enrolment,
            "payload": payload,
            "previous": previous,
            "student_previous": student_previous,
        }
        if previous != head:
            return Verdict(count, head, seq, "does not follow the row before it")
        if enrolment is not None and student_previous != student_heads.get(enrolment, START):
            return Verdict(count, head, seq, "does not follow the student's row before it")
        if digest(row) != stated:
            return Verdict(count, head, seq, "was changed")
        head, count = stated, count + 1
        if enrolment is not None:
            student_heads[enrolment] = stated
    return Verdict(count, head)
