"""What waits goes to whoever may judge it on the day on which a cover begins or ends, or a part ends with a successor.

The rows of `party` say what is due and what was done (`begun_at`, `closed_at`), so it may be asked at any time, by
several at once, and after days without a worker. The worker asks each minute; the verbs of `parts` and `covers` ask in
their own transaction for what takes effect at once.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from peewee import JOIN, ModelSelect

import clock
from models import Enrolment, Move, Party, Person, Placement, Scan, db
from rules import parts, phrases
from visibility import WAITING, mentors_of_placement
from workflows.history import history, records
from workflows.notices import notices
from workflows.scans import transitions

Covered, Away, Coverer = Party.alias("covered"), Person.alias("away"), Person.alias("coverer")
# A cover that was called off before its first day never begins; one by somebody whose account is closed does not now.
BEGINS = (
    Party.cover_for.is_null(False) & Party.begun_at.is_null() & (Party.ended_on > Party.from_on)
)  # from its first day on, while it lasts
CLOSES = Party.closed_at.is_null() & (Party.begun_at.is_null(False) | Party.successor_id.is_null(False))


def hand_over_due() -> int:
    """Hand over what is due today, a cover of one mentor by another at a time. Returns for how many parts it was."""
    today = clock.today()
    number = sum(_in_turn(group, close) for group in _groups(_ended(today)))
    return number + sum(_in_turn(group, begin) for group in _groups(_begun(today)))


def _in_turn(group: Sequence[int], hand_over: Callable[[Iterable[int], datetime], int]) -> int:
    with db.atomic():
        return hand_over(group, clock.now())


def begin(covers: Iterable[int], now: datetime) -> int:
    """Of these covers, those of one mentor by another, begin the ones that are due: what waits for who is away goes to
    who covers. In the caller's transaction. Returns how many began.
    """
    due = list(_begun(clock.today()).where(Party.id.in_(list(covers))))
    for party in due:
        records.write(Party.update(begun_at=now).where(Party.id == party.id))
        covered, until = party.cover_for, phrases.day(party.ended_on - parts.DAY)
        why = f"{covered.person.name} is away until {until}. To {party.person.name}."
        _hand_over(party, _waiting(party.placement_id, covered.person_id), party.person, why, now)
        _notify("cover_begun_of_student", party, [party.placement.enrolment.person_id], now)
        _record("begin_cover", party, now)
    if due:
        _notify("cover_begun", due[0], [due[0].cover_for.person_id, due[0].person_id], now)
    return len(due)


def close(ended: Iterable[int], now: datetime) -> int:
    """Of these covers and parts, hand over what waits for those that have ended: of a cover back to who was away, of
    another part to its successor; to nobody who may not judge it. In the caller's transaction. Returns how many.
    """
    due = list(_ended(clock.today()).where(Party.id.in_(list(ended))))
    for party in due:
        records.write(Party.update(closed_at=now).where(Party.id == party.id))
        to = _follows(party)
        if to is not None:
            waits = _waiting(party.placement_id, party.person_id)
            if party.person_id in _mentors(party.placement_id):
                # Somebody who stays a mentor there gives back only what came to them as the cover began.
                came = Move.select(Move.scan).where(Move.verb == "hand_over", Move.at == party.begun_at)
                waits = waits.where(Scan.id.in_(came))
            back = party.cover_for_id and to.id == party.cover_for.person_id
            why = f"{to.name} is back. To {to.name}." if back else f"Follows {party.person.name}. To {to.name}."
            _hand_over(party, waits, to, why, now)
        _record("close_cover" if party.cover_for_id else "close_part", party, now)
    if due and due[0].cover_for_id:
        _notify("cover_ended", due[0], [due[0].cover_for.person_id, due[0].person_id], now)
    return len(due)


def _follows(party: Party) -> Person | None:
    """Who has what waits after a part: of a cover whoever was away, else their successor; None when neither mentors."""
    wanted = [party.cover_for.person_id, party.cover_for.successor_id] if party.cover_for_id else [party.successor_id]
    there = _mentors(party.placement_id)
    found = next((one for one in wanted if one in there and one != party.person_id), None)
    return None if found is None else Person.get_by_id(found)


def _mentors(placement: int) -> set[int]:
    return {person for (person,) in mentors_of_placement(placement).tuples()}


def _waiting(placement: int, mentor: int) -> ModelSelect:
    return Scan.select().where(WAITING, Scan.placement == placement, Scan.mentor == mentor).order_by(Scan.sent_at)


def _hand_over(party: Party, scans: Iterable[Scan], to: Person, why: str, now: datetime) -> None:
    by = Person.get_by_id(party.arranged_by_id)
    for scan in list(scans):
        transitions.hand_over(scan, to, by=by, now=now, why=why)


def _notify(kind: str, party: Party, people: Iterable[int], now: datetime) -> None:
    for person in dict.fromkeys(people):
        notices.notify(kind, f"party:{party.id}", to=person, by=None, at=now)


def _record(verb: str, party: Party, now: datetime) -> None:
    enrolment = party.placement.enrolment_id
    thing = f"placement:{party.placement_id}"
    history.record(verb, thing, by=None, at=now, enrolment=enrolment, person=party.person_id, party=party.id)


def _begun(today: date) -> Any:  # a query
    days = (Party.from_on <= today) & (Party.ended_on > today)
    return _with_covered().where(BEGINS, days, Person.disabled_at.is_null())


def _ended(today: date) -> Any:  # a query
    return _with_covered().where(CLOSES, Party.ended_on <= today)


def _with_covered() -> Any:  # a query
    return (
        Party.select(Party, Placement, Enrolment, Person, Covered, Away)
        .join(Placement)
        .join(Enrolment)
        .join_from(Party, Person)
        .join_from(Party, Covered, JOIN.LEFT_OUTER, on=(Party.cover_for == Covered.id), attr="cover_for")
        .join_from(Covered, Away, JOIN.LEFT_OUTER, on=(Covered.person == Away.id), attr="person")
        .order_by(Covered.person, Party.person, Party.id)
    )


def _groups(due: Iterable[Party]) -> list[list[int]]:
    """The ids of what is due, by who is away and who covers; each other part for itself."""

    def of(party: Party) -> tuple[int, int, int]:
        return (party.cover_for.person_id, party.person_id, 0) if party.cover_for_id else (0, 0, party.id)

    return [[one.id for one in group] for _, group in groupby(sorted(due, key=of), key=of)]
