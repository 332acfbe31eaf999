"""The one place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

APART = timedelta(minutes=1)  # how far the clocks of two servers may be apart; what is dated later is of no time of ours


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)
