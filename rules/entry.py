"""The checks of what a student enters for one scan: whether it can be kept, and what it still lacks to be sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from rules import dates, measures
from rules import report as reports
from rules.calendar import Absence, interruption_on
from rules.phrases import day as day_text
from rules.programme import Programme
from rules.scan_fields import FIELDS, REPORT_LIMIT, TYPED, Entry
from rules.vocabulary import Pair, Region, Vocabulary, pair_text, split_side

BASE_LIMIT = 10_000  # characters of what had been composed: every finding of a region, ticked, makes about 6,000
OWN_WORDS = "your own words: an abnormal scan needs them here"

ALL = "all"  # of the structures
Problems = dict[str, list[str]]  # the field's name in the form -> the sentences to show beside it


def problems(
    programme: Programme, entry: Entry, *, today: date, enrolled_on: date, recorded: Entry | None = None
) -> Problems:
    """Why this entry cannot be kept even as a draft. Empty when it can.

    Args:
        today: the day in the programme's time zone.
        enrolled_on: first day that counts for this student.
        recorded: what the scan says already, where it is corrected: words that the vocabulary has lost since may stay.
    """
    found: Problems = {}
    if entry.is_empty():
        _add(found, "region", "Choose a region: there is nothing to save yet.")
    recorded = recorded or Entry()
    _check_words(programme, entry, recorded, found)
    _check_region_words(programme, entry, recorded, found)
    _check_sides(programme, entry, found)
    _check_sizes(programme, entry, recorded, found)
    _check_day(entry.scanned_on, today, enrolled_on, found)
    for field in TYPED:
        if sentence := too_long(getattr(entry, field.name), field.limit, a_report=field.name == "report"):
            _add(found, field.sent, sentence)
    if len(entry.report_base or "") > BASE_LIMIT:
        _add(found, "report_base", "The form has lost its draft. Reload it; what you entered can be copied.")
    if entry.procedure and not entry.procedure_role:
        _add(found, "procedure_role", "Say what your part in the procedure was.")
    if entry.procedure_role and not entry.procedure:
        _add(found, "procedure", "Choose the procedure, or leave your part in it empty.")
    return found


def interrupted(on: date, absences: Sequence[Absence]) -> str:
    """The sentence for a day on which study was interrupted; empty for any other."""
    found = interruption_on(on, absences)
    if found is None:
        return ""
    until = f" until {day_text(found.until_on)}" if found.until_on else ""
    return (
        f"Your study is interrupted from {day_text(found.from_on)}{until}, so no scan of that time can be logged."
        " Choose the day of the scan; if it is this one, ask your course director."
    )


def too_long(text: str, limit: int = REPORT_LIMIT, *, a_report: bool = True) -> str:
    """The sentence for a text that is longer than `limit`; empty when it is not."""
    most = "A report has at most" if a_report else "At most"
    return f"{most} {limit:,} characters; this one has {len(text):,}." if len(text) > limit else ""


def missing(programme: Programme, entry: Entry, *, placed: bool = True, own_words: bool = True) -> list[str]:
    """What the entry lacks before a mentor can judge it, in the person's words.

    Args:
        placed: the student has a placement at this site with this mentor.
        own_words: the student wrote at least a word of the report.
    """
    needed = {
        "support": entry.support,
        "region": entry.region,
        "side": entry.side,
        "mentor": entry.mentor is not None,
        "findings, or all normal": entry.findings or entry.normal or entry.not_seen or entry.procedure,
    }
    lacks = [name for name, given in needed.items() if not given]
    if not lacks and not placed:
        return ["site"]
    if not lacks and not entry.procedure and reports.may_send(programme, entry, own_words) == "hold":
        return [OWN_WORDS]
    return lacks


# What `missing` names -> the field of the form in which it is said.
FIELD_OF = {
    **{name: name for name in ("support", "region", "side", "mentor", "site")},
    "findings, or all normal": "findings",
    OWN_WORDS: "report",
}


def only_of_its_region(words: Vocabulary, entry: Entry, recorded: Entry | None = None) -> Entry:
    """The entry without the findings, structures and indication that its region does not know: what stays of it when
    the region changes.
    `recorded`: what the scan says already: that stays in its own region, whatever the vocabulary has lost since.
    """
    region, known = words.regions.get(entry.region), _Known(words, entry.region, recorded or Entry())
    return replace(
        entry,
        findings=tuple(filter(known.pair, entry.findings)),
        normal=tuple(one for one in entry.normal if region and known.structure(split_side(one)[1])),
        not_seen=tuple(one for one in entry.not_seen if known.structure(one.structure)),
        measured=tuple(one for one in entry.measured if known.pair(one.pair)),
        indication=entry.indication if known.indication(entry.indication) else "",
    )


@dataclass(frozen=True)
class _Known:
    """Which words of a region an entry may have: those of the vocabulary, and those that the scan has already."""

    words: Vocabulary
    region: str
    recorded: Entry

    @cached_property
    def _before(self) -> Entry:
        return self.recorded if self.recorded.region == self.region else Entry()

    def pair(self, pair: Pair) -> bool:
        bare = replace(pair, side="")
        before = {replace(one, side="") for one in self._before.findings}
        return self.words.known_pair(self.region, bare) or bare in before

    def structure(self, structure: str) -> bool:
        region = self.words.regions.get(self.region)
        before = {split_side(one)[1] for one in self._before.normal} | {one.structure for one in self._before.not_seen}
        return structure == ALL or (region is not None and structure in region.structures) or structure in before

    def indication(self, indication: str) -> bool:
        region = self.words.regions.get(self.region)
        return (region is not None and indication in region.indications) or indication == self._before.indication


def _add(found: Problems, name: str, sentence: str) -> None:
    found.setdefault(name, []).append(sentence)


def _check_words(programme: Programme, entry: Entry, recorded: Entry, found: Problems) -> None:
    """Every word is one of the programme's, or was recorded already."""
    for field in FIELDS:
        if field.words is None:
            continue
        known, value, before = field.words(programme), getattr(entry, field.name), getattr(recorded, field.name)
        if field.kind == "words" and any(word not in known and word not in before for word in value):
            _add(found, field.sent, "Choose from the list.")
        elif field.kind == "word" and value and value not in known and value != before:
            _add(found, field.sent, "Choose one of the list.")


