"""What the page of one person says: their parts by days, how they come in, who invited whom, what was confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from peewee import JOIN, Case, fn

from models import (
    Address,
    Cohort,
    Confirmation,
    Enrolment,
    Invitation,
    Link,
    Party,
    Passkey,
    Person,
    Placement,
    SignIn,
    Site,
    Staff,
)
from rules import roles
from rules.confirmations import BASES
from rules.folding import fold
from rules.phrases import day
from visibility import PARTS_NOW
from workflows.course import programmes
from workflows.people.administration import Rights


@dataclass(frozen=True)
class Part:
    """One part of somebody's, now, to come or over. `student`: the enrolment in whose placement it is, if any."""

    role: str
    words: str
    where: str
    days: str
    with_whom: str
    holds: bool
    student: int | None = None
    programme: str = ""


@dataclass(frozen=True)
class Ways:
    """How somebody comes in, by kind alone, and when they last did. `invited`: a link of theirs still works."""

    password: bool
    passkeys: int
    by_mail: bool
    last_on: date | None
    invited: bool


@dataclass(frozen=True)
class Invited:
    """One invitation, made by them or by which they came."""

    words: str
    by: str
    accepted_by: str
    state: str
    same_browser: bool


@dataclass(frozen=True)
class Confirmed:
    """What the course has confirmed of them, as it stands."""

    words: str
    days: str
    basis: str
    by: str
    ended: str


def addresses(person: Person) -> list[tuple[str, bool]]:
    """Their addresses, each with whether it is proved; the first is the one that they sign in with. One query."""
    rows = Address.select(Address.email, Address.proved_at.is_null(False)).where(Address.person == person)
    known = {email: bool(proved) for email, proved in rows.order_by(Address.made_at, Address.email).tuples()}
    if person.email:
        known = {person.email: known.get(person.email, True), **known}
    return list(known.items())


def parts(person: int, rights: Rights, today: date) -> list[Part]:
    """Their parts in the programmes that somebody manages: those that hold first, the newest first. Three queries."""
    found = [*_studies(person, rights, today), *_places(person, rights, today), *_staff(person, rights)]
    return sorted(found, key=lambda part: not part.holds)


class Kind(NamedTuple):
    """What several parts have in common: the same role at the same place, held or not. `level`: as `Role.scope`."""

    words: str
    where: str
    level: str
    holds: bool


def grouped(found: Sequence[Part]) -> list[tuple[Kind, list[Part]]]:
    """The parts of a kind together, in the order of the first of each."""
    kinds: dict[Kind, list[Part]] = {}
    for part in found:
        kind = Kind(part.words, part.where, roles.BY_KEY[part.role].scope, part.holds)
        kinds.setdefault(kind, []).append(part)
    return list(kinds.items())


def _studies(person: int, rights: Rights, today: date) -> list[Part]:
    rows = (
        Enrolment.select(Enrolment, Cohort, Placement.id, Site.name)
        .join(Cohort)
        .join_from(Enrolment, Placement, JOIN.LEFT_OUTER, attr="placed")
        .join(Site, JOIN.LEFT_OUTER)
        .where(Enrolment.person == person, Cohort.programme.in_(list(rights.manages)))
        .order_by(Enrolment.enrolled_on.desc(), Enrolment.id)
    )
    sites: dict[int, list[str]] = {}
    of: dict[int, Enrolment] = {}
    for row in rows:
        of[row.id] = row
        if placed := getattr(row, "placed", None):
            sites.setdefault(row.id, []).append(placed.site.name)
    return [
        Part(
            roles.STUDENT,
            "Student",
            ", ".join(sorted(set(sites.get(number, [])), key=fold)) or "not placed",
            _days(one.enrolled_on, one.ended_on, one.ended_as or "", today),
            one.cohort.name,
            one.ended_on is None,
            number,
            one.cohort.programme,
        )
        for number, one in of.items()
    ]


def _places(person: int, rights: Rights, today: date) -> list[Part]:
    student, covered, away = Person.alias("student"), Party.alias("covered"), Person.alias("away")
    rows = (
        Party.select(Party, Placement, Site.name, Enrolment.id, Cohort.name, Cohort.programme, student.name, away.name)
        .select_extend(Case(None, [(PARTS_NOW, 1)], 0).alias("holds"))
        .join(Placement)
        .join(Site)
        .join_from(Placement, Enrolment)
        .join(Cohort)
        .join_from(Enrolment, student, on=(Enrolment.person == student.id), attr="student")
        .join_from(Party, covered, JOIN.LEFT_OUTER, on=(Party.cover_for == covered.id), attr="covered")
        .join_from(covered, away, JOIN.LEFT_OUTER, on=(covered.person == away.id), attr="away")
        .where(Party.person == person, Cohort.programme.in_(list(rights.manages)))
        .order_by(Party.id.desc())
    )
    found = []
    for row in rows:
        place, enrolment = row.placement, row.placement.enrolment
        begins = row.from_on or place.starts_on
        covers = getattr(getattr(row, "covered", None), "away", None)
        role = roles.BY_KEY[row.role].name + (f", covers {covers.name}" if covers else "")
        whose = f"{enrolment.student.name}, {enrolment.cohort.name}"
        days = _days(begins, row.ended_on, "", today)
        found.append(
            Part(
                row.role, role, place.site.name, days, whose, bool(row.holds), enrolment.id, enrolment.cohort.programme
            )
        )
    return found


