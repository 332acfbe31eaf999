"""What waits for a mentor: the scans of an inbox with their students, how many, and who else may judge one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, ModelSelect, fn

from models import (
    Audit,
    Cohort,
    Enrolment,
    Move,
    Person,
    Placement,
    Scan,
    Site,
    mentors_of_placement,
    placements_of_mentor,
    scans_visible_to,
    scans_waiting_for,
)
from rules import states

Mentor = Person.alias()


@dataclass(frozen=True)
class Show:
    """Which part of the inbox is shown; it travels in the address."""

    support: str = ""
    student: int | None = None  # id of the enrolment

    def keeps(self, support: str, enrolment: int) -> bool:
        return self.support in ("", support) and self.student in (None, enrolment)

    @property
    def address(self) -> dict[str, str | int]:
        """The arguments for `url_for`."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Waiting:
    """How many scans wait for a mentor, by support and enrolment id; and the students' names, by enrolment id."""

    both: dict[tuple[str, int], int]
    names: dict[int, str]

    @property
    def number(self) -> int:
        return sum(self.both.values())


def waiting_scans(person: int) -> list[Scan]:
    """The inbox, oldest first; each scan with all that its card needs."""
    return list(_with_student(scans_waiting_for(person)).order_by(Scan.sent_at, Scan.case_number))


def approved_since(person: int, instant: datetime) -> list[Scan]:
    """What this mentor approved after `instant`."""
    just_now = scans_visible_to(person).where(
        Scan.state == states.COUNTED, Scan.counted_by == person, Scan.counted_at > instant
    )
    return list(_with_student(just_now))


def scan_for(person: int, scan_id: str) -> Scan | None:
    """One scan of a placement in which this person is a mentor, whatever its state; None when it is not."""
    theirs = scans_visible_to(person).where(Scan.placement.in_(placements_of_mentor(person)))
    return _with_student(theirs.where(Scan.id == scan_id)).first()


def count_waiting(person: int) -> Waiting:
    """How many scans wait for this mentor."""
    rows = (
        scans_waiting_for(person)
        .select(Scan.support, Scan.enrolment, Person.name, fn.COUNT(Scan.id))
        .join(Enrolment)
        .join(Person)
        .group_by(Scan.support, Scan.enrolment, Person.name)
    )
    return counted(rows.tuples())


def counted(rows: Iterable[tuple[str, int, str, int]]) -> Waiting:
    """Add up rows of support, enrolment id, student's name and number."""
    both: Counter[tuple[str, int]] = Counter()
    names = {}
    for support, enrolment, name, number in rows:
        both[support, enrolment] += number
        names[enrolment] = name
    return Waiting(both, dict(sorted(names.items(), key=lambda one: one[1])))


def sites_of(person: int) -> list[str]:
    """The names of the sites at which this person mentors."""
    rows = Site.select(Site.name).join(Placement).where(Placement.id.in_(placements_of_mentor(person)))
    return [name for (name,) in rows.distinct().order_by(Site.name).tuples()]


def mentors_of(scan: Scan) -> list[Person]:
    """The mentors of the scan's placement now, by name."""
    current = Person.id.in_(mentors_of_placement(scan.placement_id))
    return list(Person.select(Person.id, Person.name).where(current).order_by(Person.name))


def last_audit(scan: Scan) -> Audit | None:
    """The last appraisal of the scan as it stands now, one that was undone included."""
    return Audit.select().where(Audit.scan == scan, Audit.version == scan.version).order_by(Audit.id.desc()).first()


def _with_student(scans: ModelSelect) -> ModelSelect:
    """Each scan with its student, cohort and site; `.step` is its story's last step, `.returned_version` the version
    that was last sent back (None: never), and `.returned_why` the reason.
    """
    story = Move.alias()
    mine = story.scan == Scan.id
    back = story.verb == "send_back"
    return (
        scans.select(
            Scan,
            Enrolment,
            Person,
            Cohort,
            Placement.id,
            Site.name,
            Mentor.id,
            Mentor.name,
            story.select(fn.MAX(story.id)).where(mine).alias("step"),
            story.select(fn.MAX(story.version)).where(mine, back).alias("returned_version"),
            story.select(story.why).where(mine, back).order_by(story.id.desc()).limit(1).alias("returned_why"),
        )
        .join(Enrolment)
        .join_from(Enrolment, Person)
        .join_from(Enrolment, Cohort)
        .join_from(Scan, Placement)
        .join_from(Placement, Site)
        .join_from(Scan, Mentor, JOIN.LEFT_OUTER, on=(Scan.mentor == Mentor.id))
    )
