"""The fields of a scan, each said once: what can be entered, what it is called, and where it is shown.

A row of `Entry` is a field. The form, the reading of what was sent, the checks, the digest of what a scan says, the
names of what changed, the facts on its pages and the columns of its spreadsheet are made from these rows. A new field
is a row here, a column of the same name in tables/scans.py and a migration that adds the column.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from rules.phrases import capital
from rules.programme import Programme
from rules.vocabulary import Pair

REPORT_LIMIT = 5000  # characters; the longest published MSK report templates are under 2,000
Words = Mapping[str, str] | Sequence[str]  # word -> how it is shown everywhere; or words that are shown as they are


class Kind(Enum):
    """What a field holds."""

    WORD = "one word of a list"
    WORDS = "several words of a list"
    NAME = "one name, shown as it is written"
    TEXT = "typed freely, so it is screened against patient data"
    PAIRS = "findings"
    STRUCTURES = 'structures of the region, or ("all",)'
    DAY = "a day"
    ID = "the number of a row of another table"

    @property
    def empty(self) -> Any:
        """The value of an entry in which nothing was entered."""
        if self in (Kind.WORDS, Kind.PAIRS, Kind.STRUCTURES):
            return ()
        return None if self in (Kind.DAY, Kind.ID) else ""


class Part(Enum):
    """The parts of the log form, in the order in which they stand on the page."""

    WHAT = "what"
    FINDINGS = "findings"
    INDICATION = "indication"
    REPORT = "report"
    ABOUT = "about"
    PROCEDURE = "procedure"
    PATIENT = "patient"
    DAY = "day"
    CARRIED = "carried"  # taken over from the scan before


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a scan.

    Attributes:
        name: of the entry's value and of the scan's column.
        sent: its name in the form.
        words: what can be chosen, of a programme; None where that depends on more than the programme.
        empty: the label of the choice of nothing; empty where there is no such choice.
        dropdown: it is a list that opens, not a row of chips.
        limit: the most characters of a text.
        heading: of the scan's page; "" where the page shows it by other means. Fields with one heading are one fact.
        review: the same for a mentor who reviews the scan.
        change: what a mentor is told when the student changed it meanwhile; "" when that cannot be.
        export: the head of its column in a spreadsheet.
    """

    name: str
    label: str
    kind: Kind
    part: Part
    heading: str
    review: str
    change: str
    export: str
    sent: str
    words: Callable[[Programme], Words] | None = None
    empty: str = "Not stated"
    dropdown: bool = False
    optional: bool = True
    hint: str = ""
    limit: int = 200

    def choices(self, programme: Programme) -> dict[str, str]:
        """Word -> how a form offers it."""
        words = self.words(programme) if self.words else {}
        return dict(words) if isinstance(words, Mapping) else {word: capital(word) for word in words}

    def shown(self, programme: Programme, word: str) -> str:
        """How a page shows a word of this field; a word that the programme does not know stands as it is."""
        words = self.words(programme) if self.words else ()
        return words.get(word, word) if isinstance(words, Mapping) else word


def field(label: str, kind: Kind = Kind.WORD, part: Part = Part.ABOUT, **said: Any) -> Any:
    """A row of `Entry`: see `Field` for what can be said. The rest follows from the label."""
    heading = said.get("heading", label)
    follows = {"heading": heading, "review": heading, "change": f"the {label.lower()}", "export": label}
    row = {"label": label, "kind": kind, "part": part, **follows, **said}
    return dataclasses.field(default=kind.empty, metadata=row)


PLACE, FOUND, HOW = "the region or side", "the findings", "how it was scanned"
THE_PROCEDURE, PATIENT = "the procedure", "the age band or sex"


