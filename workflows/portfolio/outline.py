"""What a logbook says beside its scans (rules/logbook.py): the course, the words on which the counts rest, the counts,
who had a part, earlier logbooks, and, for the student alone, what they made and added.
"""

from collections import defaultdict
from datetime import datetime

from peewee import JOIN, fn

from models import Earlier, EarlierBatch, Edition, Enrolment, Evidence, File, Party, Person, Placement, Share, Site
from rules import editions, logbook, parts, roles
from rules.calendar import Extension, Interruption
from rules.phrases import capital
from rules.programme import Programme, Support
from rules.progress import Progress
from rules.totals import Counts
from workflows.counts import tally_queries

OWN_ALONE = ("editions", "shares", "evidence")  # what only the student's own file says, of an earlier course too

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


def outline_of(
    student: Enrolment, programme: Programme, now: datetime, record: logbook.Record, *, complete: bool
) -> logbook.Logbook:
    """The logbook without its scans. The student comes with cohort and person. Seven queries at most.

    Args:
        record: what proves it.
        complete: it is for the student: with their editions, links and files.
    """
    progress = tally_queries.progress_of([student], programme, now)[student.id]
    return logbook.Logbook(
        format=logbook.FORMAT,
        made_at=now,
        complete=complete,
        student=logbook.Student(name=student.person.name, enrolment=student.id),
        course=_course(student, programme, progress.counts),
        definitions=_definitions(student, programme),
        counts=_counts(progress),
        placements=_placements(student.id),
        scans=[],
        earlier=_earlier(student.id, programme),
        record=record,
        interruptions=_interruptions(progress.counts),
        earlier_logbooks=_earlier_logbooks(student.id, programme, complete=complete),
        editions=_editions(student.id) if complete else [],
        shares=_shares(student.id) if complete else [],
        evidence=_evidence(student.id) if complete else [],
    )


def _course(student: Enrolment, programme: Programme, counts: Counts) -> logbook.Course:
    cohort, regions = student.cohort, programme.vocabulary.regions
    of_programme = ("name", "institution", "accredited_by", "award", "level", "timezone")
    return logbook.Course(
        programme=programme.key,
        **{name: getattr(programme, name) for name in of_programme},
        cohort=cohort.name,
        starts_on=cohort.starts_on,
        due_on=counts.due_on,
        **{name: getattr(student, name) for name in ("enrolled_on", "ended_on", "ended_as")},
        remit=[regions[one].name if one in regions else one for one in student.remit] if student.remit else None,
        cohort_due_on=cohort.due_on,
        extended_to=next((one.due_on for one in counts.decided if isinstance(one, Extension)), None),
    )


