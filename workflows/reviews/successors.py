"""Scans that wait for somebody who mentors no more: who may hand them over sees them at once, and does it in one go."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from peewee import JOIN, ModelSelect, fn

import clock
from models import INSTANT, Enrolment, Party, Person, Scan, db
from statements import Prepared, Slot
from visibility import MENTOR_HAS_LEFT, MENTORS_NOW, scans_of_mentors_who_left, waiting_scans_to_hand_over
from workflows.refusals import Refused
from workflows.scans import transitions


@dataclass
class LeftBehind:
    """What waits for one person who mentors no more."""

    mentor: int
    name: str
    since: datetime
    # name -> how many of theirs wait, by enrolment: {12: ("Amara Okafor", 5)}
    students: dict[int, tuple[str, int]] = field(default_factory=dict)
    # mentors of the same placements now: {7: ("Priya Nair", 5)}, and how many each can take
    successors: dict[int, tuple[str, int]] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return sum(number for _, number in self.students.values())


def left_behind(person: int, enrolment: int | None = None) -> list[LeftBehind]:
    """What waits for people who mentor no more and this person may hand over, of one student or of all: who holds the
    oldest first. One query.
    """
    rows = _OF_STUDENT.rows(person, enrolment) if enrolment is not None else _OF_ALL.rows(person)
    found: dict[int, LeftBehind] = {}
    waits, takes = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    counted: set[tuple[int, int, int]] = set()
    for student, name, mentor, gone, placement, number, oldest, successor, other in rows:
        since = INSTANT.python_value(oldest)
        of = found.setdefault(mentor, LeftBehind(mentor, gone, since))
        of.since = min(of.since, since)
        if (student, mentor, placement) not in counted:  # there is a row for each successor
            counted.add((student, mentor, placement))
            waits[mentor, student] += number
        of.students[student] = (name, waits[mentor, student])
        if successor:
            takes[mentor, successor] += number
            of.successors[successor] = (other, takes[mentor, successor])
    return sorted(found.values(), key=lambda one: one.since)


def hand_over_all(mentor: int, *, by: Person, to: int, enrolment: int | None = None) -> int:
    """Give everything that waits for `mentor`, who mentors no more, to `to`, where that is a mentor of its placement;
    of one student or of all whose scans `by` may hand over. Returns how many scans were handed over.
    Raises Refused: something waits, and `to` is no mentor of any of those placements.
    """
    with db.atomic():
        now, waiting = clock.now(), scans_of_mentors_who_left(by.id).where(Scan.mentor == mentor)
        if enrolment is not None:
            waiting = waiting.where(Scan.enrolment == enrolment)
        theirs = Party.select(Party.placement).where(Party.person == to, MENTORS_NOW)
        scans = list(waiting.where(Scan.placement.in_(theirs), Enrolment.person != to).order_by(Scan.sent_at))
        if not scans:
            if waiting.exists():
                raise Refused("Choose somebody who mentors in this placement.")
            return 0
        successor = Person.get_by_id(to)
        for scan in scans:
            transitions.hand_over(scan, successor, by=by, now=now)
        return len(scans)


def _left_behind(person: Slot, of_student: Slot | None = None) -> ModelSelect:
    """Each student, mentor who left and placement with how many wait since when, once for each successor or once.

    Whether a mentor has left is asked of each group, not of each scan: a director may have thousands that wait.
    """
    student, gone, successor = Person.alias(), Person.alias(), Person.alias()
    of = (Scan.enrolment, Scan.mentor, Scan.placement)
    waits = waiting_scans_to_hand_over(person).select(
        *of, fn.COUNT(Scan.sent_at).alias("number"), fn.MIN(Scan.sent_at).alias("since")
    )
    waits = waits if of_student is None else waits.where(Scan.enrolment == of_student)
    waits = waits.group_by(*of).having(MENTOR_HAS_LEFT).alias("waits")
    whose = (Enrolment.id, student.name, gone.id, gone.name)
    return (
        Enrolment.select(*whose, waits.c.placement_id, waits.c.number, waits.c.since, successor.id, successor.name)
        .join(waits, on=(waits.c.enrolment_id == Enrolment.id))
        .join_from(Enrolment, student, on=(student.id == Enrolment.person))
        .join_from(waits, gone, on=(gone.id == waits.c.mentor_id))
        .join_from(waits, Party, JOIN.LEFT_OUTER, on=(Party.placement == waits.c.placement_id) & MENTORS_NOW)
        .join(successor, JOIN.LEFT_OUTER, on=(successor.id == Party.person) & (successor.id != Enrolment.person))
        .distinct()
        .order_by(student.name, successor.name)
        .tuples()
    )


_OF_ALL, _OF_STUDENT = Prepared(lambda person: _left_behind(person)), Prepared(_left_behind)
