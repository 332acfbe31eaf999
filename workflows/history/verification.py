"""Proof that nothing was altered behind the app's back: history itself, every record, the tallies, the anchored heads.

1. History is walked: each entry follows the one before it and is signed with our key (`history`, `keys`).
2. On the way the last digest of each record is kept; then every covered row is read and compared with it (`records`).
3. Each counted scan has its approval in history, by who is named on it, a mentor of its placement.
4. The tallies equal a recount (`recount`).
5. Every head that was anchored outside the database is still in history (`heads`).

All of it is read in one snapshot; nobody waits. What is kept on the way is in a temporary file, not in memory.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from peewee import Model

from models import INSTANT, Answered, Cohort, CountedDay, Enrolment, History, Party, Scan, Tally
from rules import states
from statements import run, snapshot
from workflows.counts import recount
from workflows.history import history, keys, records
from workflows.history.entered_records import EnteredRecords
from workflows.history.heads import Head
from workflows.refusals import Refused

MOST = 200  # findings that are told in full
_PAGE = 2000
_ENTRIES = f"""
SELECT seq, at, actor_id, verb, object, enrolment_id, payload, previous, student_previous, hash, key_id
FROM history WHERE seq > ? ORDER BY seq LIMIT {_PAGE}
"""  # noqa: S608
# Columns that tell a reader which row it is.
_TELLING = {"scan_id": "of scan", "enrolment_id": "of enrolment", "person_id": "of person", "role": "as"}


@dataclass
class Report:
    """What `verify` found.

    `rows` entries were walked, up to entry `seq` with the hash `head`; `bad_seq` is the first bad one. `findings` are
    sentences, at most MOST of them, of `number` in all. `lost` are anchored heads that are in history no more:
    `heads_only` says that nothing else was found, as after a backup was restored.
    """

    rows: int = 0
    head: str = history.START
    seq: int = 0
    bad_seq: int | None = None
    number: int = 0
    findings: list[str] = field(default_factory=list)
    lost: list[Head] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return self.number == 0

    @property
    def heads_only(self) -> bool:
        return bool(self.lost) and self.number == 1

    def add(self, sentence: str) -> None:
        self.number += 1
        if len(self.findings) < MOST:
            self.findings.append(sentence)


def size() -> int:
    """How many entries and rows `verify` reads."""
    return sum(model.select().count() for model in [History, *records.COVERED])


def verify(heads: Iterable[Head] = (), each: Callable[[int], object] = lambda rows: None) -> Report:
    """Compare everything, and say in words what differs.

    Args:
        heads: those anchored outside the database (`heads.read`).
        each: called with a number of rows after those were read, for a progress bar.
    """
    report = Report()
    with snapshot(), EnteredRecords() as entered:
        anchored = _by_seq(heads)
        try:
            for entry in _walk(report, each):
                _keep(entered, entry)
                if entry.seq in anchored:
                    anchored[entry.seq] = [head for head in anchored[entry.seq] if head.hash != entry.hash]
        except UnicodeDecodeError:
            report.bad_seq = report.bad_seq or report.seq + 1
            report.add(f"History cannot be read on from entry {report.seq}: it holds text that is none.")
            return report
        _records(report, entered, each)
        _approvals(report, entered)
        for line in (line for cohort in recount.cohorts() for line in _recounted(cohort)):
            report.add(line)
        _orphans(report)
        _missing_heads(report, anchored)
    return report


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of history whose signature is right."""

    seq: int
    at: int
    actor: int | None
    verb: str
    thing: str
    payload: str
    hash: str
    key_id: str | None


def _walk(report: Report, each: Callable[[int], object]) -> Iterator[Entry]:
    """Every entry, in order, whose signature is right. What is wrong with an entry or its place is told."""
    students: dict[int, str] = {}
    keyed, last = False, -1 << 63
    while rows := run(_ENTRIES, last).fetchall():
        for row in rows:
            seq, at, actor, verb, thing, enrolment, payload, previous, student_previous, stated, key_id = row
            wrong = []
            if previous != report.head:
                wrong.append("does not follow the entry before it: entries were removed, added or moved")
            if enrolment is not None and student_previous != students.get(enrolment, history.START):
                wrong.append("does not follow the student's entry before it")
            if key_id is None and keyed:
                wrong.append("is not signed, though entries before it are")
            unsigned = _unsigned(row)
            if unsigned:
                wrong.append(unsigned)
            keyed = keyed or key_id is not None
            report.rows, report.seq, report.head = report.rows + 1, seq, stated
            if enrolment is not None:
                students[enrolment] = stated
            if wrong:
                report.bad_seq = seq if report.bad_seq is None else report.bad_seq
                report.add(f"Entry {seq} of history {' and '.join(wrong)}.")
            if not unsigned:
                yield Entry(seq, at, actor, verb, thing, payload, stated, key_id)
        last = rows[-1][0]
        each(len(rows))


def _unsigned(row: tuple) -> str:
    """Why the hash of an entry is not the one of its content, in words; empty when it is."""
    *_, stated, key_id = row
    key = keys.of(key_id) if key_id is not None else None
    if key_id is not None and key is None:
        return f"was signed with a key that is not known here ({key_id}): add its SECRET_KEY to SECRET_KEY_FALLBACKS"
    names = ("at", "actor", "verb", "object", "enrolment", "payload", "previous", "student_previous")
    return "" if history.hash_of(dict(zip(names, row[1:9], strict=True)), key) == stated else "was changed"


