"""A student's own days: whatever is interrupted, pace is pace on a calendar from which those days were cut out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rules import calendar, lifecycle, pace
from rules.calendar import Extension, Interruption
from rules.progress import Progress
from rules.totals import Counts, Placed, StateCounts
from scripts import states

START, DUE, DAY = date(2026, 9, 21), date(2027, 6, 18), timedelta(days=1)
SPAN = st.integers(0, 320)


def student(today: date, due_on: date, counted: int, logged: date | None, decided=()) -> Counts:
    """Somebody of whom so many scans count, and who logged the last one on that day."""
    return Counts(
        aided=StateCounts(counted=min(counted, 100)),
        unaided=StateCounts(counted=max(0, counted - 100)),
        regions={},
        debt=0,
        debt_oldest_on=None,
        debt_overdue=0,
        recent={"aided": 9, "unaided": 9},
        last_logged_on=logged,
        procedures={},
        today=today,
        starts_on=START,
        due_on=due_on,
        placed=Placed(START),
        absences=calendar.resting_days(decided, today),
        decided=tuple(decided),
    )


@given(begins=SPAN, days=st.integers(1, 120), now=SPAN, logged=SPAN, counted=st.integers(0, 260))
def test_pace_with_an_interruption_is_pace_without_it_on_a_calendar_with_its_days_cut_out(
    msk, begins, days, now, logged, counted
):
    first = START + begins * DAY
    rest = Interruption(first, first + days * DAY)

    def day_of(number: int) -> date:
        """The day of study with this number on the student's own calendar."""
        on = START + number * DAY
        return on if on < first else on + days * DAY

    logged = min(logged, now)
    plain = Progress(msk, student(START + now * DAY, DUE, counted, START + logged * DAY))
    today = day_of(now)
    due = calendar.due_on(START, DUE, [rest], today)
    shown = Progress(msk, student(today, due, counted, day_of(logged), [rest]))
    assert (shown.expected, shown.ahead, shown.per_week_needed) == (plain.expected, plain.ahead, plain.per_week_needed)
    assert (shown.cause, shown.status.words) == (plain.cause, plain.status.words)
    assert shown.silent_days == plain.silent_days
    assert pace.days_present(START, today, calendar.resting_days([rest], today)) == now + 1


@given(
    begins=SPAN, days=st.integers(1, 120), within=st.integers(0, 119), counted=st.integers(0, 249), ends=st.booleans()
)
def test_nobody_whose_study_rests_is_at_risk_or_behind_and_expected_stands_still(
    msk, begins, days, within, counted, ends
):
    first = START + begins * DAY
    today = first + min(within, days - 1) * DAY
    rest = Interruption(first, first + days * DAY if ends else None)

    def on(day: date) -> Progress:
        return Progress(msk, student(day, calendar.due_on(START, DUE, [rest], day), counted, START, [rest]))

    shown = on(today)
    assert (shown.key, shown.status.reasons) == ("interrupted", ())
    assert shown.status.words.startswith("Interrupted until" if ends else "Interrupted since")
    assert (shown.per_week_needed, shown.forecast_on, shown.silent_days) == (None, None, on(first).silent_days)
    if first <= DUE:
        assert shown.expected == on(first).expected


def test_an_interruption_moves_the_due_date_and_an_extension_sets_it():
    march = Interruption(date(2027, 3, 1), date(2027, 3, 31))
    may = Interruption(date(2027, 5, 1), date(2027, 5, 11))
    later = Extension(date(2027, 9, 1))

    def due(*decided, today=date(2027, 4, 1)) -> date:
        return calendar.due_on(START, DUE, decided, today)

    assert due() == DUE
    assert due(march) == DUE + 30 * DAY
    assert due(march, may) == due(may, march) == DUE + 40 * DAY
    assert due(march, later) == later.due_on, "the director knew of March"
    assert due(march, later, may) == later.due_on + 10 * DAY
    assert due(march, later, Extension(date(2027, 10, 1))) == date(2027, 10, 1)
    # One that begins after the due date moves nothing; what another one has moved it to, does.
    july = Interruption(date(2027, 7, 1), date(2027, 7, 6))
    assert due(july) == DUE and due(july, march) == DUE + 35 * DAY
    # Without an end it moves the date day by day; before it has begun, not at all.
    open_one = Interruption(date(2027, 3, 1), None)
    assert [due(open_one, today=date(2027, 3, day)) - DUE for day in (1, 10)] == [DAY, 10 * DAY]
    assert due(open_one, today=date(2027, 2, 28)) == DUE


def test_what_rests_before_the_cohort_starts_moves_nothing_so_a_deferral_is_not_counted_twice():
    rest = Interruption(date(2026, 3, 1), date(2026, 9, 26))
    assert calendar.due_on(START, DUE, [rest], DUE) == DUE + 5 * DAY
    assert calendar.due_on(START, DUE, [Interruption(date(2026, 3, 1), START)], DUE) == DUE


def test_the_day_on_which_they_come_back_is_a_day_of_study():
    rest = Interruption(date(2027, 3, 1), date(2027, 3, 3))
    assert [calendar.is_interrupted([rest], date(2027, 3, day)) for day in (1, 2, 3)] == [True, True, False]
    assert not rest.meets(Interruption(date(2027, 3, 3), None)) and rest.meets(Interruption(date(2027, 3, 2), None))
    assert calendar.resting_days([rest, Extension(DUE)], DUE) == ((date(2027, 3, 1), date(2027, 3, 2)),)
    assert pace.days_present(date(2027, 3, 1), date(2027, 3, 3), calendar.resting_days([rest], DUE)) == 1


def test_who_is_interrupted_and_not_placed_is_asked_for_nothing(msk):
    counts = student(date(2027, 3, 1), DUE, 9, START, [Interruption(date(2027, 3, 1), None)])
    assert Progress(msk, replace(counts, placed=Placed(None, None, False))).status.reasons == ()


def test_the_table_of_states_is_the_one_that_is_drawn_and_nobody_comes_back_from_graduating():
    page = states.DOCS / "study.md"
    assert page.read_text(encoding="utf-8") == states.pages()[page]
    assert {move.verb for move in lifecycle.TABLE} == set(states.STUDENT)
    assert lifecycle.can("readmit", lifecycle.LEFT) and not lifecycle.can("readmit", lifecycle.GRADUATED)
    assert {move.after for move in lifecycle.TABLE} == set(lifecycle.STATES)
