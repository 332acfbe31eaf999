"""What a programme asks (R1 to R6, R13 to R16, R22), read from its data file. Nothing of a course is in the code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rules import vocabulary as words
from rules.data_file import DataFileError, Table
from rules.vocabulary import Vocabulary

SUPPORTS = ("aided", "unaided")
# R2: what makes a scan of each kind count. The database holds an aided scan to its audit; a file cannot say otherwise.
COUNTS_WHEN = {"aided": "audited", "unaided": "approved"}
COMPOSED = ("send", "mark", "hold")


class ProgrammeError(DataFileError):
    """A programme's file is wrong. The message names the key and says what it takes."""


@dataclass(frozen=True)
class Support:
    """Aided or unaided: how many scans of the kind are asked (R2) and what the word means (R3)."""

    key: str
    name: str
    hint: str
    definition: str
    total: int
    counts_when: str  # "audited" or "approved"


@dataclass(frozen=True)
class Target:
    """One area of breadth (R5): the vocabulary's regions in it, and how many scans to aim for (None: no aim)."""

    key: str
    name: str
    short: str
    regions: tuple[str, ...]
    target: int | None


@dataclass(frozen=True)
class Component:
    """One assessed piece of a module (R14, R15): pass/fail, or a weight in per cent."""

    key: str
    name: str
    length: str  # "2,000 words", "30 minutes", or empty
    weight: int | None  # None: pass/fail
    portfolio: bool  # the one that asks for the scans (R17)

    @property
    def pass_fail(self) -> bool:
        return self.weight is None


@dataclass(frozen=True)
class Module:
    """A module (R13) with its credits, semesters and assessed components."""

    key: str
    name: str
    credits: int
    semesters: tuple[int, ...]
    components: tuple[Component, ...]


@dataclass(frozen=True)
class Pace:
    """When a student is ahead, behind or at risk: numbers of scans, except weeks and days where named."""

    window_weeks: int  # the recent rate is taken over these
    ahead_by: int
    behind_by: int
    at_risk_by: int
    silent_days: int  # no scan logged for so long is a risk
    mentor_silent_days: int  # scans that wait so long, with none judged meanwhile, are a risk
    gap_percent: int  # an area with less of its share of the scans is a gap in the case mix


@dataclass(frozen=True)
class Reports:
    """What may happen to a report that only the taps have written: "send", "mark" or "hold"."""

    composed_normal: str
    composed_abnormal: str


@dataclass(frozen=True)
class Programme:
    """A course as data. `supports` has the keys "aided" and "unaided", in that order."""

    key: str
    name: str
    short_name: str
    institution: str
    accredited_by: str
    award: str
    level: int
    months: int
    starts_in: str
    application_code: str
    timezone: str
    vocabulary: Vocabulary
    supports: dict[str, Support]
    audit_definition: str
    audit_overdue_days: int
    hours_per_week: float
    hours_note: str
    pass_mark: int
    modules: tuple[Module, ...]
    breadth: tuple[Target, ...]
    pace: Pace
    reports: Reports
    duplicate_minutes: int
    undo_seconds: int
    undo_grace_seconds: int
    age_bands: tuple[str, ...]
    sexes: tuple[str, ...]
    procedures_count: bool
    machines_first: tuple[str, ...]
    read_access_years_after: int

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


def load(path: Path | str) -> Programme:
    """Read a programme's file, and its vocabulary beside it.

    Raises:
        ProgrammeError: when a file is not there, not TOML, or wrong; the message names the file and the key.
    """
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        beside = Table(data, ProgrammeError).text("vocabulary")
        return parse(data, words.load(path.parent / beside))
    except (OSError, ValueError) as wrong:
        raise ProgrammeError(f"{path.name}: {wrong}") from wrong


