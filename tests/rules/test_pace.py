"""Pace over whole courses of simulated students: steady, in bursts, over Christmas, on leave, in blocks, with a mentor
who never answers. What is said of them on each day is held against what they did.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import pace
from rules.progress import Progress
from rules.status import MENTOR, PLACEMENT, PRESSING, STUDENT, Wait
from rules.totals import Counts, Placed, StateCounts

START, DUE = date(2026, 9, 21), date(2027, 6, 18)
DAY = timedelta(days=1)
CHRISTMAS = (date(2026, 12, 19), date(2027, 1, 5))
LEAVE = (date(2027, 2, 1), date(2027, 3, 7))  # five weeks


@dataclass(frozen=True)
class Student:
    """Scans so many on each day of these weekdays, aided ones first; the mentor answers after `lag` days (None: never).
    `away`: days without a scan; `leave`: of these the days that the course knows of.
    """

    a_day: int = 2
    weekdays: tuple[int, ...] = (0, 1, 2, 3)
    lag: int | None = 3
    starts_on: date = START
    away: tuple[pace.Absence, ...] = ()
    leave: tuple[pace.Absence, ...] = ()

    def counts(self, programme, today: date) -> Counts:
        """What the records say of them on this day."""
        aided, unaided, window = StateCounts(), StateCounts(), programme.pace.window_weeks * 7
        recent, last, waiting_since, done = {"aided": 0, "unaided": 0}, None, None, 0
        on = self.starts_on
        while on <= today:
            if on.weekday() in self.weekdays and not pace.is_away(on, self.away):
                for _ in range(min(self.a_day, programme.total - done)):
                    kind = "aided" if done < programme.support("aided").total else "unaided"
                    state, done, last = (aided if kind == "aided" else unaided), done + 1, on
                    if self.lag is not None and on + timedelta(days=self.lag) <= today:
                        state.counted += 1
                        recent[kind] += (today - on).days - self.lag < window
                    else:
                        state.with_mentor, waiting_since = state.with_mentor + 1, waiting_since or on
            on += DAY
        return Counts(
            aided=aided,
            unaided=unaided,
            regions={},
            debt=0,
            debt_oldest_on=None,
            debt_overdue=0,
            recent=recent,
            last_logged_on=last,
            procedures={},
            today=today,
            starts_on=self.starts_on,
            due_on=DUE,
            waiting=aided.with_mentor + unaided.with_mentor,
            waiting_since=waiting_since,
            placed=Placed(self.starts_on),
            absences=self.leave,
        )


STUDENTS = {
    "steady": Student(),
    "in bursts": Student(a_day=9, weekdays=(4,)),
    "over Christmas": Student(away=(CHRISTMAS,)),
    "five weeks' leave": Student(away=(LEAVE,), leave=(LEAVE,)),
    "block placement": Student(a_day=4, weekdays=(0, 1, 2, 3, 4), starts_on=date(2027, 1, 11)),
    "silent mentor": Student(lag=None),
    "slow": Student(a_day=1, weekdays=(0, 2)),
    "slow and away": Student(a_day=1, weekdays=(0, 2), away=(CHRISTMAS,)),
}
MOMENTS = st.dates(START - timedelta(days=20), DUE + timedelta(days=40))


@given(
    who=st.sampled_from(list(STUDENTS)),
    today=MOMENTS,
    returned=st.integers(0, 30),
    short=st.integers(1, 60),
)
def test_nothing_that_is_said_of_a_simulated_student_is_more_than_what_they_did(msk, who, today, returned, short):
    student = STUDENTS[who]
    counts = student.counts(msk, today)
    shown = Progress(msk, counts)
    status, said = shown.status, shown.status.text
    scanned = counts.aided.counted + counts.unaided.counted + counts.waiting
    # What is scanned and waits is not behind, and whoever is ahead, away, unplaced or finished is not at risk.
    assert shown.ahead == min(scanned, msk.total) - shown.expected
    assert ("behind" in said) <= (shown.ahead <= -msk.pace.behind_by)
    if scanned >= shown.expected + 1 or scanned >= msk.total or pace.is_away(today, counts.absences):
        assert status.key != "at risk", (who, today, status)
    for placed in (Placed(None, None, False), Placed(START, today - DAY), Placed(today + DAY)):
        unplaced = Progress(msk, replace(counts, placed=placed))
        assert unplaced.status.key in ("not placed", "complete", "interrupted")
        said = {one.about for one in unplaced.status.reasons}
        assert unplaced.key in ("complete", "interrupted") or PLACEMENT in said
    assert Progress(msk, replace(counts, placed=Placed(None))).expected == 0
    # Expected starts on the first placement day, stands still on leave, and ends with all on the due date.
    assert (today <= counts.starts_on) <= (shown.expected == 0)
    assert (today >= DUE) <= (shown.expected == msk.total)
    if counts.absences and LEAVE[0] <= today <= LEAVE[1]:
        before = Progress(msk, student.counts(msk, LEAVE[0]))
        assert (shown.expected, shown.silent_days) == (before.expected, before.silent_days)
        assert status.key == "interrupted" and not [one for one in status.reasons if one.about == STUDENT]
    # What was returned is to be corrected, not to be scanned.
    back = replace(counts, aided=replace(counts.aided, returned=returned))
    again = Progress(msk, back)
    assert again.to_scan + again.to_correct == shown.to_scan and again.to_correct <= returned
    assert again.scanned == shown.scanned + again.to_correct
    # A forecast is of one kind, from what counts, has its range in order, and is none of too few.
    for part, found in zip(shown.parts, shown.forecasts, strict=True):
        number = counts.recent[part.support.key]
        assert (found is None) == (not part.missing or number < msk.pace.forecast_from)
        if found:
            named = [one for one in (found.early, found.likely, found.late) if one]
            assert named == sorted(named) and all(today < one for one in named)
            assert found.counted == number and (found.early or not found.likely) and (found.likely or not found.late)
            assert all(one <= max(DUE, today) + timedelta(days=pace.FARTHEST_DAYS) for one in named)
    # A mentor who never answers is the mentor's reason, and makes no student one.
    if who == "silent mentor" and counts.waiting_since:
        days = (today - counts.waiting_since).days
        late = [one for one in status.reasons if one.about == MENTOR and one.weight >= PRESSING]
        assert bool(late) == (days >= msk.pace.mentor_silent_days)
        named = shown.status_with((Wait("Oliver Hartnell", counts.waiting, days),))
        assert not late or f"{counts.waiting} wait with Oliver Hartnell, oldest {days} days" in named.text
        assert status.key == "at risk" or shown.ahead >= 0 or -shown.ahead < msk.pace.at_risk_by
    # Short on the due date is at risk, however little.
    near = Progress(msk, counts_short(msk, short, DUE))
    assert near.key == "at risk" and f"{short} short" in near.status.words
    assert Progress(msk, counts_short(msk, short, DUE, waits=short)).key == "on pace"


def counts_short(programme, short: int, today: date, waits: int = 0) -> Counts:
    """A student with so many scans less than all, of which so many wait; the last was logged yesterday."""
    counts = Student(lag=0, a_day=programme.total, weekdays=tuple(range(7))).counts(programme, today)
    unaided = StateCounts(counted=programme.support("unaided").total - short, with_mentor=waits)
    return replace(counts, unaided=unaided, last_logged_on=today - DAY, waiting=waits, waiting_since=today - DAY)


def test_nine_short_on_the_due_date_and_a_rate_that_no_week_has_room_for_are_at_risk(msk):
    assert Progress(msk, counts_short(msk, 9, DUE)).status.because == "At risk: 9 scans short on the due date."
    late = Progress(msk, counts_short(msk, 9, DUE - 2 * DAY))
    assert late.cause == "on pace", "21 a week can be done"
    busy = Progress(msk, counts_short(msk, 11, DUE - 2 * DAY))
    assert busy.key == "at risk" and "needs 26 a week; no week has room for more than 25." in busy.status.because
    assert Progress(msk, counts_short(msk, 9, DUE + DAY)).cause == "past the due date"


def test_what_waits_is_no_risk_of_the_students_even_after_the_due_date(msk):
    waits = replace(counts_short(msk, 9, DUE + 30 * DAY, waits=9), waiting_since=DUE)
    shown = Progress(msk, waits)
    assert shown.status.because == "All scanned: 9 wait with a mentor."
    assert [about for about, _ in shown.status.chain][:1] == [MENTOR] and shown.status.key == "on pace"


def test_complete_says_what_is_short_of_the_remit(msk):
    everything = counts_short(msk, 0, DUE)
    done = Progress(msk, replace(everything, regions=dict.fromkeys(msk.vocabulary.regions, 20) | {"elbow": 12}))
    assert done.status.because == "Complete: all 250 scans count. Short of the remit in elbow 8."
    assert done.status.text == "Student: short of the remit in elbow 8"
    whole = Progress(msk, replace(everything, regions=dict.fromkeys(msk.vocabulary.regions, 20)))
    assert (whole.status.because, whole.status.reasons) == ("Complete: all 250 scans count.", ())


def test_the_chain_names_placement_mentor_and_student_apart_and_the_worst_first(msk):
    slow = STUDENTS["slow"].counts(msk, date(2027, 4, 1))
    counts = replace(slow, placed=Placed(START, None, False), last_logged_on=date(2027, 3, 1), debt_overdue=2)
    status = Progress(msk, counts).status_with((Wait("Oliver Hartnell", 24, 36),))
    assert [about for about, _ in status.chain] == [PLACEMENT, MENTOR, STUDENT]
    said = dict(status.chain)
    assert said[PLACEMENT] == "no mentor at present"
    assert said[MENTOR] == "24 wait with Oliver Hartnell, oldest 36 days, 2 audits overdue"
    assert said[STUDENT].startswith("121 behind, silent 31 days")
    weights = [one.weight for one in status.reasons]
    assert weights == sorted(weights, reverse=True)


@pytest.mark.parametrize(("counted", "weeks"), [(8, 12.5), (40, 2.5)])
def test_a_forecast_is_the_rate_of_what_counts_give_or_take_what_chance_makes_of_it(counted, weeks):
    today = date(2027, 1, 4)
    window = (today - timedelta(days=27), today)
    found = pace.forecast(25, counted, window, DUE, least=8)
    assert found.likely == today + timedelta(days=ceil(weeks * 7))
    assert found.early < found.likely < found.late
    away = (today + DAY, today + timedelta(days=35))
    assert pace.forecast(25, counted, window, DUE, least=8, absences=[away]).likely == found.likely + timedelta(days=35)
    assert pace.forecast(25, 7, window, DUE, least=8) is None and pace.forecast(0, 40, window, DUE, least=8) is None


@given(absences=st.lists(st.tuples(MOMENTS, MOMENTS).map(sorted), max_size=3), today=MOMENTS)
def test_expected_never_falls_and_goes_from_none_to_all_whatever_the_leave(absences, today):
    def on(day: date) -> int:
        return pace.expected(250, START, DUE, day, absences)

    assert (on(START), on(DUE)) == (0, 250) and 0 <= on(today) <= on(today + DAY) <= 250
    assert pace.is_away(today, absences) <= (on(today) == on(today + DAY) or today + DAY == DUE or on(today) == 0)
