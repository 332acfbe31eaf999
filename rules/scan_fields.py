"""The fields of a scan, each said once: what can be entered, what it is called, and where it is shown.

A row of `Entry` is a field. The form, the reading of what was sent, the checks, the digest of what a scan says, the
names of what changed, the facts on its pages and the columns of its spreadsheet are made from these rows. A new field
is a row here, a column of the same name at the end of those in tables/scans.py, and a migration that adds it.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rules.phrases import capital
from rules.programme import Programme
from rules.vocabulary import Measured, NotSeen, Pair

REPORT_LIMIT = 5000  # characters; the longest published MSK report templates are under 2,000
Words = Mapping[str, str] | Sequence[str]  # word -> how it is shown everywhere; or words that are shown as they are

# What a field holds -> its value before anything is entered.
KINDS: dict[str, Any] = {
    "word": "",  # one of a list
    "words": (),  # several of a list
    "name": "",  # one of a list, shown as it is written
    "text": "",  # typed freely, so it is screened against patient data
    "pairs": (),  # findings
    "structures": (),  # of the region, or ("all",); each may begin with its side
    "not_seen": (),  # structures that were not seen, each with its limitation
    "measured": (),  # sizes, grades and levels of the findings
    "day": None,
    "id": None,  # of a row of another table
}
# The parts of the log form, from top to bottom; what is carried is taken over from the scan before.
PARTS = ("what", "findings", "indication", "report", "about", "procedure", "patient", "day", "carried")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a scan. A heading or name that is "" means that it is not shown there."""

    name: str  # of the entry's value and of the scan's column
    label: str
    kind: str  # of KINDS
    part: str  # of PARTS
    sent: str  # its name in the form
    heading: str  # on the scan's page; fields with one heading are one fact
    review: str  # the same on the page of a mentor who reviews the scan
    change: str  # what a mentor is told when the student changed it meanwhile
    export: str  # of its column in a spreadsheet
    words: Callable[[Programme], Words] | None = None  # to choose from; None where more than the programme decides
    empty: str = "Not stated"  # the label of the choice of nothing; "" where there is none
    dropdown: bool = False  # a list that opens, not a row of chips
    optional: bool = True
    hint: str = ""
    limit: int = 200  # the most characters of a text
    later: bool = False  # added when there were scans already: left out of a scan's digest while it is empty

    def choices(self, programme: Programme) -> dict[str, str]:
        """Word -> how a form offers it."""
        words = self.words(programme) if self.words else {}
        return dict(words) if isinstance(words, Mapping) else {word: capital(word) for word in words}

    def shown(self, programme: Programme, word: str) -> str:
        """How a page shows a word of this field; a word that the programme does not know stands as it is."""
        words = self.words(programme) if self.words else ()
        return words.get(word, word) if isinstance(words, Mapping) else word


def field(label: str, kind: str = "word", part: str = "about", **said: Any) -> Any:
    """A row of `Entry`: see `Field` for what can be said. The rest follows from the label."""
    heading = said.get("heading", label)
    follows = {"heading": heading, "review": heading, "change": f"the {label.lower()}", "export": label}
    row = {"label": label, "kind": kind, "part": part, **follows, **said}
    return dataclasses.field(default=KINDS[kind], metadata=row)


def _supports(programme: Programme) -> Words:
    return {one.key: one.name for one in programme.supports.values()}


def _regions(programme: Programme) -> Words:
    return {one.id: one.name for one in programme.vocabulary.regions.values()}


PLACE, FOUND, HOW, DONE = "the region or side", "the findings", "how it was scanned", "the procedure"
BAND_OR_SEX = "the age band or sex"


@dataclass(frozen=True)
class Entry:
    """One scan as entered. Codes and words are the vocabulary's; empty means not chosen (yet)."""

    # fmt: off
    scanned_on: date | None = field(  # None: today
        "Date", "day", "day", heading="Scanned", review="", change="the day", export="Scanned on")
    support: str = field("Support", part="what", words=_supports, empty="", heading="")
    region: str = field("Region", part="what", words=_regions, empty="", heading="", change=PLACE)
    side: str = field(
        "Side", part="what", words=lambda p: {one: capital(one) for one in p.vocabulary.sides}, empty="", heading="",
        change=PLACE)
    findings: tuple[Pair, ...] = field("Findings", "pairs", "findings", sent="finding", change=FOUND)
    normal: tuple[str, ...] = field("Normal", "structures", "findings", change=FOUND)  # "all", "ssp", "left | ssp"
    not_seen: tuple[NotSeen, ...] = field("Not seen or limited", "not_seen", "findings", later=True, change=FOUND)
    measured: tuple[Measured, ...] = field("Sizes and grades", "measured", "findings", later=True, change=FOUND)
    indication: str = field("Indication", part="indication")
    protocol: str = field("Protocol", words=lambda p: p.vocabulary.protocols, change=HOW)
    outcome: str = field("Outcome", words=lambda p: p.vocabulary.outcomes)
    limitations: tuple[str, ...] = field(
        "Limitations", "words", sent="limitation", words=lambda p: p.vocabulary.limitations, heading="Limited by",
        change=HOW)
    modifiers: tuple[str, ...] = field(
        "Modifiers", "words", sent="modifier", words=lambda p: p.vocabulary.modifiers, review="Technique", change=HOW)
    report: str = field("Report", "text", "report", limit=REPORT_LIMIT, heading="")
    procedure: str = field(
        "Guided procedure", part="procedure", words=lambda p: p.vocabulary.procedures, empty="None", dropdown=True,
        optional=False, review="Procedure", change=DONE, export="Procedure")
    procedure_role: str = field(
        "Your part in it", part="procedure", words=lambda p: p.vocabulary.procedure_roles, optional=False,
        heading="Part in it", review="Student's part", change=DONE, export="Part in procedure")
    age_band: str = field(
        "Age band", part="patient", words=lambda p: p.age_bands, dropdown=True, hint="A band, never a date of birth.",
        heading="Patient", change=BAND_OR_SEX)
    sex: str = field("Sex", part="patient", words=lambda p: p.sexes, heading="Patient", change=BAND_OR_SEX)
    mentor: int | None = field(
        "Mentor", "id", "carried", empty="Choose your mentor", dropdown=True, optional=False, review="", change="")
    site: int | None = field("Site", "id", "carried", empty="", dropdown=True, optional=False, change="")
    machine: str = field("Machine", "name", "carried", dropdown=True, change=HOW)
    transducer: str = field(
        "Transducer", part="carried", words=lambda p: p.vocabulary.transducers, dropdown=True, review="Technique",
        change=HOW)
    # fmt: on
    report_base: str | None = None  # what had been composed when `report` was last shown; None: not known

    def is_empty(self) -> bool:
        """Whether nothing was entered that says anything about a scan."""
        about = (self.support, self.region, self.side, self.findings, self.normal, self.report.strip(), self.indication)
        return not any(about) and not self.procedure


# The order of the table is that of a spreadsheet's columns.
FIELDS: tuple[Field, ...] = tuple(
    Field(name=one.name, **{"sent": one.name, **one.metadata}) for one in dataclasses.fields(Entry) if one.metadata
)
ON_THE_FORM = tuple(sorted(FIELDS, key=lambda one: PARTS.index(one.part)))
TYPED = tuple(one for one in FIELDS if one.kind == "text")
# What a version and a digest of a scan stand for: what was scanned, seen and reported, not who has it and where.
CONTENT = tuple(one.name for one in FIELDS if one.kind != "id")
LATER = frozenset(one.name for one in FIELDS if one.later)


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
