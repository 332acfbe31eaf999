"""Which backups are kept, when the next is due, from when on one is too old: for any nights whatever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rules import backups

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
FIRST, CLOSE = datetime(2020, 1, 1, tzinfo=UTC), timedelta(minutes=1)
instants = st.integers(0, 10**10).map(lambda ticks: FIRST + timedelta(seconds=ticks / 30))


@given(st.sets(instants, max_size=200))
def test_the_newest_is_always_kept_and_never_more_than_there_is_a_place_for(made):
    kept = backups.to_keep(made)
    assert kept <= made
    assert len(kept) <= backups.DAILY + backups.WEEKLY + backups.MONTHLY
    assert backups.to_keep(kept) == kept, "what is kept stays kept until there is a newer one"
    for period in (lambda at: at.date(), lambda at: at.isocalendar()[:2], lambda at: (at.year, at.month)):
        newest = {period(at): at for at in sorted(made)}
        assert {newest[key] for key in sorted(newest)[-5:]} <= kept, "the newest of the newest five of each"


@given(st.lists(instants, unique=True, max_size=60))
def test_deleting_every_night_keeps_what_deleting_once_at_the_end_would(made):
    nightly: set[datetime] = set()
    for at in sorted(made):
        nightly = backups.to_keep({*nightly, at})
    assert nightly == backups.to_keep(made)


@given(st.integers(380, 800))
def test_a_course_that_is_backed_up_each_night_can_go_back_a_day_a_week_and_a_year(nights):
    kept: set[datetime] = set()
    for night in range(nights):
        kept = backups.to_keep({*kept, NOW + timedelta(days=night)})
    last = NOW + timedelta(days=nights - 1)
    assert {last - timedelta(days=days) for days in range(7)} <= kept
    assert any(timedelta(days=27) <= last - at <= timedelta(days=62) for at in kept)
    assert last - min(kept) >= timedelta(days=300)


@given(instants, st.booleans())
def test_a_name_says_when_its_backup_was_made(at, encrypted):
    assert backups.made_at(backups.name_of(at, encrypted=encrypted)) == at.replace(microsecond=0)


def test_what_is_no_backup_of_ours_is_never_taken_for_one():
    for name in (
        "sonofolio-20261128T020000Z.tar.gz.part",
        "sonofolio-20261328T020000Z.tar.gz",
        "sonofolio-20261128T020000Z.tar",
        "sonofolio-٢٠٢٦١١٢٨T020000Z.tar.gz",
        "production.env",
    ):
        assert backups.made_at(name) is None, name


def test_one_is_due_once_a_night_however_the_clock_was_set():
    def due(*made: datetime, now: datetime = NOW) -> bool:
        return backups.is_due(made, now)

    night = NOW.replace(hour=2)
    assert due() and due(night - timedelta(minutes=1)) and not due(night) and not due(NOW)
    assert due(night - timedelta(days=1), now=night) and not due(night - timedelta(days=1), now=night - CLOSE)
    assert due(NOW + timedelta(days=3650)), "made by a clock of 2036: it is not waited for"


def test_after_two_days_it_is_too_old_and_so_is_none_or_one_of_the_future():
    assert backups.is_old(None, NOW)
    assert not backups.is_old(NOW - timedelta(days=2), NOW)
    assert backups.is_old(NOW - timedelta(days=2, seconds=1), NOW)
    assert backups.is_old(NOW + timedelta(days=1), NOW)


def test_what_fails_is_tried_again_after_longer_and_longer_waits():
    waits = [backups.wait_after(failures) for failures in range(1, 40)]
    assert waits[0] == timedelta(minutes=5) and waits == sorted(waits) and waits[-1] == timedelta(hours=6)
