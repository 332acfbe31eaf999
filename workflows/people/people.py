"""Who is who on the course: people, and the parts they have by assignment (R9 to R11).

Each verb finds what is there already or makes it, and returns `(thing, whether it is new)`, so it may be said again.
Each change writes its own line of history. An import of many makes the same checks, and writes rows together
(`people_import`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from email_validator import EmailNotValidError, validate_email
from peewee import JOIN, Value

import clock
from models import Cohort, Enrolment, Machine, Party, Person, Placement, Site, Staff, db
from rules import dates, roles
from rules.folding import fold
from rules.person_names import comparable, without_invisible
from visibility import PARTS_NOW
from workflows.accounts import accounts
from workflows.course import demo_course, programmes
from workflows.history import history, records
from workflows.people import confirmations, first_address
from workflows.refusals import Invalid

MOST_EMAIL, MOST_NAME = 254, 100
NOT_ONE_ADDRESS = "Write one e-mail address, such as amara@example.ac.uk."


def plain_email(text: str) -> str:
    """An e-mail address as it is stored: trimmed, in small letters. Whether mail arrives there is not checked.
    Raises Invalid when it is no address, one of the demo course, or one with letters beyond ASCII: few mail servers
    deliver to those.
    """
    email = text.strip().lower()
    if len(email) > MOST_EMAIL or not email.rpartition("@")[2].isascii():
        raise Invalid({"email": [NOT_ONE_ADDRESS]})
    try:  # the domain "test" is for tests, as in our own
        found = validate_email(
            email, strict=True, allow_smtputf8=False, check_deliverability=False, test_environment=True
        )
    except EmailNotValidError:
        raise Invalid({"email": [NOT_ONE_ADDRESS]}) from None
    email = f"{found.local_part}@{found.ascii_domain}"
    if demo_course.is_demo(email):
        raise Invalid({"email": ["This address belongs to the demo course. Write the person's own."]})
    return email


def plain_name(text: str) -> str:
    """A person's name as it is stored: in NFC, single spaces, nothing invisible.
    Raises Invalid when nothing is left of it, or far too much.
    """
    name = without_invisible(text) if len(text) <= 10 * MOST_NAME else ""
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise Invalid({"name": [f"Write the person's full name, at most {MOST_NAME} characters."]})
    return name


def by_email(email: str) -> Person | None:
    """The person with this proved address, whatever its capitals."""
    return accounts.by_address(email.strip().lower())


def register(email: str, name: str, *, by: Person | None = None) -> tuple[Person, bool]:
    """The person with this address. A known one keeps the name that they have; it may be left out for them.
    Raises Invalid: for an address or name that cannot be kept, or another name than the known one.
    """
    email = plain_email(email)
    with db.atomic():
        known = accounts.by_address(email)
        if known:
            check_name(known, name)
            return known, False
        person = records.create(Person, email=email, name=plain_name(name), made_at=clock.now())
        first_address.insert_all([person], person.made_at)
        history.record("register", f"person:{person.id}", by=by, at=person.made_at)
        return person, True


def open_cohort(
    programme: str,
    name: str,
    starts_on: date | None,
    due_on: date | None,
    *,
    by: Person | None = None,
    warned: Sequence[str] = (),
) -> tuple[Cohort, bool]:
    """The cohort of this name on a programme. Its days are needed the first time; later they may be left out.
    `warned`: kinds of match that the screen asked about in its name, for the record.
    Raises Invalid when a day is missing, the two are in the wrong order, or they are not those of the known cohort.
    """
    with db.atomic():
        known = named(Cohort.select().where(Cohort.programme == programme), name)
        check_cohort(name, known, starts_on, due_on)
        if known:
            return known, False
        cohort = records.create(Cohort, programme=programme, name=name, starts_on=starts_on, due_on=due_on)
        payload: dict[str, Any] = {"programme": programme, **({"warned": list(warned)} if warned else {})}
        history.record("open_cohort", f"cohort:{cohort.id}", by=by, at=clock.now(), **payload)
        return cohort, True


def enrol(
    student: Person, cohort: Cohort, enrolled_on: date | None = None, *, by: Person | None = None
) -> tuple[Enrolment, bool]:
    """This student's place in a cohort, from its first day unless said otherwise.
    Raises Invalid: for a day after the scans are due, or another day than the known one.
    """
    with db.atomic():
        known = Enrolment.get_or_none(Enrolment.person == student, Enrolment.cohort == cohort)
        day = enrolment_day(student, cohort, known, enrolled_on)
        if known:
            return known, False
        made = records.create(Enrolment, person=student, cohort=cohort, enrolled_on=day)
        history.record("enrol", f"enrolment:{made.id}", by=by, at=clock.now(), enrolment=made.id, cohort=cohort.id)
        return made, True


def place(
    enrolment: Enrolment, site: str, starts_on: date | None = None, *, by: Person | None = None
) -> tuple[Placement, bool]:
    """This student's placement at a site, from the day of enrolment unless said otherwise (R11).
    Raises Invalid: for a day before the enrolment, or another day than the known one.
    """
    with db.atomic():
        name = " ".join(site.split())
        where = named(Site.select(), name) or records.create(Site, name=name)
        known = Placement.get_or_none(Placement.enrolment == enrolment, Placement.site == where)
        day = placement_day(enrolment, known, starts_on)
        if known:
            return known, False
        made = records.create(Placement, enrolment=enrolment, site=where, starts_on=day)
        history.record("place", f"placement:{made.id}", by=by, at=clock.now(), enrolment=enrolment.id, site=where.id)
        return made, True


def equip(site: Site, machines: Iterable[str], *, by: Person | None = None) -> list[str]:
    """Machines that one can choose at a site (R12); the names of those that are new."""
    new = []
    with db.atomic():
        for name in dict.fromkeys(" ".join(machine.split()) for machine in machines):
            if name and named(Machine.select().where(Machine.site == site), name) is None:
                records.create(Machine, site=site, name=name)
                new.append(name)
        if new:
            history.record("equip", f"site:{site.id}", by=by, at=clock.now())
    return new


def take_part(
    placement: Placement, person: Person, role: str, *, by: Person | None = None, named: bool = True
) -> tuple[Party, bool]:
    """This person's part in a placement: mentor, external assessor or clinical manager (R9 to R11).

    A part that has ended stays ended, so whoever comes back has a new one, from today. A cover is none of their own.
    `named`: by the course itself, which confirms them by that; False of somebody whom a student or mentor invited.
    Raises Invalid when the student would judge themselves.
    """
    with db.atomic():
        enrolment = placement.enrolment
        check_part(person, role, is_student=enrolment.person_id == person.id)
        today = clock.today()
        same = (Party.placement == placement, Party.person == person, Party.role == role, Party.cover_for.is_null())
        lasts = Party.ended_on.is_null() | (Party.ended_on > today)
        if known := Party.get_or_none(*same, lasts):
            return known, False
        from_on = max(today, placement.starts_on) if Party.select().where(*same).exists() else None
        made = records.create(Party, placement=placement, person=person, role=role, from_on=from_on)
        history.record(
            "take_part",
            f"placement:{placement.id}",
            by=by,
            at=clock.now(),
            enrolment=enrolment.id,
            person=person.id,
            role=role,
        )
        if named:
            confirmations.name_by_course(person.id, enrolment.cohort.programme, role, by=by)
        return made, True


def appoint(person: Person, programme: str, role: str, *, by: Person | None = None) -> tuple[Staff, bool]:
    """This person's role on a whole programme: director or internal assessor."""
    with db.atomic():
        known = Staff.get_or_none(Staff.person == person, Staff.programme == programme, Staff.role == role)
        if known:
            return known, False
        made = records.create(Staff, person=person, programme=programme, role=role)
        history.record("appoint", f"person:{person.id}", by=by, at=clock.now(), programme=programme, role=role)
        return made, True


