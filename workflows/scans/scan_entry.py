"""An entry's way into the record, one way down: checked and composed (`check`), which takes time and is done before the
transaction; placed (`place`), which asks what others may have changed and is done within it; then `scans` keeps it.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from peewee import JOIN, Case

from models import Enrolment, Machine, Party, Placement, Scan
from rules import entry as entry_rules
from rules import report as reports
from rules import roles
from rules.contradictions import contradictions
from rules.entry import Problems
from rules.programme import Programme
from rules.report import Report
from rules.scan_fields import CONTENT, TYPED, Entry
from rules.states import DRAFT, WITH_MENTOR
from rules.vocabulary import Measured, NotSeen, Pair
from statements import Prepared
from visibility import AWAY_NOW, MENTORS_NOW
from workflows.course import absences
from workflows.refusals import Invalid
from workflows.scans import screening

EARLY, AHEAD = timedelta(days=1), timedelta(days=7)  # how wrong a phone's clock may be before nothing it says is kept

# Of each placement whoever mentors there now, is away now, or has a mentor's part there on another day, as a number: a
# scan goes to the first alone. None for the person where there is nobody.
GONE, AWAY, THERE = range(3)
_PLACEMENTS = Prepared(
    lambda student: (
        Placement.select(
            Placement.id,
            Placement.site,
            Party.person,
            Case(None, [(MENTORS_NOW & ~AWAY_NOW, THERE), (MENTORS_NOW, AWAY)], GONE),
        )
        .join(Party, JOIN.LEFT_OUTER, on=((Party.placement == Placement.id) & (Party.role == roles.MENTOR)))
        .where(Placement.enrolment == student)
        .order_by(Placement.starts_on.desc())
        .tuples()
    )
)
_MACHINE = Prepared(
    lambda placement, name: (
        Machine.select(Machine.id)
        .join(Placement, on=(Placement.site == Machine.site))
        .where(Placement.id == placement, Machine.name == name)
        .tuples()
    )
)


@dataclass(frozen=True)
class PhoneStamp:
    """What a phone says of the press of *Save scan*: when, by its own clock, and the version of its form."""

    at: datetime | None = None
    form: int | None = None

    def plausible(self, enrolment: Enrolment, now: datetime) -> "PhoneStamp":
        """The same without a time that cannot be: before the enrolment, or far ahead of our clock."""
        began = datetime.combine(enrolment.enrolled_on, time(), UTC)
        sensible = self.at is not None and began <= self.at + EARLY and self.at <= now + AHEAD
        return self if sensible else PhoneStamp(None, self.form)

    def payload(self) -> dict[str, Any]:
        """What was given, for history."""
        given = {"entered_at": self.at.isoformat() if self.at else None, "form": self.form}
        return {name: value for name, value in given.items() if value is not None}


NO_STAMP = PhoneStamp()


@dataclass(frozen=True)
class Ask:
    """A contradiction in what was entered, asked about beside a field of the form."""

    field: str
    key: str
    sentence: str


@dataclass(frozen=True)
class CheckedEntry:
    """An entry that can be kept, with its report; `warned` are the kinds of match that its student went on past."""

    programme: Programme
    enrolment: Enrolment
    entry: Entry
    report: Report
    warned: list[str]
    meant: list[str]  # keys of the contradictions that the student says are meant
    asks: list[Ask]  # the others: it is not sent before they are answered


@dataclass(frozen=True)
class PlacedEntry:
    """An entry as a scan's columns, and what is missing before it can be sent, in the person's words."""

    columns: dict[str, Any]
    missing: list[str]
    asks: list[Ask]


def check(
    programme: Programme,
    enrolment: Enrolment,
    entry: Entry,
    now: datetime,
    scan: Scan | None = None,
    *,
    named_nobody: str = "",
    meant: Iterable[str] = (),
    known: str = "",
) -> CheckedEntry:
    """Check an entry, screen what was typed, and compose its report.

    Args:
        scan: the scan that it corrects; what it said before was asked about then. The caller checks within the
            transaction that it is still this version.
        meant: keys of contradictions that the student says are meant, besides those that the scan has already.
        known: a text that was screened before, besides those of the scan.

    Raises Invalid: field -> sentences.
    """
    wrong = _problems(programme, enrolment, entry, programme.today(now), scan)
    if wrong.keys() & {"report_base", *(field.sent for field in TYPED)}:  # too long to be kept, so not read either
        raise Invalid(wrong)
    typed = {field.sent: reports.plain(getattr(entry, field.name)) for field in TYPED}
    known = "\n".join([known, *(getattr(scan, field.name) for field in TYPED if scan)])
    warned = screening.screen(typed, named_nobody, known=known, problems=wrong)
    entry = entry_rules.with_sizes_read(programme, entry)
    report = reports.write(programme, entry)
    text = report.text or report.composed
    if sentence := entry_rules.too_long(text):  # with the composed sentences
        raise Invalid({"report": [f"{sentence} Untick some findings, or say them in fewer words."]})
    if text != typed["report"]:  # composed words have joined the student's: it is this that is kept
        warned = screening.screen({**typed, "report": text}, named_nobody, known=known)
    passed = {*meant, *(scan.meant if scan else ())}
    found = contradictions_of(programme, entry)
    return CheckedEntry(
        programme,
        enrolment,
        entry,
        replace(report, text=text),
        warned,
        [ask.key for ask in found if ask.key in passed],
        [ask for ask in found if ask.key not in passed],
    )


def _problems(programme: Programme, enrolment: Enrolment, entry: Entry, today: date, scan: Scan | None) -> Problems:
    """What is wrong with the entry, but for its texts."""
    recorded = entry_of(scan) if scan else None
    wrong = entry_rules.problems(programme, entry, today=today, enrolled_on=enrolment.enrolled_on, recorded=recorded)
    if sentence := _interrupted(programme, enrolment, entry, today, scan):
        wrong.setdefault("scanned_on", []).append(sentence)
    _placement_of(enrolment, entry, wrong, scan)
    return wrong


def _interrupted(programme: Programme, enrolment: Enrolment, entry: Entry, today: date, scan: Scan | None) -> str:
    """Why no scan of this day can be kept; empty where it can. What was sent before keeps its day."""
    day = entry.scanned_on or (scan.scanned_on if scan else today)
    sent_so = scan is not None and scan.state != DRAFT and scan.scanned_on == day
    if programme.log_during_interruption or sent_so:
        return ""
    return entry_rules.interrupted(day, absences.theirs(enrolment))


def contradictions_of(programme: Programme, entry: Entry) -> list[Ask]:
    """What of the entry contradicts itself."""
    return [Ask(*one) for one in contradictions(programme, entry)]


def place(checked: CheckedEntry, now: datetime, scan: Scan | None = None) -> PlacedEntry:
    """Find the placement and the machine of a checked entry, and make its columns.
    Raises Invalid: field -> sentences.
    """
    programme, entry = checked.programme, checked.entry
    wrong: Problems = {}
    placement, mentors_there = _placement_of(checked.enrolment, entry, wrong, scan)
    if not wrong and entry.machine and not _is_machine_known(placement, entry.machine, scan):
        wrong["machine"] = ["Choose one of the machines at this site."]
    if wrong:
        raise Invalid(wrong)
    report = asdict(checked.report)
    columns = {
        **columns_of(entry),
        "measured": _with_units(programme, columns_of(entry)["measured"], scan.measured if scan else []),
        "scanned_on": entry.scanned_on or (scan.scanned_on if scan else programme.today(now)),
        "report": report.pop("text"),
        **report,
        "warned": checked.warned,
        "meant": checked.meant,
        "mentor": entry.mentor,
        "placement": placement,
    }
    own = checked.report.own_words
    asked = entry if mentors_there else replace(entry, mentor=None)
    missing = entry_rules.missing(programme, asked, placed=placement is not None, own_words=own)
    return PlacedEntry(columns, missing, checked.asks)


def columns_of(entry: Entry) -> dict[str, Any]:
    """The entry's content as a scan's columns."""
    return {name: _stored(getattr(entry, name)) for name in CONTENT}


def entry_of(scan: Scan) -> Entry:
    """The scan as it would be entered."""
    values = {name: getattr(scan, name) for name in CONTENT}
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    values["findings"] = tuple(Pair(*pair) for pair in scan.findings)
    values["not_seen"] = tuple(NotSeen(*one) for one in scan.not_seen)
    values["measured"] = tuple(Measured(Pair(*pair), *size[:2]) for pair, *size in scan.measured)
    return Entry(**values, mentor=scan.mentor_id, site=scan.placement.site_id if scan.placement_id else None)


def asks_of(programme: Programme, scan: Scan) -> list[Ask]:
    """What contradicts itself in a scan and nobody has said is meant."""
    return [ask for ask in contradictions_of(programme, entry_of(scan)) if ask.key not in scan.meant]


def missing_of(programme: Programme, scan: Scan) -> list[str]:
    """What the scan lacks before it can be sent, in the person's words."""
    entry, placed = entry_of(scan), scan.placement_id is not None
    if placed and scan.state != WITH_MENTOR and not _may_be_sent(scan.enrolment_id, entry, scan.placement_id):
        entry = replace(entry, mentor=None)
    return entry_rules.missing(programme, entry, placed=placed, own_words=scan.own_words)


