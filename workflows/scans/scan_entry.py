"""An entry on its way into the record: checked, its placement found, its report composed, turned into columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from models import Enrolment, InstantField, Machine, Party, Placement, Scan
from rules import entry as entries
from rules import own_words, states
from rules import report as reports
from rules.entry import Entry
from rules.programme import Programme
from statements import Prepared
from visibility import MENTORS_NOW
from workflows.refusals import Invalid
from workflows.scans import screening

WORDS_ARE_OWN = "your own words: an abnormal scan needs them here"
LATEST = 20  # nobody logs more within the minutes in which a duplicate is likely
ALL = 10_000  # more than a student has: one that comes late was entered among scans of any age
_instant = InstantField()
EARLY, AHEAD = timedelta(days=1), timedelta(days=7)  # how wrong a phone's clock may be before nothing it says is kept

_PLACES = Prepared(
    lambda student: (
        Placement.select(Placement.id, Placement.site, Party.person)
        .join(Party, on=((Party.placement == Placement.id) & MENTORS_NOW))
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
_LATEST = Prepared(
    lambda student, most: (
        Scan.select(
            *(Scan.case_number, Scan.id, Scan.region, Scan.side, Scan.state, Scan.procedure),
            *(Scan.received_at, Scan.entered_at),
        )
        .where(Scan.enrolment == student)
        .order_by(Scan.case_number.desc())
        .limit(most)
        .tuples()
    )
)


@dataclass(frozen=True)
class Saved:
    """What a phone says of the press of *Save scan*: when, by its own clock, and the version of its form."""

    at: datetime | None = None
    form: int | None = None

    def believed(self, enrolment: Enrolment, now: datetime) -> Saved:
        """The same without a time that cannot be: before the enrolment, or far ahead of our clock."""
        began = datetime.combine(enrolment.enrolled_on, time(), UTC)
        sensible = self.at is not None and began <= self.at + EARLY and self.at <= now + AHEAD
        return self if sensible else Saved(None, self.form)

    def proof(self) -> dict[str, Any]:
        """For history, what was given."""
        given = {"entered_at": self.at.isoformat() if self.at else None, "form": self.form}
        return {name: value for name, value in given.items() if value is not None}


UNSAID = Saved()


@dataclass(frozen=True)
class Written:
    """The report of an entry, checked and worked out: what takes time, so it is done before the transaction."""

    report: str
    composed: str
    own_words: bool
    words_missing: bool
    headline: str
    warned: list[str]


def written(
    programme: Programme,
    enrolment: Enrolment,
    entry: Entry,
    now: datetime,
    scan: Scan | None = None,
    *,
    named_nobody: str = "",
) -> Written:
    """Check the entry, screen and compose its report. Call it before the transaction, and `columns_of` within it.

    Args:
        scan: the scan that it corrects; what it said before was asked about then. The caller checks within the
            transaction that it is still this version.
        named_nobody: marks of what the screen asked about, as for `screening.screened`.

    Raises:
        Invalid: field -> sentences.
    """
    wrong = entries.problems(programme, entry, today=programme.today(now), enrolled_on=enrolment.enrolled_on)
    _placement(enrolment, entry, wrong)
    typed = report = entry.report.strip().replace("\r\n", "\n")
    known = scan.report if scan else ""
    if wrong.keys() & {"report", "report_base"}:  # too long to keep, so not worth reading either
        raise Invalid(wrong)
    warned = screening.screened({"report": typed}, named_nobody, known=known, problems=wrong)
    taps = entry.taps()
    composed = reports.compose(programme.vocabulary, taps)
    if entry.report_base is not None:
        report = own_words.recompose(report, entry.report_base.strip().replace("\r\n", "\n"), composed)
    report = report or composed
    if says := entries.too_long(report):  # with the taps' own sentences
        raise Invalid({"report": [f"{says} Untick some findings, or say them in fewer words."]})
    own = own_words.has_own_words(report, composed)
    if report != typed:  # the taps' words have joined the student's: it is this that is kept
        warned = screening.screened({"report": report}, named_nobody, known=known)
    missing = reports.words_missing(programme, taps, own)
    return Written(report, composed, own, missing, reports.headline(programme.vocabulary, taps), warned)


def columns_of(
    programme: Programme, enrolment: Enrolment, entry: Entry, done: Written, now: datetime, scan: Scan | None = None
) -> dict[str, Any]:
    """The entry as columns, its placement found; what others may have changed since it was `written` is checked here.

    Raises:
        Invalid: field -> sentences.
    """
    wrong: dict[str, list[str]] = {}
    placement = _placement(enrolment, entry, wrong)
    if not wrong and entry.machine and not _machine_known(placement, entry.machine, scan):
        wrong["machine"] = ["Choose one of the machines at this site."]
    if wrong:
        raise Invalid(wrong)
    columns = {
        name: getattr(entry, name) for name in ("support", "region", "side", "protocol", "indication", "outcome")
    }
    columns |= {name: getattr(entry, name) for name in ("age_band", "sex", "machine", "transducer")}
    columns |= {name: getattr(entry, name) for name in ("procedure", "procedure_role")}
    return columns | {
        "scanned_on": entry.scanned_on or (scan.scanned_on if scan else programme.today(now)),
        "findings": [[pair.structure, pair.finding] for pair in entry.findings],
        "normal": list(entry.normal),
        "limitations": list(entry.limitations),
        "modifiers": list(entry.modifiers),
        **vars(done),
        "mentor": entry.mentor,
        "placement": placement,
    }


def lacks(programme: Programme, entry: Entry, columns: dict[str, Any]) -> list[str]:
    """What is missing before it can be sent, in the person's words."""
    found = entries.missing(programme, entry)
    if not found and columns["placement"] is None:
        found.append("site")
    asks_words = not found and not entry.procedure
    if asks_words and reports.may_send(programme, entry.taps(), columns["own_words"]) == "hold":
        found.append(WORDS_ARE_OWN)
    return found


