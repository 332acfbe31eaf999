"""Quiet hours and the time of the mail, on the clock of the programme."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules import quiet

LONDON = ZoneInfo("Europe/London")
NIGHT = (21 * 60, 7 * 60)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-25 {text}").replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("time", "is_quiet"),
    [("20:59", False), ("21:00", True), ("23:59", True), ("00:00", True), ("06:59", True), ("07:00", False)],
)
def test_the_night_goes_over_midnight(time, is_quiet):
    assert quiet.is_quiet(at(time), *NIGHT) == is_quiet


def test_who_works_at_night_sleeps_by_day():
    assert quiet.is_quiet(at("12:00"), 8 * 60, 16 * 60) and not quiet.is_quiet(at("02:00"), 8 * 60, 16 * 60)


def test_the_same_time_twice_is_never_quiet():
    assert not any(quiet.is_quiet(at(f"{hour:02}:00"), 540, 540) for hour in range(24))


def test_the_quiet_ends_on_the_next_morning():
    assert quiet.ends(at("23:10"), 420) == at("07:00") + timedelta(days=1)
    assert quiet.ends(at("03:10"), 420) == at("07:00")


def test_it_ends_by_the_clock_on_the_wall_when_the_clocks_change():
    eve = datetime(2026, 10, 24, 22, tzinfo=LONDON)  # an hour is gone round twice that night
    end = quiet.ends(eve, 420)
    assert (end.hour, end.day) == (7, 25)
    assert end.astimezone(ZoneInfo("UTC")) - eve.astimezone(ZoneInfo("UTC")) == timedelta(hours=10)


@pytest.mark.parametrize(("time", "goes"), [("07:29", False), ("07:30", True), ("11:59", True), ("12:00", False)])
def test_the_mail_goes_in_the_morning(time, goes):
    assert quiet.is_mail_time(at(time)) == goes


def test_a_minute_is_written_as_it_is_read():
    assert [quiet.minute(quiet.words(minute)) for minute in (0, 61, 1260, 1439)] == [0, 61, 1260, 1439]
