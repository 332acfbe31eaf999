"""What counts toward the total, what is missing, and whether the pace will do (R1, R2, R5).

Every threshold is the programme's, and is named in the sentence of the status that it causes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import ceil

from rules.phrases import day, days, scans
from rules.programme import Programme
from rules.totals import (
    Counts,
    Debt,
    PartCount,
    RegionCount,
    SupportProgress,
    counted_in,
    debt_of,
    procedures_of,
    regions_of,
    support_progress,
)

SMALLEST_SHARE = 3  # scans: a smaller share of an area is chance, not a gap
AFTER_DUE = " after the due date"
FARTHEST_FORECAST_DAYS = 3650  # ten years: a later forecast is not made


@dataclass(frozen=True)
class Status:
    """A student's status. `key`: complete, ahead, on pace, behind, at risk or not started.

    `words` are for a row or a pill; `because` is the sentence with the threshold that caused it; `reasons` are short
    phrases, the gravest first, of all that wants somebody's eye, whatever the key.
    """

    key: str
    words: str
    because: str
    reasons: tuple[str, ...] = ()

    @property
    def also(self) -> tuple[str, ...]:
        """The reasons that `words` do not say already."""
        return tuple(one for one in self.reasons if one.removesuffix(AFTER_DUE) not in self.words)


@dataclass(frozen=True)
class Progress:
    """Everything that a home screen or a cohort row says of one student, in numbers of scans and days.

    Each part is worked out when it is first asked for: a list of a thousand students asks little of most of them.
    Rules: R1 and R2 (each kind counts up to its own total), R5 (breadth within the remit).
    """

    programme: Programme
    counts: Counts

    @cached_property
    def parts(self) -> tuple[SupportProgress, SupportProgress]:
        """The two kinds of support, in the programme's order."""
        counts = {"aided": self.counts.aided, "unaided": self.counts.unaided}
        aided, unaided = (support_progress(support, counts[key]) for key, support in self.programme.supports.items())
        return aided, unaided

    @cached_property
    def regions(self) -> tuple[RegionCount, ...]:
        """The programme's areas of breadth, within the remit (R5)."""
        return regions_of(self.programme, self.counts)

    @cached_property
    def gaps(self) -> tuple[RegionCount, ...]:
        """The areas that lag behind the student's own other scans, the emptiest first: those with less than
        `gap_percent` of their share of what counts so far, once that share is three scans or more.

        An area's share is its target over the programme's total: it asks how scans are spread, not how many there are.
        """
        each, found = self.counted / self.total, []
        for area in self.programme.breadth:
            share = (area.target or 0) * each
            if share < SMALLEST_SHARE:
                continue
            counted = counted_in(area, self.counts)
            if counted is not None and counted * 100 < share * self.programme.pace.gap_percent:
                found.append(RegionCount(area.key, area.name, area.short, counted, area.target))
        return tuple(sorted(found, key=lambda region: region.counted))

    @cached_property
    def debt(self) -> Debt:
        return debt_of(self.programme, self.counts)

    @cached_property
    def procedures(self) -> tuple[PartCount, ...]:
        """Guided procedures by the student's part in them (R4)."""
        return procedures_of(self.programme, self.counts)

    @cached_property
    def expected(self) -> int:
        """How many would count today on a straight line from none on `starts_on` to all on `due_on`, rounded down."""
        counts = self.counts
        if counts.today >= counts.due_on:
            return self.total
        if counts.today <= counts.starts_on:
            return 0
        return self.total * (counts.today - counts.starts_on).days // (counts.due_on - counts.starts_on).days

    @cached_property
    def per_week_needed(self) -> float | None:
        """Scans a week from today (or the start) to the due date, both days included; None when that has passed.

        R1's example: 250 from the first to the last day of a 15-week semester is 16.7 a week.
        """
        if not self.to_scan:
            return 0.0
        days_left = (self.counts.due_on - max(self.counts.today, self.counts.starts_on)).days + 1
        return self.to_scan * 7 / days_left if days_left > 0 else None

    @cached_property
    def forecast_on(self) -> date | None:
        """The day of the last scan at the recent rate; None without a rate, or with nothing left to scan.

        The rate is `recent` over the pace window, or over the days since the start while these are fewer.
        """
        counts = self.counts
        window = min(self.programme.pace.window_weeks * 7, (counts.today - counts.starts_on).days + 1)
        if not self.to_scan or counts.recent <= 0 or window <= 0:
            return None
        ahead = ceil(self.to_scan * window / counts.recent)
        return counts.today + timedelta(days=ahead) if ahead <= FARTHEST_FORECAST_DAYS else None

    @cached_property
    def silent_days(self) -> int | None:
        """Days since the student last logged a scan, or since the start; None when there is nothing left to scan."""
        counts = self.counts
        return (counts.today - (counts.last_logged_on or counts.starts_on)).days if self.to_scan else None

    @cached_property
    def mentor_silent_days(self) -> int | None:
        """For how many days a scan has waited and no mentor has judged any; None while nothing waits."""
        counts = self.counts
        if counts.waiting_since is None:
            return None
        return max(0, (counts.today - max(counts.waiting_since, counts.judged_on or counts.waiting_since)).days)

    @cached_property
    def mentor_silent(self) -> bool:
        return (self.mentor_silent_days or 0) >= self.programme.pace.mentor_silent_days

    @cached_property
    def cause(self) -> str:
        """What decides the status: one of `CAUSES`."""
        return _cause(self)

    @cached_property
    def key(self) -> str:
        """The status' key, for who needs neither its words nor its reasons."""
        return CAUSES[self.cause]

    @cached_property
    def status(self) -> Status:
        return _status(self)

    @property
    def aided(self) -> SupportProgress:
        return self.parts[0]

    @property
    def unaided(self) -> SupportProgress:
        return self.parts[1]

    @cached_property
    def counted(self) -> int:
        """Both kinds, each capped at its own total (R2)."""
        return sum(part.counted for part in self.parts)

    @property
    def total(self) -> int:
        return self.programme.total

    @property
    def missing(self) -> int:
        return sum(part.missing for part in self.parts)

    @cached_property
    def to_scan(self) -> int:
        """What is missing and not with the mentor: the scans still to do."""
        return sum(part.to_scan for part in self.parts)

    @cached_property
    def with_mentor(self) -> int:
        return sum(part.with_mentor for part in self.parts)

    @cached_property
    def returned(self) -> int:
        return sum(part.returned for part in self.parts)

    @property
    def drafts(self) -> int:
        """Every draft, those without a support yet included."""
        return sum(part.draft for part in self.parts) + self.counts.other_drafts

    @cached_property
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


