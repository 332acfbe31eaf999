"""What counts toward the total, what is missing and how soon it will count, all in numbers (R1, R2, R5)."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from rules import pace, totals
from rules.pace import Forecast
from rules.programme import Programme
from rules.totals import Counts, Debt, PartCount, RegionCount, SupportProgress

SMALLEST_SHARE = 3  # scans: a smaller share of an area is chance, not a gap


def _of_both(number: str) -> cached_property[int]:
    """This number of a kind of support, of both kinds together."""
    return cached_property(lambda self: sum(getattr(part, number) for part in self.parts))


@dataclass(frozen=True)
class ProgressNumbers:
    """Everything that a home screen or a cohort row says of one student, in numbers of scans and days.

    Each part is worked out when it is first asked for: a list of a thousand students asks little of most of them.
    Rules: R1 and R2 (each kind counts up to its own total), R5 (breadth within the remit).
    """

    programme: Programme
    counts: Counts

    counted = _of_both("counted")  # each capped at its own total (R2)
    missing = _of_both("missing")
    with_mentor = _of_both("with_mentor")
    returned = _of_both("returned")
    held = _of_both("held")  # approved by somebody whom the course has not confirmed for that day: in no other number
    waiting = _of_both("waiting")  # of what is missing: it waits for a mentor
    to_correct = _of_both("to_correct")  # of what is missing: it was returned
    to_scan = _of_both("to_scan")  # of what is missing: it neither waits, nor is held, nor was returned

    @cached_property
    def parts(self) -> tuple[SupportProgress, SupportProgress]:
        """The two kinds of support, in the programme's order."""
        counts = {"aided": self.counts.aided, "unaided": self.counts.unaided}
        aided, unaided = (
            totals.support_progress(support, counts[key]) for key, support in self.programme.supports.items()
        )
        return aided, unaided

    @cached_property
    def regions(self) -> tuple[RegionCount, ...]:
        """The programme's areas of breadth, within the remit (R5)."""
        return totals.regions_of(self.programme, self.counts)

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
            counted = totals.counted_in(area, self.counts)
            if counted is not None and counted * 100 < share * self.programme.pace.gap_percent:
                found.append(RegionCount(area.key, area.name, area.short, counted, area.target))
        return tuple(sorted(found, key=lambda region: region.counted))

    @cached_property
    def debt(self) -> Debt:
        return totals.debt_of(self.programme, self.counts)

    @cached_property
    def procedures(self) -> tuple[PartCount, ...]:
        """Guided procedures by the student's part in them (R4)."""
        return totals.procedures_of(self.programme, self.counts)

    @cached_property
    def is_interrupted(self) -> bool:
        """Nothing is expected of somebody whose study rests today."""
        return pace.is_away(self.counts.today, self.counts.absences)

    @cached_property
    def expected(self) -> int:
        """How many would have been scanned by today on a straight line; none of somebody who was never placed."""
        counts = self.counts
        if counts.placed.since is None:
            return 0
        return pace.expected(self.total, counts.starts_on, counts.due_on, counts.today, counts.absences)

    @cached_property
    def per_week_needed(self) -> float | None:
        """Scans a week from today (or the start) to the due date; None when no day is left, and while study rests."""
        counts = self.counts
        if self.is_interrupted:
            return None
        return pace.per_week_needed(self.to_scan, counts.starts_on, counts.due_on, counts.today, counts.absences)

    @cached_property
    def forecasts(self) -> tuple[Forecast | None, Forecast | None]:
        """When the last scan of each kind will count, in the programme's order; None where nothing is missing, or too
        few came to count lately, or study rests. The window starts no earlier than the course.
        """
        counts, rule = self.counts, self.programme.pace
        if self.is_interrupted:
            return None, None
        window = max(counts.starts_on, counts.today - timedelta(days=rule.window_weeks * 7 - 1)), counts.today

        def of(part: SupportProgress) -> Forecast | None:
            recent = counts.recent.get(part.support.key, 0)
            least, absences = rule.forecast_from, counts.absences
            return pace.forecast(part.missing, recent, window, counts.due_on, least=least, absences=absences)

        aided, unaided = map(of, self.parts)
        return aided, unaided

    @cached_property
    def forecast_on(self) -> date | None:
        """The likely day of the last scan of all; None with nothing missing, or where a kind has no such day."""
        days = [one and one.likely for part, one in zip(self.parts, self.forecasts, strict=True) if part.missing]
        known = [day for day in days if day]
        return max(known) if known and len(known) == len(days) else None

    @cached_property
    def silent_days(self) -> int | None:
        """Days since the student last logged a scan, or since the start, leave left out; None when there is nothing
        left to scan.
        """
        counts = self.counts
        since = max(counts.last_logged_on or counts.starts_on, counts.starts_on)
        return pace.days_present(since + timedelta(days=1), counts.today, counts.absences) if self.to_scan else None

    @property
    def aided(self) -> SupportProgress:
        return self.parts[0]

    @property
    def unaided(self) -> SupportProgress:
        return self.parts[1]

    @property
    def total(self) -> int:
        return self.programme.total

    @property
    def scanned(self) -> int:
        """What counts, waits, is held or was returned, each kind up to its total, whoever's turn it is."""
        return self.total - self.to_scan

    @property
    def drafts(self) -> int:
        """Every draft, those without a support yet included."""
        return sum(part.draft for part in self.parts) + self.counts.other_drafts

    @cached_property
    def ahead(self) -> int:
        """Scans above what was expected by today; negative when behind. What waits is not behind."""
        return self.scanned - self.expected

    @property
    def missing_words(self) -> str:
        """What is missing, in one line."""
        kinds = [f"{part.missing} {part.support.name.lower()}" for part in self.parts if part.missing]
        lines = [" and ".join(kinds) + " to go"] if kinds else []
        lines += [f"short in {self.short_words}"] if self.short_words else []
        return "; ".join(lines) or "Nothing is missing"

    @property
    def short_words(self) -> str:
        """Where the remit is short of its targets: "elbow 8, hip and groin 5"; empty where it is nowhere."""
        gaps = sorted((region for region in self.regions if region.missing), key=lambda region: -region.missing)
        named = [f"{region.name.lower()} {region.missing}" for region in gaps[:3]]
        return ", ".join(named + ([f"{len(gaps) - 3} more"] if len(gaps) > 3 else []))
