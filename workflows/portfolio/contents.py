"""Everything that is a student's, read at one moment, as open data: what the portfolio's PDF, the JSON, the tables and
the proof of an edition are made from. Counts are those of the pages (workflows/counts); words are those of the pages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, Expression

from models import (
    Audit,
    Cohort,
    Earlier,
    EarlierBatch,
    Enrolment,
    Move,
    Party,
    Person,
    Placement,
    Scan,
    Site,
)
from rules import logbook, merkle, roles, states
from rules.phrases import capital
from rules.programme import Programme, Support
from rules.progress import Progress
from statements import snapshot
from workflows.counts import tally_queries
from workflows.course import programmes
from workflows.portfolio.scan_contents import scan_of
from workflows.refusals import NotFound
from workflows.scans import transitions

AT_ONCE = 500  # scans that are read together, with their audits and moves
NEVER_LEAVE = (states.DRAFT, states.WITHDRAWN)  # what only the student reads

COUNTS_WHEN = {
    "audited": "It counts when the mentor has audited and approved it.",
    "approved": "It counts when the mentor has approved it.",
}
SCAN = "One region of one patient on one occasion; both sides of a region are one scan."
SURPLUS = "Scans of a kind above its total: shown, never counted, and never taken for the other kind."
APART = "A scan with a guided procedure is recorded apart, with the student's part in it. It never counts."
NOT_APART = "A scan with a guided procedure counts as any other does; the student's part in it is counted as well."
FAILED = "The mentor saw a major difference in the findings, or a poor image or report."
GOES_BACK = " In this programme such a scan is returned to the student."
MAY_COUNT = " In this programme the mentor may count such a scan; its audit says so."
REMIT = "Areas of breadth are counted within the regions of the signed scope of practice."
NO_REMIT = "No scope of practice is signed, so every area of breadth is counted."
EARLIER = "Scans from before this course, as the student brought them in: not verified, and never counted."


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

    Raises:
        NotFound: there is no such enrolment.
    """
    with reading(enrolment_id, now, complete=complete, head=head) as found:
        return found.outline.model_copy(update={"scans": list(found.scans)})


@contextmanager
def reading(enrolment_id: int, now: datetime, *, complete: bool, head: str = "") -> Iterator[Reading]:
    """The same for who writes it down scan by scan: inside the block all that is read is of one moment, and only some
    scans are in memory at a time.

    Raises:
        NotFound: there is no such enrolment.
    """
    with snapshot():
        student = (
            Enrolment.select(Enrolment, Cohort, Person)
            .join(Cohort)
            .join_from(Enrolment, Person)
            .where(Enrolment.id == enrolment_id)
            .first()
        )
        if student is None:
            raise NotFound()
        programme = programmes.get(student.cohort.programme)
        outline = _outline(student, programme, now, complete=complete, head=head)
        yield Reading(outline, _scans(enrolment_id, programme, now, complete=complete))


def as_json(book: logbook.Logbook) -> bytes:
    """The logbook as JSON: the same data gives the same bytes."""
    return book.model_dump_json(indent=1).encode() + b"\n"


def scan_digests(book: logbook.Logbook) -> dict[str, str]:
    """Id -> digest of each scan whose state is counted, by case number."""
    counted = [scan for scan in book.scans if scan.state == states.COUNTED]
    return {scan.id: scan.digest for scan in sorted(counted, key=lambda scan: scan.case_number)}


def merkle_root(book: logbook.Logbook) -> str:
    """The Merkle tree hash over `scan_digests`, in their order."""
    return _root(list(scan_digests(book).values()))


def _root(digests: Sequence[str]) -> str:
    return merkle.root([digest.encode() for digest in digests])


def _outline(student: Enrolment, programme: Programme, now: datetime, *, complete: bool, head: str) -> logbook.Logbook:
    progress = tally_queries.progress_of([student], programme, now)[student.id]
    counted = (
        Scan.select(Scan.digest)
        .where(Scan.enrolment == student.id, Scan.state == states.COUNTED)
        .order_by(Scan.case_number)
        .tuples()
    )
    return logbook.Logbook(
        format=logbook.FORMAT,
        made_at=now,
        complete=complete,
        student=logbook.Student(name=student.person.name, enrolment=student.id),
        course=_course(student, programme),
        definitions=_definitions(student, programme),
        counts=_counts(progress),
        placements=_placements(student.id),
        scans=[],
        earlier=_earlier(student.id, programme),
        record=logbook.Record(head=head, root=_root([digest for (digest,) in counted])),
    )