def _placement(enrolment: Enrolment, entry: Entry, wrong: dict[str, list[str]]) -> int | None:
    """Id of the student's placement at this site and with this mentor."""
    mine = _PLACES(enrolment.id)
    at_site = [row for row in mine if entry.site in (None, row[1])]
    with_mentor = [row for row in at_site if entry.mentor in (None, row[2])]
    if entry.site is not None and not at_site:
        wrong.setdefault("site", []).append("Choose one of your placement sites.")
    elif entry.mentor is not None and not with_mentor:
        wrong.setdefault("mentor", []).append("Choose a mentor of this placement.")
    return with_mentor[0][0] if with_mentor else None


def _machine_known(placement: int | None, machine: str, scan: Scan | None) -> bool:
    if scan is not None and scan.machine == machine:
        return True  # the machine may have left the site since
    return placement is not None and _MACHINE.first(placement, machine) is not None


def latest(programme: Programme, enrolment: Enrolment, now: datetime, entered_at: datetime | None) -> list[tuple]:
    """The student's scans, the latest first, as stored and beginning with the case number: those among which one
    entered then, by the phone's clock (None: it does not say), may have a duplicate.
    """
    late = entered_at is not None and now - entered_at > timedelta(minutes=programme.duplicate_minutes)
    return _LATEST.rows(enrolment.id, ALL if late else LATEST)


def likely_duplicate(
    programme: Programme, among: list[tuple], entry: Entry, now: datetime, entered_at: datetime | None = None
) -> Scan | None:
    """A scan of the same region and side, entered moments before or after this one; None when there is none.

    Args:
        among: the `latest` scans.
        entered_at: when, by the phone's clock; None when it does not say, and `now` it was received.
    """
    if not (entry.region and entry.side):
        return None
    apart = timedelta(minutes=programme.duplicate_minutes)
    for _, scan_id, region, side, state, procedure, *at in among:
        if (region, side) == (entry.region, entry.side) and not procedure and state != states.WITHDRAWN:
            received, entered = map(_instant.python_value, at)
            if _between(entered_at, now, entered, received) <= apart:
                return Scan.get_by_id(scan_id)
    return None


def _between(entered: datetime | None, now: datetime, before: datetime | None, received: datetime) -> timedelta:
    """How much time lay between the entering of two scans, as well as two clocks can say; below nought is moments.

    A phone's clock may be wrong, but it is as wrong for both: what lies between is right, whenever they were received.
    Of one that does not say, its reception stands for it. Nobody enters what was received already.
    """
    if entered and before:
        return abs(entered - before)
    if entered is None and before is None:
        return now - received  # it was received before: when the clock says otherwise, that was put back
    return abs(min(entered or now, now) - min(before or received, received))
