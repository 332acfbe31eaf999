"""The append-only, hash-chained record of who did what. Written in the transaction of the action itself.

A transaction is the only one that writes until it ends (docs/decisions/0009-one-writer.md). So the head read here stays
the head until this row is the next, `seq` goes up in the order of the chain, and what an action keeps beside its row
(the tallies) is refreshed by one at a time.

One global chain (`previous`), and within it a chain for each student (`student_previous`), both under the row's hash.
The hash is keyed (`keys`) and the payload holds the keyed digest of each row that the action wrote (`records`): what is
changed afterwards, in history or in any record, is found by `verification`. Personal fields stay outside the payload,
so that erasing a person does not break the chain.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import INSTANT, History, Person, db
from statements import insert, run
from workflows.history import keys, records
from workflows.history.keys import Key

START = "0" * 64
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
class Action:
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
    """Add one row. Call it inside the transaction that does the action: outside, two could follow the same row.

    Args:
        thing: what it was done to, as "kind:id".
        enrolment: id of the student's enrolment that it concerns, if any.
        payload: plain values without personal fields.
    """
    _in_the_queue()
    action = Action(verb, thing, by.id if by else None, at, enrolment, payload)
    head, student_head = _heads(enrolment)
    insert(History, **_row(action, head, None if enrolment is None else student_head))


def record_all(actions: Iterable[Action], *, batch: int = 500, begun: Collection[int] = ()) -> None:
    """Add many rows in the order given, `batch` at a time: the same chain as `record` makes one by one.
    `begun`: enrolments that are new, about which there is no row yet.
    """
    _in_the_queue()
    head, _ = _heads()
    student_heads = dict.fromkeys(begun, START)
    rows: list[dict[str, Any]] = []
    for action in actions:
        student = action.enrolment
        if student is not None and student not in student_heads:
            _, student_heads[student] = _heads(student)
        rows.append(_row(action, head, None if student is None else student_heads[student]))
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
        raise RuntimeError("history is written inside the transaction of the action")


def _heads(enrolment: int | None = None) -> tuple[str, str]:
    """The last row's hash, of the whole chain and of this student's."""
    last, last_of = run(_HEADS, enrolment).fetchone()
    return last or START, last_of or START


def _row(action: Action, previous: str, student_previous: str | None) -> dict[str, Any]:
    written = records.digests()
    payload = {**action.payload, "records": written} if written else action.payload
    key = keys.current()
    row: dict[str, Any] = {
        "at": INSTANT.db_value(action.at),
        "actor": action.by,
        "verb": action.verb,
        "object": action.thing,
        "enrolment": action.enrolment,
        "payload": canonical(payload),
        "previous": previous,
        "student_previous": student_previous,
    }
    return {**row, "key_id": key.id, "hash": hash_of(row, key)}


def hash_of(row: Mapping[str, Any], key: Key | None) -> str:
    """The hash of an entry's other columns. Without a key: as entries were hashed before there were keys."""
    text = canonical(row)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() if key is None else key.sign(text)
