"""The student's scans as the rows of a file, every column in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from blueprints.exports import Cell
from blueprints.scans.queries import findings_in_words
from models import Scan
from rules import states
from rules.phrases import capital
from rules.programme import Programme

COLUMNS = (
    *("Case number", "Scanned on", "State", "Support", "Region", "Side", "Headline", "Findings", "Normal"),
    *("Indication", "Protocol", "Outcome", "Limitations", "Modifiers", "Report", "Own words", "Procedure"),
    *("Part in procedure", "Age band", "Sex", "Mentor", "Site", "Machine", "Transducer", "Logged at", "Sent at"),
    *("Counted at", "Counted by", "Audited at", "Version", "Identifier", "Saved on the phone at", "Form version"),
)


def rows_of(scans: Iterable[Scan], programme: Programme) -> Iterator[Sequence[Cell]]:
    """The headings, and a row for each scan. Times are of the programme's own clock."""
    yield COLUMNS
    for scan in scans:
        yield _cells(scan, programme)


def _cells(scan: Scan, programme: Programme) -> list[Cell]:
    region = programme.vocabulary.regions.get(scan.region)
    words = dict(findings_in_words(region, scan))
    support = programme.support(scan.support).name if scan.support else ""

    def at(instant: datetime | None) -> str:
        return f"{programme.local(instant):%Y-%m-%d %H:%M}" if instant else ""

    return [
        *(scan.case_number, scan.scanned_on.isoformat(), capital(states.NAMES[scan.state]), support),
        *(
            region.name if region else scan.region,
            capital(scan.side),
            scan.headline,
            words["Findings"],
            words["Normal"],
        ),
        *(scan.indication, scan.protocol, scan.outcome, "; ".join(scan.limitations), "; ".join(scan.modifiers)),
        *(scan.report, "yes" if scan.own_words else "no", scan.procedure, scan.procedure_role, scan.age_band, scan.sex),
        *(scan.mentor.name if scan.mentor_id else "", scan.placement.site.name if scan.placement_id else ""),
        *(scan.machine, scan.transducer, at(scan.received_at), at(scan.sent_at), at(scan.counted_at)),
        *(scan.counted_by.name if scan.counted_by_id else "", at(scan.audited_at), scan.version, scan.id),
        *(at(scan.entered_at), scan.form_version or ""),
    ]