def named(among: Iterable[Any], name: str) -> Any:
    """The one of this name, however it is written, or None. Compared here: no database folds letters as we do."""
    found = [one for one in among if fold(one.name) == fold(name)]
    return next((one for one in found if one.name == name), found[0] if found else None)


# The checks of the functions above, which `people_import` makes too. What is stored already is an argument.


def check_days(**days: date | None) -> None:
    """Raises Invalid for days, by the names of their fields, that cannot be meant (rules/dates.py)."""
    if wrong := {field: [dates.SENTENCE] for field, day in days.items() if day and not dates.can_be(day)}:
        raise Invalid(wrong)


def check_name(known: Person, name: str) -> None:
    """A known person keeps the name that they have. Raises Invalid for another one."""
    if name.strip() and comparable(plain_name(name)) != comparable(known.name):
        says = f"{known.email} is already here as {known.name}. Write that name, or leave it empty."
        raise Invalid({"name": [says]})


def check_cohort(name: str, known: Cohort | None, starts_on: date | None, due_on: date | None) -> None:
    """Raises Invalid for a new cohort without its days, or days that cannot be or are not those of the known one."""
    if known:
        _same("starts_on", f"{name} starts on", known.starts_on, starts_on)
        _same("due_on", f"The scans of {name} are due on", known.due_on, due_on)
        return
    days = {"starts_on": starts_on, "due_on": due_on}
    lacks = {key: [f"{name} is a new cohort: write the day here."] for key, day in days.items() if day is None}
    if lacks or starts_on is None or due_on is None:
        raise Invalid(lacks)
    check_days(starts_on=starts_on, due_on=due_on)
    if due_on <= starts_on:
        raise Invalid({"due_on": ["The scans are due after the cohort has started: write a later day."]})