def _with_units(programme: Programme, sizes: list[list[Any]], before: list[list[Any]]) -> list[list[Any]]:
    """The sizes with their units, which stay with the numbers whatever the vocabulary says later."""
    known = programme.vocabulary.measures
    unchanged = [one for one in before if one[:3] in sizes]
    new = [one for one in sizes if one not in [old[:3] for old in unchanged]]
    return unchanged + [[*one, known[one[1]].unit if one[1] in known else ""] for one in new]


def _stored(value: Any) -> Any:
    """A value of an entry as a column keeps it: several are a list, and so is a finding; an empty side is left out."""
    match value:
        case Pair(structure, finding, side):
            return [structure, finding, side] if side else [structure, finding]
        case NotSeen(structure, limitation, side):
            return [structure, limitation, side] if side else [structure, limitation]
        case Measured(pair, measure, size):
            return [_stored(pair), measure, size]
        case tuple():
            return list(map(_stored, value))
    return value


def _placement_of(enrolment: Enrolment, entry: Entry, wrong: Problems, scan: Scan | None) -> tuple[int | None, bool]:
    """Id of the student's placement at this site and with this mentor, and whether a scan may go to that one, if any,
    today; why there is none is added to `wrong`.

    Somebody who mentors there on other days, or is away, will do for a draft, which then asks for another mentor: the
    form may have been filled in before they left. What waits stays with a mentor who is away.
    """
    at_site = [row for row in _PLACEMENTS(enrolment.id) if entry.site in (None, row[1])]
    with_mentor = [row for row in at_site if entry.mentor in (None, row[2])]
    least = AWAY if scan is not None and scan.state == WITH_MENTOR else THERE
    if scan is not None and scan.state != DRAFT and entry.mentor is not None:
        with_mentor = [row for row in with_mentor if row[3] >= least]
    if entry.site is not None and not at_site:
        wrong.setdefault("site", []).append("Choose one of your placement sites.")
    elif entry.mentor is not None and not with_mentor:
        wrong.setdefault("mentor", []).append("Choose a mentor of this placement.")
    if not with_mentor:
        return None, True
    found = max(with_mentor, key=lambda row: row[3])
    return found[0], entry.mentor is None or found[3] >= least


def _may_be_sent(enrolment: int, entry: Entry, placement: int | None) -> bool:
    """Whether a scan of this placement may go to the entry's mentor, if any, today."""
    wanted = placement, entry.mentor, THERE
    return entry.mentor is None or any((row[0], *row[2:]) == wanted for row in _PLACEMENTS(enrolment))


def _is_machine_known(placement: int | None, machine: str, scan: Scan | None) -> bool:
    if scan is not None and scan.machine == machine:
        return True  # the machine may have left the site since
    return placement is not None and _MACHINE.first(placement, machine) is not None
