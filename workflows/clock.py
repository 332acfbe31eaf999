"""The one place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# What is dated later than this counts for nothing: a clock that jumped ahead and was put right prolongs nothing.
APART = timedelta(minutes=1)  # as far as the clocks of two servers may be apart
AHEAD = timedelta(days=2)  # for sign-ins and links of people's own: so small a jump ends none


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)
