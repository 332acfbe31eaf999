"""What counts toward the total, what is missing, and whether the pace will do (R1, R2, R5).

Every threshold is the programme's, and is named in the sentence of the status that it causes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from rules.programme import Programme, Support

FARTHEST_FORECAST_DAYS = 3650  # a forecast ten years off says nothing; none is made


@dataclass(frozen=True)
class Tally:
    """How many scans of one kind are in each state."""

    counted: int = 0
    with_mentor: int = 0
    returned: int = 0
    draft: int = 0


@dataclass(frozen=True)
class Counts:
    """What the records say of one student today, all in numbers of scans.

    `regions`: region id -> counted scans. `debt`: aided scans with the mentor that are not audited; `debt_overdue` of
    them for longer than the programme allows; the oldest reached the mentor on `debt_oldest_on`. `recent`: scans
    logged in the pace window, today included. `remit`: region ids of the signed remit, None while none is signed.
    `other_drafts`: drafts that belong to neither kind yet, because their support is not chosen.
    """

    aided: Tally
    unaided: Tally
    regions: Mapping[str, int]
    debt: int
    debt_oldest_on: date | None
    debt_overdue: int
    recent: int
    last_logged_on: date | None
    procedures: int
    today: date
    starts_on: date
    due_on: date
    remit: tuple[str, ...] | None = None
    other_drafts: int = 0


@dataclass(frozen=True)
class Part:
    """One kind of support. `counted` never exceeds `total`; what is above is `surplus`: shown, not counted (R2)."""

    support: Support
    counted: int
    total: int
    surplus: int
    with_mentor: int
    returned: int
    draft: int

    @property
    def missing(self) -> int:
        """How many must still come to count."""
        return self.total - self.counted

    @property
    def to_scan(self) -> int:
        """What is missing even when everything with the mentor comes to count."""
        return max(0, self.missing - self.with_mentor)


@dataclass(frozen=True)
class RegionCount:
    """One area of breadth within the remit (R5). Without a target nothing is missing."""

    key: str
    name: str
    short: str
    counted: int
    target: int | None

    @property
    def missing(self) -> int:
        return max(0, (self.target or 0) - self.counted)


@dataclass(frozen=True)
class Debt:
    """Audit debt (R2): aided scans with the mentor that are not audited yet."""

    count: int
    oldest_days: int | None
    overdue: int
    words: str


@dataclass(frozen=True)
class Status:
    """Where the student stands. `key`: complete, ahead, on pace, behind, at risk or not started.

    `words` are for a row or a pill; `because` is the sentence with the threshold that caused it.
    """

    key: str
    words: str
    because: str


@dataclass(frozen=True)
class Progress:
    """Everything that a home screen or a cohort row says of one student, in numbers of scans and days."""

    parts: tuple[Part, Part]
    regions: tuple[RegionCount, ...]
    debt: Debt
    procedures: int
    expected: int
    per_week_needed: float | None
    forecast_on: date | None
    status: Status
    last_logged_on: date | None = None
    other_drafts: int = 0

    @property
    def aided(self) -> Part:
        return self.parts[0]

    @property
    def unaided(self) -> Part:
        return self.parts[1]

    @property
    def counted(self) -> int:
        """Both kinds, each capped at its own total (R2)."""
        return sum(part.counted for part in self.parts)

    @property
    def total(self) -> int:
        return sum(part.total for part in self.parts)

    @property
    def missing(self) -> int:
        return sum(part.missing for part in self.parts)

    @property
    def to_scan(self) -> int:
        """What is missing and not with the mentor: the scans still to do."""
        return sum(part.to_scan for part in self.parts)

    @property
    def with_mentor(self) -> int:
        return sum(part.with_mentor for part in self.parts)

    @property
    def returned(self) -> int:
        return sum(part.returned for part in self.parts)

    @property
    def drafts(self) -> int:
        """Every draft, those without a support yet included."""
        return sum(part.draft for part in self.parts) + self.other_drafts

    @property
    def ahead(self) -> int:
        """Counted scans above what was expected by today; negative when behind."""
        return self.counted - self.expected

    @property
    def missing_words(self) -> str:
        """What is missing, in one line."""
        kinds = [f"{part.missing} {part.support.name.lower()}" for part in self.parts if part.missing]
        gaps = sorted((region for region in self.regions if region.missing), key=lambda region: -region.missing)
        named = [f"{region.name.lower()} {region.missing}" for region in gaps[:3]]
        if len(gaps) > 3:
            named.append(f"{len(gaps) - 3} more")
        lines = [" and ".join(kinds) + " to go"] if kinds else []
        lines += ["short in " + ", ".join(named)] if named else []
        return "; ".join(lines) or "Nothing is missing"


def progress(programme: Programme, counts: Counts) -> Progress:
    """What counts, what is missing, and the pace, from one student's counts.

    Rules: R1 and R2 (each kind counts up to its own total), R5 (breadth within the remit).
    """
    tallies = {"aided": counts.aided, "unaided": counts.unaided}
    aided, unaided = (_part(support, tallies[key]) for key, support in programme.supports.items())
    counted = aided.counted + unaided.counted
    to_scan = aided.to_scan + unaided.to_scan
    expected = _expected(programme.total, counts)
    return Progress(
        parts=(aided, unaided),
        regions=_regions(programme, counts),
        debt=_debt(programme, counts),
        procedures=counts.procedures,
        expected=expected,
        per_week_needed=_per_week_needed(to_scan, counts),
        forecast_on=_forecast(programme, to_scan, counts),
        status=_status(programme, counts, counted, to_scan, expected),
        last_logged_on=counts.last_logged_on,
        other_drafts=counts.other_drafts,
    )


def _part(support: Support, tally: Tally) -> Part:
    counted = min(tally.counted, support.total)
    return Part(
        support=support,
        counted=counted,
        total=support.total,
        surplus=tally.counted - counted,
        with_mentor=tally.with_mentor,
        returned=tally.returned,
        draft=tally.draft,
    )


def _regions(programme: Programme, counts: Counts) -> tuple[RegionCount, ...]:
    """The programme's areas of breadth, in its order; those of the remit alone once there is one (R5)."""
    shown = []
    for target in programme.breadth:
        inside = [region for region in target.regions if counts.remit is None or region in counts.remit]
        if inside:
            counted = sum(counts.regions.get(region, 0) for region in inside)
            shown.append(RegionCount(target.key, target.name, target.short, counted, target.target))
    return tuple(shown)


