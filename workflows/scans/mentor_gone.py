"""Why a draft cannot go to the mentor whom it names, and who follows: said to its student, who chooses."""

from typing import NamedTuple

from peewee import JOIN

import clock
from models import Party, Person, Placement, Scan
from rules import parts, phrases, roles
from rules.parts import Days


class _Part(NamedTuple):
    days: Days
    mentor: int
    name: str
    covers: int | None  # whose part
    successor: str | None


def why(scan: Scan, missing: list[str]) -> str:
    """One sentence; empty when the scan does not lack a mentor, or names none. One query when it does.
    `missing`: what the scan lacks, as `scan_entry.missing_of` says it.
    """
    if scan.mentor_id is None or scan.placement_id is None or "mentor" not in missing:
        return ""
    today, rows = clock.today(), _parts(scan.placement_id)
    theirs = [one for one in rows if one.mentor == scan.mentor_id]
    if not theirs:
        return ""
    name = theirs[0].name
    for one in rows:
        if one.covers == scan.mentor_id and one.days.hold(today) and one.days.last:
            return f"{name} is away until {phrases.day(one.days.last)}; {one.name} covers. Choose who is to judge it."
    to_come = [one.days.first for one in theirs if today < one.days.first and not one.days.is_empty]
    if to_come:
        return f"{name} mentors there from {phrases.day(min(to_come))}. Choose who is to judge it."
    follows = [one.successor for one in theirs if one.successor and one.days.ended_on and one.days.ended_on <= today]
    if follows:
        return f"{name} mentors there no more: {follows[-1]} follows. Choose who is to judge it."
    return f"{name} mentors there no more: choose who follows."


def _parts(placement: int) -> list[_Part]:
    covered, follows = Party.alias("covered"), Person.alias("follows")
    rows = (
        Party.select(Party.from_on, Party.ended_on, Placement.starts_on, Person.id, Person.name)
        .select_extend(covered.person, follows.name)
        .join(Person)
        .join_from(Party, Placement)
        .join_from(Party, covered, JOIN.LEFT_OUTER, on=(Party.cover_for == covered.id))
        .join_from(Party, follows, JOIN.LEFT_OUTER, on=(Party.successor_id == follows.id))
        .where(Party.placement == placement, Party.role == roles.MENTOR)
        .order_by(Party.id)
    )
    return [_Part(parts.of(*row[:3]), *row[3:]) for row in rows.tuples()]
