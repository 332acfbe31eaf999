"""Who has which part in a placement, from when to when; and who covers for whom."""

from dataclasses import dataclass
from datetime import date

from peewee import JOIN, fn

from models import Cohort, Enrolment, Party, Person, Placement, Scan, Site
from rules import parts, phrases, roles
from rules.folding import fold
from rules.parts import Days
from visibility import WAITING, placements_run_by
from workflows.people import covers


@dataclass(frozen=True)
class Part:
    """One part as a line: whose, which, its days, and how many scans wait for them there."""

    id: int
    person: int
    name: str
    role: str
    role_name: str
    days: Days
    covers: str  # the mentor who is away meanwhile; empty: it is a part of one's own
    covers_id: int | None
    successor: str
    waiting: int
    closed: bool

    @property
    def is_mentor(self) -> bool:
        return self.role == roles.MENTOR

    def over(self, today: date) -> bool:
        return self.days.is_empty or (self.days.ended_on is not None and self.days.ended_on <= today)


@dataclass(frozen=True)
class Cover:
    """Somebody's cover for a mentor at a site, in all of their placements there: one line."""

    id: int
    site: str
    away: str
    away_id: int
    name: str
    days: Days
    students: tuple[str, ...]

    @property
    def until(self) -> str:
        return phrases.day(self.days.last) if self.days.last else ""


def parts_of(placement: Placement) -> list[Part]:
    """Every part in the placement, those that last first, in the order of the roles. One query."""
    covered, away, follows = Party.alias("covered"), Person.alias("away"), Person.alias("follows")
    waits = Scan.select(fn.COUNT(Scan.id)).where(
        WAITING, Scan.placement == Party.placement, Scan.mentor == Party.person
    )
    rows = (
        Party.select(Party.id, Party.role, Party.from_on, Party.ended_on, Party.cover_for)
        .select_extend(Person.id, Person.name, away.name, follows.name, waits, Person.disabled_at)
        .join(Person)
        .join_from(Party, covered, JOIN.LEFT_OUTER, on=(Party.cover_for == covered.id))
        .join_from(covered, away, JOIN.LEFT_OUTER, on=(covered.person == away.id))
        .join_from(Party, follows, JOIN.LEFT_OUTER, on=(Party.successor_id == follows.id))
        .where(Party.placement == placement)
        .order_by(Party.id)
    )
    found = []
    for number, role, from_on, ended_on, covers_id, person, name, gone, successor, waiting, closed in rows.tuples():
        days = parts.of(from_on, ended_on, placement.starts_on)
        whose = number, person, name, role, roles.BY_KEY[role].name
        found.append(Part(*whose, days, gone or "", covers_id, successor or "", waiting, closed is not None))
    order = list(roles.BY_KEY)
    return sorted(found, key=lambda one: (order.index(one.role), one.days.first, one.id))


def covers_of(person: Person) -> list[Cover]:
    """Who covers for this person, today and on days to come."""
    return _grouped(covers.to_come(person, own=True))


def covers_in(placement: Placement, by: Person) -> list[Cover]:
    """Those of one placement."""
    rows = [one for one in covers.to_come(by) if one.cover_for.placement.id == placement.id]
    return _grouped(rows)


def covers_today(person: int) -> list[Cover]:
    """Those of today for this person, and by them. One query."""
    return _grouped(covers.about(person))


def covered_by(person: int, today: date) -> list[Cover]:
    """For whom this person covers, or will. One query."""
    return _grouped(covers.by(person, today))


def _grouped(rows: list[Party]) -> list[Cover]:
    """One line for those of the same mentors, site and days."""
    groups: dict[tuple, list[Party]] = {}
    for one in rows:
        key = one.cover_for.person_id, one.person_id, one.cover_for.placement.site_id, one.ended_on
        groups.setdefault(key, []).append(one)
    found = []
    for group in groups.values():
        first, own = group[0], group[0].cover_for
        days = Days(min(one.from_on for one in group), first.ended_on)
        students = sorted({one.cover_for.placement.enrolment.person.name for one in group}, key=fold)
        about = first.id, own.placement.site.name, own.person.name, own.person_id, first.person.name
        found.append(Cover(*about, days, tuple(students)))
    return found


def placements(person: int) -> list[tuple[int, str, str, str]]:
    """The placements that this person runs, of students who study still: id, student, site and cohort, by name."""
    rows = placements_run_by(person).join_from(Placement, Site).join_from(Enrolment, Person)
    rows = rows.select(Placement.id, Person.name, Site.name, Cohort.name).where(Enrolment.ended_on.is_null())
    return sorted(rows.tuples(), key=lambda row: (fold(row[1]), fold(row[2]), row[0]))
