"""Who wants to be erased or is past the time for which they are kept, and why somebody cannot be erased yet."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from peewee import Value, fn

import clock
from models import Cohort, Enrolment, Party, Person, Placement, Scan, Staff, Wish
from rules import roles
from rules.phrases import day, listed
from visibility import WAITING, programmes_of_staff
from workflows.course import programmes
from workflows.people import retention
from workflows.people.retention import NOT_ERASED, Period
from workflows.refusals import NotFound

OPEN = Wish.done_at.is_null() & Wish.withdrawn_at.is_null()


def wish_of(person: int) -> Wish | None:
    """The wish that this person has not taken back."""
    return Wish.get_or_none(Wish.person == person, OPEN)


@dataclass(frozen=True)
class Case:
    """A person who wants to be erased, or whose time is over."""

    person: Person
    asked_on: date | None  # when they asked for it, None when they did not
    periods: list[Period]
    waiting: int  # how many scans wait for them as a mentor
    alone: list[str]  # names of the programmes of which they are the only director
    part: str  # the name of their first role, in small letters; "member" of who never had one
    elsewhere: bool  # they also have a part on a course that is directed by somebody else than who looks
    today: date

    @property
    def past_its_time(self) -> bool:
        """The time of each of their own enrolments is over: they are listed though they did not ask."""
        own = [period for period in self.periods if period.own]
        return bool(own) and all(period.ended_on and period.reading.on <= self.today for period in own)

    @property
    def over_on(self) -> date:
        """When the last of their own portfolios was past its time."""
        return max(period.reading.on for period in self.periods if period.own)

    @property
    def called(self) -> str:
        """What they are called once they are erased: "Former student 12"."""
        return f"Former {self.part} {self.person.id}"

    @cached_property
    def why_not(self) -> list[str]:
        """Why they cannot be erased today, a sentence each."""
        name, found = self.person.name, []
        for period in self.periods:
            if period.own and period.ended_on is None:
                says = f"if they end with their cohort, not before {day(period.portfolio.on)}"
                found.append(f"{name} is a student of {period.cohort}: {says}.")
            elif period.own and period.portfolio.on > self.today:
                found.append(f"The assessed work of {name} must be kept until {day(period.portfolio.on)}.")
        held = [
            period
            for period in self.periods
            if not period.own and (not period.ended_on or period.portfolio.on > self.today)
        ]
        if held:
            last = day(max(period.portfolio.on for period in held))
            studying = (
                "" if all(period.ended_on for period in held) else ", if those who study now end with their cohorts"
            )
            many = "a student" if len(held) == 1 else f"{len(held)} students"
            found.append(f"{name} has judged scans of {many}, whose work must be kept until {last}{studying}.")
        if self.waiting:
            waits = "1 scan waits" if self.waiting == 1 else f"{self.waiting} scans wait"
            found.append(f"{waits} for {name}: they are handed to another mentor first.")
        if self.alone:
            found.append(f"{name} is the only director of {listed(self.alone)}: another is appointed first.")
        if self.elsewhere:
            found.append(f"{name} has a part on another course too: whoever runs Sonofolio does this (erase-person).")
        return found


def cases(director: int) -> list[Case]:
    """Who of the courses that somebody directs wants to be erased or is past their time: who asked comes first."""
    directed = [key for (key,) in programmes_of_staff(director, roles.DIRECTOR).tuples()]
    now = clock.now()
    asked = {person for (person,) in Wish.select(Wish.person).where(OPEN).tuples()}
    known = [key for key in directed if key in programmes.keys()]  # noqa: SIM118 - a function of ours
    past = {one.person for one in retention.ended_periods(now, known) if one.reading.on <= one.programme.today(now)}
    found = _cases(asked | past, now, directed)
    return sorted(
        (case for case in found if case.asked_on or case.past_its_time),
        key=lambda case: (case.asked_on is None, case.asked_on or date.max, case.person.name),
    )


def case_of(person_id: int, *, director: int | None) -> Case:
    """The case of one person; `director` None for the command line, which may erase anybody.
    Raises NotFound: nobody has this id, was not erased already, wants it, or is past their time, on a course of theirs.
    """
    directed = None
    if director is not None:
        directed = [key for (key,) in programmes_of_staff(director, roles.DIRECTOR).tuples()]
    found = _cases({person_id}, clock.now(), directed)
    if not found or not (director is None or found[0].asked_on or found[0].past_its_time):
        raise NotFound()
    return found[0]


def _cases(people: Collection[int], now: datetime, directed: Collection[str] | None) -> list[Case]:
    """The cases of these people, of those whom a director of the programmes `directed` may see; None for anybody."""
    there = Person.select().where(Person.id.in_(people), NOT_ERASED)
    of, periods = parts_ever(people), retention.periods(people, now)
    asked = dict(Wish.select(Wish.person, Wish.asked_at).where(OPEN, Wish.person.in_(people)).tuples())
    waiting = Scan.select(Scan.mentor, fn.COUNT(Scan.id)).where(WAITING, Scan.mentor.in_(people)).group_by(Scan.mentor)
    waits, alone, known, found = dict(waiting.tuples()), _alone(), programmes.keys(), []
    for person in there:
        theirs = {key for key, _ in of[person.id]}
        if directed is None or not theirs or theirs & set(directed):
            clock_of = programmes.get(next((key for key in known if key in theirs), known[0]))
            elsewhere = bool(directed is not None and theirs - set(directed))
            at = asked.get(person.id)
            today, names = clock_of.today(now), [programmes.get(key).short_name for key in alone.get(person.id, ())]
            asked_on = clock_of.today(at) if at else None
            part = first_role({role for _, role in of[person.id]})
            found.append(
                Case(person, asked_on, periods[person.id], waits.get(person.id, 0), names, part, elsewhere, today)
            )
    return found


def parts_ever(people: Collection[int]) -> dict[int, set[tuple[str, str]]]:
    """The parts, as programme and role, that these people have or had. One query."""
    enrolled = Enrolment.select(Enrolment.person, Cohort.programme, Value(roles.STUDENT)).join(Cohort)
    party = Party.select(Party.person, Cohort.programme, Party.role).join(Placement).join(Enrolment).join(Cohort)
    staff = Staff.select(Staff.person, Staff.programme, Staff.role).where(Staff.person.in_(people))
    enrolled, party = enrolled.where(Enrolment.person.in_(people)), party.where(Party.person.in_(people))
    found: dict[int, set[tuple[str, str]]] = {person: set() for person in people}
    for person, key, role in (enrolled | party | staff).tuples():
        found[person].add((key, role))
    return found


def first_role(held: Collection[str]) -> str:
    """ "student", "mentor": the name of the first of these roles; "member" where there is none."""
    return next((role.name.lower() for role in roles.ROLES if role.key in held), "member")


def _alone() -> dict[int, list[str]]:
    """Who is the only director of a programme, who may sign in: person -> its keys."""
    rows = Staff.select(Staff.programme, Staff.person).join(Person)
    of = Counter[str]()
    last: dict[str, int] = {}
    for key, person in rows.where(Staff.role == roles.DIRECTOR, Person.disabled_at.is_null()).tuples():
        of[key] += 1
        last[key] = person
    found: dict[int, list[str]] = {}
    for key, number in of.items():
        if number == 1 and key in programmes.keys():  # noqa: SIM118 - a function of ours
            found.setdefault(last[key], []).append(key)
    return found