def _check_region_words(programme: Programme, entry: Entry, recorded: Entry, found: Problems) -> None:
    """Indication, findings and structures are those of the region, or were recorded already."""
    words = programme.vocabulary
    region = words.regions.get(entry.region)
    if region is None and not (entry.region and entry.region == recorded.region):
        if entry.indication:
            _add(found, "region", "Choose the region that this indication belongs to.")
        if entry.findings or entry.normal or entry.not_seen:
            _add(found, "region", "Choose the region that these findings belong to.")
        return
    name = region.name.lower() if region else entry.region
    known = _Known(words, entry.region, recorded)
    if entry.indication and not known.indication(entry.indication):
        _add(found, "indication", f"Choose one of the indications for {name}.")
    if not all(map(known.pair, entry.findings)):
        _add(found, "finding", f"Choose findings of the {name} list.")
    if not all(known.structure(split_side(one)[1]) for one in entry.normal):
        _add(found, "normal", f"Choose structures of the {name} list.")
    if not all(known.structure(one.structure) and one.structure != ALL for one in entry.not_seen):
        _add(found, "not_seen", f"Choose structures of the {name} list.")
    limitations = {*words.limitations, *(one.limitation for one in recorded.not_seen), ""}
    if any(one.limitation not in limitations for one in entry.not_seen):
        _add(found, "not_seen", "Choose what limited it from the list.")
    _check_states(region, entry, found)


