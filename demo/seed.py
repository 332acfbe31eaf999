"""Puts the demo course into an empty database: everybody, and what they did, up to yesterday evening.

The same day gives the same course (passwords are salted, so their hashes differ).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from demo import cases as clinical
from demo import cast
from demo.cast import Place, Student
from demo.days import WEEK, Clock, clinic_days, cohort_days
from demo.portfolio import Learner, Portfolio, Post
from demo.story import Book
from models import (
    Absence,
    Address,
    Cohort,
    Confirmation,
    Edition,
    Enrolment,
    Invitation,
    Machine,
    Party,
    Person,
    Placement,
    Share,
    Site,
    Staff,
    db,
)
from rules import editions
from rules.programme import Programme
from workflows.accounts import accounts, passwords
from workflows.counts import recount
from workflows.course import demo_course, programmes
from workflows.history import baseline
from workflows.history.history import Action
from workflows.refusals import Refused

MOST_COUNTED = 246  # of somebody who is not finished


def is_empty() -> bool:
    """Whether nobody is in the database yet."""
    return not Person.select(Person.id).exists()


def plant(now: datetime, after_each: Callable[[], None] = lambda: None) -> None:
    """Make the demo course, all of it or nothing. `after_each` is called after each student.

    Raises:
        Refused: when somebody is in the database already.
    """
    programme = programmes.get(cast.PROGRAMME)
    with db.atomic():
        if not is_empty():
            raise Refused("There are people in this database already; the demo course is for an empty one.")
        course = _Course(programme, programme.today(now))
        course.gather()
        for student in cast.STUDENTS:
            course.enrol(student)
            after_each()
        for student in [one for one in cast.STUDENTS if one.graduated][:1]:
            course.ask_for_editions(student)
        if "amara" in course.people:  # tests plant one student alone
            course.invite()
        course.go_on_leave()
        course.book.write()
        recount.mend_all()
        baseline.enter()


class _Course:
    """The demo course being made."""

    def __init__(self, programme: Programme, today: date) -> None:
        self.programme, self.today = programme, today
        self.starts_on, self.due_on = cohort_days(today)
        self.clock, self.book, self.cases = Clock(programme, today), Book(), clinical.load()
        self.opened_at = self.clock.at(self.starts_on - 3 * WEEK, 10 * 60)
        self.people: dict[str, Person] = {}
        self.sites: dict[str, Site] = {}
        self.posted: dict[str, int] = {}

    def gather(self) -> None:
        """The cohort, the sites with their machines, and everybody who is not a student."""
        self._did(demo_course.SEEDED, f"programme:{cast.PROGRAMME}")
        password = passwords.keep(cast.PASSWORD)
        everybody = dict([cast.DIRECTOR, cast.INTERNAL_ASSESSOR, cast.ADMINISTRATOR])
        everybody |= cast.MENTORS | cast.NEWCOMERS | cast.MANAGERS | cast.ASSESSORS
        everybody |= {student.key: student.name for student in cast.STUDENTS}
        for key, name in everybody.items():
            email = key + demo_course.DOMAIN
            self.people[key] = Person.create(email=email, name=name, password=password, made_at=self.opened_at)
            Address.create(person=self.people[key], email=email, made_at=self.opened_at, proved_at=self.opened_at)
            self._did("register", f"person:{self.people[key].id}")
        name = f"September {self.starts_on.year}"
        key = cast.PROGRAMME
        self.cohort = Cohort.create(programme=key, name=name, starts_on=self.starts_on, due_on=self.due_on)
        self._did("open_cohort", f"cohort:{self.cohort.id}", programme=key)
        staff = {cast.DIRECTOR: "director", cast.INTERNAL_ASSESSOR: "internal_assessor"}
        staff[cast.ADMINISTRATOR] = "administrator"
        for (person, _), role in staff.items():
            Staff.create(person=self.people[person], programme=key, role=role)
            self._did("appoint", f"person:{self.people[person].id}", programme=key, role=role)
        self._confirm()
        for site, place in cast.SITES.items():
            self.sites[site] = Site.create(name=place.name)
            Machine.insert_many([{"site": self.sites[site], "name": name} for name in place.machines]).execute()

    def _confirm(self) -> None:
        """Everybody whom the course itself named, or had before it began to confirm."""
        for key in (*cast.MENTORS, *cast.ASSESSORS):
            person, kind = self.people[key], "mentor" if key in cast.MENTORS else "external_assessor"
            basis = "before" if key in cast.BEFORE else "named"
            facts = {"programme": cast.PROGRAMME, "kind": kind, "basis": basis}
            Confirmation.create(person=person, made_at=self.opened_at, **facts)
            self._did("confirm", f"person:{person.id}", **facts)

    def enrol(self, student: Student) -> None:
        """The student with placements and scans."""
        chance = random.Random(f"{student.key} {self.today}")  # noqa: S311 - to be the same again, not to be secret
        enrolled_on = self.starts_on - 52 * WEEK if student.away else self.starts_on
        if student.joined:
            enrolled_on = self.today - timedelta(days=student.joined)
        ended_on = self.today - timedelta(days=6) if student.graduated else None
        enrolment = Enrolment.create(
            person=self.people[student.key],
            cohort=self.cohort,
            enrolled_on=enrolled_on,
            remit=list(student.remit) if student.remit else None,
            ended_on=ended_on,
            ended_as="graduated" if student.graduated else None,
        )
        self._did("enrol", f"enrolment:{enrolment.id}", enrolment.id, cohort=self.cohort.id)
        self._pause(student, enrolment)
        posts = tuple(
            self._place(enrolment, site, enrolled_on + place * 4 * WEEK, student.newcomer)
            for place, site in enumerate(student.sites)
        )
        days = self._days(student, enrolled_on, chance)
        learner = Learner(
            student, self.people[student.key].id, enrolment.id, posts, days, self._counted(student, enrolled_on)
        )
        Portfolio(self.book, self.programme, self.cases, self.clock, chance).fill(learner)

    def _pause(self, student: Student, enrolment: Enrolment) -> None:
        """What the director has decided of the student's days."""
        dana = self.people[cast.DIRECTOR[0]]
        days: dict[str, Any] = {}
        if student.interrupted:
            first = self.today - timedelta(days=student.interrupted)
            days = {"kind": "interruption", "from_on": first, "until_on": self.today + 3 * WEEK}
        elif student.extended:
            days = {"kind": "extension", "due_on": self.due_on + timedelta(days=student.extended)}
        if days:
            at = self.clock.at(self.today - timedelta(days=max(student.interrupted, 5)), 11 * 60)
            Absence.create(enrolment=enrolment, by=dana, made_at=at, **days)
            verb = "interrupt" if student.interrupted else "extend"
            self.book.actions.append(Action(verb, f"enrolment:{enrolment.id}", dana.id, at, enrolment.id, {}))

    def _place(self, enrolment: Enrolment, key: str, from_day: date, newcomer: str) -> Post:
        place: Place = cast.SITES[key]
        site = self.sites[key]
        placement = Placement.create(enrolment=enrolment, site=site, starts_on=from_day)
        self._did("place", f"placement:{placement.id}", enrolment.id, site=site.id)
        first = 0 if key == "croydon" else self.posted.get(key, 0) % len(place.mentors)  # Amara's and Tom's is Ravi
        self.posted[key] = self.posted.get(key, 0) + 1
        ordered = place.mentors[first:] + place.mentors[:first]
        parts = [(mentor, "mentor") for mentor in ordered] + [(place.manager, "clinical_manager")]
        parts += [(place.assessor, "external_assessor")] if place.assessor else []
        parts += [(newcomer, "mentor")] if newcomer else []
        if newcomer:
            self._invited(newcomer, placement, enrolment.person)
        for person, role in parts:
            Party.create(placement=placement, person=self.people[person], role=role)
            thing = f"placement:{placement.id}"
            self._did("take_part", thing, enrolment.id, person=self.people[person].id, role=role)
        new = self.people[newcomer].id if newcomer else None
        return Post(placement.id, tuple(self.people[mentor].id for mentor in ordered), place, from_day, new)

    def _invited(self, newcomer: str, placement: Placement, by: Person) -> None:
        """The invitation by which a mentor came three weeks ago, accepted the same day."""
        at = self.clock.at(self.today - 3 * WEEK, 12 * 60)
        person, browser = self.people[newcomer], accounts.hash_of(f"browser of {newcomer}")
        Invitation.create(
            token_hash=accounts.hash_of(f"invitation of {newcomer}"),
            role="mentor",
            placement=placement,
            email=person.email,
            name=person.name,
            by=by,
            browser_hash=browser,
            made_at=at,
            expires_at=at + WEEK,
            accepted_at=at + timedelta(minutes=9),
            accepted_by=person,
            same_browser=newcomer == cast.SAME_BROWSER,
        )

    def _days(self, student: Student, enrolled_on: date, chance: random.Random) -> tuple[date, ...]:
        """The days on which the student scanned; the placement is new on the first, so scans begin some days later."""
        last = self.today - timedelta(days=1 + student.silent)
        if not student.away:
            settled = enrolled_on + timedelta(days=1 if student.joined else chance.randint(2, 8))
            return tuple(clinic_days(min(settled, last), last, student.days, chance))
        before = clinic_days(enrolled_on + WEEK, enrolled_on + 26 * WEEK, student.days, chance)
        back = clinic_days(
            self.starts_on + WEEK, self.today - (2 if student.graduated else 1) * WEEK, student.days, chance
        )
        return tuple(before + back)

    def _counted(self, student: Student, enrolled_on: date) -> int:
        """How many scans count: what is expected by today on a straight line, and the student's own more or less."""
        if student.finished:
            return self.programme.total + 5
        since = max(self.starts_on, enrolled_on)
        expected = self.programme.total * (self.today - since).days // (self.due_on - since).days
        return 0 if not student.waiting and student.joined else min(MOST_COUNTED, max(3, expected + student.ahead))

    def go_on_leave(self) -> None:
        """A mentor is away from today; the worker hands over what waits when it first runs."""
        away, covers = self.people[cast.ON_LEAVE], self.people[cast.COVERED_BY]
        at = self.clock.at(self.today - timedelta(days=1), 17 * 60)
        days = {"from_on": self.today, "ended_on": self.today + timedelta(days=cast.LEAVE_DAYS)}
        for own in list(Party.select(Party, Placement).join(Placement).where(Party.person == away)):
            placement = own.placement
            values = {"placement": placement, "person": covers, "role": own.role, "cover_for": own}
            party = Party.create(**values, **days, arranged_by_id=away.id)
            dates = {name: str(day) for name, day in days.items()}
            about = {"person": covers.id, "away": away.id, "party": party.id, **dates}
            thing = f"placement:{placement.id}"
            self.book.actions.append(Action("cover", thing, away.id, at, placement.enrolment_id, about))

    def ask_for_editions(self, graduate: Student) -> None:
        """Two editions of a graduate's portfolio, which the worker makes, the second superseding the first; and a link
        to the second.
        """
        person, chance = self.people[graduate.key], random.Random(graduate.key)  # noqa: S311
        enrolment = Enrolment.get(Enrolment.person == person)
        for number, purpose in enumerate(("submission", "employer"), start=1):
            at = self.clock.at(self.today - timedelta(days=5 - number), 18 * 60)
            code = editions.shown_code("".join(chance.choices(editions.LETTERS, k=editions.CODE_LENGTH)))
            values = {"enrolment": enrolment, "number": number, "purpose": purpose, "code": code, "declared_at": at}
            edition = Edition.create(**values, asked_at=at, asked_by=person)
            thing = f"edition:{edition.id}"
            self.book.actions.append(Action("ask_for_edition", thing, person.id, at, enrolment.id, {"declared": True}))
        Share.create(
            token_hash=accounts.hash_of(cast.SHARED),
            edition=edition,
            label="Guildford hospital, radiology: application",
            by=person,
            made_at=at,
            expires_at=at + timedelta(days=60),
        )

    def invite(self) -> None:
        """Amara has asked a second mentor by mail, yesterday evening."""
        amara, at = self.people["amara"], self.clock.at(self.today - timedelta(days=1), 19 * 60)
        placement = Placement.select().join(Enrolment).where(Enrolment.person == amara).get()
        made = Invitation.create(
            token_hash=accounts.hash_of(cast.INVITATION),
            role="mentor",
            placement=placement,
            email="farah.aziz@clinic.sonofolio.test",
            name="Farah Aziz",
            by=amara,
            made_at=at,
            expires_at=at + timedelta(days=self.programme.people.invitation_days),
        )
        payload = {"role": "mentor", "means": "mail"}
        self.book.actions.append(
            Action("invite", f"invitation:{made.id}", amara.id, at, placement.enrolment_id, payload)
        )

    def _did(self, verb: str, thing: str, enrolment: int | None = None, **payload: Any) -> None:
        self.book.actions.append(Action(verb, thing, None, self.opened_at, enrolment, payload))
