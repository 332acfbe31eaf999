"""The student's scans as the rows of a file, every column in words."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

from blueprints.exports import Cell
from models import Scan
from rules import states
from rules.phrases import capital
from rules.programme import Programme
from rules.scan_fields import FIELDS, Field
from workflows.scans.scan_facts import UNDIVIDED, ScanWords, is_undivided, words_of

Column = Callable[[Scan, Programme], Cell]


def rows_of(scans: Iterable[Scan], programme: Programme) -> Iterator[Sequence[Cell]]:
    """The headings, and a row for each scan. Times are of the programme's own clock."""
    measures = programme.vocabulary.measures.values()
    sizes = {f"{one.name} ({one.unit})" if one.unit else one.name: partial(_of_measure, one.id) for one in measures}
    columns = {**COLUMNS, **sizes}
    yield list(columns)
    for scan in scans:
        yield [cell(scan, programme) for cell in columns.values()]


def _of_measure(measure: str, scan: Scan, programme: Programme) -> str:
    """What was measured of one kind: "Supraspinatus (left): full-thickness tear 14 x 9"; the unit is in the heading."""
    words = ScanWords(programme, scan)
    found = [(words.finding(*pair), value) for pair, kind, value, *_ in scan.measured if kind == measure]
    return "; ".join(
        f"{finding} {value.replace('x', ' x ') if value[:1].isdigit() else value}" for finding, value in found
    )


def _of_field(field: Field, scan: Scan, programme: Programme) -> str:
    return "; ".join(words_of(field, scan, programme))


def _instant(name: str, scan: Scan, programme: Programme) -> str:
    return _time(getattr(scan, name), programme)


def _time(at: datetime | None, programme: Programme) -> str:
    return f"{programme.local(at):%Y-%m-%d %H:%M}" if at else ""


def _failed(scan: Scan, programme: Programme) -> str:
    if not scan.failed_counts:
        return ""
    return "recorded apart" if programme.counts_apart(scan.procedure) else "yes"


# What stands behind the column of a field.
BEHIND: dict[str, dict[str, Column]] = {
    "scanned_on": {
        "State": lambda scan, programme: capital(
            states.name_of(scan.state, apart=programme.counts_apart(scan.procedure))
        )
    },
    "side": {
        "Sides": lambda scan, _: UNDIVIDED if is_undivided(scan) else "",
        "Headline": lambda scan, _: scan.headline,
    },
    "report": {"Own words": lambda scan, _: "yes" if scan.own_words else "no"},
}
# The head of a column -> its cell.
COLUMNS: dict[str, Column] = {"Case number": lambda scan, _: scan.case_number}
for _field in FIELDS:
    COLUMNS |= {_field.export: partial(_of_field, _field), **BEHIND.get(_field.name, {})}
COLUMNS |= {
    "Logged at": partial(_instant, "received_at"),
    "First sent at": lambda scan, programme: _time(Scan.sent_at.python_value(scan.first_sent_at), programme),
    "Wait began at": partial(_instant, "sent_at"),
    "Approved at": partial(_instant, "approved_at"),
    "Approved by": lambda scan, _: scan.approved_by.name if scan.approved_by_id else "",
    "Audited at": partial(_instant, "audited_at"),
    "Failed audit that counts": _failed,
    "Version": lambda scan, _: scan.version,
    "Identifier": lambda scan, _: scan.id,
    "Saved on the phone at": partial(_instant, "entered_at"),
    "Form version": lambda scan, _: scan.form_version or "",
}
