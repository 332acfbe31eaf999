"""What is counted of one student's scans, and what it comes to for each kind of support, each area of breadth and the
audit debt (R1, R2, R5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from rules.calendar import Absence, interruption_on
from rules.phrases import day, days, scans
from rules.programme import Programme, Support, Target


@dataclass(slots=True)
class StateCounts:
    """How many scans of one kind are in each state."""

    counted: int = 0
    with_mentor: int = 0
    returned: int = 0
    draft: int = 0
    held: int = 0


class Placed(NamedTuple):
    """From when until when a student is placed anywhere (`since` None: nowhere yet; `until` None: no end is known), and
    whether somebody mentors them there now.
    """

    since: date | None = date.min
    until: date | None = None
    mentored: bool = True

    def at(self, today: date) -> bool:
        return self.since is not None and self.since <= today and (self.until is None or self.until >= today)

    def words(self, today: date) -> str:
        """What is wrong, for somebody who is not placed today."""
        if self.since is None:
            return "no placement yet"
        if self.since > today:
            return f"the placement starts on {day(self.since)}"
        return f"the placement ended on {day(self.until or today)}"


@dataclass(slots=True)
class Counts:
    """What the records say of one student today, all in numbers of scans."""

    aided: StateCounts
    unaided: StateCounts
    regions: Mapping[str, int]  # region id -> counted scans
    debt: int  # aided scans with the mentor that are not audited
    debt_oldest_on: date | None  # when the oldest of them reached the mentor
    debt_overdue: int  # of them, for longer than the programme allows
    recent: Mapping[str, int]  # kind -> scans that came to count in the pace window, today included
    last_logged_on: date | None
    procedures: Mapping[str, StateCounts]  # the student's part in a guided procedure -> how many were sent (R4)
    today: date
    starts_on: date  # the first day on which something is expected, that of the first placement
    due_on: date  # the student's own
    remit: tuple[str, ...] | None = None  # region ids of the signed remit; None while none is signed
    other_drafts: int = 0  # of neither kind yet, because their support is not chosen
    waiting: int = 0  # how many scans wait, procedures included
    waiting_since: date | None = None  # when the oldest of them reached a mentor
    placed: Placed = Placed()
    absences: tuple[tuple[date, date], ...] = ()  # first and last day of each interruption; without an end until today
    decided: tuple[Absence, ...] = ()  # interruptions and extensions

    @property
    def open_ended(self) -> bool:
        """The interruption of today has no end yet."""
        found = interruption_on(self.today, self.decided)
        return found is not None and found.until_on is None


class SupportProgress(NamedTuple):
    """One kind of support. `counted` never exceeds `total`; what is above is `surplus`: shown, not counted (R2).
    What is `held` is approved, and counts once the course has confirmed who approved it.
    """

    support: Support
    counted: int
    total: int
    surplus: int
    with_mentor: int
    returned: int
    draft: int
    held: int = 0

    @property
    def missing(self) -> int:
        """How many must still come to count."""
        return self.total - self.counted

    @property
    def waiting(self) -> int:
        """Of what is missing, what waits for the mentor."""
        return min(self.missing, self.with_mentor)

    @property
    def waiting_or_held(self) -> int:
        """Of what is missing, what waits for the mentor, or for the course's confirmation of who approved it."""
        return min(self.missing, self.with_mentor + self.held)

    @property
    def to_correct(self) -> int:
        """Of what is missing, what was returned: it was scanned, and is to be put right."""
        return min(self.missing - self.waiting_or_held, self.returned)

    @property
    def to_scan(self) -> int:
        """What is missing even when everything that waits, is held or was returned comes to count."""
        return self.missing - self.waiting_or_held - self.to_correct


class RegionCount(NamedTuple):
    """One area of breadth within the remit (R5). Without a target nothing is missing."""

    key: str
    name: str
    short: str
    counted: int
    target: int | None

    @property
    def missing(self) -> int:
        return max(0, (self.target or 0) - self.counted)


class PartCount(NamedTuple):
    """How many guided procedures a student had this part in (R4): approved, and not yet, or held."""

    part: str
    approved: int
    open: int


@dataclass(frozen=True)
class Debt:
    """Audit debt (R2): aided scans with the mentor that are not audited yet."""

    count: int
    oldest_days: int | None
    overdue: int
    words: str


def support_progress(support: Support, states: StateCounts) -> SupportProgress:
    """One kind of support, capped at its own total."""
    counted = min(states.counted, support.total)
    surplus = states.counted - counted
    others = states.with_mentor, states.returned, states.draft, states.held
    return SupportProgress(support, counted, support.total, surplus, *others)


def regions_of(programme: Programme, counts: Counts) -> tuple[RegionCount, ...]:
    """The programme's areas of breadth, in its order; those of the remit alone once there is one (R5)."""
    found = []
    for area in programme.breadth:
        counted = counted_in(area, counts)
        if counted is not None:
            found.append(RegionCount(area.key, area.name, area.short, counted, area.target))
    return tuple(found)


def counted_in(area: Target, counts: Counts) -> int | None:
    """How many count in this area; None where all of it is outside the remit."""
    inside = area.regions if counts.remit is None else [one for one in area.regions if one in counts.remit]
    return sum([counts.regions.get(region, 0) for region in inside]) if inside else None


def procedures_of(programme: Programme, counts: Counts) -> tuple[PartCount, ...]:
    """Guided procedures by the part in them: each of the programme's, then any that it has no more."""
    parts = dict.fromkeys((*programme.vocabulary.procedure_roles, *sorted(counts.procedures)))
    numbers = [(part, counts.procedures.get(part, StateCounts())) for part in parts] if counts.procedures else []
    return tuple(PartCount(part, of.counted, of.with_mentor + of.returned + of.held) for part, of in numbers)


def debt_of(programme: Programme, counts: Counts) -> Debt:
    aided = programme.support("aided").name.lower()
    if not counts.debt:
        return Debt(0, None, 0, f"No {aided} scan waits for its audit.")
    oldest = max(0, (counts.today - counts.debt_oldest_on).days) if counts.debt_oldest_on else None
    one = counts.debt == 1
    words = f"{scans(counts.debt, aided)} {'waits for its audit' if one else 'wait for their audit'}"
    if oldest is not None:
        words += f", {'sent' if one else 'the oldest sent'} {f'{days(oldest)} ago' if oldest else 'today'}"
    if counts.debt_overdue:
        words += f"; {counts.debt_overdue} overdue (after {days(programme.audit_overdue_days)})"
    return Debt(counts.debt, oldest, counts.debt_overdue, words + ".")
