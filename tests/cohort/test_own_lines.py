"""The cohort's line is the sum of its students' own lines."""

from __future__ import annotations

from datetime import date, timedelta

from blueprints.cohort.pace_chart import Own, pace_chart
from rules import pace

START, DUE, DAY = date(2026, 9, 21), date(2027, 6, 18), timedelta(days=1)


def test_whoever_is_interrupted_or_extended_is_expected_by_their_own_days():
    rest = (date(2027, 1, 1), date(2027, 1, 30))
    own = [Own(START, DUE + 30 * DAY, (rest,), 250), Own(START, DUE + 60 * DAY, (), 250)]
    drawn = pace_chart((), START, DUE, date(2027, 2, 1), 1000, own)
    for row in drawn.rows:
        together = 500 * min((row.on - START).days, (DUE - START).days) // (DUE - START).days
        theirs = sum(pace.expected(250, START, one.due_on, row.on, one.absences) for one in own)
        assert row.expected == together + theirs
    assert drawn.rows[-1].expected == 1000 and drawn.rows[-1].on == DUE + 60 * DAY
    assert "2 of the students have a line of their own" in drawn.text and "straight" not in drawn.text


def test_without_any_of_them_it_is_one_straight_line():
    drawn = pace_chart((), START, DUE, date(2027, 2, 1), 1000)
    assert drawn.expected.count("L") == 1 and "on a straight line to 1,000" in drawn.text
