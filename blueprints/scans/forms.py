"""The log form: what was sent is read into an entry; a page shows it again, errors beside their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField, HiddenField, RadioField, SelectChoice, SelectField, SelectMultipleField, TextAreaField

from blueprints.scans.form_options import Placements
from rules import dates
from rules.entry import Entry
from rules.programme import Programme
from rules.vocabulary import Pair, Vocabulary, VocabularyError, pair_text, parse_pair
from workflows.refusals import Invalid
from workflows.scans.scan_entry import Saved

ONE = (
    *("support", "region", "side", "protocol", "scanned_on", "indication", "outcome", "report", "age_band", "sex"),
    *("mentor", "site", "machine", "transducer", "procedure", "procedure_role"),
)
WORDS = tuple(name for name in ONE if name not in ("scanned_on", "mentor", "site"))
SEVERAL = ("finding", "normal", "limitation", "modifier")
FORM_VERSION = 1  # of these fields; goes up when a form that a phone kept could no longer be read as it is
UNSAID = SelectChoice("", "Not stated")
ID_DIGITS = 15  # more than any of our numbers has, and less than a database refuses


class ScanForm(FlaskForm):
    """The fields of `POST /scans` as a page shows them. It takes longer to make than what was sent takes to be read, so
    it is made when it is shown; which words are allowed is the rules' business, so no field judges its choice.
    """

    support = RadioField("Support", validate_choice=False)
    region = RadioField("Region", validate_choice=False)
    side = RadioField("Side", validate_choice=False)
    finding = SelectMultipleField("Findings", validate_choice=False)
    normal = SelectMultipleField("Normal", validate_choice=False)
    indication = RadioField("Indication", validate_choice=False)
    report = TextAreaField("Report")
    report_base = HiddenField()
    protocol = RadioField("Protocol", validate_choice=False)
    outcome = RadioField("Outcome", validate_choice=False)
    limitation = SelectMultipleField("Limitations", validate_choice=False)
    modifier = SelectMultipleField("Modifiers", validate_choice=False)
    procedure = SelectField("Guided procedure", validate_choice=False)
    procedure_role = RadioField("Your part in it", validate_choice=False)
    age_band = SelectField("Age band", validate_choice=False)
    sex = RadioField("Sex", validate_choice=False)
    scanned_on = DateField("Date")
    mentor = SelectField("Mentor", validate_choice=False)
    site = SelectField("Site", validate_choice=False)
    machine = SelectField("Machine", validate_choice=False)
    transducer = SelectField("Transducer", validate_choice=False)
    scan_id = HiddenField()
    version = HiddenField()
    step = HiddenField()
    another = HiddenField()

    def offer(self, programme: Programme, placements: Placements) -> None:
        """Put in what can be chosen."""
        words = programme.vocabulary
        self.support.choices = [SelectChoice(one.key, one.name) for one in programme.supports.values()]
        self.region.choices = [SelectChoice(region.id, region.name) for region in words.regions.values()]
        self.side.choices = _choices(words.sides)
        self.protocol.choices = [*_choices(words.protocols), UNSAID]
        self.outcome.choices = [*_choices(words.outcomes), UNSAID]
        self.limitation.choices, self.modifier.choices = _choices(words.limitations), _choices(words.modifiers)
        self.procedure.choices = [SelectChoice("", "None"), *_choices(words.procedures)]
        self.procedure_role.choices = [*_choices(words.procedure_roles), UNSAID]
        self.age_band.choices = [UNSAID, *_choices(programme.age_bands)]
        self.sex.choices = [*_choices(programme.sexes), UNSAID]
        self.transducer.choices = [UNSAID, *_choices(words.transducers)]
        self.mentor.choices = [SelectChoice("", "Choose your mentor"), *_pairs(placements.mentors)]
        self.site.choices = _pairs(placements.sites)
        self.machine.choices = [UNSAID, *_grouped(placements.machines, len(placements.sites) > 1)]
        _keep(self.machine)

    def complain(self, problems: Mapping[str, Sequence[str]]) -> None:
        """Show these sentences beside their fields; what belongs to none stands above the form."""
        for name, sentences in problems.items():
            if name in self and not isinstance(self[name], HiddenField):
                self[name].errors = list(sentences)
            else:
                self.form_errors.extend(sentences)


# What a resend is compared by: every field of the form but those that say of which scan it is, what the student saw of
# it, and what the server had composed.
BESIDE = ("scan_id", "version", "step", "another", "report_base")
RECEIVED = tuple(name for name in vars(ScanForm) if name[0] != "_" and name not in (*BESIDE, "offer", "complain"))


def entry_of(sent: MultiDict[str, str]) -> Entry:
    """What was entered. A finding that cannot be read is kept as one that no vocabulary knows."""
    return Entry(
        **{name: _text(sent.get(name)) for name in WORDS},
        scanned_on=_day(sent.getlist("scanned_on")),
        findings=tuple(dict.fromkeys(_pair(text) for text in _lines(sent.getlist("finding")))),
        normal=_lines(sent.getlist("normal")),
        limitations=_lines(sent.getlist("limitation")),
        modifiers=_lines(sent.getlist("modifier")),
        report_base=_text(sent["report_base"]) if "report_base" in sent else None,
        mentor=_number(sent.get("mentor")),
        site=_number(sent.get("site")),
    )


def readable_entry(sent: MultiDict[str, str]) -> Entry:
    """What was entered.

    Raises:
        Invalid: a day or a number that cannot be read as one: field -> sentences.
    """
    entry = entry_of(sent)
    unread = {
        "scanned_on": "Give the day as day, month and year.",
        "mentor": "Choose one of your mentors.",
        "site": "Choose one of your placement sites.",
    }
    wrong = {name: [why] for name, why in unread.items() if getattr(entry, name) is None and _text(sent.get(name))}
    if wrong:
        raise Invalid(wrong)
    return entry


def values_of(entry: Entry, today: date) -> dict[str, Any]:
    """The form's values that show this entry."""
    values = {name: getattr(entry, name) or None for name in ONE}  # None: no radio is chosen, not even "Not stated"
    values |= {name: "" if values[name] is None else str(values[name]) for name in ("mentor", "site")}
    values["scanned_on"] = entry.scanned_on or today
    values |= {"finding": [pair_text(pair) for pair in entry.findings], "normal": list(entry.normal)}
    return values | {"limitation": list(entry.limitations), "modifier": list(entry.modifiers)}


