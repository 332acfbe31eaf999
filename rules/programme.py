"""What a programme asks (R1 to R6, R13 to R16, R22), read from its data file. Nothing of a course is in the code."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StrictInt, ValidateAs, with_config

from rules import data_file, vocabulary
from rules.data_file import (
    CLOSED,
    DataFileError,
    Flag,
    Number,
    Positive,
    Tables,
    Text,
    TextOrNone,
    Texts,
    TextsOrNone,
    Whole,
)
from rules.professional_register import Register
from rules.vocabulary import Vocabulary

SUPPORTS = ("aided", "unaided")
MOST_SHARE_DAYS = 90  # a link to somebody's portfolio is forgotten sooner than it is taken back
Positives = Annotated[
    tuple[Positive, ...], Field(min_length=1, description="a list of whole numbers above 0, at least one")
]
Years = Annotated[StrictInt, Field(ge=0, le=100, description="a whole number of years, 0 to 100")]
Months = Annotated[StrictInt, Field(ge=1, le=600, description="a whole number of months, 1 to 600")]
Minutes = Annotated[StrictInt, Field(ge=1, le=240, description="a whole number of minutes, 1 to 240")]
Days = Annotated[StrictInt, Field(ge=1, le=60, description="a whole number of days, 1 to 60")]
Composed = Annotated[Literal["send", "mark", "hold"], Field(description="one of send, mark, hold")]


class ProgrammeError(DataFileError):
    """A programme's file is wrong. The message names the key and says what it takes."""


def _timezone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, LookupError):
        raise ValueError from None
    return zone


@dataclass(frozen=True)
class Support:
    """Aided or unaided: how many scans of the kind are asked (R2) and what the word means (R3)."""

    key: ClassVar[str]
    name: Text
    hint: Text
    definition: Text
    total: Positive
    counts_when: str


# R2: what makes a scan of each kind count. The database holds an aided scan to its audit; a file cannot say otherwise.


@dataclass(frozen=True)
class Aided(Support):
    key = SUPPORTS[0]
    counts_when: Annotated[Literal["audited"], Field(description="one of audited")]


@dataclass(frozen=True)
class Unaided(Support):
    key = SUPPORTS[1]
    counts_when: Annotated[Literal["approved"], Field(description="one of approved")]


@dataclass(frozen=True)
class Supports:
    """The two kinds, as the file has them."""

    aided: Aided
    unaided: Unaided


@dataclass(frozen=True)
class Audit:
    """What an audit is, and after how many days a scan waits for it too long."""

    definition: Text
    overdue_days: Whole


@dataclass(frozen=True)
class Target:
    """One area of breadth (R5): the vocabulary's regions in it, and how many scans to aim for (None: no aim)."""

    key: Text
    name: Text
    short: Text
    regions: Texts
    target: Positive | None = None


@dataclass(frozen=True)
class Component:
    """One assessed piece of a module (R14, R15): pass/fail, or a weight in per cent."""

    key: Text
    name: Text
    length: TextOrNone = ""  # "2,000 words", "30 minutes"
    weight: Positive | None = None
    pass_fail: Flag = False
    portfolio: Flag = False  # the one that asks for the scans (R17)

    def __post_init__(self) -> None:
        if self.pass_fail and self.weight is not None:
            raise ValueError(f"weight takes nothing beside pass_fail = true, not {self.weight}.")
        if not self.pass_fail and self.weight is None:
            raise ValueError("weight is missing: it takes a whole number of at least 1.")


@dataclass(frozen=True)
class Module:
    """A module (R13) with its credits, semesters and assessed components."""

    key: Text
    name: Text
    credits: Positive
    semesters: Positives
    components: Annotated[tuple[Component, ...], Tables]

    def __post_init__(self) -> None:
        weights = [one.weight for one in self.components if one.weight is not None]
        if weights and sum(weights) != 100:
            raise ValueError(f"components take weights with a sum of 100, not {sum(weights)}.")


@dataclass(frozen=True)
class Pace:
    """When a student is ahead, behind or at risk: numbers of scans, except weeks and days where named."""

    window_weeks: Positive  # the recent rate is taken over these
    ahead_by: Positive
    behind_by: Positive
    at_risk_by: Positive
    most_a_week: Positive  # no week has room for more: who needs more is at risk
    silent_days: Positive  # no scan logged for so long is a risk
    mentor_silent_days: Positive  # for scans that wait so long somebody must act
    forecast_from: Positive  # with fewer that came to count in the window no forecast is made
    gap_percent: Whole  # an area with less of its share of the scans is a gap in the case mix

    def __post_init__(self) -> None:
        if self.at_risk_by < self.behind_by:
            raise ValueError(f"at_risk_by takes at least behind_by ({self.behind_by}), not {self.at_risk_by}.")


@dataclass(frozen=True)
class Reports:
    """What may happen to a report that only the taps have written: "send", "mark" or "hold"."""

    composed_normal: Composed
    composed_abnormal: Composed


@dataclass(frozen=True)
class Portfolio:
    """How a portfolio leaves: how long a link that shares one may work, and what the student declares of it."""

    share_days: Positive
    declaration: Text

    def __post_init__(self) -> None:
        if self.share_days > MOST_SHARE_DAYS:
            raise ValueError(f"share_days takes at most {MOST_SHARE_DAYS}, not {self.share_days}.")


