"""Who is in the way of a student's portfolio: their placement, their mentor or they themselves, told apart.

The status is the student's alone: at risk is who can do something about it and has not. What waits for a mentor, and
what a placement lacks, are reasons of their own. Every threshold is the programme's, and is named in the sentence of
the status that it causes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from rules.pace import is_away
from rules.phrases import day, days, number_of, scans
from rules.progress_numbers import ProgressNumbers

PLACEMENT, MENTOR, STUDENT = "Placement", "Mentor", "Student"


class Reason(NamedTuple):
    """One thing that is in the way, in a few words. `weight`: how grave it is; from `PRESSING` on somebody must act."""

    about: str  # PLACEMENT, MENTOR or STUDENT
    words: str
    weight: int


PRESSING = 50


class Wait(NamedTuple):
    """How many scans of a student wait for one mentor, the oldest for so many days."""

    mentor: str  # empty where it is not known who
    number: int
    oldest_days: int
    gone: bool = False  # the account is closed


@dataclass(frozen=True)
class Status:
    """A student's status. `key` is one of `CAUSES`' values.

    `words` are for a row or a pill; `because` is the sentence with the threshold that caused it; `reasons` is all that
    is in the way, the gravest first, whatever the key.
    """

    key: str
    words: str
    because: str
    reasons: tuple[Reason, ...] = ()

    @property
    def chain(self) -> list[tuple[str, str]]:
        """The reasons by whom they are about, the gravest first: [("Mentor", "24 wait with ..., oldest 36 days")]."""
        first = {one.about: place for place, one in reversed(list(enumerate(self.reasons)))}
        ordered = sorted(self.reasons, key=lambda one: first[one.about])
        return [(about, ", ".join(one.words for one in of)) for about, of in groupby(ordered, lambda one: one.about)]

    @property
    def text(self) -> str:
        """The chain as one text."""
        return "; ".join(f"{about}: {words}" for about, words in self.chain)

    @cached_property
    def pressing(self) -> set[str]:
        """Who is in the way so that somebody must act."""
        return {one.about for one in self.reasons if one.weight >= PRESSING}

    @property
    def weight(self) -> int:
        """How grave the gravest reason is."""
        return self.reasons[0].weight if self.reasons else 0


# What decides the status, the first that applies -> the key that it gives.
CAUSES = {
    "complete": "complete",
    "away": "interrupted",
    "not placed": "not placed",
    "before the start": "not started",
    "all scanned": "on pace",
    "past the due date": "at risk",
    "short at the end": "at risk",
    "far behind": "at risk",
    "no room": "at risk",
    "silent": "at risk",
    "behind": "behind",
    "nothing yet": "not started",
    "ahead": "ahead",
    "on pace": "on pace",
}


def cause_of(of: ProgressNumbers) -> str:
    """One of `CAUSES`. Nobody is at risk who is ahead, away, not placed, or has scanned all."""
    counts, pace, ahead = of.counts, of.programme.pace, of.ahead
    needed = of.per_week_needed
    if of.counted >= of.total:
        return "complete"
    if is_away(counts.today, counts.absences):
        return "away"
    if not counts.placed.at(counts.today):
        return "not placed"
    if counts.today < counts.starts_on:
        return "before the start"
    late = counts.today > counts.due_on
    if not of.to_scan and not (of.to_correct and late):
        return "all scanned"
    if counts.today >= counts.due_on:
        return "past the due date" if late else "short at the end"
    if -ahead >= pace.at_risk_by:
        return "far behind"
    if ahead <= 0 and (needed is None or needed > pace.most_a_week):
        return "no room"
    if ahead <= 0 and (of.silent_days or 0) >= pace.silent_days:
        return "silent"
    if -ahead >= pace.behind_by:
        return "behind"
    if counts.last_logged_on is None and not of.scanned:
        return "nothing yet"
    return "ahead" if ahead >= pace.ahead_by else "on pace"


def own_reasons(of: ProgressNumbers, cause: str) -> list[Reason]:
    """What is in the way but for the mentors."""
    return [*_of_placement(of, cause), *_of_student(of, cause)]


def mentors_reasons(of: ProgressNumbers, waits: Iterable[Wait]) -> list[Reason]:
    """What waits too long, and for whom."""
    found = []
    for one in waits:
        if one.oldest_days >= of.programme.audit_overdue_days or one.gone:
            who = f" with {one.mentor}" if one.mentor else ""
            gone = " (account closed)" if one.gone else ""
            oldest = f", oldest {days(one.oldest_days)}" if one.number > 1 else f", {days(one.oldest_days)}"
            late = one.gone or one.oldest_days >= of.programme.pace.mentor_silent_days
            verb = "waits" if one.number == 1 else "wait"
            weight = 60 + min(one.oldest_days, 29) if late else 30
            found.append(Reason(MENTOR, f"{one.number} {verb}{who}{gone}{oldest}", weight))
    if overdue := of.counts.debt_overdue:
        found.append(Reason(MENTOR, f"{number_of(overdue, 'audit')} overdue", 25))
    return found


def in_order(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The gravest first."""
    return tuple(sorted(reasons, key=lambda one: -one.weight))


def _of_placement(of: ProgressNumbers, cause: str) -> list[Reason]:
    placed, today = of.counts.placed, of.counts.today
    if cause in ("complete", "away"):
        return []
    if not placed.at(today):
        soon = placed.since is not None and placed.since > today
        return [Reason(PLACEMENT, placed.words(today), 40 if soon else 100)]
    return [] if placed.mentored else [Reason(PLACEMENT, "no mentor at present", 95)]