def received(sent: MultiDict[str, str]) -> dict[str, list[str]]:
    """The scan's fields as they came in, in an order of their own: what a resend is compared by."""
    values = {name: sorted({_text(value) for value in sent.getlist(name)} - {""}) for name in RECEIVED}
    return {name: found for name, found in values.items() if found}


def saved(sent: Mapping[str, str]) -> Saved:
    """What the phone says of its *Save scan*. What cannot be read was not said, which is no reason for a refusal; a
    version of the form that we do not know is read as our own.
    """
    form = _number(sent.get("form"))
    return Saved(_instant(sent.get("entered_at")), form if form is not None and 1 <= form <= FORM_VERSION else None)


def step_of(text: str | None) -> int | None:
    """A step as sent; None when none was, 0, which no story has, when it is not a number."""
    return number_of(text) if _text(text) else None


def number_of(text: str | None) -> int:
    """A version as sent; 0, which no scan has, when it is not a number."""
    return _number(text) or 0


def applicable(words: Vocabulary, entry: Entry) -> dict[str, Any]:
    """The findings, normals and indication of an entry that its region knows: what stays when the region changes."""
    region = words.regions.get(entry.region)
    return {
        "findings": tuple(pair for pair in entry.findings if words.known_pair(entry.region, pair)),
        "normal": tuple(one for one in entry.normal if region and (one == "all" or one in region.structures)),
        "indication": entry.indication if region and entry.indication in region.indications else "",
    }


def _choices(words: Sequence[str]) -> list[SelectChoice]:
    return [SelectChoice(word, word[:1].upper() + word[1:]) for word in words]


def _pairs(pairs: Sequence[tuple[int, str]]) -> list[SelectChoice]:
    return [SelectChoice(str(number), name) for number, name in pairs]


def _grouped(machines: Sequence[tuple[str, str]], several_sites: bool) -> list[SelectChoice]:
    return [SelectChoice(name, name, optgroup=site if several_sites else None) for site, name in machines]


def _keep(machine: SelectField) -> None:
    """A machine that has left the site since stays chosen for the scan that was made on it."""
    if machine.data and machine.data not in {choice.value for choice in machine.choices}:
        machine.choices.append(SelectChoice(machine.data, machine.data))


def _text(value: str | None) -> str:
    """Typed text as it is kept: one kind of line end, and no NUL, which databases refuse."""
    return (value or "").replace("\r\n", "\n").replace("\x00", "").strip()


def _lines(values: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(_text, values or ()))))


def _pair(text: str) -> Pair:
    try:
        return parse_pair(text)
    except VocabularyError:
        return Pair("", text)


def _day(texts: Sequence[str]) -> date | None:
    """The day, as a browser sends it; None when it is none, or more than one."""
    try:
        return datetime.strptime(" ".join(texts), "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def _instant(text: str | None) -> datetime | None:
    """An ISO 8601 instant, in UTC; None when it is none, does not say where its clock stands, or cannot be meant."""
    try:
        at = datetime.fromisoformat(_text(text))
        return at.astimezone(UTC) if at.tzinfo and dates.can_be(at.date()) else None
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> int | None:
    text = _text(text)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= ID_DIGITS else None