def _keep(entered: EnteredRecords, entry: Entry) -> None:
    """Keep what this entry says of records."""
    if '"records":' in entry.payload:
        entered.take(json.loads(entry.payload).get("records", {}), entry.seq, entry.key_id)
    if entry.verb == "approve":
        entered.approve(entry.thing.removeprefix("scan:"), entry.actor, entry.at)


def _records(report: Report, entered: EnteredRecords, each: Callable[[int], object]) -> None:
    """Compare every row of every covered table with what history says of it."""
    entered.flush()
    unreadable = set()
    for model in records.COVERED:
        try:
            for rows in records.stored(model):
                for row in rows:
                    _compare(report, entered, model, row)
                each(len(rows))
        except UnicodeDecodeError:
            unreadable.add(model._meta.table_name)
            report.add(f"The table {model._meta.table_name} cannot be read whole: it holds text that is none.")
    for name, seq in entered.left():
        if name.partition(":")[0] not in unreadable:
            report.add(f"{_titled(name)} is gone. It was recorded with {_action(seq)}.")


def _compare(report: Report, entered: EnteredRecords, model: type[Model], row: tuple) -> None:
    """Compare a row with what history says of it."""
    known = entered.pop(records.name_of(model, row[0]))
    if model is Scan and row[_STATE] in states.APPROVED:
        entered.count(*(row[place] for place in _COUNTING))
    if known is None:
        report.add(f"{_named(model, row)} was never entered in history: somebody wrote it into the database.")
        return
    stated, seq, key_id = known
    key = keys.of(key_id)
    if stated is None:
        report.add(f"{_named(model, row)} is there again, though it was deleted with {_action(seq)}.")
    elif key is None or records.digest(key, model, row) != stated:
        report.add(f"{_named(model, row)} does not say what it said when it was recorded with {_action(seq)}.")


def _approvals(report: Report, entered: EnteredRecords) -> None:
    for scan, person in entered.unapproved():
        report.add(f"Scan {scan} is approved, but history has no approval of it by person {person} at that time.")
    mentors = set(Party.select(Party.placement, Party.person).where(Party.role == "mentor").tuples())
    for scan, person, placement in entered.judges():
        if (placement, person) not in mentors:
            report.add(
                f"Scan {scan} is approved by person {person}, who never was a mentor of its placement {placement}."
            )


# What a recount meets where somebody wrote what is no number, no day, no programme of ours.
_NOT_COUNTABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, Refused)


def _recounted(cohort: Cohort) -> list[str]:
    try:
        return [f"A tally differs from the scans. {line}" for line in recount.check(cohort)]
    except _NOT_COUNTABLE as error:
        return [f"The tallies of cohort {cohort.id} cannot be counted: {type(error).__name__}, {error}."]


def _orphans(report: Report) -> None:
    """Tallies of what is not there: no recount comes by them."""
    for tally in (Tally, CountedDay, Answered):
        of, model = (Tally.enrolment, Enrolment) if tally is Tally else (tally.cohort, Cohort)
        for (key,) in tally.select(of).where(of.not_in(model.select(model.id))).distinct().tuples():
            name = tally._meta.table_name
            report.add(f"A tally ({name}) is of {model._meta.table_name} {key}, who or which is not there.")


_STATE = records.columns(Scan).index("state")
_COUNTING = [records.columns(Scan).index(name) for name in ("id", "approved_by_id", "approved_at", "placement_id")]


def _by_seq(heads: Iterable[Head]) -> dict[int, list[Head]]:
    found: dict[int, list[Head]] = {}
    for head in heads:
        found.setdefault(head.seq, []).append(head)
    return found


def _missing_heads(report: Report, anchored: dict[int, list[Head]]) -> None:
    report.lost = sorted((head for left in anchored.values() for head in left), key=lambda head: head.seq)
    if not report.lost:
        return
    first, last = report.lost[0], report.lost[-1]
    many = "" if len(report.lost) == 1 else f" (the first of {len(report.lost)}, up to entry {last.seq})"
    report.add(
        f"The head anchored at {first.at}, entry {first.seq} with hash {first.hash[:16]}…{many}, is not in history any"
        f" more. History ends at entry {report.seq}. Its end was cut off, it was written anew, or an older database was"
        " put back."
    )


def _titled(name: str) -> str:
    """ "Scan 8f14...", of "scan:8f14..."; secret hashes are cut."""
    table, _, key = name.partition(":")
    words = "Sign-in" if table == "sign_in" else table.capitalize()
    return f"{words} {f'{key[:12]}…' if len(key) > 36 else key}"


def _named(model: type[Model], row: tuple) -> str:
    values: dict[str, Any] = dict(zip(records.columns(model), row, strict=True))
    details = [f"{words} {values[name]}" for name, words in _TELLING.items() if name in values]
    return " ".join([_titled(records.name_of(model, row[0])), *details])


def _action(seq: int) -> str:
    """The action of an entry, for a reader: "approve on 2026-05-01 (entry 57)"."""
    verb, at = run("SELECT verb, at FROM history WHERE seq = ?", seq).fetchone()
    moment = INSTANT.python_value(at)
    return f"{verb} on {moment:%Y-%m-%d} (entry {seq})" if moment else f"{verb} (entry {seq})"
