"""Everything that is a student's, read at one moment, as open data: what the portfolio's PDF, the JSON, the tables and
the proof of an edition are made from. Counts are those of the pages (workflows/counts); words are those of the pages.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, Expression

from models import Audit, Cohort, Enrolment, Move, Person, Placement, Scan, Site
from rules import logbook, merkle, states
from rules.programme import Programme
from statements import snapshot
from workflows.course import programmes
from workflows.portfolio.outline import outline_of
from workflows.portfolio.scan_contents import scan_of
from workflows.refusals import or_not_found
from workflows.scans import transitions

AT_ONCE = 500  # scans that are read together, with their audits and moves
NEVER_LEAVE = (states.DRAFT, states.WITHDRAWN)  # what only the student reads


@dataclass(frozen=True)
class Reading:
    """A logbook as it is read: `outline` is all of it without the scans, which follow one after the other."""

    outline: logbook.Logbook
    scans: Iterator[logbook.Scan]


def logbook_of(enrolment_id: int, now: datetime, *, complete: bool, head: str = "") -> logbook.Logbook:
    """Everything of one student, read at one moment. Few queries, however many scans there are.

    Args:
        complete: all that is the student's, drafts and withdrawn scans too; else what was sent to a mentor, for others.
        head: where history ended, as "57:9f3e..." (workflows/history/heads.py).

    Raises NotFound: there is no such enrolment.
    """
    with reading(enrolment_id, now, complete=complete, head=head) as found:
        return found.outline.model_copy(update={"scans": list(found.scans)})


@contextmanager
def reading(enrolment_id: int, now: datetime, *, complete: bool, head: str = "") -> Iterator[Reading]:
    """The same for who writes it down scan by scan: inside the block all that is read is of one moment, and only some
    scans are in memory at a time.
    Raises NotFound: there is no such enrolment.
    """
    with snapshot():
        student = or_not_found(
            Enrolment.select(Enrolment, Cohort, Person)
            .join(Cohort)
            .join_from(Enrolment, Person)
            .where(Enrolment.id == enrolment_id)
            .first()
        )
        programme = programmes.get(student.cohort.programme)
        counted = Scan.select(Scan.digest).where(Scan.enrolment == enrolment_id, Scan.state == states.COUNTED)
        digests = [digest.encode() for (digest,) in counted.order_by(Scan.case_number).tuples()]
        record = logbook.Record(head=head, root=merkle.root(digests))
        outline = outline_of(student, programme, now, record, complete=complete)
        yield Reading(outline, _scans(enrolment_id, programme, now, complete=complete))


def as_json(book: logbook.Logbook) -> bytes:
    """The logbook as JSON: the same data gives the same bytes."""
    return book.model_dump_json(indent=1).encode() + b"\n"


def scan_digests(book: logbook.Logbook) -> dict[str, str]:
    """Id -> digest of each scan whose state is counted, by case number."""
    counted = [scan for scan in book.scans if scan.state == states.COUNTED]
    return {scan.id: scan.digest for scan in sorted(counted, key=lambda scan: scan.case_number)}


def _scans(enrolment_id: int, programme: Programme, now: datetime, *, complete: bool) -> Iterator[logbook.Scan]:
    """The scans by case number, some at a time: three queries for every 500."""
    mentor, counter = Person.alias(), Person.alias()
    rows = (
        Scan.select(Scan, Placement, Site, mentor.id, mentor.name, counter.id, counter.name)
        .join_from(Scan, Placement, JOIN.LEFT_OUTER)
        .join(Site, JOIN.LEFT_OUTER)
        .join_from(Scan, mentor, JOIN.LEFT_OUTER, on=(Scan.mentor == mentor.id), attr="mentor")
        .join_from(Scan, counter, JOIN.LEFT_OUTER, on=(Scan.approved_by == counter.id), attr="approved_by")
        .where(Scan.enrolment == enrolment_id)
        .order_by(Scan.case_number)
    )
    if not complete:
        rows = rows.where(Scan.state.not_in(NEVER_LEAVE))
    after = 0
    while found := list(rows.where(Scan.case_number > after).limit(AT_ONCE)):
        first, after = found[0].case_number, found[-1].case_number
        these = (Scan.enrolment == enrolment_id) & Scan.case_number.between(first, after)
        moves, judged = _of_scans(Move, these), _of_scans(Audit, these)
        for scan in found:
            undoable = transitions.is_undoable(scan, now)
            yield scan_of(scan, programme, moves[scan.id], judged[scan.id], undoable=undoable, own=complete)
        if len(found) < AT_ONCE:
            return


def _of_scans(model: type[Any], these: Expression) -> dict[str, list[Any]]:
    """Scan id -> its rows of this table in order, each with its person; of the scans that these conditions choose."""
    columns = [field for field in model._meta.sorted_fields if field.name not in ("content", "received")]
    found: dict[str, list[Any]] = defaultdict(list)
    rows = model.select(*columns, Person.id, Person.name).join_from(model, Scan).where(these)
    for row in rows.join_from(model, Person, on=(model.by == Person.id), attr="by").order_by(model.id):
        found[row.scan_id].append(row)
    return found
