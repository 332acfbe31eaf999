"""The log form, made from the table of the scan's fields: what was sent is read into an entry, and shown again with its
errors beside their fields.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import starmap
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    ValidationError,
)
from wtforms import Field as FormField
from wtforms.validators import Optional

from blueprints.field_limits import number_in
from blueprints.scans.form_options import PlacementOptions
from rules import dates, sides
from rules.phrases import capital
from rules.programme import Programme
from rules.scan_fields import FIELDS, ON_THE_FORM, Entry, Field
from rules.vocabulary import (
    Measured,
    Pair,
    VocabularyError,
    measured_text,
    not_seen_text,
    pair_text,
    parse_measured,
    parse_not_seen,
    parse_pair,
)
from workflows.scans.scan_entry import PhoneStamp

FORM_VERSION = 2  # of these fields; goes up when a form that a phone kept could no longer be read as it is
ID_DIGITS = 15  # more than any of our numbers has, and less than a database refuses


class DayField(DateField):
    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Give the day as day, month and year.") from None


class MeasuredField(FormField):
    """Sizes, grades and levels: each has an input of its own, named by `input_name`; `measured` is read, too.

    Its data are texts as `measured_text` makes them.
    """

    PREFIX = "measured."

    @classmethod
    def input_name(cls, pair: Pair, measure: str) -> str:
        return f"{cls.PREFIX}{pair_text(pair)} | {measure}"

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        super().process(formdata, *args, **kwargs)
        if formdata is not None:
            own = [(name, value) for name, value in formdata.items(multi=True) if name.startswith(self.PREFIX)]
            texts = [f"{name.removeprefix(self.PREFIX)} = {value}" for name, value in own if _text(value)]
            self.raw_data = self.data = [*formdata.getlist(self.name), *texts]


class ScanForm(FlaskForm):
    """The fields of `POST /scans`. Which words are allowed is the rules' business, so no field judges its choice."""

    report_base = HiddenField()
    scan_id = HiddenField()
    version = HiddenField()
    step = HiddenField()
    another = HiddenField()
    widened = HiddenField()  # the side that the scan was of before the other was added
    batch = HiddenField()  # one of several: the next patient's form follows
    entered_at = HiddenField()
    form = HiddenField()  # the version of the form that a phone kept

    @cached_property
    def size_errors(self) -> dict[str, list[str]]:
        """Name of a size's input -> the sentences to show beside it."""
        return {}

    def validate_mentor(self, field: FormField) -> None:
        _refuse_no_number(field, "Choose one of your mentors.")

    def validate_site(self, field: FormField) -> None:
        _refuse_no_number(field, "Choose one of your placement sites.")

    def entry(self) -> Entry:
        """What was entered. What cannot be read is left empty; a finding is kept as one that no vocabulary knows."""
        base = self.report_base.data
        values = {field.name: _read(field, self[field.sent].data) for field in FIELDS}
        return sides.without_own(Entry(**values, report_base=None if base is None else _text(base)))

    def received(self) -> dict[str, list[str]]:
        """The scan's fields as they came in, in an order of their own: what a resend is compared by."""
        sent = {field.sent: self[field.sent].raw_data or () for field in FIELDS}
        values = {name: sorted({_text(value) for value in raw} - {""}) for name, raw in sent.items()}
        return {name: found for name, found in values.items() if found}

    def stamp(self) -> PhoneStamp:
        """What the phone says of its *Save scan*. What cannot be read was not said, which is no reason for a refusal; a
        version of the form that we do not know is read as our own.
        """
        form = _number(self["form"].data)
        known = form is not None and 1 <= form <= FORM_VERSION
        return PhoneStamp(_instant(self.entered_at.data), form if known else None)

    def offer(self, programme: Programme, placements: PlacementOptions, recorded: Entry | None = None) -> None:
        """Put in what can be chosen, and what the scan says already (`recorded`), offered still or not."""
        several = len(placements.sites) > 1
        own = {
            "mentor": [SelectChoice(str(number), name) for number, name in placements.mentors],
            "site": [SelectChoice(str(number), name) for number, name in placements.sites],
            "machine": [
                SelectChoice(name, name, optgroup=site if several else None) for site, name in placements.machines
            ],
        }
        procedures = programme.vocabulary.procedures_of(self["region"].data or "")
        chosen = [self["procedure"].data] if self["procedure"].data in programme.vocabulary.procedures else []
        own["procedure"] = [SelectChoice(one, capital(one)) for one in dict.fromkeys((*procedures, *chosen))]
        machine = self["machine"].data
        if machine and machine not in {choice.value for choice in own["machine"]}:
            own["machine"].append(SelectChoice(machine, machine))  # it has left the site since
        for field in FIELDS:
            if field.words or field.name in own:
                words = list(own.get(field.name) or starmap(SelectChoice, field.choices(programme).items()))
                self[field.sent].choices = _with_nothing(field, words + _gone(field, words, recorded, programme))

    def add_errors(self, problems: Mapping[str, Sequence[str]]) -> None:
        """Show these sentences beside their fields; what belongs to none stands above the form."""
        for name, sentences in problems.items():
            if name.startswith(MeasuredField.PREFIX):
                self.size_errors[name] = list(sentences)
            elif name in self and not isinstance(self[name], HiddenField):
                self[name].errors = list(sentences)
            else:
                self.form_errors.extend(sentences)


