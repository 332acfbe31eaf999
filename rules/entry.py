"""What a student enters for one scan: whether it can be kept, and what it still lacks to be sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rules import dates
from rules.programme import Programme
from rules.report import Taps
from rules.vocabulary import Pair

REPORT_LIMIT = 5000  # characters; the longest published MSK report templates are under 2,000
BASE_LIMIT = 10_000  # characters of what had been composed: every finding of a region, ticked, makes about 6,000


@dataclass(frozen=True)
class Entry:
    """One scan as entered. Codes and words are the vocabulary's; empty means not chosen (yet)."""

    support: str = ""
    region: str = ""
    side: str = ""
    protocol: str = ""
    scanned_on: date | None = None  # None: today
    indication: str = ""
    findings: tuple[Pair, ...] = ()
    normal: tuple[str, ...] = ()  # structures, or ("all",)
    outcome: str = ""
    limitations: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
    report: str = ""
    report_base: str | None = None  # what had been composed when `report` was last shown; None: not known
    age_band: str = ""
    sex: str = ""
    mentor: int | None = None
    site: int | None = None
    machine: str = ""
    transducer: str = ""
    procedure: str = ""
    procedure_role: str = ""

    def taps(self) -> Taps:
        """The part from which the report's draft is composed."""
        return Taps(
            region=self.region,
            side=self.side,
            protocol=self.protocol,
            indication=self.indication,
            findings=self.findings,
            normal=self.normal,
            outcome=self.outcome,
            limitations=self.limitations,
            modifiers=self.modifiers,
            transducer=self.transducer,
            procedure=self.procedure,
            procedure_role=self.procedure_role,
            support=self.support,
        )

    def is_empty(self) -> bool:
        """Nothing that says anything about a scan was entered."""
        told = (self.support, self.region, self.side, self.findings, self.normal, self.report.strip(), self.indication)
        return not any(told) and not self.procedure


@dataclass
class Problems:
    """Field -> the sentences to show beside it."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, sentence: str) -> None:
        self.found.setdefault(name, []).append(sentence)


def problems(programme: Programme, entry: Entry, *, today: date, enrolled_on: date) -> dict[str, list[str]]:
    """Why this entry cannot be kept even as a draft: field -> sentences. Empty when it can.

    Args:
        today: the day in the programme's time zone.
        enrolled_on: first day that counts for this student.
    """
    wrong = Problems()
    if entry.is_empty():
        wrong.add("region", "Choose a region: there is nothing to save yet.")
    _check_words(programme, entry, wrong)
    _check_findings(programme, entry, wrong)
    day, days = entry.scanned_on, f"Choose a day from {_said(enrolled_on)} to today, {_said(today)}."
    if day and not dates.can_be(day):
        wrong.add("scanned_on", f"{dates.SENTENCE} {days}")
    elif day and day > today:
        wrong.add("scanned_on", f"This day has not come yet. {days}")
    if day and day < enrolled_on:
        began = f"Your enrolment began on {_said(enrolled_on)}: an earlier scan cannot be in this portfolio."
        wrong.add("scanned_on", f"{began} {days}")
    if says := too_long(entry.report):
        wrong.add("report", says)
    if len(entry.report_base or "") > BASE_LIMIT:
        wrong.add("report_base", "The form has lost its draft. Reload it; what you entered can be copied.")
    if entry.procedure and not entry.procedure_role:
        wrong.add("procedure_role", "Say what your part in the procedure was.")
    if entry.procedure_role and not entry.procedure:
        wrong.add("procedure", "Choose the procedure, or leave your part in it empty.")
    return wrong.found


def too_long(report: str) -> str:
    """The sentence for a report that is too long to be kept, and to be compared with anything; else nothing."""
    length = len(report)
    return (
        f"A report has at most {REPORT_LIMIT:,} characters; this one has {length:,}." if length > REPORT_LIMIT else ""
    )


def _said(day: date) -> str:
    return f"{day:%-d %B %Y}"


def _check_words(programme: Programme, entry: Entry, wrong: Problems) -> None:
    words = programme.vocabulary
    one: tuple[tuple[str, Any, Any], ...] = (
        ("support", entry.support, programme.supports),
        ("region", entry.region, words.regions),
        ("side", entry.side, words.sides),
        ("protocol", entry.protocol, words.protocols),
        ("outcome", entry.outcome, words.outcomes),
        ("transducer", entry.transducer, words.transducers),
        ("age_band", entry.age_band, programme.age_bands),
        ("sex", entry.sex, programme.sexes),
        ("procedure", entry.procedure, words.procedures),
        ("procedure_role", entry.procedure_role, words.procedure_roles),
    )
    for name, value, known in one:
        if value and value not in known:
            wrong.add(name, "Choose one of the list.")
    several = (("limitation", entry.limitations, words.limitations), ("modifier", entry.modifiers, words.modifiers))
    for name, values, known in several:
        if any(value not in known for value in values):
            wrong.add(name, "Choose from the list.")
    region = words.regions.get(entry.region)
    if entry.indication and not region:
        wrong.add("region", "Choose the region that this indication belongs to.")
    elif entry.indication and region and entry.indication not in region.indications:
        wrong.add("indication", f"Choose one of the indications for {region.name.lower()}.")


def _check_findings(programme: Programme, entry: Entry, wrong: Problems) -> None:
    region = programme.vocabulary.regions.get(entry.region)
    if region is None:
        if entry.findings or entry.normal:
            wrong.add("region", "Choose the region that these findings belong to.")
        return
    if any(not programme.vocabulary.known_pair(region.id, pair) for pair in entry.findings):
        wrong.add("finding", f"Choose findings of the {region.name.lower()} list.")
    if any(name != "all" and name not in region.structures for name in entry.normal):
        wrong.add("normal", f"Choose structures of the {region.name.lower()} list.")
    for name in dict.fromkeys(pair.structure for pair in entry.findings):
        if name in entry.normal and name in region.structures:
            wrong.add(
                "finding", f"{region.structures[name].name} is marked normal and has a finding. Keep one of them."
            )


def missing(programme: Programme, entry: Entry) -> list[str]:
    """What the entry lacks before a mentor can judge it, in the person's words."""
    lacks = []
    if not entry.support:
        lacks.append("support")
    if not entry.region:
        lacks.append("region")
    if not entry.side:
        lacks.append("side")
    if entry.mentor is None:
        lacks.append("mentor")
    if not (entry.findings or entry.normal or entry.procedure):
        lacks.append("findings, or all normal")
    return lacks
