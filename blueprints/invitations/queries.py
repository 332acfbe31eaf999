"""The places for which somebody may invite, and the invitations that they see."""

from dataclasses import dataclass
from datetime import date, datetime

from peewee import fn
from wtforms import SelectChoice

import clock
from models import Cohort, Enrolment, Invitation, Party, Person, Placement, Scan, Site, Staff
from rules import roles
from visibility import MENTORS_NOW, scans_waiting_for
from workflows.course import programmes
from workflows.people import invitations

AT_MOST = 60  # invitations on the page
MOST_PLACES = 60


@dataclass(frozen=True)
class Offer:
    """One link: whom one may invite, and to where. `args` are those of `invitations.new`."""

    words: str
    args: dict[str, str | int]


@dataclass(frozen=True)
class Row:
    """An invitation in the list."""

    id: int
    role: str
    place: str
    to: str
    by: str
    mine: bool
    until: datetime  # on the programme's clock
    accepted_by: str
    accepted_at: datetime | None
    same_browser: bool


def cohorts_of(programme: str, today: date) -> list[SelectChoice]:
    """The cohorts that are not over, the next to end first."""
    rows = Cohort.select(Cohort.id, Cohort.name).where(Cohort.programme == programme, Cohort.due_on >= today)
    return [SelectChoice(*row) for row in rows.order_by(Cohort.due_on).tuples()]


def sites() -> list[str]:
    return [name for (name,) in Site.select(Site.name).order_by(fn.LOWER(Site.name)).tuples()]


def heading(role: str, mine: bool) -> str:
    """ "Invite my mentor", "Invite a student"."""
    name = roles.BY_KEY[role].name.lower() if role in roles.BY_KEY else "colleague"
    return f"Invite {'my' if mine else 'an' if name[0] in 'aeiou' else 'a'} {name}"


def offers(person: Person) -> list[Offer]:
    """What this person may invite others to: in their own placement, in those where they mentor, on a course."""
    own = (Enrolment.person == person) & Enrolment.ended_on.is_null()
    mentored = Party.select(Party.placement).where(Party.person == person, MENTORS_NOW)
    rows = (
        Placement.select(Placement.id, Site.name, Enrolment.person, Person.name)
        .join(Site)
        .join_from(Placement, Enrolment)
        .join(Person)
        .where(own | Placement.id.in_(mentored))
        .order_by((Enrolment.person == person).desc(), fn.LOWER(Person.name), Placement.starts_on.desc())
        .limit(MOST_PLACES)
    )
    found = []
    for placement, site, student, name in rows.tuples():
        is_own = student == person.id
        for key in roles.BY_KEY[roles.STUDENT if is_own else roles.MENTOR].may_invite:
            words = f"{heading(key, is_own)}, {site}" if is_own else f"{heading(key, is_own)} for {name}, {site}"
            found.append(Offer(words, {"placement": placement, "role": key}))
    for key, role in Staff.select(Staff.programme, Staff.role).where(Staff.person == person).tuples():
        for offered in roles.BY_KEY[role].may_invite:
            if roles.BY_KEY[offered].scope != roles.PLACEMENT and key in programmes.keys():  # noqa: SIM118
                words = f"{heading(offered, False)}, {programmes.get(key).short_name}"
                found.append(Offer(words, {"programme": key, "role": offered}))
    return found


def waiting(of: Invitation) -> int:
    """How many scans of the placement wait for who has joined as its mentor."""
    if of.accepted_by_id is None or of.placement_id is None:
        return 0
    return scans_waiting_for(of.accepted_by_id).where(Scan.placement == of.placement_id).count()


def seen_by(person: Person) -> tuple[list[Row], list[Row]]:
    """The open invitations that this person sees, and those that were accepted, the newest first. Two queries."""
    now = clock.now()
    rows = list(
        invitations.visible_to(person)
        .where(invitations.is_open(now) | Invitation.accepted_at.is_null(False))
        .order_by(Invitation.made_at.desc())
        .limit(AT_MOST)
    )
    joined = {one.accepted_by_id for one in rows if one.accepted_by_id}
    names = dict(Person.select(Person.id, Person.name).where(Person.id.in_(joined)).tuples()) if joined else {}
    found = [_row(one, person, names) for one in rows]
    return [one for one in found if not one.accepted_at], [one for one in found if one.accepted_at]


def _row(of: Invitation, person: Person, names: dict[int, str]) -> Row:
    programme = programmes.get(invitations.programme_of(of))
    if of.placement_id:
        student = of.placement.enrolment.person
        place = of.placement.site.name if student.id == person.id else f"{student.name}, {of.placement.site.name}"
    else:
        place = of.cohort.name if of.cohort_id else programme.short_name
    to = (f"{of.name}, {of.email}" if of.name else of.email) or "by code"
    return Row(
        of.id,
        roles.BY_KEY[of.role].name,
        place,
        to,
        of.by.name,
        of.by_id == person.id,
        programme.local(of.expires_at),
        names.get(of.accepted_by_id, ""),
        programme.local(of.accepted_at) if of.accepted_at else None,
        of.same_browser,
    )