def _course(student: Enrolment, programme: Programme) -> logbook.Course:
    cohort, regions = student.cohort, programme.vocabulary.regions
    return logbook.Course(
        programme=programme.key,
        name=programme.name,
        institution=programme.institution,
        accredited_by=programme.accredited_by,
        award=programme.award,
        level=programme.level,
        cohort=cohort.name,
        starts_on=cohort.starts_on,
        due_on=cohort.due_on,
        enrolled_on=student.enrolled_on,
        ended_on=student.ended_on,
        ended_as=student.ended_as,
        remit=[regions[one].name if one in regions else one for one in student.remit] if student.remit else None,
        timezone=programme.timezone,
    )


def _definitions(student: Enrolment, programme: Programme) -> list[logbook.Definition]:
    """The words on which the counts rest, as the programme's data has them."""

    def of_kind(kind: Support) -> str:
        return f"{kind.definition} {COUNTS_WHEN[kind.counts_when]}"

    terms = {
        "Scan": SCAN,
        **{kind.name: of_kind(kind) for kind in programme.supports.values()},
        "Audited": capital(programme.audit_definition.removeprefix("Audited: ")),
        "Failed audit": FAILED + (MAY_COUNT if programme.failed_audit_counts else GOES_BACK),
        "Surplus": SURPLUS,
        "Guided procedure": NOT_APART if programme.procedures_count else APART,
        "Breadth": REMIT if student.remit else NO_REMIT,
        "Earlier logbook": EARLIER,
    }
    return [logbook.Definition(term=term, text=text) for term, text in terms.items()]


def _counts(progress: Progress) -> logbook.Counts:
    return logbook.Counts(
        counted=progress.counted,
        total=progress.total,
        supports=[
            logbook.Count(
                key=part.support.key,
                name=part.support.name,
                counted=part.counted,
                total=part.total,
                surplus=part.surplus,
                with_mentor=part.with_mentor,
                returned=part.returned,
            )
            for part in progress.parts
        ],
        areas=[
            logbook.AreaCount(key=area.key, name=area.name, counted=area.counted, target=area.target)
            for area in progress.regions
        ],
        procedures=[logbook.ProcedureCount(**part._asdict()) for part in progress.procedures],
    )


def _placements(enrolment_id: int) -> list[logbook.Placement]:
    """Where the student was placed, the first one first, and everybody who had a part there. One query."""
    rows = (
        Placement.select(Placement, Site, Party, Person.id, Person.name)
        .join(Site)
        .join_from(Placement, Party, JOIN.LEFT_OUTER, attr="party")
        .join(Person, JOIN.LEFT_OUTER)
        .where(Placement.enrolment == enrolment_id)
        .order_by(Placement.starts_on, Placement.id, Party.id)
    )
    people: dict[int, list[logbook.Member]] = defaultdict(list)
    placed: dict[int, Placement] = {}
    for row in rows:
        placed.setdefault(row.id, row)
        if party := getattr(row, "party", None):
            role = roles.BY_KEY[party.role].name
            member = {"id": party.person.id, "name": party.person.name, "role": role, "ended_on": party.ended_on}
            people[row.id].append(logbook.Member(**member))
    return [
        logbook.Placement(
            id=one.id, site=one.site.name, starts_on=one.starts_on, ends_on=one.ends_on, people=people[one.id]
        )
        for one in placed.values()
    ]


def _earlier(enrolment_id: int, programme: Programme) -> list[logbook.EarlierScan]:
    """What was brought in from before the course and not taken back, in the order of the files. One query."""
    rows = (
        Earlier.select(Earlier, EarlierBatch)
        .join(EarlierBatch)
        .where(EarlierBatch.enrolment == enrolment_id, EarlierBatch.undone_at.is_null())
        .order_by(EarlierBatch.id, Earlier.number)
    )
    same = ("id", "scanned_on", "region", "side", "supervision", "finding", "report", "other")
    return [
        logbook.EarlierScan(
            source=row.batch.source,
            imported_on=programme.today(row.batch.made_at),
            **{name: getattr(row, name) for name in same},
        )
        for row in rows
    ]


def _scans(enrolment_id: int, programme: Programme, now: datetime, *, complete: bool) -> Iterator[logbook.Scan]:
    """The scans by case number, some at a time: three queries for every 500."""
    mentor, counter = Person.alias(), Person.alias()
    rows = (
        Scan.select(Scan, Placement, Site, mentor.id, mentor.name, counter.id, counter.name)
        .join_from(Scan, Placement, JOIN.LEFT_OUTER)
        .join(Site, JOIN.LEFT_OUTER)
        .join_from(Scan, mentor, JOIN.LEFT_OUTER, on=(Scan.mentor == mentor.id), attr="mentor")
        .join_from(Scan, counter, JOIN.LEFT_OUTER, on=(Scan.counted_by == counter.id), attr="counted_by")
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