def _interruptions(counts: Counts) -> list[logbook.Interruption]:
    """Those of the student's study, by their first days."""
    found = [one for one in counts.decided if isinstance(one, Interruption)]
    return [logbook.Interruption(**one._asdict()) for one in sorted(found, key=lambda one: one.from_on)]


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
    of_kind = ("counted", "total", "surplus", "with_mentor", "held", "returned")
    return logbook.Counts(
        counted=progress.counted,
        total=progress.total,
        supports=[
            logbook.Count(
                key=part.support.key, name=part.support.name, **{name: getattr(part, name) for name in of_kind}
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
    covered, away = Party.alias("covered"), Person.alias("away")
    rows = (
        Placement.select(Placement, Site, Party, Person.id, Person.name, fn.COALESCE(away.name, "").alias("covers"))
        .join(Site)
        .join_from(Placement, Party, JOIN.LEFT_OUTER, attr="party")
        .join(Person, JOIN.LEFT_OUTER)
        .join_from(Party, covered, JOIN.LEFT_OUTER, on=(Party.cover_for == covered.id))
        .join_from(covered, away, JOIN.LEFT_OUTER, on=(covered.person == away.id))
        .where(Placement.enrolment == enrolment_id)
        .order_by(Placement.starts_on, Placement.id, Party.id)
    )
    people: dict[int, list[logbook.Member]] = defaultdict(list)
    placed: dict[int, Placement] = {}
    for row in rows:
        placed.setdefault(row.id, row)
        if party := getattr(row, "party", None):
            days = parts.of(party.from_on, party.ended_on, row.starts_on)
            if days.is_empty:
                continue  # it was called off before its first day
            member = {"id": party.person.id, "name": party.person.name, "role": roles.BY_KEY[party.role].name}
            member |= {"from_on": days.first, "ended_on": days.last, "covers": row.covers}
            people[row.id].append(logbook.Member(**member))
    return [
        logbook.Placement(
            id=one.id, site=one.site.name, starts_on=one.starts_on, ends_on=one.ends_on, people=people[one.id]
        )
        for one in placed.values()
    ]


def _earlier_logbooks(enrolment_id: int, programme: Programme, *, complete: bool) -> list[logbook.EarlierLogbook]:
    """The logbooks that were brought in from before the course and not taken back. One query."""
    here = (EarlierBatch.enrolment == enrolment_id) & EarlierBatch.undone_at.is_null()
    return [
        logbook.EarlierLogbook(
            id=one.id,
            source=one.source,
            imported_on=programme.today(one.made_at),
            scans=one.rows,
            about={name: said for name, said in one.about.items() if complete or name not in OWN_ALONE},
        )
        for one in EarlierBatch.select().where(here).order_by(EarlierBatch.id)
    ]


def _earlier(enrolment_id: int, programme: Programme) -> list[logbook.EarlierScan]:
    """Their scans, in the order of the files. One query."""
    rows = (
        Earlier.select(Earlier, EarlierBatch.id, EarlierBatch.source, EarlierBatch.made_at)
        .join(EarlierBatch)
        .where(EarlierBatch.enrolment == enrolment_id, EarlierBatch.undone_at.is_null())
        .order_by(EarlierBatch.id, Earlier.number)
    )
    same = ("id", "scanned_on", "region", "side", "supervision", "finding", "report", "other")
    return [
        logbook.EarlierScan(
            source=row.batch.source,
            imported_on=programme.today(row.batch.made_at),
            logbook_id=row.batch.id,
            **{name: getattr(row, name) for name in same},
        )
        for row in rows
    ]


def _editions(enrolment_id: int) -> list[logbook.Edition]:
    """Every edition, in its order. One query."""
    same = (
        *("id", "number", "state", "code", "asked_at", "declared_at", "made_at", "pages", "counted", "root"),
        *("void_at", "void_why"),
    )
    rows = Edition.select(Edition, File).join(File, JOIN.LEFT_OUTER).where(Edition.enrolment == enrolment_id)
    return [
        logbook.Edition(
            purpose=editions.PURPOSES.get(row.purpose, row.purpose),
            sha256=row.file.sha256 if row.file_id else "",
            **{name: getattr(row, name) for name in same},
        )
        for row in rows.order_by(Edition.number)
    ]


def _shares(enrolment_id: int) -> list[logbook.Share]:
    """Every link by which an edition was shared, the first one first. One query."""
    same = ("label", "made_at", "expires_at", "revoked_at", "opened", "opened_at")
    rows = Share.select(Share, Edition.number).join(Edition).where(Edition.enrolment == enrolment_id)
    return [
        logbook.Share(edition=row.edition.number, **{name: getattr(row, name) for name in same})
        for row in rows.order_by(Share.made_at, Share.token_hash)
    ]


def _evidence(enrolment_id: int) -> list[logbook.Evidence]:
    """Every file that was added for the register. One query."""
    rows = Evidence.select(Evidence, File).join(File).where(Evidence.enrolment == enrolment_id)
    return [
        logbook.Evidence(
            **{name: getattr(row, name) for name in ("id", "item", "name", "removed_at")},
            **{name: getattr(row.file, name) for name in ("kind", "bytes", "sha256")},
            added_at=row.made_at,
        )
        for row in rows.order_by(Evidence.id)
    ]