def _debt(programme: Programme, counts: Counts) -> Debt:
    aided = programme.support("aided").name.lower()
    if not counts.debt:
        return Debt(0, None, 0, f"No {aided} scan waits for its audit.")
    oldest = max(0, (counts.today - counts.debt_oldest_on).days) if counts.debt_oldest_on else None
    one = counts.debt == 1
    words = f"{_scans(counts.debt, aided)} {'waits for its audit' if one else 'wait for their audit'}"
    if oldest is not None:
        words += f", {'sent' if one else 'the oldest sent'} {f'{_days(oldest)} ago' if oldest else 'today'}"
    if counts.debt_overdue:
        words += f"; {counts.debt_overdue} overdue (after {_days(programme.audit_overdue_days)})"
    return Debt(counts.debt, oldest, counts.debt_overdue, words + ".")


def _expected(total: int, counts: Counts) -> int:
    """Scans on a straight line from none on `starts_on` to all on `due_on`, rounded down."""
    if counts.today >= counts.due_on:
        return total
    if counts.today <= counts.starts_on:
        return 0
    return total * (counts.today - counts.starts_on).days // (counts.due_on - counts.starts_on).days


def _per_week_needed(to_scan: int, counts: Counts) -> float | None:
    """Scans a week from today (or the start) to the due date, both days included; None when that has passed.

    R1's example: 250 from the first to the last day of a 15-week semester is 16.7 a week.
    """
    if not to_scan:
        return 0.0
    days = (counts.due_on - max(counts.today, counts.starts_on)).days + 1
    return to_scan * 7 / days if days > 0 else None


def _forecast(programme: Programme, to_scan: int, counts: Counts) -> date | None:
    """The day of the last scan at the recent rate; None without a rate, or with nothing left to scan.

    The rate is `recent` over the pace window, or over the days since the start while these are fewer.
    """
    days = min(programme.pace.window_weeks * 7, (counts.today - counts.starts_on).days + 1)
    if not to_scan or counts.recent <= 0 or days <= 0:
        return None
    ahead = ceil(to_scan * days / counts.recent)
    return counts.today + timedelta(days=ahead) if ahead <= FARTHEST_FORECAST_DAYS else None


def _status(programme: Programme, counts: Counts, counted: int, to_scan: int, expected: int) -> Status:
    pace, total, ahead = programme.pace, programme.total, counted - expected
    if counted >= total:
        return Status("complete", "Complete", f"Complete: all {_scans(total)} count.")
    if counts.today < counts.starts_on:
        return Status("not started", "Not started", f"Not started: the course starts on {_day(counts.starts_on)}.")
    if counts.today > counts.due_on:
        why = f"At risk: the due date, {_day(counts.due_on)}, has passed with {_scans(total - counted)} missing."
        return Status("at risk", f"At risk · {total - counted} missing", why)
    by_today = f"than the {expected:,} expected by today"
    if -ahead >= pace.at_risk_by:
        why = f"At risk: {_scans(-ahead)} fewer {by_today}; at risk starts at {pace.at_risk_by}."
        return Status("at risk", f"At risk · {-ahead} behind", why)
    silent = (counts.today - (counts.last_logged_on or counts.starts_on)).days
    if silent >= pace.silent_days and to_scan:
        why = f"At risk: no scan logged for {_days(silent)}; at risk starts at {_days(pace.silent_days)}."
        return Status("at risk", f"At risk · silent {_days(silent)}", why)
    if -ahead >= pace.behind_by:
        why = f"Behind: {_scans(-ahead)} fewer {by_today}; behind starts at {pace.behind_by}."
        return Status("behind", f"{-ahead} behind", why)
    if counts.last_logged_on is None and not counted:
        return Status("not started", "Not started", f"Not started: no scan logged yet; {expected:,} expected by today.")
    if ahead >= pace.ahead_by:
        why = f"Ahead: {_scans(ahead)} more {by_today}; ahead starts at {pace.ahead_by}."
        return Status("ahead", f"{ahead} ahead", why)
    why = (
        f"On pace: {counted:,} counted, {expected:,} expected by today;"
        f" behind starts at {pace.behind_by} fewer, ahead at {pace.ahead_by} more."
    )
    return Status("on pace", "On pace", why)


def _scans(number: int, kind: str = "") -> str:
    return f"{number:,} {kind + ' ' if kind else ''}{'scan' if number == 1 else 'scans'}"


def _days(number: int) -> str:
    return f"{number:,} {'day' if number == 1 else 'days'}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
