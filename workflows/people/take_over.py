"""The letter that follows an invitation accepted by somebody new: its link proves their address.

If the address belongs to somebody who is here already, its owner can take the invitation over: the new account is
closed, its part and scans become theirs. What the new account has approved is void and waits for the owner, so that no
approval stands in the name of somebody who did not give it.
"""

from dataclasses import dataclass
from datetime import datetime

import clock
from models import Address, Enrolment, Invitation, Link, Party, Person, Scan, Staff, db
from rules import states
from visibility import PARTS_NOW
from workflows.accounts import accounts
from workflows.history import history, records
from workflows.notices import notices
from workflows.people import invitations, joining, links, people, retention
from workflows.people.joining import Browser
from workflows.refusals import Conflict, NotFound
from workflows.reviews.reviews import uncount
from workflows.scans import transitions

NOT_THEY = "It was approved from an account that was not who it said. It is looked at again."
WHY = "It was approved from another account, before this one was in its place. It is looked at again."


@dataclass(frozen=True)
class Letter:
    """What the link of such a letter is about: who joined, by which invitation, and who owns the address already."""

    link: Link
    joined: Person
    invitation: Invitation
    owner: Person | None


def find(token: str) -> Letter:
    """What this link is about.
    Raises NotFound: with one sentence, when it is unknown, used, run out, of the future, or its account was closed, or
    that of the address's owner.
    """
    now = clock.now()
    live = links.live(now) & (Link.made_at <= now + clock.AHEAD)
    ours = (Link.purpose == "prove") & Link.code_hash.is_null()  # one with a code proves an address that was added
    link = (
        Link.select(Link, Person)
        .join(Person)
        .where(Link.token_hash == accounts.hash_of(token), ours, live, Person.disabled_at.is_null())
        .first()
    )
    of = link and (
        invitations.joined_select().where(Invitation.accepted_by == link.person).order_by(Invitation.id).first()
    )
    if not link or not of:
        raise NotFound(links.GONE)
    owner = accounts.by_address(link.email)
    if owner and owner.id == link.person_id:
        owner = None
    if owner and (owner.disabled_at is not None or link.person.email is not None):
        raise NotFound(links.GONE)  # who has proved an address of their own is nobody's shadow
    return Letter(link, link.person, of, owner)


def claim(token: str, *, address: str | None, secret: str) -> Letter:
    """As `find`, for somebody who is about to use it; wrong ones are counted. Raises as `links.claimed`."""
    return links.claimed(find, token, "join", address=address, secret=secret)


def use(token: str, *, browser: Browser) -> str:
    """Prove the address; where somebody else owns it already, they take the invitation over. Signs them in.
    Returns the token for the browser's cookie. Raises NotFound as `find`. Conflict: the owner is in that cohort
    already, as another student.
    """
    with db.atomic():
        letter, now = find(token), clock.now()
        used = Link.update(used_at=now).where(Link.token_hash == letter.link.token_hash, Link.used_at.is_null())
        if not records.write(used):
            raise NotFound(links.GONE)
        person = letter.joined
        if letter.owner:
            person = letter.owner
            _take_over(letter, person, now)
        else:
            _prove(person, letter.link.email, now)
        return accounts.start(person, shared=browser.shared, device=browser.device, means="link")


def refuse(token: str) -> None:
    """The address's owner has not joined: the account that somebody made under it is closed, and what it approved is
    void. Who invited them and the directors are told.
    Raises NotFound as `find`, also where nobody else owns the address.
    """
    with db.atomic():
        letter, now = find(token), clock.now()
        if letter.owner is None:
            raise NotFound(links.GONE)
        joined, of = letter.joined, letter.invitation
        records.write(Link.update(used_at=now).where(Link.token_hash == letter.link.token_hash))
        _end_parts(joined)
        for scan in list(Scan.select().where(Scan.approved_by == joined)):
            uncount(scan, "reopen", joined, now, NOT_THEY)
        history.record("refuse_joining", f"person:{joined.id}", by=letter.owner, at=now)
        accounts.disable(joined, by=letter.owner)
        recipients = {of.by_id, invitations.student_of(of), *retention.directors_of([invitations.programme_of(of)])}
        for one in sorted(recipients - {None, joined.id}):
            notices.notify("joining_refused", f"invitation:{of.id}", to=one, by=letter.owner.id, at=now)


def _prove(person: Person, email: str, now: datetime) -> None:
    mine = (Address.person == person) & (Address.email == email)
    if not records.write(Address.update(proved_at=now).where(mine)):
        records.create(Address, person=person, email=email, made_at=now, proved_at=now)
    if person.email is None:
        records.write(Person.update(email=email).where(Person.id == person.id))
        person.email = email
    history.record("prove_address", f"person:{person.id}", by=person, at=now)


def _take_over(letter: Letter, owner: Person, now: datetime) -> None:
    joined = letter.joined
    accepted: Invitation
    for accepted in invitations.joined_select().where(Invitation.accepted_by == joined):
        if accepted.placement_id and owner.id != invitations.student_of(accepted):  # nobody judges their own scans
            joining.take_part(accepted, owner)
        records.write(Invitation.update(accepted_by=owner).where(Invitation.id == accepted.id))
    _studies_to(joined, owner)
    _end_parts(joined)
    for staff in list(Staff.select().where(Staff.person == joined)):
        people.appoint(owner, staff.programme, staff.role, by=owner)
        records.write(Staff.delete().where(Staff.id == staff.id))
    _scans_to(joined, owner, now)
    history.record("take_over", f"person:{joined.id}", by=owner, at=now, to=owner.id)
    accounts.disable(joined, by=owner)


def _studies_to(joined: Person, owner: Person) -> None:
    """An enrolment goes with all that belongs to it."""
    theirs = Enrolment.select(Enrolment.cohort).where(Enrolment.person == joined)
    if Enrolment.select().where(Enrolment.person == owner, Enrolment.cohort.in_(theirs)).exists():
        raise Conflict("You are in this cohort already. Sign in with the account that you have.")
    records.write(Enrolment.update(person=owner).where(Enrolment.person == joined))


def _end_parts(joined: Person) -> None:
    today = clock.today()
    records.write(Party.update(ended_on=today).where(Party.person == joined, PARTS_NOW))


def _scans_to(joined: Person, owner: Person, now: datetime) -> None:
    """What waits for the new account waits for the owner, and so does what it has approved, which is void. Where the
    owner mentors there not (it is their own placement), it waits as if its mentor had left.
    """
    mentors = Party.select(Party.placement).where(Party.person == owner, PARTS_NOW)
    own = Enrolment.select(Enrolment.id).where(Enrolment.person == owner)
    students = {number for (number,) in own.tuples()}
    for scan in list(Scan.select().where(Scan.approved_by == joined)):
        uncount(scan, "reopen", joined if scan.enrolment_id in students else owner, now, WHY)
    theirs = Scan.select().where(Scan.mentor == joined, Scan.placement.in_(mentors), Scan.enrolment.not_in(own))
    for scan in list(theirs):
        if scan.state == states.WITH_MENTOR:
            transitions.hand_over(scan, owner, by=owner, now=now)
        else:
            records.update(Scan, {"mentor": owner.id}, id=scan.id)