def enrolment_day(student: Person, cohort: Cohort, known: Enrolment | None, given: date | None) -> date:
    """The day of enrolment. Raises Invalid for one that cannot be, or is not the known one's."""
    if known:
        _same("enrolled_on", f"{student.name} enrolled on", known.enrolled_on, given)
        return known.enrolled_on
    day = given or cohort.starts_on
    check_days(enrolled_on=day)
    if day > cohort.due_on:
        raise Invalid(
            {"enrolled_on": [f"The scans of {cohort.name} are due on {cohort.due_on}: write an earlier day."]}
        )
    return day


def placement_day(enrolment: Enrolment, known: Placement | None, given: date | None) -> date:
    """The first day of a placement. Raises Invalid for one that cannot be, or is not the known one's."""
    if known:
        _same("placement_starts_on", "This placement started on", known.starts_on, given)
        return known.starts_on
    day = given or enrolment.enrolled_on
    check_days(placement_starts_on=day)
    if day < enrolment.enrolled_on:
        says = f"The student enrolled on {enrolment.enrolled_on}: a placement starts on that day or later."
        raise Invalid({"placement_starts_on": [says]})
    return day


def check_part(person: Person, role: str, *, is_student: bool) -> None:
    """Raises Invalid when the student of a placement would judge themselves."""
    if is_student:
        says = f"{person.name} cannot be their own {roles.BY_KEY[role].name.lower()}. Name somebody else."
        raise Invalid({"student_email": [says]})


def _same(field: str, words: str, known: date, given: date | None) -> None:
    """An import adds; it does not move days that others have begun to rely on."""
    if given is not None and given != known:
        raise Invalid({field: [f"{words} {known}. Write that day, or leave it empty."]})


@dataclass(frozen=True)
class Part:
    """One part that a person has. `cohort` is a student's, `site` empty for a role on the whole course."""

    role: str
    programme: str
    cohort: str = ""
    site: str = ""

    @property
    def words(self) -> str:
        """The part as one reads it: "Mentor at Croydon MSK clinic"."""
        role = roles.BY_KEY[self.role]
        place = f" at {self.site}" if self.site else ""
        course = programmes.get(self.programme).short_name if role.scope == roles.PROGRAMME else self.cohort
        return role.name + place + (f", {course}" if course else "")


def parts_of(people: Sequence[int]) -> dict[int, list[Part]]:
    """The parts that these people have now, in the order of a course: learning first. One query."""
    student = (
        Enrolment.select(Enrolment.person, Value(roles.STUDENT), Cohort.programme, Cohort.name, Site.name)
        .join(Cohort)
        .join_from(Enrolment, Placement, JOIN.LEFT_OUTER)
        .join(Site, JOIN.LEFT_OUTER)
        .where(Enrolment.person.in_(people))
    )
    party = (
        Party.select(Party.person, Party.role, Cohort.programme, Value(""), Site.name)
        .join(Placement)
        .join(Site)
        .join_from(Placement, Enrolment)
        .join(Cohort)
        .where(Party.person.in_(people), PARTS_NOW)
    )
    staff = Staff.select(Staff.person, Staff.role, Staff.programme, Value(""), Value("")).where(
        Staff.person.in_(people)
    )
    found: dict[int, list[Part]] = {number: [] for number in people}
    for number, role, programme, cohort, site in (student | party | staff).tuples():
        found[number].append(Part(role, programme, cohort, site or ""))
    order = list(roles.BY_KEY)
    for parts in found.values():
        parts.sort(key=lambda part: (order.index(part.role), part.cohort, part.site))
    return found
