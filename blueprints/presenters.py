"""Days, instants and places of scans in words, by the programme's own clock and vocabulary: for pages and templates."""

from datetime import date, datetime, timedelta

from rules import person_names, phrases, states
from rules.phrases import capital
from rules.programme import Programme

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def day(on: date, today: date, month: str = "%B") -> str:
    """ "today", "yesterday", "Mon 3 November", with the year where it is another one."""
    if on == today:
        return "today"
    if today - on == DAY:
        return "yesterday"
    return f"{on:%a} {on.day} {on:{month}}" + (f" {on.year}" if on.year != today.year else "")


def short_day(on: date) -> str:
    """ "3 Nov"."""
    return f"{on.day} {on:%b}"


def days_ago(on: date | None, today: date) -> str:
    """ "today", "3 days ago", "3 Nov 2026" where that is long ago; when a student last logged a scan."""
    if on is None:
        return "no scan yet"
    days = (today - on).days
    if days <= 1:
        return "yesterday" if days == 1 else "today"
    return f"{days} days ago" if days < 60 else f"{short_day(on)} {on.year}"


def moment(programme: Programme, at: datetime, now: datetime) -> str:
    """ "today, 14:05"."""
    local = programme.local(at)
    return f"{day(local.date(), programme.today(now))}, {local:%H:%M}"


def instant(programme: Programme, at: datetime) -> str:
    """ "Mon 3 Nov 2026, 14:05"."""
    local = programme.local(at)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def ago(at: datetime, now: datetime) -> str:
    """ "a moment ago", "3 minutes ago", "2 hours ago", "5 days ago"."""
    for size, unit in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if number := max(now - at, timedelta(0)) // size:
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "a moment ago"


def short_ago(programme: Programme, at: datetime, now: datetime, time: bool = True) -> str:
    """ "just now", "10 min ago", "3 h ago", "yesterday 16:40", "Mon 3 Aug 16:40"; of days before, without `time`, the
    day alone.
    """
    past = max(now - at, timedelta(0))
    if past < MINUTE:
        return "just now"
    if past < HOUR:
        return f"{past // MINUTE} min ago"
    local, today = programme.local(at), programme.today(now)
    if local.date() == today or past < 6 * HOUR:
        return f"{past // HOUR} h ago"
    before = day(local.date(), today, "%b")
    return f"{before} {local:%H:%M}" if time else before


def place(programme: Programme, region: str, side: str) -> str:
    """Where a scan was: "Shoulder · right"; the id of a region that is no longer in the vocabulary. What is not known
    yet is left out.
    """
    known = programme.vocabulary.regions.get(region)
    return " · ".join(filter(None, (known.name if known else capital(region), side)))


def place_in_sentence(programme: Programme, region: str, side: str) -> str:
    """The same within a sentence: "right shoulder", "both knees"."""
    known = programme.vocabulary.regions.get(region)
    return phrases.side_of(known, side).removeprefix("the ") if known else f"{side} {region}".strip()


TEMPLATE_FILTERS = {
    "first_name": person_names.first_name,
    "long_day": phrases.day,
    "short_day": short_day,
    "days_ago": days_ago,
    "scans": phrases.scans,
    "state_name": states.name_of,
}
