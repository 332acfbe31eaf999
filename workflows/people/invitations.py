"""Invitations: somebody is asked to take a part, by a code that they scan at the bedside or by mail.

An invitation is 256 random bits, kept as a hash; it is good once, for minutes (a code) or days (a mail), and can be
withdrawn. It is bound to one role in one placement, on one programme or in one cohort. Who may offer which role says
`rules.roles` (`may_invite`). Accepting it: `joining`.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import JOIN, Expression, ModelSelect

import clock
from models import Cohort, Enrolment, Invitation, Party, Person, Placement, Site, Staff, db
from rules import roles
from rules.programme import Programme
from visibility import MENTORS_NOW, programmes_of_staff
from workflows.accounts import accounts
from workflows.course import programmes
from workflows.history import history, records
from workflows.notices import letters
from workflows.people import people
from workflows.refusals import Conflict, Invalid, NotFound, Refused, or_not_found
from workflows.scans import screening

QR, MAIL = "qr", "mail"
GONE = "This invitation was used or withdrawn, has run out, or was never ours."
DAY = timedelta(days=1)
MAILS_A_DAY = 20  # by one person about one placement
MAILS_A_DAY_OF_STAFF = 300
MOST_SITE = 100  # characters of a site's name
PATIENT = "This does not read as a name: take out what could identify a patient."

_BY, _STUDENT = Person.alias("inviter"), Person.alias("student")
_PLACED, _OWN_SITE = Cohort.alias("placed"), Site.alias("own_site")


@dataclass(frozen=True)
class Place:
    """For what somebody may be invited: a placement of a student, or a programme."""

    programme: Programme
    placement: Placement | None
    held: frozenset[str]  # the roles that the inviter has there

    @property
    def offers(self) -> tuple[str, ...]:
        """Keys of the roles that the inviter may offer here."""
        scopes = (roles.PLACEMENT,) if self.placement else (roles.OWN, roles.PROGRAMME)
        mine = {key for held in self.held for key in roles.BY_KEY[held].may_invite}
        return tuple(role.key for role in roles.ROLES if role.key in mine and role.scope in scopes)


def place_of(by: Person, *, placement: int | None = None, programme: str | None = None) -> Place:
    """The placement or programme, as somebody who may invite there sees it.
    Raises NotFound: there is none where they have a part that may invite anybody.
    """
    if placement is not None:
        rows = Placement.select(Placement, Site, Enrolment, Cohort, Person).join(Site).join_from(Placement, Enrolment)
        of = rows.join(Cohort).join_from(Enrolment, Person).where(Placement.id == placement).first()
        if of is not None:
            key = of.enrolment.cohort.programme
            held = roles_here(by.id, key, of)
            if held and (found := Place(programmes.get(key), of, held)).offers:
                return found
    elif programme in programmes.keys():  # noqa: SIM118 - a function of ours
        held = roles_here(by.id, programme, None)
        if held and (found := Place(programmes.get(programme), None, held)).offers:
            return found
    raise NotFound()


def roles_here(person: int, programme: str, placement: Placement | None) -> frozenset[str]:
    """The roles that may invite anybody, of those that this person has on the programme or in the placement now."""
    found = Staff.select(Staff.role).where(Staff.person == person, Staff.programme == programme)
    if placement is not None:
        mentors = Party.select(Party.role).where(Party.person == person, Party.placement == placement.id, MENTORS_NOW)
        found = found | mentors
    held = {role for (role,) in found.tuples()}
    if placement is not None and placement.enrolment.person_id == person and placement.enrolment.ended_on is None:
        held.add(roles.STUDENT)
    return frozenset(key for key in held if roles.BY_KEY[key].may_invite)


def invite(
    by: Person,
    role: str,
    *,
    placement: int | None = None,
    programme: str | None = None,
    cohort: int | None = None,
    site: str = "",
    means: str = QR,
    email: str = "",
    name: str = "",
    browser: str = "",
    send_drafts: bool = False,
    named_nobody: str = "",
) -> tuple[Invitation, str]:
    """Invite somebody to a role. The code before, or the mail before to the same address, works no more then.

    Args:
        placement, programme: id of the placement, or key of the programme, in which the role is held: one of the two.
        cohort, site: of a student; where their placement will be, known or new.
        means: QR or MAIL; by mail it goes to `email`, with the `name`, which may be left out.
        browser: what names the browser in which it is made.
        send_drafts: of a student's own, that their scans which lack only a mentor go to the mentor who joins.

    Returns the invitation, and its secret token, which is kept nowhere. Raises NotFound: `by` may invite nobody there.
    Refused: not to this role. Invalid: field -> sentences. Conflict: too many mails today.
    """
    token = secrets.token_urlsafe(32)
    with db.atomic():
        place = place_of(by, placement=placement, programme=programme)
        if role not in roles.BY_KEY:
            raise Invalid({"role": ["Choose one of these."]})
        if role not in place.offers:
            raise Refused(f"You cannot invite a {roles.BY_KEY[role].name.lower()} here.")
        to = _checked(by, role, place, means, email, name, cohort, site, named_nobody)
        to["browser_hash"] = accounts.hash_of(browser) if browser else ""
        to["sends_drafts"] = send_drafts and role == roles.MENTOR and roles.STUDENT in place.held
        return _write(by, role, place, means, token, to), token


def _write(by: Person, role: str, place: Place, means: str, token: str, to: dict[str, Any]) -> Invitation:
    """The invitation with these further columns, in the place of the one before, and its mail."""
    now, rule = clock.now(), place.programme.people
    _end_the_one_before(by, role, place, to, now)
    lasts = timedelta(days=rule.invitation_days) if means == MAIL else timedelta(minutes=rule.invitation_minutes)
    made = records.create(
        Invitation,
        token_hash=accounts.hash_of(token),
        role=role,
        placement=place.placement,
        programme=None if place.placement else place.programme.key,
        by=by,
        made_at=now,
        expires_at=now + lasts,
        **to,
    )
    enrolment = place.placement.enrolment_id if place.placement else None
    history.record("invite", f"invitation:{made.id}", by=by, at=now, enrolment=enrolment, role=role, means=means)
    if means == MAIL:
        words = words_of(made, place, by)
        letter = {"token": token, "days": str(rule.invitation_days), "name": made.name, "sentence": words}
        letters.write("invitation", address=made.email, person=None, words=letter, at=now, until=made.expires_at)
    return made


def _checked(
    by: Person, role: str, place: Place, means: str, email: str, name: str, cohort: int | None, site: str, marks: str
) -> dict[str, Any]:
    """To whom it goes and into what, as columns. Raises Invalid, and Conflict after too many mails."""
    wrong: dict[str, list[str]] = {}
    to: dict[str, Any] = {"email": "", "name": "", "cohort": None, "site": None}
    if means not in (QR, MAIL):
        wrong["means"] = ["Choose a code or a mail."]
    if means == MAIL:
        for field, text, plain in (("email", email, people.plain_email), ("name", name, checked_name)):
            try:
                to[field] = plain(text) if text.strip() or field == "email" else ""
            except Invalid as invalid:
                wrong |= invalid.problems
        if to["email"] and to["email"] == by.email:
            wrong["email"] = ["This is your own address. Write that of whom you invite."]
    if role == roles.STUDENT:
        to["cohort"] = Cohort.get_or_none(Cohort.id == cohort, Cohort.programme == place.programme.key)
        if to["cohort"] is None:
            wrong["cohort"] = ["Choose a cohort of this programme."]
        to["site"] = _site(site, wrong, marks)
    if wrong:
        raise Invalid(wrong)
    if means == MAIL:
        _refuse_too_many(by, place)
    return to


def checked_name(text: str) -> str:
    """A person's name as it is stored. A patient's number is no part of one.
    Raises Invalid: for what cannot be a name.
    """
    name = people.plain_name(text)
    if any(not match.mark for match in screening.find_matches(name)):
        raise Invalid({"name": [PATIENT]})
    return name


def _site(text: str, wrong: dict[str, list[str]], marks: str) -> Site | None:
    """The site of this name, made when it is new; a new name passes the screen as every text does."""
    name = " ".join(text.split())
    if not name:
        return None
    if len(name) > MOST_SITE:
        wrong["site_name"] = [f"At most {MOST_SITE} characters; this has {len(name):,}."]
        return None
    known = people.named(Site.select(), name)
    if known is None:
        screening.screen({"site_name": name}, marks, problems=wrong)
        known = records.create(Site, name=name)
    return known


def _refuse_too_many(by: Person, place: Place) -> None:
    sent = Invitation.select().where(
        Invitation.by == by, Invitation.email != "", Invitation.made_at > clock.now() - DAY
    )
    of_course = place.held & set(roles.in_scope(roles.PROGRAMME))
    if sent.count() >= (MAILS_A_DAY_OF_STAFF if of_course else MAILS_A_DAY):
        raise Conflict("You have sent many invitations today. Send the next one tomorrow, or show a code.")


def _end_the_one_before(by: Person, role: str, place: Place, to: dict[str, Any], now: datetime) -> None:
    """A code that is shown anew, or a mail that goes anew to the same address, ends the one before."""
    where = (Invitation.by == by) & (Invitation.role == role) & (Invitation.email == to["email"]) & OPEN
    if place.placement:
        where &= Invitation.placement == place.placement
    else:
        where &= Invitation.programme == place.programme.key
        where &= Invitation.cohort == to["cohort"] if to["cohort"] else Invitation.cohort.is_null()
    records.write(Invitation.update(withdrawn_at=now).where(where))


OPEN = Invitation.accepted_at.is_null() & Invitation.withdrawn_at.is_null()


def is_open(now: datetime) -> Expression:
    """That an invitation can be accepted at this instant."""
    return OPEN & (Invitation.expires_at > now) & (Invitation.made_at <= now + clock.AHEAD)


def withdraw(number: int, *, by: Person) -> None:
    """An invitation opens nothing any more. A second time changes nothing; one that was accepted stays so.
    Raises NotFound: none that they see. Conflict: it was accepted meanwhile.
    """
    with db.atomic():
        found = or_not_found(visible_to(by).where(Invitation.id == number).first())
        if found.accepted_at:
            raise Conflict("This invitation was accepted already.")
        now = clock.now()
        if records.write(Invitation.update(withdrawn_at=now).where(Invitation.id == number, OPEN)):
            history.record("withdraw_invitation", f"invitation:{number}", by=by, at=now)


def visible_to(person: Person) -> ModelSelect:
    """The invitations that this person made, and those about students and programmes of whom they keep the records."""
    keys = programmes_of_staff(person.id, *roles.MANAGERS)
    course = Invitation.programme.in_(keys) | _PLACED.programme.in_(keys)
    own = (Invitation.by == person) | (_STUDENT.id == person)
    return joined_select().where(own | course)


def joined_select() -> ModelSelect:
    """Invitations with who made them and what they are about."""
    return (
        Invitation.select(Invitation, _BY, Placement, Site, Enrolment, _STUDENT, _PLACED, Cohort, _OWN_SITE)
        .join_from(Invitation, _BY, on=(_BY.id == Invitation.by), attr="by")
        .join_from(Invitation, Placement, JOIN.LEFT_OUTER)
        .join_from(Placement, Site, JOIN.LEFT_OUTER)
        .join_from(Placement, Enrolment, JOIN.LEFT_OUTER)
        .join_from(Enrolment, _STUDENT, JOIN.LEFT_OUTER, on=(_STUDENT.id == Enrolment.person), attr="person")
        .join_from(Enrolment, _PLACED, JOIN.LEFT_OUTER, on=(_PLACED.id == Enrolment.cohort), attr="cohort")
        .join_from(Invitation, Cohort, JOIN.LEFT_OUTER)
        .join_from(Invitation, _OWN_SITE, JOIN.LEFT_OUTER, on=(_OWN_SITE.id == Invitation.site), attr="site")
    )


def find_live(token: str) -> Invitation:
    """The invitation of this token, with what it is about.
    Raises NotFound: with one sentence, when it is unknown, was used or withdrawn, has run out, is of the future, or its
    inviter may not offer that role there any more.
    """
    of = joined_select().where(Invitation.token_hash == accounts.hash_of(token), is_open(clock.now())).first()
    if of is None or of.by.disabled_at is not None:
        raise NotFound(GONE)
    placement = of.placement if of.placement_id else None
    held = roles_here(of.by_id, programme_of(of), placement)
    if not held & set(roles.inviters(of.role)):
        raise NotFound(GONE)
    return of


def programme_of(of: Invitation) -> str:
    """The key of the programme that an invitation is about."""
    return of.programme or of.placement.enrolment.cohort.programme


def student_of(of: Invitation) -> int | None:
    """Id of the student in whose placement the part is; None for a part elsewhere."""
    return of.placement.enrolment.person_id if of.placement_id else None


def sentence_of(of: Invitation) -> str:
    """What is asked, for whom it is asked: "Amara Okafor asks you to be their mentor at Croydon MSK clinic"."""
    placement = of.placement if of.placement_id else None
    return words_of(of, Place(programmes.get(programme_of(of)), placement, frozenset()), of.by)


def words_of(of: Invitation, place: Place, by: Person) -> str:
    """As `sentence_of`, of an invitation whose place and inviter are at hand."""
    role = roles.BY_KEY[of.role]
    if place.placement:
        student = place.placement.enrolment.person
        whose = f"their {role.name.lower()}" if student.id == by.id else f"{role.name.lower()} of {student.name}"
        return f"{by.name} asks you to be {whose} at {place.placement.site.name}"
    if of.role == roles.STUDENT:
        where = f", with a placement at {of.site.name}" if of.site_id else ""
        return f"{by.name} invites you to {place.programme.name}, cohort {of.cohort.name}{where}"
    return f"{by.name} asks you to be {role.name.lower()} of {place.programme.name}"
