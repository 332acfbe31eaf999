"""Instants and days as a person says them, by the programme's own clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from rules.programme import Programme

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def ago(programme: Programme, at: datetime, now: datetime) -> str:
    """ "just now", "10 min ago", "3 h ago", "yesterday 16:40", "Mon 3 Aug 16:40"."""
    past = max(now - at, timedelta(0))
    if past < MINUTE:
        return "just now"
    if past < HOUR:
        return f"{past // MINUTE} min ago"
    local, today = programme.local(at), programme.today(now)
    if local.date() == today or past < 6 * HOUR:
        return f"{past // HOUR} h ago"
    on = local.date()
    return f"{day(on, today).lower() if today - on == DAY else day(on, today)} {local.hour:02}:{local.minute:02}"


@lru_cache(maxsize=1024)
def day(on: date, today: date) -> str:
    """ "Today", "Yesterday", "Mon 3 Aug", with the year when it is another one."""
    if on == today:
        return "Today"
    if today - on == DAY:
        return "Yesterday"
    return f"{on:%a} {on.day} {on:%b}" + (f" {on.year}" if on.year != today.year else "")
