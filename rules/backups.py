"""Backups by their names and days: which are kept, when the next is due, from when on one is too old."""

import re
from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime, time, timedelta

DAILY, WEEKLY, MONTHLY = 7, 5, 12  # the newest of each of so many days, weeks and months is kept
NIGHTLY_AT = time(2, 0, tzinfo=UTC)
OLD = timedelta(days=2)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)  # after a backup that failed
CLOCKS = timedelta(minutes=1)  # as far as two clocks may be apart


def name_of(made_at: datetime, *, encrypted: bool) -> str:
    """ "sonofolio-20261128T020000Z.tar.gz", with ".age" when it is encrypted."""
    return f"sonofolio-{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar.gz{'.age' if encrypted else ''}"


def made_at(name: str) -> datetime | None:
    """When a file of this name was made; None when it is not the name of a backup."""
    found = re.fullmatch(r"sonofolio-([0-9]{8}T[0-9]{6})Z\.tar\.gz(\.age)?", name)
    try:
        return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def to_keep(made: Iterable[datetime]) -> set[datetime]:
    """Those of these backups that are kept: of each of the newest days, weeks and months with one, the newest."""
    newest_first = sorted(made, reverse=True)
    return {
        *_newest(newest_first, DAILY, lambda at: at.date()),
        *_newest(newest_first, WEEKLY, lambda at: at.isocalendar()[:2]),
        *_newest(newest_first, MONTHLY, lambda at: (at.year, at.month)),
    }


def _newest(newest_first: list[datetime], most: int, period: Callable[[datetime], Hashable]) -> Iterable[datetime]:
    found: dict[Hashable, datetime] = {}
    for at in newest_first:
        found.setdefault(period(at), at)
    return list(found.values())[:most]


def is_due(made: Iterable[datetime], now: datetime) -> bool:
    """Whether none was made since the last time of night. One of the future says nothing: a clock was wrong then."""
    night = datetime.combine(now.astimezone(UTC).date(), NIGHTLY_AT)
    last = night if night <= now else night - timedelta(days=1)
    return not any(last <= at <= now + CLOCKS for at in made)


def is_old(made: datetime | None, now: datetime) -> bool:
    """Whether the last backup that was proved restorable, if there is one, is too old."""
    return made is None or not -CLOCKS <= now - made <= OLD


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many backups that failed one after the other."""
    return min(FIRST_WAIT * (1 << min(max(failures, 1) - 1, 16)), LONGEST_WAIT)
