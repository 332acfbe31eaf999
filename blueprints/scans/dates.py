"""Instants and days in words, by the programme's own clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from rules.programme import Programme


def day(on: date, today: date) -> str:
    """ "today", "yesterday", "Mon 3 November", with the year where it is another one."""
    if on == today:
        return "today"
    if on == today - timedelta(days=1):
        return "yesterday"
    return f"{on:%a} {on.day} {on:%B}" + (f" {on.year}" if on.year != today.year else "")


def moment(programme: Programme, at: datetime, now: datetime) -> str:
    """ "today, 14:05"."""
    local = programme.local(at)
    return f"{day(local.date(), programme.today(now))}, {local:%H:%M}"


def ago(at: datetime, now: datetime) -> str:
    """ "a moment ago", "3 minutes ago", "2 hours ago", "5 days ago"."""
    minutes = int((now - at).total_seconds() // 60)
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            number = minutes // size
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "a moment ago"
