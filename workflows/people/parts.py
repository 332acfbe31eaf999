"""Parts in placements begin and end on a day: mentors, external assessors and clinical managers (R9 to R11).

Whoever comes back has a new part; the old one stays as it was. Who covers for a mentor meanwhile: `covers`.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from peewee import fn

import clock
from models import Cohort, Enrolment, Party, Person, Placement, Scan, Site, Staff, db
from rules import dates, parts, phrases, roles
from rules.folding import fold
from rules.parts import DAY, Days
from visibility import WAITING, placements_run_by
from workflows.history import history, records
from workflows.notices import notices
from workflows.people import confirmations, part_changeovers
from workflows.refusals import Conflict, Invalid, Refused, or_not_found

OVER = "The student's enrolment has ended, so nobody's part in it changes any more."
Problems = dict[str, list[str]]


def begin(placement: int, *, person: int | None, role: str, from_on: date | None, by: Person) -> Party:
    """Give somebody a part in a placement from a day on; whoever had it before and comes back has a new one.

    The same once more changes nothing.
    Raises NotFound: no placement of a programme that `by` directs or administers. Refused: its student's enrolment has
    ended. Invalid: field -> sentences.
    """
    with db.atomic():
        where = placement_of(placement, by)
        if where.enrolment.ended_on is not None:
            raise Refused(OVER)
        someone = next((one for one in known_people(where) if one.id == person), None)
        same = {"placement": where, "person": person, "role": role, "from_on": from_on, "ended_on": None}
        if someone and (known := Party.get_or_none(**same)):
            return known
        wrong = _wrong_beginning(where, someone, role, from_on)
        if wrong or someone is None:
            raise Invalid(wrong)
        now = clock.now()
        made = records.create(Party, **same, arranged_by_id=by.id)
        _record("begin_part", made, where.enrolment_id, by, now, from_on=str(from_on))
        confirmations.name_by_course(someone.id, where.enrolment.cohort.programme, role, by=by)
        notices.notify("part_begun", f"party:{made.id}", to=someone.id, by=by.id, at=now)
        if role == roles.MENTOR:
            notices.notify("mentors_changed", f"party:{made.id}", to=where.enrolment.person_id, by=by.id, at=now)
        return made


def end(party: int, *, last_day: date | None, by: Person, successor: int | None = None) -> Party:
    """End somebody's part after a day, or move that day while it is to come. Of a mentor's, what waits for them goes to
    the successor then; without one it stays, where who may hand it over sees it (`successors.left_behind`).
    Raises NotFound: no part that `by` may end. Conflict: it has ended already, on another day. Invalid: field ->
    sentences.
    """
    with db.atomic():
        return _end(part_of(party, by), last_day, by, successor)


def leave(party: int, *, last_day: date | None, by: Person, successor: int | None = None) -> list[Party]:
    """End every part that whoever has this one has at its site. What waits for them goes to the successor.
    Raises Invalid: field -> sentences; also when scans wait, for them or for who covers for them, and nobody succeeds.
    NotFound, Conflict: as for `end`.
    """
    with db.atomic():
        first = part_of(party, by)
        theirs = _parts().where(
            Party.person == first.person_id,
            Party.cover_for.is_null(),
            Placement.site == first.placement.site_id,
            Placement.id.in_(placements_run_by(by.id).select(Placement.id)),
            (Party.id == party) | Party.ended_on.is_null() | (Party.ended_on > clock.today()),
        )
        ending = list(theirs.order_by(Party.id))
        mentored = {one.placement_id for one in ending if one.role == roles.MENTOR}
        waits = _waiting(ending)
        ended_on = (last_day or clock.today()) + DAY
        taken = {one for one in mentored if successor in _mentors_on(one, ended_on)}
        if left := {placement: number for placement, number in waits.items() if placement not in taken}:
            number = sum(left.values())
            says = f"{phrases.scans(number)} {'waits' if number == 1 else 'wait'} for {first.person.name}: choose who"
            says += " succeeds in every one of these placements." if successor else " succeeds."
            raise Invalid({"successor": [says]})
        return [_end(one, last_day, by, successor if one.placement_id in taken else None) for one in ending]


def _end(party: Party, last_day: date | None, by: Person, successor: int | None) -> Party:
    if party.cover_for_id:
        raise Refused("This is a cover: change its days, or call it off.")
    days, now, today = days_of(party), clock.now(), clock.today()
    successor = successor if party.role == roles.MENTOR else None
    if last_day is None or not dates.can_be(last_day):
        raise Invalid({"last_day": ["Write the last day of the part."]})
    ended_on = last_day + DAY
    if (party.ended_on, party.successor_id) == (ended_on, successor):
        return party
    if party.ended_on is not None and party.ended_on <= today:
        raise Conflict(f"The last day of this part was {phrases.day(days.last or today)}.")
    if wrong := _wrong_ending(party, days.first, ended_on, successor):
        raise Invalid(wrong)
    changes = {"ended_on": ended_on, "successor_id": successor, "arranged_by_id": by.id}
    records.write(Party.update(**changes).where(Party.id == party.id))
    covers = _cut_covers(party, ended_on)
    facts = {"ended_on": str(ended_on), "successor": successor}
    _record("end_part", party, party.placement.enrolment_id, by, now, **facts)
    notices.notify("part_ended", f"party:{party.id}", to=party.person_id, by=by.id, at=now)
    if party.role == roles.MENTOR:
        student = party.placement.enrolment.person_id
        notices.notify("mentors_changed", f"party:{party.id}", to=student, by=by.id, at=now)
    part_changeovers.close([party.id], now)
    for cover in covers:
        part_changeovers.close([cover], now)
    return Party.get_by_id(party.id)


def _cut_covers(party: Party, ended_on: date) -> list[int]:
    """Nobody covers for a part that has ended: those that would last longer end with it."""
    longer = list(Party.select().where(Party.cover_for == party, Party.ended_on > ended_on))
    for cover in longer:
        records.write(Party.update(ended_on=max(cover.from_on, ended_on)).where(Party.id == cover.id))
    return [cover.id for cover in longer]


def known_people(where: Placement) -> list[Person]:
    """Who may be given a part in a placement: whoever has or had one on its course, or runs it; not its student."""
    course = where.enrolment.cohort.programme
    placed = Party.select(Party.person).join(Placement).join(Enrolment).join(Cohort).where(Cohort.programme == course)
    staff = Staff.select(Staff.person).where(Staff.programme == course)
    known = Person.id.in_(placed) | Person.id.in_(staff)
    people = Person.select().where(known, Person.disabled_at.is_null(), Person.id != where.enrolment.person_id)
    return sorted(people, key=lambda one: (fold(one.name), one.id))


def people_of(ids: Iterable[int]) -> list[Person]:
    """These people whose accounts are open, by name."""
    people = Person.select().where(Person.id.in_(list(ids)), Person.disabled_at.is_null())
    return sorted(people, key=lambda one: (fold(one.name), one.id))


def _wrong_beginning(where: Placement, someone: Person | None, role: str, from_on: date | None) -> Problems:
    wrong: Problems = {}
    if someone is None:
        wrong["person"] = ["Choose somebody of this course, but not the student."]
    if role not in roles.in_scope(roles.PLACEMENT):
        wrong["role"] = ["Choose one of these."]
    if from_on is None or not dates.can_be(from_on):
        wrong["from_on"] = ["Write the first day of the part."]
    elif from_on < where.starts_on:
        wrong["from_on"] = [f"The placement begins on {phrases.day(where.starts_on)}: write that day or a later one."]
    if wrong or someone is None or from_on is None:
        return wrong
    for other in _parts().where(Party.placement == where, Party.person == someone, Party.role == role):
        held = days_of(other)
        if other.cover_for_id is None and held.overlap(Days(from_on)):
            name = roles.BY_KEY[role].name.lower()
            wrong["from_on" if held.last else "person"] = [f"{someone.name} is {name} here {held.words} already."]
    return wrong


def _wrong_ending(party: Party, first: date, ended_on: date, successor: int | None) -> Problems:
    wrong: Problems = {}
    name, last = party.person.name, ended_on - DAY
    if ended_on < first:
        wrong["last_day"] = [f"This part begins on {phrases.day(first)}: write that day or a later one."]
    approved = Scan.select(fn.MAX(Scan.approved_at)).where(
        Scan.approved_by == party.person_id, Scan.placement == party.placement_id
    )
    if party.role == roles.MENTOR and (at := approved.scalar(as_tuple=False)) is not None:
        judged_on = clock.day_of(Scan.approved_at.python_value(at) if isinstance(at, int) else at)
        if judged_on > last and not _judged_otherwise(party, judged_on):
            says = f"{name} approved a scan here on {phrases.day(judged_on)}: the part lasts until then at least."
            wrong["last_day"] = [says]
    if successor is not None and (
        successor == party.person_id or successor not in _mentors_on(party.placement_id, ended_on)
    ):
        says = f"Choose somebody who mentors here on {phrases.day(ended_on)}; begin their part first."
        wrong["successor"] = [says]
    return wrong


def _judged_otherwise(party: Party, on: date) -> bool:
    """Whether who has this part had another one in the placement on that day, as a cover's."""
    same = (Party.placement == party.placement_id) & (Party.person == party.person_id) & (Party.role == party.role)
    return any(days_of(other).hold(on) for other in _parts().where(same, Party.id != party.id))


