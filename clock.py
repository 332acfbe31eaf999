"""The one place that asks what time it is, and which day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

# What is dated later than this counts for nothing: a clock that jumped ahead and was put right prolongs nothing.
APART = timedelta(minutes=1)  # as far as the clocks of two servers may be apart
AHEAD = timedelta(days=2)  # for sign-ins and links of people's own: so small a jump ends none

_zone = ZoneInfo("Europe/London")


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The day on which somebody's part in a placement begins or ends: that of the time zone of the courses."""
    return day_of(now())


def day_of(at: datetime) -> date:
    """The day of this instant in the time zone of the courses."""
    return at.astimezone(_zone).date()


def use_zone(name: str) -> None:
    """Count days in this time zone; `programmes.load_all` names that of the first course."""
    global _zone
    _zone = ZoneInfo(name)
