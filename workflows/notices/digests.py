"""The daily mail: what has waited for a day, in counts and first names, for who wants it and has not read it.

At most one a day, and none that says nothing new: it goes when something has come to wait for a day since the last
one, or when that was a week ago.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import clock
from models import INSTANT, UNREAD, Enrolment, Person, db
from rules import notice_text, quiet
from rules.notice_text import KINDS, Kind
from rules.person_names import distinct_first_names
from statements import change, run
from visibility import scans_waiting_for
from workflows.course import programmes
from workflows.people import people
from workflows.refusals import NotFound

DAY = timedelta(days=1)
_WANTED = "p.email IS NOT NULL AND p.by_mail AND p.disabled_at IS NULL AND (p.mailed_at IS NULL OR p.mailed_at <= ?)"
# Whom a mail may go to, with when each thing began to wait: scans in an inbox, and unread notices of kinds that remind;
# of a scan that came back, while it still is where its mentor sent it.
_WAITING = f"""
SELECT p.id, p.mailed_at, s.sent_at FROM scan s
JOIN person p ON p.id = s.mentor_id
JOIN party t ON t.placement_id = s.placement_id AND t.person_id = p.id AND t.role = 'mentor'
  AND (t.from_on IS NULL OR t.from_on <= ?) AND (t.ended_on IS NULL OR t.ended_on > ?)
WHERE s.state = 'with_mentor' AND s.sent_at <= ? AND {_WANTED}
UNION ALL
SELECT p.id, p.mailed_at, n.deliver_at FROM notice n
JOIN person p ON p.id = n.recipient_id
WHERE n.deliver_at <= ? AND {UNREAD} AND {_WANTED} AND n.kind IN ({{kinds}}) AND NOT EXISTS (
  SELECT 1 FROM scan s WHERE s.id = SUBSTR(n.subject, 6) AND (n.kind = 'scan_returned' AND s.state <> 'returned'
  OR n.kind = 'scan_reopened' AND s.state <> 'with_mentor'))
"""  # noqa: S608 - our own words
_UNREAD = f"""
SELECT kind, COUNT(*) FROM notice WHERE recipient_id = ? AND deliver_at <= ? AND {UNREAD} GROUP BY kind
"""  # noqa: S608


@dataclass(frozen=True)
class Digest:
    """What one mail says: the kinds of the unread notices, one for each, and how many scans wait of whom."""

    person: Person
    unread: list[Kind] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)  # what a student is called -> 3

    @property
    def subject(self) -> str:
        """ "3 scans wait for you, and 1 scan has come back"."""
        parts = [self.waiting_in_all + " for you"] if self.waiting else []
        if self.unread:
            parts.append(notice_text.heading(self.unread))
        return ", and ".join(parts)

    @property
    def waiting_in_all(self) -> str:
        number = sum(self.waiting.values())
        return f"{number} scan waits" if number == 1 else f"{number} scans wait"

    @property
    def waiting_in_words(self) -> list[str]:
        """ "2 from Amara"."""
        return [f"{number} from {name}" for name, number in self.waiting.items()]

    @property
    def unread_in_words(self) -> list[str]:
        """ "1 scan was returned", "4 scans were approved"."""
        return notice_text.counts(self.unread)


def due(now: datetime) -> list[int]:
    """Ids of the people whose mail goes now, on their own programme's clock."""
    mornings = [key for key in programmes.keys() if quiet.is_mail_time(programmes.get(key).local(now))]  # noqa: SIM118
    if not mornings:
        return []
    a_day_ago, not_since = INSTANT.db_value(now - DAY), INSTANT.db_value(now - DAY / 2)
    last: dict[int, datetime | None] = {}
    day = clock.today().isoformat()
    kinds = [key for key, kind in KINDS.items() if kind.reminds]
    sql = _WAITING.format(kinds=", ".join("?" * len(kinds)))
    for person, mailed_at, since in run(sql, day, day, a_day_ago, not_since, a_day_ago, not_since, *kinds).fetchall():
        before = INSTANT.python_value(mailed_at)
        if quiet.is_new_since(INSTANT.python_value(since), before, now):
            last[person] = before
    return sorted(_in_the_morning(last, now))


def _in_the_morning(last: dict[int, datetime | None], now: datetime) -> Iterator[int]:
    """Those for whom it is the morning of a day without a digest yet."""
    for person, parts in people.parts_of(list(last)).items():
        programme, before = programmes.clock_of(parts), last[person]
        mailed_today = before is not None and programme.local(before).date() == programme.today(now)
        if quiet.is_mail_time(programme.local(now)) and not mailed_today:
            yield person


def claim(person: int, now: datetime) -> Digest | None:
    """Take this person's mail of today, so that no other process sends it; None when one has, or nothing is left."""
    moment = INSTANT.db_value(now)
    with db.atomic():
        taken = "UPDATE person SET mailed_at = ? WHERE id = ? AND (mailed_at IS NULL OR mailed_at <= ?)"
        if not change(taken, moment, person, INSTANT.db_value(now - DAY / 2)):
            return None
        return digest(person, now)


def digest(person: int, now: datetime) -> Digest | None:
    """What this person's mail says now; None when nothing is left to say."""
    waiting = _waiting(person)
    numbers = dict(run(_UNREAD, person, INSTANT.db_value(now)).fetchall())
    unread = [kind for key, kind in KINDS.items() if not kind.inbox for _ in range(numbers.get(key, 0))]
    if not waiting and not unread:
        return None
    return Digest(Person.get_by_id(person), unread, waiting)


def _waiting(person: int) -> dict[str, int]:
    """How many scans wait for this mentor, by what each student is called, the most first."""
    rows = scans_waiting_for(person).select(Person.id, Person.name, Person.email).join(Enrolment).join(Person)
    numbers = Counter(rows.tuples()).most_common()
    names = distinct_first_names([(name, email) for (_, name, email), _ in numbers])
    return dict(zip(names, (number for _, number in numbers), strict=True))


def stop_token(person: int, secret: str) -> str:
    """The token of the link that stops this person's mail: 160 bits that only we can make. It never runs out, as an old
    mail can still be unsubscribed from, and it is good for nothing else.
    """
    proof = hmac.new(secret.encode(), f"stop the mail of {person}".encode(), hashlib.sha256).hexdigest()
    return f"{person}-{proof[:40]}"


def owner_of(token: str, secret: str) -> int:
    """Whose link it is. Raises NotFound when we did not make it."""
    person = token.partition("-")[0]
    if not (person.isascii() and person.isdigit() and len(person) < 12):
        raise NotFound()
    if not hmac.compare_digest(token.encode(), stop_token(int(person), secret).encode()):
        raise NotFound()
    return int(person)
