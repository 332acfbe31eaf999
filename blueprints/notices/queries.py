"""What somebody was told lately, the latest first, a day at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from peewee import JOIN, ModelSelect

from blueprints.presenters import place_in_sentence
from models import Cohort, Enrolment, InstantField, Move, Notice, Party, Person, Scan
from rules import states
from rules.notice_text import KINDS, path_of
from rules.phrases import capital
from rules.roles import BY_KEY, DIRECTOR
from statements import Prepared, Slot
from visibility import placements_of_mentor, programmes_of_staff
from workflows.course import programmes
from workflows.notices.notices import KEPT
from workflows.people import people
from workflows.scans.scan_notices import scan_id_of

AT_MOST, PART = 30, "party:"
_instant = InstantField()


@dataclass(frozen=True)
class Line:
    """One notice as the page shows it; `why` is what was said with it, in a person's words."""

    title: str
    icon: str
    path: str
    by: str
    why: str
    at: datetime  # on the programme's clock
    unread: bool


@dataclass(frozen=True)
class Day:
    """A day of the programme's calendar, and what was told on it."""

    name: str
    lines: list[Line]


def days(person: int, now: datetime) -> list[Day]:
    """The notices by day. One query, and one each for the clock where a notice is of no scan, and for parts' names."""
    found, own_clock = [], None
    rows = list(_RECENT(person, _instant.db_value(now - KEPT), _instant.db_value(now), AT_MOST))
    named = _parts(row[1] for row in rows)
    for key, subject, by, deliver_at, read_at, region, side, state, mentor, course, why in rows:
        if (kind := KINDS.get(key)) is None:
            continue
        if course is None and own_clock is None:
            own_clock = programmes.clock_of(people.parts_of([person])[person])
        programme = programmes.get(course) if course else own_clock
        waits = mentor == person and state == states.WITH_MENTOR
        line = Line(
            title=kind.title(capital(place_in_sentence(programme, region, side)) if course else named.get(subject, "")),
            icon=kind.icon,
            # Of a scan that was in the inbox and waits there no more, its own page.
            path=path_of(kind if waits or not kind.inbox else KINDS["scan_returned"], subject),
            by=by or "",
            why="" if kind.inbox else why or "",
            at=programme.local(deliver_at),
            unread=read_at is None,
        )
        found.append((_day(line.at.date(), programme.today(now)), line))
    return [Day(name, [line for _, line in lines]) for name, lines in groupby(found, key=lambda pair: pair[0])]


def _parts(subjects: Iterable[str]) -> dict[str, str]:
    """What the parts among these subjects are called: "Joy Lindqvist’s cover for Ravi Patel". One query, if any."""
    numbers = [int(one.removeprefix(PART)) for one in subjects if one.startswith(PART)]
    if not numbers:
        return {}
    covered, away = Party.alias("covered"), Person.alias("away")
    rows = (
        Party.select(Party.id, Person.name, Party.role, away.name)
        .join(Person)
        .join_from(Party, covered, JOIN.LEFT_OUTER, on=(Party.cover_for == covered.id))
        .join_from(covered, away, JOIN.LEFT_OUTER, on=(covered.person == away.id))
        .where(Party.id.in_(numbers))
    )
    return {
        f"{PART}{number}": f"{name}’s cover for {gone}" if gone else f"{name}’s part as {BY_KEY[role].name.lower()}"
        for number, name, role, gone in rows.tuples()
    }


def _day(on: date, today: date) -> str:
    if on == today:
        return "Today"
    if today - on == timedelta(days=1):
        return "Yesterday"
    return f"{on:%A} {on.day} {on:%B}"


def _recent(person: Slot, since: Slot, now: Slot, most: Slot) -> ModelSelect:
    """The notices with what the page says of their subjects: of a scan its place and state, and the mentor's words. Who
    is no mentor of a scan's placement and no director of its course any more reads nothing of it.
    """
    mine = Scan.enrolment.in_(Enrolment.select(Enrolment.id).where(Enrolment.person == person))
    directed = Cohort.programme.in_(programmes_of_staff(person, DIRECTOR))  # of a hidden text they are told, too
    return (
        Notice.select(Notice.kind, Notice.subject, Person.name, Notice.deliver_at, Notice.read_at)
        .select_extend(Scan.region, Scan.side, Scan.state, Scan.mentor, Cohort.programme, Move.why)
        .join(Person, JOIN.LEFT_OUTER, on=(Person.id == Notice.by))
        .join_from(Notice, Scan, JOIN.LEFT_OUTER, on=(Scan.id == scan_id_of(Notice.subject)))
        .join_from(Scan, Enrolment, JOIN.LEFT_OUTER)
        .join_from(Enrolment, Cohort, JOIN.LEFT_OUTER)
        .join_from(Scan, Move, JOIN.LEFT_OUTER, on=(Move.scan == Scan.id) & (Move.at == Notice.at))
        .where(
            Notice.recipient == person,
            Notice.deliver_at > since,
            Notice.deliver_at <= now,
            Notice.listed,
            Scan.id.is_null() | mine | directed | Scan.placement.in_(placements_of_mentor(person)),
        )
        .order_by(Notice.deliver_at.desc())
        .limit(most)
        .tuples()
    )


_RECENT = Prepared(_recent)