def parse(data: Mapping[str, Any], vocabulary: Vocabulary) -> Programme:
    """Make a programme of a parsed file and the vocabulary that it names.

    Raises:
        ProgrammeError: naming the key and what it takes.
    """
    file = Table(data, ProgrammeError)
    file.text("vocabulary")
    audit, kinds = file.table("audit"), file.table("supports")
    programme = Programme(
        key=file.text("key"),
        name=file.text("name"),
        short_name=file.text("short_name"),
        institution=file.text("institution"),
        accredited_by=file.text("accredited_by"),
        award=file.text("award"),
        level=file.whole("level", least=1),
        months=file.whole("months", least=1),
        starts_in=file.text("starts_in"),
        application_code=file.text("application_code"),
        timezone=_timezone(file),
        vocabulary=vocabulary,
        supports={key: _support(key, kinds.table(key)) for key in SUPPORTS},
        audit_definition=audit.text("definition"),
        audit_overdue_days=audit.whole("overdue_days"),
        hours_per_week=file.number("hours_per_week"),
        hours_note=file.text("hours_note"),
        pass_mark=file.whole("pass_mark"),
        modules=tuple(_module(table) for table in file.tables("modules")),
        breadth=_breadth(file, vocabulary),
        pace=_pace(file.table("pace")),
        reports=_reports(file.table("reports")),
        duplicate_minutes=file.whole("duplicate_minutes"),
        undo_seconds=file.whole("undo_seconds", least=1),
        undo_grace_seconds=file.whole("undo_grace_seconds"),
        age_bands=file.texts("age_bands"),
        sexes=file.texts("sexes"),
        procedures_count=file.flag("procedures_count"),
        machines_first=file.texts("machines_first", empty=True),
        read_access_years_after=file.whole("read_access_years_after"),
    )
    for table in (file, audit, kinds):
        table.done()
    return programme


def _timezone(file: Table) -> str:
    zone = file.text("timezone")
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, LookupError) as wrong:
        raise file.wrong("timezone", 'a time zone such as "Europe/London"') from wrong
    return zone


def _support(key: str, table: Table) -> Support:
    support = Support(
        key=key,
        name=table.text("name"),
        hint=table.text("hint"),
        definition=table.text("definition"),
        total=table.whole("total", least=1),
        counts_when=table.choice("counts_when", (COUNTS_WHEN[key],)),
    )
    table.done()
    return support


def _breadth(file: Table, vocabulary: Vocabulary) -> tuple[Target, ...]:
    targets: list[Target] = []
    taken: set[str] = set()
    for table in file.tables("breadth"):
        target = Target(
            key=table.text("key"),
            name=table.text("name"),
            short=table.text("short"),
            regions=table.texts("regions"),
            target=table.whole("target", least=1) if table.has("target") else None,
        )
        if not set(target.regions) <= set(vocabulary.regions):
            raise table.wrong("regions", f"ids of the vocabulary's regions ({', '.join(vocabulary.regions)})")
        if taken & set(target.regions):
            raise table.wrong("regions", "regions that no other area of breadth has")
        if target.key in {other.key for other in targets}:
            raise table.wrong("key", "a key that no other area of breadth has")
        taken |= set(target.regions)
        targets.append(target)
        table.done()
    return tuple(targets)


def _module(table: Table) -> Module:
    module = Module(
        key=table.text("key"),
        name=table.text("name"),
        credits=table.whole("credits", least=1),
        semesters=table.wholes("semesters"),
        components=tuple(_component(one) for one in table.tables("components")),
    )
    table.done()
    weights = [one.weight for one in module.components if one.weight is not None]
    if weights and sum(weights) != 100:
        raise ProgrammeError(f'The weights of the module "{module.key}" take a sum of 100, not {sum(weights)}.')
    return module


def _component(table: Table) -> Component:
    pass_fail = table.flag("pass_fail", False)
    if pass_fail and table.has("weight"):
        raise table.wrong("weight", "nothing beside pass_fail = true")
    component = Component(
        key=table.text("key"),
        name=table.text("name"),
        length=table.text("length", ""),
        weight=None if pass_fail else table.whole("weight", least=1),
        portfolio=table.flag("portfolio", False),
    )
    table.done()
    return component


def _pace(table: Table) -> Pace:
    pace = Pace(
        window_weeks=table.whole("window_weeks", least=1),
        ahead_by=table.whole("ahead_by", least=1),
        behind_by=table.whole("behind_by", least=1),
        at_risk_by=table.whole("at_risk_by", least=1),
        silent_days=table.whole("silent_days", least=1),
        mentor_silent_days=table.whole("mentor_silent_days", least=1),
        gap_percent=table.whole("gap_percent"),
    )
    table.done()
    if pace.at_risk_by < pace.behind_by:
        raise table.wrong("at_risk_by", f"at least behind_by ({pace.behind_by})")
    return pace


def _reports(table: Table) -> Reports:
    reports = Reports(table.choice("composed_normal", COMPOSED), table.choice("composed_abnormal", COMPOSED))
    table.done()
    return reports