def _check_states(region: Region | None, entry: Entry, found: Problems) -> None:
    """On one side a structure is normal, has findings, or was not seen."""
    normal: dict[str, set[str]] = {}  # the sides on which a structure is normal
    for side, structure in map(split_side, entry.normal):
        normal.setdefault(structure, set()).add(side)
    for name, claim, given in (
        ("finding", "has a finding", dict.fromkeys((pair.structure, pair.side) for pair in entry.findings)),
        ("not_seen", "not seen", [(one.structure, one.side) for one in entry.not_seen]),
    ):
        for structure, side in given:
            if _overlap(side, normal.get(structure, set())):
                of = region.name_of(structure) if region else structure
                _add(found, name, f"{of} is marked normal and {claim}. Keep one of them.")


def _overlap(side: str, others: set[str]) -> bool:
    """Whether a side is, or may be, one of these."""
    either = {"", "both"}
    return bool(others) and (side in others or side in either or not either.isdisjoint(others))


def _check_sides(programme: Programme, entry: Entry, found: Problems) -> None:
    """A word has a side of its own only in an entry of both sides."""
    sides = {
        "finding": [pair.side for pair in entry.findings],
        "normal": [split_side(one)[0] for one in entry.normal],
        "not_seen": [one.side for one in entry.not_seen],
    }
    for name, given in sides.items():
        if any(side and side not in programme.vocabulary.sides for side in given):
            _add(found, name, "The side is left, right or both.")
        elif entry.side in ("left", "right") and any(side not in ("", entry.side) for side in given):
            other = "right" if entry.side == "left" else "left"
            _add(found, name, f"Something is of the {other} side here: choose Both as the side, or take it out.")
        elif not entry.side and any(given):
            _add(found, name, "Something has a side of its own here: choose Both as the side of the scan.")


def _check_sizes(programme: Programme, entry: Entry, recorded: Entry, found: Problems) -> None:
    """A size is of a finding that is chosen, of a kind that this may have, and can be read."""
    for one in entry.measured:
        if one in recorded.measured:
            continue
        name = f"measured.{pair_text(one.pair)} | {one.measure}"
        measure = programme.vocabulary.measures.get(one.measure)
        if not any(_is_of(one.pair, pair) for pair in entry.findings):
            _add(found, name, "This is the size of a finding that is not chosen. Choose the finding, or empty it.")
        elif measure is None or one.measure not in programme.vocabulary.measures_of(entry.region, one.pair):
            _add(found, name, "Choose a size or grade that this finding can have.")
        else:
            try:
                measures.read(measure, one.value)
            except ValueError as error:
                _add(found, name, str(error))


def _is_of(sized: Pair, pair: Pair) -> bool:
    """Whether a size of `sized` is of this finding: on its side, or on one of both."""
    return replace(sized, side=pair.side) == pair and (sized.side == pair.side or pair.side == "both")


def with_sizes_read(programme: Programme, entry: Entry) -> Entry:
    """The entry with its sizes as they are kept: "14x9" of "14 x 9 mm". It has no problems."""
    known = programme.vocabulary.measures
    values = (
        measures.read(known[one.measure], one.value) if one.measure in known else one.value for one in entry.measured
    )
    sizes = [replace(one, value=value) for one, value in zip(entry.measured, values, strict=True)]
    return replace(entry, measured=tuple(sizes))


def _check_day(day: date | None, today: date, enrolled_on: date, found: Problems) -> None:
    days = f"Choose a day from {day_text(enrolled_on)} to today, {day_text(today)}."
    if day and not dates.can_be(day):
        _add(found, "scanned_on", f"{dates.SENTENCE} {days}")
    elif day and day > today:
        _add(found, "scanned_on", f"This day has not come yet. {days}")
    if day and day < enrolled_on:
        began = f"Your enrolment began on {day_text(enrolled_on)}: an earlier scan cannot be in this portfolio."
        _add(found, "scanned_on", f"{began} {days}")
