"""What counts toward the total, what is missing, and the pace (R1, R2, R5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.programme import Programme
from rules.progress import Progress
from rules.status import CAUSES
from rules.totals import Counts, StateCounts
from tests.rules import draw

START, DUE = date(2026, 9, 21), date(2027, 6, 18)


def counts(**changes) -> Counts:
    nothing = Counts(
        aided=StateCounts(),
        unaided=StateCounts(),
        regions={},
        debt=0,
        debt_oldest_on=None,
        debt_overdue=0,
        recent={},
        last_logged_on=None,
        procedures={},
        today=START,
        starts_on=START,
        due_on=DUE,
    )
    return replace(nothing, **changes)


def on_the_way(programme: Programme, ahead: int, **changes) -> Counts:
    """A student halfway through the time, so many scans ahead of the line, who scanned today."""
    today = START + (DUE - START) / 2
    expected = Progress(programme, counts(today=today)).expected
    aided = min(expected + ahead, programme.support("aided").total)
    tallies = {"aided": StateCounts(counted=aided), "unaided": StateCounts(counted=expected + ahead - aided)}
    return counts(
        **{"today": today, "last_logged_on": today, "recent": {"aided": 20, "unaided": 20}, **tallies, **changes}
    )


# R2: each kind counts up to its own total


@given(data=st.data())
def test_each_kind_counts_up_to_its_own_total_and_the_surplus_is_shown(data, programme):
    drawn = data.draw(draw.counts(programme))
    shown = Progress(programme, drawn)
    for part, tally in zip(shown.parts, (drawn.aided, drawn.unaided), strict=True):
        assert part.counted == min(tally.counted, part.support.total)
        assert part.counted + part.surplus == tally.counted
        assert part.counted + part.missing == part.total
        assert min(part.counted, part.surplus, part.missing, part.to_scan) >= 0
        assert part.missing == part.waiting + part.to_correct + part.to_scan
    assert shown.counted + shown.missing == shown.total == programme.total
    assert shown.counted == shown.aided.counted + shown.unaided.counted


@given(data=st.data())
def test_a_surplus_never_fills_the_other_kind(data, programme):
    drawn = data.draw(draw.counts(programme))
    more = replace(drawn, aided=replace(drawn.aided, counted=drawn.aided.counted + data.draw(draw.NUMBERS)))
    assert Progress(programme, more).unaided == Progress(programme, drawn).unaided


@given(data=st.data())
def test_one_more_counted_scan_never_takes_away(data, programme):
    drawn = data.draw(draw.counts(programme))
    before = Progress(programme, drawn)
    for kind in ("aided", "unaided"):
        tally = getattr(drawn, kind)
        after = Progress(programme, replace(drawn, **{kind: replace(tally, counted=tally.counted + 1)}))
        assert before.counted <= after.counted <= before.counted + 1
        assert after.counted <= programme.total


@given(data=st.data())
def test_what_waits_was_returned_or_is_a_draft_counts_nothing(data, programme):
    drawn = data.draw(draw.counts(programme))
    alone = replace(
        drawn, aided=StateCounts(counted=drawn.aided.counted), unaided=StateCounts(counted=drawn.unaided.counted)
    )
    assert Progress(programme, drawn).counted == Progress(programme, alone).counted
    shown = Progress(programme, drawn)
    assert shown.with_mentor == drawn.aided.with_mentor + drawn.unaided.with_mentor
    assert shown.returned == drawn.aided.returned + drawn.unaided.returned
    assert shown.drafts == drawn.aided.draft + drawn.unaided.draft


def test_a_hundred_and_forty_aided_and_ninety_unaided_are_a_hundred_and_ninety(msk: Programme):
    shown = Progress(msk, counts(aided=StateCounts(counted=140), unaided=StateCounts(counted=90)))
    assert (shown.counted, shown.aided.surplus, shown.missing) == (190, 40, 60)
    assert shown.missing_words.startswith("60 unaided to go")


def test_complete_is_when_both_kinds_are(programme: Programme):
    aided, unaided = programme.support("aided").total, programme.support("unaided").total
    done = counts(aided=StateCounts(counted=aided), unaided=StateCounts(counted=unaided))
    assert Progress(programme, done).status.key == "complete"
    assert Progress(programme, done).per_week_needed == 0
    assert Progress(programme, done).forecast_on is None
    lopsided = counts(aided=StateCounts(counted=aided + unaided))
    assert Progress(programme, lopsided).status.key != "complete"


# R5: breadth


def test_regions_are_counted_by_area_in_the_programmes_order(msk: Programme):
    shown = Progress(msk, counts(regions={"wrist": 7, "hand": 5, "hip": 21, "muscle": 3}))
    assert [region.key for region in shown.regions] == [target.key for target in msk.breadth]
    area = {region.key: region for region in shown.regions}
    assert (area["wrist-hand"].counted, area["wrist-hand"].missing) == (12, 8)
    assert (area["hip-groin"].counted, area["hip-groin"].missing) == (21, 0)
    assert (area["muscle"].counted, area["muscle"].target, area["muscle"].missing) == (3, None, 0)


def test_a_signed_remit_limits_what_is_shown_and_counted(msk: Programme):
    shown = Progress(msk, counts(regions={"wrist": 7, "hand": 5, "hip": 21}, remit=("wrist", "knee")))
    assert [(region.key, region.counted) for region in shown.regions] == [("wrist-hand", 7), ("knee", 0)]


def test_what_is_missing_is_one_line(msk: Programme):
    some = {"shoulder": 20, "elbow": 12, "wrist": 20, "hip": 7, "knee": 20, "ankle": 15}
    line = Progress(
        msk, counts(aided=StateCounts(counted=62), unaided=StateCounts(counted=68), regions=some)
    ).missing_words
    assert line == "38 aided and 82 unaided to go; short in hip and groin 13, elbow 8, ankle and foot 5"
    everything = dict.fromkeys(msk.vocabulary.regions, 20)
    done = counts(aided=StateCounts(counted=100), unaided=StateCounts(counted=150), regions=everything)
    assert Progress(msk, done).missing_words == "Nothing is missing"


# Audit debt


def test_audit_debt_says_how_many_how_old_and_how_many_are_overdue(msk: Programme):
    today = START + timedelta(days=30)
    some = counts(today=today, debt=5, debt_oldest_on=today - timedelta(days=9), debt_overdue=2)
    debt = Progress(msk, some).debt
    assert (debt.count, debt.oldest_days, debt.overdue) == (5, 9, 2)
    assert debt.words == "5 aided scans wait for their audit, the oldest sent 9 days ago; 2 overdue (after 7 days)."
    one = Progress(msk, counts(today=today, debt=1, debt_oldest_on=today)).debt
    assert one.words == "1 aided scan waits for its audit, sent today."
    assert Progress(msk, counts()).debt.words == "No aided scan waits for its audit."


# Pace


def test_two_hundred_and_fifty_in_fifteen_weeks_is_sixteen_point_seven_a_week(msk: Programme):
    semester = counts(due_on=START + timedelta(weeks=15, days=-1))
    assert Progress(msk, semester).per_week_needed == pytest.approx(16.7, abs=0.05)


def test_there_is_no_weekly_need_after_the_due_date(programme: Programme):
    late = counts(today=DUE + timedelta(days=1), unaided=StateCounts(counted=20), last_logged_on=DUE)
    shown = Progress(programme, late)
    assert shown.per_week_needed is None
    assert shown.status.key == "at risk"
    assert "has passed" in shown.status.because


def status_at(programme: Programme, ahead: int):
    return Progress(programme, on_the_way(programme, ahead)).status


def test_every_status_starts_at_the_programmes_threshold_and_says_it(programme: Programme):
    pace = programme.pace
    for key, at, before in (
        ("ahead", pace.ahead_by, pace.ahead_by - 1),
        ("behind", -pace.behind_by, 1 - pace.behind_by),
        ("at risk", -pace.at_risk_by, 1 - pace.at_risk_by),
    ):
        status = status_at(programme, at)
        assert status.key == key
        assert str(abs(at)) in status.words
        assert f"starts at {abs(at)}" in status.because
        assert status_at(programme, before).key != key
    on_pace = status_at(programme, 0)
    assert on_pace.key == "on pace"
    assert str(pace.behind_by) in on_pace.because and str(pace.ahead_by) in on_pace.because


def test_tom_is_eleven_behind(msk: Programme):
    status = status_at(msk, -11)
    expected = Progress(msk, on_the_way(msk, 0)).expected
    assert status.words == "11 behind"
    assert status.because == f"Behind: 11 scans fewer than the {expected} expected by today; behind starts at 10."


def test_silence_is_a_risk_but_not_of_who_is_ahead_nor_when_all_is_with_the_mentor(programme: Programme):
    quiet = programme.pace.silent_days
    student = on_the_way(programme, 0)
    silent = replace(student, last_logged_on=student.today - timedelta(days=quiet))
    assert Progress(programme, silent).status.key == "at risk"
    assert f"{quiet} days" in Progress(programme, silent).status.because
    ahead = replace(on_the_way(programme, 20), last_logged_on=silent.last_logged_on)
    assert Progress(programme, ahead).status.key == "ahead"
    yesterday = replace(student, last_logged_on=student.today - timedelta(days=quiet - 1))
    assert Progress(programme, yesterday).status.key != "at risk"
    waiting = replace(
        silent,
        aided=replace(silent.aided, with_mentor=programme.total),
        unaided=replace(silent.unaided, with_mentor=programme.total),
    )
    assert Progress(programme, waiting).status.key != "at risk"


def test_before_the_start_and_before_the_first_scan_a_student_has_not_started(programme: Programme):
    early = Progress(programme, counts(today=START - timedelta(days=5))).status
    assert (early.key, "21 September 2026" in early.because) == ("not started", True)
    assert Progress(programme, counts(today=START + timedelta(days=3))).status.key == "not started"
    late = Progress(programme, counts(today=START + (DUE - START) / 2)).status
    assert late.key == "at risk"


@given(data=st.data())
def test_any_counts_give_a_status_that_can_be_shown(data, programme):
    shown = Progress(programme, data.draw(draw.counts(programme)))
    assert shown.status.key in set(CAUSES.values())
    assert shown.status.words and shown.status.because.endswith(".")
    assert shown.ahead == shown.scanned - shown.expected
    assert shown.missing_words


# What wants somebody's eye


def test_a_region_left_far_behind_the_others_is_a_gap(programme):
    student = on_the_way(programme, 0)
    areas = [target for target in programme.breadth if target.target]
    share = areas[0].target * Progress(programme, student).counted / programme.total
    enough = {target.regions[0]: 30 for target in areas}
    assert Progress(programme, replace(student, regions=enough)).gaps == ()
    first = areas[0].regions[0]
    for number in (0, ceil(share * programme.pace.gap_percent / 100) - 1):
        shown = Progress(programme, replace(student, regions={**enough, first: number}))
        assert [gap.key for gap in shown.gaps] == [areas[0].key]
        said = f"only {number}" if number else "no"
        assert f"{said} {areas[0].name.lower()}" in [one.words for one in shown.status.reasons]


def test_a_few_scans_are_no_case_mix_yet(programme):
    student = counts(today=START + timedelta(days=9), aided=StateCounts(counted=3), last_logged_on=START)
    assert Progress(programme, student).gaps == ()


@given(data=st.data())
def test_a_student_at_risk_has_a_reason(data, programme):
    drawn = data.draw(draw.counts(programme))
    status = Progress(programme, drawn).status
    assert status.reasons or status.key not in ("at risk", "behind")
