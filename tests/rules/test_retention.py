"""Until when what is whose is kept (R22): never before the end, never shorter than it says."""

from __future__ import annotations

import copy
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.programme import Programme, ProgrammeError, Retention, parse
from rules.retention import PORTFOLIO, READING, Facts, due, edition_until, later, reminder
from tests.rules.conftest import PROGRAMMES
from tests.rules.test_programme import raw

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
RULES = st.builds(
    Retention,
    graduates_read_years=st.integers(0, 100),
    portfolio_years=st.integers(0, 100),
    left_months=st.integers(1, 600),
    editions_years=st.integers(0, 100),
)
ENDS = st.sampled_from(["graduated", "left"])


def days_of(facts: Facts, rule: Retention, today: date) -> dict[str, date]:
    return {one.what: one.on for one in due(facts, rule, today)}


@given(DAYS, DAYS, ENDS, DAYS, RULES)
def test_nothing_is_due_before_the_end_and_reading_never_ends_before_what_is_kept(due_on, ended, how, today, rule):
    for facts in (Facts(due_on, ended, how), Facts(due_on)):
        found = due(facts, rule, today)
        assert {one.what for one in found} == {READING, PORTFOLIO}
        on = days_of(facts, rule, today)
        assert on[READING] >= on[PORTFOLIO] >= (facts.ended_on or max(due_on, today))
        assert all(one.why.endswith(".") for one in found)


@given(DAYS, st.integers(0, 4000), ENDS, RULES, st.integers(0, 12))
def test_who_ends_later_or_under_longer_rules_is_kept_no_shorter(ended, more, how, rule, years):
    after = min(ended + timedelta(days=more), date(2099, 12, 31))
    longer = Retention(
        graduates_read_years=min(rule.graduates_read_years + years, 100),
        portfolio_years=min(rule.portfolio_years + years, 100),
        left_months=min(rule.left_months + years, 600),
        editions_years=min(rule.editions_years + years, 100),
    )
    for what, on in days_of(Facts(ended, ended, how), rule, ended).items():
        assert days_of(Facts(ended, after, how), rule, ended)[what] >= on
        assert days_of(Facts(ended, ended, how), longer, ended)[what] >= on
    assert edition_until(after, longer) >= edition_until(ended, rule)


@given(DAYS, st.integers(0, 1200))
def test_a_period_is_never_shorter_than_it_says_and_at_most_three_days_longer(day, months):
    whole = (day.year * 12 + day.month - 1) + months
    first = date(whole // 12, whole % 12 + 1, 1)
    assert timedelta(0) <= later(day, months=months) - first - timedelta(days=day.day - 1) <= timedelta(days=3)


def test_a_leap_day_ends_on_the_first_of_march_and_on_itself():
    leap = date(2028, 2, 29)
    cases = {12: date(2029, 3, 1), 24: date(2030, 3, 1), 48: date(2032, 2, 29)}
    assert {months: later(leap, months=months) for months in cases} == cases
    assert later(date(2027, 12, 31), months=2) == date(2028, 3, 1)
    assert later(date(2027, 8, 31), months=1) == date(2027, 10, 1)


def test_a_graduate_of_this_course_reads_for_two_years_and_who_left_for_one(msk: Programme):
    end, today = date(2026, 7, 3), date(2026, 8, 1)
    graduated = days_of(Facts(date(2026, 6, 30), end, "graduated"), msk.retention, today)
    assert graduated == {READING: date(2028, 7, 3), PORTFOLIO: date(2028, 7, 3)}
    assert days_of(Facts(date(2026, 6, 30), end, "left"), msk.retention, today)[PORTFOLIO] == date(2027, 7, 3)
    late = days_of(Facts(date(2026, 6, 30)), msk.retention, today)  # still enrolled after the day that was planned
    assert late[READING] == date(2028, 8, 1)


def test_reminders_go_60_and_14_days_before_and_not_on_the_day_or_after():
    today = date(2027, 1, 1)
    at = {days: reminder(today + timedelta(days=days), today) for days in (61, 60, 15, 14, 1, 0, -1)}
    assert at == {61: None, 60: 60, 15: 60, 14: 14, 1: 14, 0: None, -1: None}


def test_an_older_file_has_its_years_of_reading_and_no_table(msk: Programme):
    assert PROGRAMMES["second"].retention == Retention(graduates_read_years=5)
    assert PROGRAMMES["second"].retention.graduates_read_years == 5
    without = raw()
    del without["retention"]
    assert parse(without, msk.vocabulary).retention == msk.retention == Retention()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"retention": "long"}, "retention takes a table of keys, not 'long'."),
        ({"retention": {"portfolio_years": -1}}, "retention.portfolio_years takes a whole number of years, 0 to 100"),
        ({"retention": {"portfolio_years": 101}}, "retention.portfolio_years takes a whole number of years, 0 to 100"),
        ({"retention": {"left_months": 0}}, "retention.left_months takes a whole number of months, 1 to 600"),
        ({"retention": {"sign_ins_days": True}}, "retention.sign_ins_days takes a whole number of days"),
        ({"retention": {"for_ever": 1}}, "retention.for_ever is not known here"),
        ({"read_access_years_after": 3}, "read_access_years_after is not known here"),  # beside the table
    ],
)
def test_a_wrong_number_is_refused_by_its_key(msk: Programme, changes: dict, says: str):
    with pytest.raises(ProgrammeError, match=says.replace(".", r"\.")):
        parse({**copy.deepcopy(raw()), **changes}, msk.vocabulary)
