"""What is read of a cohort: which cohorts, who is enrolled, where they are placed and with whom."""

import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple

from peewee import JOIN, ModelSelect, fn

from models import Cohort, Contact, Enrolment, Party, Person, Placement, Scan, Site
from rules import roles
from rules.folding import fold
from rules.person_names import distinct_names
from statements import Prepared, Slot, day_of
from visibility import FAILED_COUNTS, MENTORS_NOW, covered_now, programmes_of_staff
from workflows.course import programmes
from workflows.refusals import NotFound


class Named(NamedTuple):
    """Somebody, by their name, and their address for a mail."""

    name: str
    email: str


class Student(NamedTuple):
    """An enrolment as a list needs it. It reads like the model, and a thousand of them cost a tenth."""

    id: int
    enrolled_on: date
    remit: list[str] | None
    ended_on: date | None
    ended_as: str | None
    person: Named
    cohort: Cohort
    failed: int  # scans that count with a failed audit
    spoken_on: date | None  # when a director last spoke with somebody about them


@dataclass
class Places:
    """Names of sites and mentors by id, in the order of their names; and which of them each student (enrolment id) has
    now: ("site", 3).
    """

    sites: dict[int, str] = field(default_factory=dict)
    mentors: dict[int, str] = field(default_factory=dict)
    emails: dict[int, str] = field(default_factory=dict)  # of the mentors
    of: dict[int, set[tuple[str, int]]] = field(default_factory=lambda: defaultdict(set))
    away: set[int] = field(default_factory=set)  # mentors for whom somebody covers today

    def mentors_of(self, student: int) -> list[tuple[str, str]]:
        """The student's mentors now, as (name, e-mail), by name."""
        theirs = [number for kind, number in self.of.get(student, ()) if kind == "mentor"]
        return sorted((self.mentors[one], self.emails[one]) for one in theirs)

    def names(self, kind: str, student: int) -> str:
        """The names of a student's sites ("site") or mentors ("mentor"), in one text."""
        known = self.sites if kind == "site" else self.mentors
        return "; ".join(sorted((known[number] for one, number in self.of.get(student, ()) if one == kind), key=fold))


@Prepared
def cohorts(director: Slot) -> ModelSelect:
    """The cohorts of the programmes that this person directs, the newest first."""
    mine = Cohort.select().where(Cohort.programme.in_(programmes_of_staff(director, *roles.with_room("cohort"))))
    return mine.order_by(Cohort.starts_on.desc(), Cohort.name)


def chosen(among: list[Cohort], number: str, now: datetime) -> Cohort:
    """The cohort with this id, as an address has it; without one the newest that has started.

    Raises:
        NotFound: no such cohort among these.
    """
    found = [cohort for cohort in among if number in ("", str(cohort.id))]
    if not found:
        raise NotFound()
    if number:
        return found[0]
    started = (cohort for cohort in among if cohort.starts_on <= programmes.get(cohort.programme).today(now))
    return next(started, among[-1])


def by_programme(among: list[Cohort]) -> list[tuple[str, list[Cohort]]]:
    """The cohorts under the names of their programmes, for a picker."""

    known = {key: programmes.get(key).name for key in programmes.keys()}  # noqa: SIM118 (a function, no dict)

    def name(cohort: Cohort) -> str:
        return known.get(cohort.programme, cohort.programme)

    return [(title, list(of)) for title, of in groupby(sorted(among, key=name), key=name)]


def students(cohort: Cohort) -> list[Student]:
    """Everybody enrolled in the cohort, by name. One query."""
    found = [
        Student(
            number,
            day_of(enrolled),
            json.loads(remit) if remit else None,
            ended and day_of(ended),
            how,
            Named(name, email),
            cohort,
            failed or 0,
            spoken and day_of(spoken),
        )
        for number, enrolled, remit, ended, how, name, email, failed, spoken in _STUDENTS.rows(cohort.id)
    ]
    return sorted(found, key=lambda one: (fold(one.person.name), one.id))


def places(cohort: Cohort, today: date) -> Places:
    """Where the cohort's students are placed today, and who mentors them there now. One query."""
    found = Places()
    sites, mentors, of = found.sites, {}, found.of  # at hand: there are two rows a student
    for student, site, site_name, mentor, name, email, away in _PLACES.rows(cohort.id, today.isoformat()):
        sites[site] = site_name
        of[student].add(("site", site))
        if mentor:
            mentors[mentor] = name, email
            of[student].add(("mentor", mentor))
            if away:
                found.away.add(mentor)
    names = distinct_names(list(mentors.values()))
    emails = {one: email for one, (_, email) in mentors.items()}
    mentors = _by_name(dict(zip(mentors, names, strict=True)))
    return replace(found, sites=_by_name(sites), mentors=mentors, emails=emails)


def _by_name(names: dict[int, str]) -> dict[int, str]:
    return dict(sorted(names.items(), key=lambda one: fold(one[1])))


def _students(cohort: Slot) -> ModelSelect:
    columns = (Enrolment.id, Enrolment.enrolled_on, Enrolment.remit, Enrolment.ended_on, Enrolment.ended_as)
    number = fn.COUNT(Scan.id).alias("number")
    failed = Scan.select(Scan.enrolment, number).where(FAILED_COUNTS).group_by(Scan.enrolment).alias("failed")
    spoken = Contact.select(fn.MAX(Contact.spoken_on)).where(Contact.enrolment == Enrolment.id)
    named = Enrolment.select(*columns, Person.name, Person.email, failed.c.number, spoken).join(Person)
    named = named.join_from(Enrolment, failed, JOIN.LEFT_OUTER, on=(failed.c.enrolment_id == Enrolment.id))
    return named.where(Enrolment.cohort == cohort).tuples()


def _places(cohort: Slot, today: Slot) -> ModelSelect:
    now = Placement.ends_on.is_null() | (Placement.ends_on >= today)
    away = covered_now().alias("away")
    is_away = (away.c.person_id == Party.person) & (away.c.placement_id == Party.placement)
    return (
        Placement.select(
            Placement.enrolment, Site.id, Site.name, Person.id, Person.name, Person.email, away.c.person_id
        )
        .join(Enrolment)
        .join_from(Placement, Site)
        .join_from(Placement, Party, JOIN.LEFT_OUTER, on=(Party.placement == Placement.id) & MENTORS_NOW)
        .join(Person, JOIN.LEFT_OUTER)
        .join_from(Party, away, JOIN.LEFT_OUTER, on=is_away)
        .where(Enrolment.cohort == cohort, now)
        .tuples()
    )


_STUDENTS, _PLACES = Prepared(_students), Prepared(_places)