# What decides the status, the first that applies -> the key that it gives.
CAUSES = {
    "complete": "complete",
    "before the start": "not started",
    "past the due date": "at risk",
    "far behind": "at risk",
    "silent": "at risk",
    "mentor silent": "at risk",
    "behind": "behind",
    "nothing yet": "not started",
    "ahead": "ahead",
    "on pace": "on pace",
}


def _cause(of: Progress) -> str:
    counts, counted, ahead, pace = of.counts, of.counted, of.ahead, of.programme.pace
    if counted >= of.total:
        return "complete"
    if counts.today < counts.starts_on:
        return "before the start"
    if counts.today > counts.due_on:
        return "past the due date"
    if -ahead >= pace.at_risk_by:
        return "far behind"
    if (of.silent_days or 0) >= pace.silent_days:
        return "silent"
    if of.mentor_silent:
        return "mentor silent"
    if -ahead >= pace.behind_by:
        return "behind"
    if counts.last_logged_on is None and not counted:
        return "nothing yet"
    return "ahead" if ahead >= pace.ahead_by else "on pace"


def _status(of: Progress) -> Status:
    words, because = _words(of)
    return Status(of.key, words, because, () if of.key in ("complete", "not started") else _reasons(of))


def _words(of: Progress) -> tuple[str, str]:
    """The status' words for a pill, and its sentence with the threshold that caused it."""
    counts, pace, ahead, missing = of.counts, of.programme.pace, of.ahead, of.total - of.counted
    by_today = f"than the {of.expected:,} expected by today"
    match of.cause:
        case "complete":
            return "Complete", f"Complete: all {scans(of.total)} count."
        case "before the start":
            return "Not started", f"Not started: the course starts on {day(counts.starts_on)}."
        case "past the due date":
            why = f"At risk: the due date, {day(counts.due_on)}, has passed with {scans(missing)} missing."
            return f"At risk · {missing:,} missing", why
        case "far behind":
            why = f"At risk: {scans(-ahead)} fewer {by_today}; at risk starts at {pace.at_risk_by}."
            return f"At risk · {-ahead:,} behind", why
        case "silent":
            quiet, risk = days(of.silent_days or 0), days(pace.silent_days)
            return f"At risk · silent {quiet}", f"At risk: no scan logged for {quiet}; at risk starts at {risk}."
        case "mentor silent":
            quiet, risk = days(of.mentor_silent_days or 0), days(pace.mentor_silent_days)
            why = f"At risk: scans wait and the mentor has judged none for {quiet}; at risk starts at {risk}."
            return f"At risk · mentor silent {quiet}", why
        case "behind":
            why = f"Behind: {scans(-ahead)} fewer {by_today}; behind starts at {pace.behind_by}."
            return f"{-ahead:,} behind", why
        case "nothing yet":
            return "Not started", f"Not started: no scan logged yet; {of.expected:,} expected by today."
        case "ahead":
            return f"{ahead} ahead", f"Ahead: {scans(ahead)} more {by_today}; ahead starts at {pace.ahead_by}."
    why = (
        f"On pace: {of.counted:,} counted, {of.expected:,} expected by today;"
        f" behind starts at {pace.behind_by} fewer, ahead at {pace.ahead_by} more."
    )
    return "On pace", why


def _reasons(of: Progress) -> tuple[str, ...]:
    """What wants somebody's eye, in a few words each, every threshold the programme's."""
    pace, behind = of.programme.pace, of.expected - of.counted
    found = [f"{behind:,} behind"] if behind >= pace.behind_by else []
    if of.counts.today > of.counts.due_on:
        found = [f"{of.missing:,} missing{AFTER_DUE}"]
    silent = of.silent_days
    if silent is not None and silent >= pace.silent_days:
        found.append(f"silent {days(silent)}")
    if of.mentor_silent:
        found.append(f"mentor silent {days(of.mentor_silent_days or 0)}")
    if of.counts.debt_overdue:
        overdue = of.counts.debt_overdue
        found.append(f"{overdue} {'audit' if overdue == 1 else 'audits'} overdue")
    gaps = [
        f"no {gap.name.lower()}" if not gap.counted else f"only {gap.counted} {gap.name.lower()}" for gap in of.gaps
    ]
    found += gaps[:2] + ([f"{_more(len(gaps) - 2)} short"] if len(gaps) > 2 else [])
    return tuple(found)


def _more(number: int) -> str:
    return f"{number} more {'region' if number == 1 else 'regions'}"
