"""The checks of what a student enters for one scan: whether it can be kept, and what it still lacks to be sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from rules import dates
from rules import report as reports
from rules.phrases import day as day_text
from rules.programme import Programme
from rules.scan_fields import FIELDS, REPORT_LIMIT, TYPED, Entry
from rules.vocabulary import Vocabulary

BASE_LIMIT = 10_000  # characters of what had been composed: every finding of a region, ticked, makes about 6,000
OWN_WORDS = "your own words: an abnormal scan needs them here"

Problems = dict[str, list[str]]  # the field's name in the form -> the sentences to show beside it


def problems(programme: Programme, entry: Entry, *, today: date, enrolled_on: date) -> Problems:
    """Why this entry cannot be kept even as a draft. Empty when it can.

    Args:
        today: the day in the programme's time zone.
        enrolled_on: first day that counts for this student.
    """
    found: Problems = {}
    if entry.is_empty():
        _add(found, "region", "Choose a region: there is nothing to save yet.")
    _check_words(programme, entry, found)
    _check_region_words(programme, entry, found)
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
        "findings, or all normal": entry.findings or entry.normal or entry.procedure,
    }
    lacks = [name for name, given in needed.items() if not given]
    if not lacks and not placed:
        return ["site"]
    if not lacks and not entry.procedure and reports.may_send(programme, entry, own_words) == "hold":
        return [OWN_WORDS]
    return lacks


def only_of_its_region(words: Vocabulary, entry: Entry) -> Entry:
    """The entry without the findings, normals and indication that its region does not know: what stays of it when the
    region changes.
    """
    region = words.regions.get(entry.region)
    return replace(
        entry,
        findings=tuple(pair for pair in entry.findings if words.known_pair(entry.region, pair)),
        normal=tuple(one for one in entry.normal if region and (one == "all" or one in region.structures)),
        indication=entry.indication if region and entry.indication in region.indications else "",
    )


def _add(found: Problems, name: str, sentence: str) -> None:
    found.setdefault(name, []).append(sentence)


def _check_words(programme: Programme, entry: Entry, found: Problems) -> None:
    """Every word is one of the programme's."""
    for field in FIELDS:
        if field.words is None:
            continue
        known, value = field.words(programme), getattr(entry, field.name)
        if field.kind == "words" and any(word not in known for word in value):
            _add(found, field.sent, "Choose from the list.")
        elif field.kind == "word" and value and value not in known:
            _add(found, field.sent, "Choose one of the list.")


def _check_region_words(programme: Programme, entry: Entry, found: Problems) -> None:
    """Indication, findings and normal structures are those of the region."""
    words = programme.vocabulary
    region = words.regions.get(entry.region)
    if region is None:
        if entry.indication:
            _add(found, "region", "Choose the region that this indication belongs to.")
        if entry.findings or entry.normal:
            _add(found, "region", "Choose the region that these findings belong to.")
        return
    name = region.name.lower()
    if entry.indication and entry.indication not in region.indications:
        _add(found, "indication", f"Choose one of the indications for {name}.")
    if any(not words.known_pair(region.id, pair) for pair in entry.findings):
        _add(found, "finding", f"Choose findings of the {name} list.")
    if any(one != "all" and one not in region.structures for one in entry.normal):
        _add(found, "normal", f"Choose structures of the {name} list.")
    for one in dict.fromkeys(pair.structure for pair in entry.findings):
        if one in entry.normal and one in region.structures:
            structure = region.structures[one].name
            _add(found, "finding", f"{structure} is marked normal and has a finding. Keep one of them.")


def _check_day(day: date | None, today: date, enrolled_on: date, found: Problems) -> None:
    days = f"Choose a day from {day_text(enrolled_on)} to today, {day_text(today)}."
    if day and not dates.can_be(day):
        _add(found, "scanned_on", f"{dates.SENTENCE} {days}")
    elif day and day > today:
        _add(found, "scanned_on", f"This day has not come yet. {days}")
    if day and day < enrolled_on:
        began = f"Your enrolment began on {day_text(enrolled_on)}: an earlier scan cannot be in this portfolio."
        _add(found, "scanned_on", f"{began} {days}")
