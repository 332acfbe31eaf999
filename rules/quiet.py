"""When somebody is not to be disturbed, and when their mail goes: minutes of the day on their programme's clock."""

from datetime import datetime, timedelta

MAIL_FROM, MAIL_UNTIL = 7 * 60 + 30, 12 * 60  # a digest is read in the morning, or comes with the next one


def is_quiet(local: datetime, quiet_from: int, quiet_until: int) -> bool:
    """Whether it is between these minutes of the day, over midnight too. The same minute twice is never."""
    minute = local.hour * 60 + local.minute
    if quiet_from <= quiet_until:
        return quiet_from <= minute < quiet_until
    return minute >= quiet_from or minute < quiet_until


def ends(local: datetime, quiet_until: int) -> datetime:
    """When the quiet that it is in at `local` ends, on the same clock."""
    end = local.replace(hour=quiet_until // 60, minute=quiet_until % 60, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)


def is_mail_time(local: datetime) -> bool:
    """Whether digests go now."""
    return MAIL_FROM <= local.hour * 60 + local.minute < MAIL_UNTIL


def words(minute: int) -> str:
    """ "21:00" of 1260: as a time field writes it."""
    return f"{minute // 60:02}:{minute % 60:02}"


def minute(text: str) -> int:
    """1260 of "21:00". Raises ValueError when it is no time of the day."""
    at = datetime.strptime(text, "%H:%M")  # noqa: DTZ007 - a time of the day, of no day
    return at.hour * 60 + at.minute


def is_new_since(item_at: datetime, last: datetime | None, now: datetime) -> bool:
    """Whether something that came at `item_at` is a reason for a digest now: it has waited for a day, and the last
    digest went before it had, or a week ago.
    """
    ripe = item_at + timedelta(days=1)
    return ripe <= now and (last is None or ripe > last or now - last >= timedelta(days=7))