def _staff(person: int, rights: Rights) -> list[Part]:
    rows = Staff.select(Staff.role, Staff.programme).where(Staff.person == person)
    return [
        Part(role, roles.BY_KEY[role].name, programmes.short_name(key), "", "", True, None, key)
        for role, key in rows.order_by(Staff.id).tuples()
        if key in rights.manages
    ]


def _days(begins: date, ends: date | None, how: str, today: date) -> str:
    """ "since 3 November 2026", "from 3 August 2026, over since 17 August 2026 (graduated)"; `ends` is the first day on
    which it is over.
    """
    if ends is None:
        return f"{'from' if begins > today else 'since'} {day(begins)}"
    return f"from {day(begins)}, over {'since' if ends <= today else 'on'} {day(ends)}" + (f" ({how})" if how else "")


def ways(person: Person, now: datetime, today_of) -> Ways:
    """Their ways in. One query."""
    last = SignIn.select(fn.MAX(SignIn.made_at)).where(SignIn.person == person.id)
    passkeys = Passkey.select(fn.COUNT(Passkey.id)).where(Passkey.person == person.id, Passkey.removed_at.is_null())
    open_links = Link.select(fn.COUNT(Link.token_hash)).where(
        Link.person == person.id, Link.used_at.is_null(), Link.expires_at > now
    )
    row = Person.select(Person.password.is_null(False), passkeys, last, open_links).where(Person.id == person.id)
    password, number, at, links = row.tuples().get()
    made_at = SignIn.made_at.python_value(at) if isinstance(at, int) else at
    return Ways(bool(password), number, bool(person.email), today_of(made_at) if made_at else None, bool(links))


def invitations(person: int, rights: Rights, now: datetime) -> tuple[list[Invited], list[Invited]]:
    """The invitations by which they came, and those that they made, in the programmes that somebody manages, the
    newest first. One query.
    """
    by, taker = Person.alias("by_whom"), Person.alias("taker")
    mine = list(rights.manages)
    rows = (
        Invitation.select(Invitation, by.name, taker.name, Placement.id, Site.name)
        .join(by, on=(Invitation.by == by.id), attr="by_whom")
        .join_from(Invitation, taker, JOIN.LEFT_OUTER, on=(Invitation.accepted_by == taker.id), attr="taker")
        .join_from(Invitation, Placement, JOIN.LEFT_OUTER)
        .join(Site, JOIN.LEFT_OUTER)
        .join_from(Placement, Enrolment, JOIN.LEFT_OUTER)
        .join(Cohort, JOIN.LEFT_OUTER)
        .where((Invitation.by == person) | (Invitation.accepted_by == person))
        .where(Invitation.programme.in_(mine) | Cohort.programme.in_(mine))
        .order_by(Invitation.made_at.desc())
    )
    came, made = [], []
    for row in rows:
        site = row.placement.site.name if row.placement_id else ""
        words = roles.BY_KEY[row.role].name.lower() + (f" at {site}" if site else "")
        took = row.taker.name if row.accepted_by_id else row.name or row.email
        one = Invited(words, row.by_whom.name, took, _state(row, now), bool(row.same_browser))
        (came if row.accepted_by_id == person else made).append(one)
    return came, made


def _state(row: Invitation, now: datetime) -> str:
    if row.accepted_at:
        return "accepted"
    if row.withdrawn_at:
        return "withdrawn"
    return "run out" if row.expires_at <= now else "open"


def confirmations(person: int, rights: Rights, day_of) -> list[Confirmed]:
    """What was confirmed of them in the programmes that somebody manages, the newest first. One query."""
    by, ender = Person.alias("by_whom"), Person.alias("ender")
    rows = (
        Confirmation.select(Confirmation, by.name, ender.name)
        .join(by, JOIN.LEFT_OUTER, on=(Confirmation.by == by.id), attr="by_whom")
        .join_from(Confirmation, ender, JOIN.LEFT_OUTER, on=(Confirmation.ended_by == ender.id), attr="ender")
        .where(Confirmation.person == person, Confirmation.programme.in_(list(rights.manages)))
        .order_by(Confirmation.made_at.desc(), Confirmation.id.desc())
    )
    found = []
    for row in rows:
        ends = (("from", row.from_on), ("until", row.until_on))
        span = [f"{word} {day(on)}" for word, on in ends if on]
        ended = f"ended on {day(day_of(row.ended_at))}" if row.ended_at else ""
        words = roles.BY_KEY[row.kind].name
        by_whom = row.by_whom.name if row.by_id else ""
        found.append(Confirmed(words, " ".join(span) or "any day", BASES.get(row.basis, row.basis), by_whom, ended))
    return found


def roles_to_give(held: Sequence[Part], directed: Sequence[str]) -> list[tuple[str, str, str]]:
    """The roles on a whole course that a director could give them: (programme, role, in words)."""
    has = {(part.programme, part.role) for part in held}
    several = len(directed) > 1
    return [
        (key, role, roles.BY_KEY[role].name + (f", {programmes.short_name(key)}" if several else ""))
        for key in directed
        for role in roles.in_scope(roles.PROGRAMME)
        if (key, role) not in has
    ]