def _of_student(of: ProgressNumbers, cause: str) -> list[Reason]:
    counts, pace, found = of.counts, of.programme.pace, []
    if cause == "away":
        return []
    at_risk, asked = CAUSES[cause] == "at risk", cause not in ("complete", "not placed")
    if asked and counts.today > counts.due_on and of.to_scan + of.to_correct:
        found.append(Reason(STUDENT, f"{of.to_scan + of.to_correct:,} missing after the due date", 90))
    elif asked and counts.today == counts.due_on and of.to_scan:
        found.append(Reason(STUDENT, f"{of.to_scan:,} short on the due date", 88))
    elif asked and counts.today >= counts.starts_on:
        if -of.ahead >= pace.behind_by:
            found.append(Reason(STUDENT, f"{-of.ahead:,} behind", 70 + min(15, -of.ahead // 10) if at_risk else 35))
        if cause == "no room":
            found.append(Reason(STUDENT, _needs(of), 72))
        silent = of.silent_days
        if silent is not None and silent >= pace.silent_days:
            found.append(Reason(STUDENT, f"silent {days(silent)}", 65 if at_risk else 20))
    if of.to_correct and asked:
        found.append(Reason(STUDENT, f"{of.to_correct} to correct", 22))
    if of.drafts:
        found.append(Reason(STUDENT, f"{number_of(of.drafts, 'draft')} not sent", 12))
    gaps = [
        f"no {gap.name.lower()}" if not gap.counted else f"only {gap.counted} {gap.name.lower()}" for gap in of.gaps
    ]
    gaps = gaps[:2] + ([f"{number_of(len(gaps) - 2, 'more region')} short"] if len(gaps) > 2 else [])
    if cause == "complete":
        gaps = [f"short of the remit in {short}"] if (short := of.short_words) else []
    return found + [Reason(STUDENT, words, 10) for words in gaps]


def _needs(of: ProgressNumbers) -> str:
    return f"needs {of.per_week_needed:.0f} a week" if of.per_week_needed else f"{of.to_scan} to scan and no day left"


def words_of(of: ProgressNumbers, cause: str) -> tuple[str, str]:
    """The status' words for a pill, and its sentence with the threshold that caused it."""
    if CAUSES[cause] == "at risk":
        return _words_at_risk(of, cause)
    counts, pace, ahead = of.counts, of.programme.pace, of.ahead
    by_today = f"than the {of.expected:,} expected by today"
    match cause:
        case "complete":
            short = f" Short of the remit in {of.short_words}." if of.short_words else ""
            return "Complete", f"Complete: all {scans(of.total)} count.{short}"
        case "away":
            since, back = _interruption(of)
            until = f" until {day(back)}" if back else ""
            why = f"Interrupted from {day(since)}{until or ', no end is set yet'}: nothing is expected meanwhile."
            return f"Interrupted{until or f' since {day(since)}'}", why
        case "not placed":
            words = counts.placed.words(counts.today)
            return words.capitalize(), f"Not placed: {words}. Nothing is expected without a placement."
        case "before the start":
            return "Not started", f"Not started: the first placement day is {day(counts.starts_on)}."
        case "all scanned":
            waits = f"{of.waiting:,} {'waits' if of.waiting == 1 else 'wait'} with a mentor" if of.waiting else ""
            correct = f"{of.to_correct} to correct" if of.to_correct else ""
            left = " and ".join(filter(None, (waits, correct)))
            return f"All scanned · {of.waiting or of.to_correct} open", f"All scanned: {left}."
        case "behind":
            why = f"Behind: {scans(-ahead)} fewer {by_today}; behind starts at {pace.behind_by}."
            return f"{-ahead:,} behind", why
        case "nothing yet":
            return "Not started", f"Not started: no scan logged yet; {of.expected:,} expected by today."
        case "ahead":
            return f"{ahead} ahead", f"Ahead: {scans(ahead)} more {by_today}; ahead starts at {pace.ahead_by}."
    why = (
        f"On pace: {of.scanned:,} scanned, {of.expected:,} expected by today;"
        f" behind starts at {pace.behind_by} fewer, ahead at {pace.ahead_by} more."
    )
    return "On pace", why


def _words_at_risk(of: ProgressNumbers, cause: str) -> tuple[str, str]:
    counts, pace = of.counts, of.programme.pace
    match cause:
        case "past the due date":
            missing = of.to_scan + of.to_correct
            why = f"At risk: the due date, {day(counts.due_on)}, has passed with {scans(missing)} missing."
            return f"At risk · {missing:,} missing", why
        case "short at the end":
            return f"At risk · {of.to_scan:,} short", f"At risk: {scans(of.to_scan)} short on the due date."
        case "far behind":
            fewer = f"{scans(-of.ahead)} fewer than the {of.expected:,} expected by today"
            return f"At risk · {-of.ahead:,} behind", f"At risk: {fewer}; at risk starts at {pace.at_risk_by}."
        case "no room":
            why = f"At risk: {_needs(of)}; no week has room for more than {pace.most_a_week}."
            return f"At risk · {_needs(of)}", why
    quiet, risk = days(of.silent_days or 0), days(pace.silent_days)
    return f"At risk · silent {quiet}", f"At risk: no scan logged for {quiet}; at risk starts at {risk}."


def _interruption(of: ProgressNumbers) -> tuple[date, date | None]:
    """The first day of the interruption that holds today, and the day on which they come back, if that is known."""
    counts = of.counts
    since, last = max((one for one in counts.absences if one[0] <= counts.today <= one[1]), key=lambda one: one[1])
    return since, None if counts.open_ended else last + timedelta(days=1)
