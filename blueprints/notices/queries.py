"""What somebody was told lately, the latest first, a day at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from peewee import ModelSelect

from models import NEWS, Cohort, Enrolment, InstantField, Move, Person, Scan
from rules import states
from rules.phrases import capital, side_of
from rules.programme import Programme
from statements import Prepared, Slot
from visibility import placements_of_mentor
from workflows.course import programmes

AT_MOST = 30
LOOKED_BACK = timedelta(days=60)
SAID = {
    "send_back": ("returned", "undo"),
    "reopen": ("reopened", "edit"),
    "approve": ("approved", "check"),
    "hand_over": ("handed to you", "swap"),
}
_instant = InstantField()


@dataclass(frozen=True)
class Piece:
    """One piece of news. `mine`: it is to be judged by its reader, and still waits for them."""

    scan: str
    place: str  # "Right shoulder"
    said: str  # "returned"
    icon: str
    by: str
    why: str
    at: datetime  # on the programme's clock
    unread: bool
    mine: bool


@dataclass(frozen=True)
class Day:
    name: str
    pieces: list[Piece]


def days(person: int, now: datetime) -> list[Day]:
    """The news by day."""
    rows = _NEWS(person, _instant.db_value(now - LOOKED_BACK), _instant.db_value(now), AT_MOST)
    found = []
    for number, region, side, state, mentor, course, verb, why, by, told_at, seen_at in rows:
        programme = programmes.get(course)
        said, icon = SAID[verb]
        comment = ", with a comment" if verb == "approve" and why else ""
        mine = mentor == person and state == states.WITH_MENTOR
        why = "" if verb == "hand_over" else why
        place, at = _place(programme, region, side), programme.local(told_at)
        found.append(
            (programme.today(now), Piece(number, place, said + comment, icon, by, why, at, seen_at is None, mine))
        )
    return [
        Day(_day(piece_day, today), [piece for _, piece in pieces])
        for (piece_day, today), pieces in groupby(found, key=lambda pair: (pair[1].at.date(), pair[0]))
    ]


def _place(programme: Programme, region: str, side: str) -> str:
    known = programme.vocabulary.regions.get(region)
    return capital(side_of(known, side).removeprefix("the ") if known else f"{side} {region}".strip())


def _day(on, today) -> str:
    if on == today:
        return "Today"
    if today - on == timedelta(days=1):
        return "Yesterday"
    return f"{on:%A} {on.day} {on:%B}"


def _news(person: Slot, since: Slot, now: Slot, most: Slot) -> ModelSelect:
    mine = Scan.enrolment.in_(Enrolment.select(Enrolment.id).where(Enrolment.person == person))
    return (
        Move.select(Move.scan, Scan.region, Scan.side, Scan.state, Scan.mentor, Cohort.programme)
        .select_extend(Move.verb, Move.why, Person.name, Move.told_at, Move.seen_at)
        .join(Scan)
        .join(Enrolment)
        .join(Cohort)
        .join_from(Move, Person, on=(Person.id == Move.by))
        .where(
            Move.told == person,
            Move.told_at > since,
            Move.told_at <= now,
            Move.verb.in_(NEWS),
            mine | Scan.placement.in_(placements_of_mentor(person)),  # who has left reads no more
        )
        .order_by(Move.told_at.desc())
        .limit(most)
        .tuples()
    )


_NEWS = Prepared(_news)