@dataclass(frozen=True)
class Entry:
    """One scan as entered. Codes and words are the vocabulary's; empty means not chosen (yet)."""

    scanned_on: date | None = field(  # None: today
        "Date", Kind.DAY, Part.DAY, heading="Scanned", review="", change="the day", export="Scanned on"
    )
    support: str = field(
        "Support",
        part=Part.WHAT,
        words=lambda p: {one.key: one.name for one in p.supports.values()},
        empty="",
        heading="",
    )
    region: str = field(
        "Region",
        part=Part.WHAT,
        words=lambda p: {one.id: one.name for one in p.vocabulary.regions.values()},
        empty="",
        heading="",
        change=PLACE,
    )
    side: str = field(
        "Side",
        part=Part.WHAT,
        words=lambda p: {one: capital(one) for one in p.vocabulary.sides},
        empty="",
        heading="",
        change=PLACE,
    )
    findings: tuple[Pair, ...] = field("Findings", Kind.PAIRS, Part.FINDINGS, sent="finding", change=FOUND)
    normal: tuple[str, ...] = field("Normal", Kind.STRUCTURES, Part.FINDINGS, change=FOUND)
    indication: str = field("Indication", part=Part.INDICATION)
    protocol: str = field("Protocol", words=lambda p: p.vocabulary.protocols, change=HOW)
    outcome: str = field("Outcome", words=lambda p: p.vocabulary.outcomes)
    limitations: tuple[str, ...] = field(
        "Limitations",
        Kind.WORDS,
        sent="limitation",
        words=lambda p: p.vocabulary.limitations,
        heading="Limited by",
        change=HOW,
    )
    modifiers: tuple[str, ...] = field(
        "Modifiers",
        Kind.WORDS,
        sent="modifier",
        words=lambda p: p.vocabulary.modifiers,
        review="Technique",
        change=HOW,
    )
    report: str = field("Report", Kind.TEXT, Part.REPORT, limit=REPORT_LIMIT, heading="")
    procedure: str = field(
        "Guided procedure",
        part=Part.PROCEDURE,
        words=lambda p: p.vocabulary.procedures,
        empty="None",
        dropdown=True,
        optional=False,
        review="Procedure",
        change=THE_PROCEDURE,
        export="Procedure",
    )
    procedure_role: str = field(
        "Your part in it",
        part=Part.PROCEDURE,
        words=lambda p: p.vocabulary.procedure_roles,
        optional=False,
        hint="Only with a guided procedure.",
        heading="Part in it",
        review="Student's part",
        change=THE_PROCEDURE,
        export="Part in procedure",
    )
    age_band: str = field(
        "Age band",
        part=Part.PATIENT,
        words=lambda p: p.age_bands,
        dropdown=True,
        hint="A band, never a date of birth.",
        heading="Patient",
        change=PATIENT,
    )
    sex: str = field("Sex", part=Part.PATIENT, words=lambda p: p.sexes, heading="Patient", change=PATIENT)
    mentor: int | None = field(
        "Mentor",
        Kind.ID,
        Part.CARRIED,
        empty="Choose your mentor",
        dropdown=True,
        optional=False,
        review="",
        change="",
    )
    site: int | None = field("Site", Kind.ID, Part.CARRIED, empty="", dropdown=True, optional=False, change="")
    machine: str = field("Machine", Kind.NAME, Part.CARRIED, dropdown=True, change=HOW)
    transducer: str = field(
        "Transducer",
        part=Part.CARRIED,
        words=lambda p: p.vocabulary.transducers,
        dropdown=True,
        review="Technique",
        change=HOW,
    )
    report_base: str | None = None  # what had been composed when `report` was last shown; None: not known

    def is_empty(self) -> bool:
        """Whether nothing was entered that says anything about a scan."""
        about = (self.support, self.region, self.side, self.findings, self.normal, self.report.strip(), self.indication)
        return not any(about) and not self.procedure


# The order of the table is that of a spreadsheet's columns.
FIELDS: tuple[Field, ...] = tuple(
    Field(name=one.name, **{"sent": one.name, **one.metadata}) for one in dataclasses.fields(Entry) if one.metadata
)
ON_THE_FORM = tuple(sorted(FIELDS, key=lambda one: list(Part).index(one.part)))
# What a version and a digest of a scan stand for: what was scanned, seen and reported, not who has it and where.
CONTENT = tuple(one.name for one in FIELDS if one.kind is not Kind.ID)
TYPED = tuple(one for one in FIELDS if one.kind is Kind.TEXT)


def by_heading(heading: Callable[[Field], str], first: Sequence[str] = ()) -> dict[str, tuple[Field, ...]]:
    """Heading -> the fields under it. Fields without a heading are left out.

    Args:
        heading: of a field.
        first: the headings that come first, in this order; the others follow in the order of the table.
    """
    found: dict[str, tuple[Field, ...]] = dict.fromkeys(first, ())
    for one in FIELDS:
        if heading(one):
            found[heading(one)] = (*found.get(heading(one), ()), one)
    return found