def _control(field: Field) -> FormField:
    """The form's field for a field of the scan."""
    match field.kind:
        case "day":
            return DayField(field.label, [Optional()])
        case "text":
            return TextAreaField(field.label, render_kw={"maxlength": field.limit})
        case "words" | "pairs" | "structures" | "not_seen":
            return SelectMultipleField(field.label, validate_choice=False)
        case "measured":
            return MeasuredField(field.label)
        case _:
            return (SelectField if field.dropdown else RadioField)(field.label, validate_choice=False)


for _field in ON_THE_FORM:
    setattr(ScanForm, _field.sent, _control(_field))


def values_of(entry: Entry, today: date) -> dict[str, Any]:
    """The form's values that show this entry."""
    return {field.sent: _shown(field, getattr(entry, field.name), today) for field in FIELDS}


def step_of(text: str | None) -> int | None:
    """A step as sent; None when none was, 0, which no timeline has, when it is not a number."""
    return number_of(text) if _text(text) else None


def number_of(text: str | None) -> int:
    """A version as sent; 0, which no scan has, when it is not a number."""
    return _number(text) or 0


def _read(field: Field, data: Any) -> Any:
    """The entry's value of what the form's field read."""
    match field.kind:
        case "day":
            return data
        case "id":
            return _number(data)
        case "pairs":
            return sides.joined(map(_pair, _lines(data)))
        case "structures":
            return sides.joined_texts(_lines(data))
        case "not_seen":
            return sides.joined(map(parse_not_seen, _lines(data)))
        case "measured":
            return tuple(dict.fromkeys(map(_measured, _lines(data))))
        case "words":
            return _lines(data)
        case _:
            return _text(data)


def _shown(field: Field, value: Any, today: date) -> Any:
    """The form's value of an entry's; None: no radio is chosen, not even "Not stated"."""
    match field.kind:
        case "day":
            return value or today
        case "id":
            return "" if value is None else str(value)
        case "pairs":
            return [pair_text(pair) for pair in value]
        case "not_seen":
            return [not_seen_text(one) for one in value]
        case "measured":
            return [measured_text(one) for one in value]
        case "words" | "structures":
            return list(value)
        case _:
            return value or None


def _gone(
    field: Field, offered: Sequence[SelectChoice], recorded: Entry | None, programme: Programme
) -> list[SelectChoice]:
    """What the scan says in a field and is not offered any more, so that it stays until the student changes it."""
    if recorded is None or not field.words or not field.kind.startswith("word"):
        return []
    value, known = getattr(recorded, field.name), {choice.value for choice in offered}
    words = value if isinstance(value, tuple) else (value,)
    return [
        SelectChoice(one, f"{capital(field.shown(programme, one))} (as recorded)")
        for one in words
        if one and one not in known
    ]


def _with_nothing(field: Field, choices: list[SelectChoice]) -> list[SelectChoice]:
    """The choices with the one of nothing: first in a list that opens, last among chips."""
    if not field.empty or field.kind == "words":
        return choices
    nothing = SelectChoice("", field.empty)
    return [nothing, *choices] if field.dropdown else [*choices, nothing]


def _refuse_no_number(field: FormField, sentence: str) -> None:
    if _text(field.data) and _number(field.data) is None:
        raise ValidationError(sentence)


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


def _measured(text: str) -> Measured:
    try:
        return parse_measured(text)
    except VocabularyError:
        return Measured(Pair("", text), "", "")


def _instant(text: str | None) -> datetime | None:
    """An ISO 8601 instant, in UTC; None when it is none, does not say where its clock stands, or cannot be meant."""
    try:
        at = datetime.fromisoformat(_text(text))
        return at.astimezone(UTC) if at.tzinfo and dates.can_be(at.date()) else None
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> int | None:
    return number_in(_text(text), ID_DIGITS)


def seen_version() -> dict[str, Any]:
    """The version and the last step of the scan's timeline that the student saw; no step in older forms."""
    sent = request.values
    return {"version": number_of(sent.get("version")), "step": step_of(sent.get("step"))}