def _waiting(ending: Iterable[Party]) -> dict[int, int]:
    """How many scans wait in each placement for those who have these parts, or for who covers for them now."""
    numbers: dict[int, int] = {}
    for party in ending:
        if party.role == roles.MENTOR:
            covers = Party.select(Party.person).where(Party.cover_for == party, Party.ended_on > clock.today())
            theirs = (Scan.mentor == party.person_id) | Scan.mentor.in_(covers)
            waits = Scan.select().where(WAITING, Scan.placement == party.placement_id, theirs).count()
            numbers[party.placement_id] = numbers.get(party.placement_id, 0) + waits
    return {placement: number for placement, number in numbers.items() if number}


def _mentors_on(placement: int, on: date) -> set[int]:
    """Ids of the people with open accounts who mentor in this placement on that day."""
    rows = _parts().where(Party.placement == placement, Party.role == roles.MENTOR, Person.disabled_at.is_null())
    return {party.person_id for party in rows if days_of(party).hold(on)}


def days_of(party: Party) -> Days:
    """The days of a part that was read with its placement."""
    return parts.of(party.from_on, party.ended_on, party.placement.starts_on)


def placement_of(number: int, by: Person) -> Placement:
    """The placement, with its site and enrolment, whose parts this person may change. Raises NotFound."""
    rows = placements_run_by(by.id).select(Placement, Enrolment, Cohort, Person, Site).join_from(Placement, Site)
    rows = rows.join_from(Enrolment, Person)
    return or_not_found(rows.where(Placement.id == number).first())


def part_of(number: int, by: Person) -> Party:
    """The part, with its person and placement, if this person may change it. Raises NotFound."""
    run = placements_run_by(by.id).select(Placement.id)
    return or_not_found(_parts().where(Party.id == number, Party.placement.in_(run)).first())


def _parts() -> Any:  # a query
    rows = Party.select(Party, Person, Placement, Enrolment).join(Person).join_from(Party, Placement)
    return rows.join_from(Placement, Enrolment)


def _record(verb: str, party: Party, enrolment: int, by: Person, now: datetime, **facts: str | int | None) -> None:
    about = {"person": party.person_id, "role": party.role, **facts}
    history.record(verb, f"placement:{party.placement_id}", by=by, at=now, enrolment=enrolment, **about)