@dataclass(frozen=True)
class Retention:
    """Until when what is whose is kept (R22): rules/retention.py counts from the end of the course."""

    graduates_read_years: Years = 2
    portfolio_years: Years = 2
    left_months: Months = 12
    editions_years: Years = 6
    sign_ins_days: Annotated[StrictInt, Field(ge=1, le=3650, description="a whole number of days, 1 to 3650")] = 90


@dataclass(frozen=True)
class People:
    """How long an invitation is good: of a code that is scanned, and of one that goes by mail."""

    invitation_minutes: Minutes = 15
    invitation_days: Days = 7


@dataclass(frozen=True)
class Named:
    """The name of the vocabulary's file, which is beside the programme's."""

    vocabulary: Text


@with_config(CLOSED)
@dataclass(frozen=True)
class Programme:
    """A course as data. `supports` has the keys "aided" and "unaided", in that order."""

    key: Text
    name: Text
    short_name: Text
    institution: Text
    accredited_by: Text
    award: Text
    level: Positive
    months: Positive
    starts_in: Text
    application_code: Text
    timezone: Annotated[Text, AfterValidator(_timezone), Field(description='a time zone such as "Europe/London"')]
    vocabulary: Vocabulary
    supports: Annotated[dict[str, Support], ValidateAs(Supports, vars)]
    audit: Audit
    hours_per_week: Number
    hours_note: Text
    pass_mark: Whole
    modules: Annotated[tuple[Module, ...], Tables]
    breadth: Annotated[tuple[Target, ...], Tables]
    pace: Pace
    reports: Reports
    portfolio: Portfolio
    duplicate_minutes: Whole  # within which a scan may be of the patient of the one before (R4)
    undo_seconds: Positive
    undo_grace_seconds: Whole
    age_bands: Texts
    sexes: Texts
    procedures_count: Flag
    machines_first: TextsOrNone = ()
    log_during_interruption: Flag = False  # a scan may be dated within an interruption of its student's study
    failed_audit_counts: Flag = False  # a mentor may count a scan whose audit is a failed one
    register: Register = Register()  # what a graduate may apply to, and what it asks
    retention: Retention = Retention()
    people: People = People()

    def __post_init__(self) -> None:
        known = self.vocabulary.regions
        for number, area in enumerate(self.breadth):
            where, before = f"breadth[{number + 1}]", self.breadth[:number]
            regions = data_file.shown(list(area.regions))
            if not set(area.regions) <= set(known):
                takes = f"ids of the vocabulary's regions ({', '.join(known)})"
                raise ValueError(f"{where}.regions takes {takes}, not {regions}.")
            if any(set(area.regions) & set(other.regions) for other in before):
                raise ValueError(f"{where}.regions takes regions that no other area of breadth has, not {regions}.")
            if area.key in [other.key for other in before]:
                raise ValueError(f"{where}.key takes a key that no other area of breadth has, not {area.key!r}.")

    def counts_apart(self, procedure: str) -> bool:
        """Whether a scan with this guided procedure ("" for none) is counted apart from the others (R4)."""
        return bool(procedure) and not self.procedures_count

    @property
    def audit_definition(self) -> str:
        return self.audit.definition

    @property
    def audit_overdue_days(self) -> int:
        return self.audit.overdue_days

    @cached_property
    def total(self) -> int:
        """How many scans the portfolio asks (R1): the sum of its kinds (R2)."""
        return sum(support.total for support in self.supports.values())

    @property
    def credits(self) -> int:
        """The credits of all modules together (R13)."""
        return sum(module.credits for module in self.modules)

    def support(self, key: str) -> Support:
        """The kind of this key; KeyError for any other word."""
        return self.supports[key]

    def target_of(self, region: str) -> Target | None:
        """The area of breadth that a region of the vocabulary belongs to, if any."""
        return next((target for target in self.breadth if region in target.regions), None)

    def local(self, now: datetime) -> datetime:
        """An instant on the programme's own clock. A time without a zone is taken as UTC, as it is stored."""
        aware = now if now.tzinfo else now.replace(tzinfo=UTC)
        return aware.astimezone(ZoneInfo(self.timezone))

    @property
    def undo_window(self) -> timedelta:
        """How long an undo is accepted: what is shown to the mentor, and a slow network on top."""
        return timedelta(seconds=self.undo_seconds + self.undo_grace_seconds)

    def today(self, now: datetime) -> date:
        """The programme's day at this instant (UTC)."""
        return self.local(now).date()


def load(path: Path | str, load_vocabulary: Callable[[Path], Vocabulary] = vocabulary.load) -> Programme:
    """Read a programme's file, and its vocabulary beside it by `load_vocabulary`.
    Raises ProgrammeError when a file is not there, not TOML, or wrong; the message names the file and the key.
    """
    folder = Path(path).parent
    return data_file.load(path, lambda data: parse(data, load_vocabulary(folder / _named(data))), ProgrammeError)


def parse(data: Mapping[str, Any], words: Vocabulary) -> Programme:
    """Make a programme of a parsed file and the vocabulary that it names.
    Raises ProgrammeError: naming the key and what it takes.
    """
    _named(data)
    return data_file.read(Programme, {**_with_retention(data), "vocabulary": words}, ProgrammeError)


def _with_retention(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A file from before there was [retention] has one number of it, under another name."""
    if "retention" in data or "read_access_years_after" not in data:
        return data
    rest = {key: value for key, value in data.items() if key != "read_access_years_after"}
    return {**rest, "retention": {"graduates_read_years": data["read_access_years_after"]}}


def _named(data: Mapping[str, Any]) -> str:
    return data_file.read(Named, data, ProgrammeError).vocabulary
