"""Accepting an invitation, by somebody new or by somebody who has an account.

Somebody new gets an account whose address is not proved. A letter goes to that address whether it is known here or not,
with the same statements and the same answer, so that nobody learns who has an account; what its link does: `take_over`.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

import clock
from models import Address, Enrolment, Invitation, Link, Party, Person, Scan, Staff, db
from rules import roles
from visibility import PARTS_NOW, mentors_of_placement, scans_of_mentors_who_left
from workflows.accounts import accounts, passkeys
from workflows.accounts.webauthn_responses import NOT_ADDED, RelyingParty
from workflows.history import history, records
from workflows.notices import letters, notices
from workflows.people import invitations, links, people, retention
from workflows.people.invitations import GONE
from workflows.refusals import Invalid, NotFound, Refused
from workflows.scans import transitions, without_mentor

_HANDLE = re.compile(r"[0-9a-f]{64}")
OWN = "This is an invitation to be your own {role}. Somebody else has to open it, on their own phone."
ALREADY = "You have this part already, so there is nothing to accept. The invitation stays good for somebody else."


@dataclass(frozen=True)
class Browser:
    """Where somebody joins: what names the browser, what it is called, and whether it is a shared computer."""

    mark: str = ""
    device: str = ""
    shared: bool = False


@dataclass(frozen=True)
class NewPasskey:
    """A passkey that the browser of somebody new has made."""

    handle: str  # 64 hex digits, for whom it was made; `passkey_options` has given it
    credential: str  # what the browser answered, as JSON
    party: RelyingParty
    browser: str  # the secret of the browser's session, as for `passkey_options`


def claim(token: str, *, address: str | None, secret: str) -> Invitation:
    """As `invitations.find_live`, for somebody who is about to accept. Raises as `links.claimed`, NotFound too."""
    return links.claimed(invitations.find_live, token, "join", address=address, secret=secret)


def refuse(of: Invitation, person: Person) -> None:
    """Raises Refused, with a sentence, for who cannot accept it: the student themselves, and who has that part."""
    role = roles.BY_KEY[of.role]
    if person.id == invitations.student_of(of):
        raise Refused(OWN.format(role=role.name.lower()))
    if role.scope == roles.PLACEMENT:
        held = Party.select().where(
            Party.placement == of.placement_id, Party.person == person, Party.role == of.role, PARTS_NOW
        )
    elif role.scope == roles.PROGRAMME:
        held = Staff.select().where(Staff.person == person, Staff.programme == of.programme, Staff.role == of.role)
    else:
        held = Enrolment.select().where(Enrolment.person == person, Enrolment.cohort == of.cohort_id)
    if held.exists():
        raise Refused(ALREADY)


def accept(token: str, *, person: Person, browser: Browser) -> Invitation:
    """Somebody who is signed in takes the part.
    Raises NotFound: the invitation opens nothing, also for the slower of two who accept it at once. Refused: they are
    the student themselves, or have the part already; the invitation stays good.
    """
    with db.atomic():
        of = invitations.find_live(token)
        refuse(of, person)
        now = clock.now()
        _spend(of, person, browser, now)
        _take(of, person, now)
        return of


def accept_new(
    token: str, *, name: str, email: str, browser: Browser, passkey: NewPasskey | None = None
) -> tuple[Invitation, str]:
    """Somebody new takes the part: their account is made, with an address that is not proved yet, and with the passkey
    that their browser has made, if any; they are signed in, and a letter goes to the address.
    Returns the invitation, and the token for the browser's cookie. Raises Invalid: field -> sentences, "credential" for
    the passkey; the invitation stays good. NotFound: as `accept`.
    """
    name, email = checked(name, email)
    with db.atomic():
        of = invitations.find_live(token)
        person, now = _register(name, email, passkey.handle if passkey else passkeys.new_handle()), clock.now()
        _spend(of, person, browser, now)
        _take(of, person, now)
        _write_letter(of, person, email, now)
        if passkey:
            passkeys.add(
                person,
                passkey.credential,
                party=passkey.party,
                browser=passkey.browser,
                name=browser.device,
                is_told=False,
            )
        means = "passkey" if passkey else "link"
        return of, accounts.start(person, shared=browser.shared, device=browser.device, means=means)


def checked(name: str, email: str) -> tuple[str, str]:
    """The name and address of somebody new, as they are kept. Raises Invalid, with all that is wrong."""
    wrong: dict[str, list[str]] = {}
    plain = {"name": "", "email": ""}
    for field, text, check in (("name", name, invitations.checked_name), ("email", email, people.plain_email)):
        try:
            plain[field] = check(text)
        except Invalid as invalid:
            wrong |= invalid.problems
    if wrong:
        raise Invalid(wrong)
    return plain["name"], plain["email"]


def passkey_options(token: str, *, name: str, email: str, party: RelyingParty, browser: str) -> str:
    """What a browser needs to make a passkey for somebody who is about to join, as JSON. Nothing is written.
    `browser`: a secret of the browser's session: no other browser can answer.
    Raises NotFound, Invalid as `accept_new`.
    """
    invitations.find_live(token)
    name, email = checked(name, email)
    handle = passkeys.new_handle()
    return passkeys.registration_options(handle=handle, name=name, email=email, party=party, browser=browser)


def _register(name: str, email: str, handle: str) -> Person:
    now = clock.now()
    if not _HANDLE.fullmatch(handle) or Person.select().where(Person.handle == handle).exists():
        raise Invalid({"credential": [NOT_ADDED]})
    person = records.create(Person, email=None, name=name, made_at=now, handle=handle)
    records.create(Address, person=person, email=email, made_at=now)
    history.record("register", f"person:{person.id}", by=person, at=now)
    return person


def _write_letter(of: Invitation, person: Person, email: str, now: datetime) -> None:
    """The letter whose link proves the address; to somebody who is here already, one that asks whether it was they."""
    token, until = secrets.token_urlsafe(32), now + links.LASTS
    mark = accounts.hash_of(token)
    known = accounts.by_address(email)
    records.insert(Link, token_hash=mark, person=person, made_at=now, expires_at=until, purpose="prove", email=email)
    history.record("make_link", f"person:{person.id}", by=person, at=now)
    words = {
        "name": known.name if known else person.name,
        "token": token,
        "days": str(links.LASTS.days),
        "sentence": invitations.sentence_of(of),
    }
    letters.write(
        "joined_known" if known else "joined", address=email, person=person.id, words=words, at=now, until=until
    )


def _spend(of: Invitation, person: Person, browser: Browser, now: datetime) -> None:
    """Single use: of two who accept at once, one does. Raises NotFound."""
    same = bool(of.browser_hash and browser.mark) and accounts.hash_of(browser.mark) == of.browser_hash
    values = {"accepted_at": now, "accepted_by": person, "same_browser": same}
    if not records.write(Invitation.update(values).where(Invitation.id == of.id, invitations.is_open(now))):
        raise NotFound(GONE)


def _take(of: Invitation, person: Person, now: datetime) -> None:
    """Give the person the part, tell who is to know of it, and write it down."""
    take_part(of, person)
    enrolment = of.placement.enrolment_id if of.placement_id else None
    history.record("accept_invitation", f"invitation:{of.id}", by=person, at=now, enrolment=enrolment, role=of.role)
    recipients = {of.by_id, invitations.student_of(of), *retention.directors_of([invitations.programme_of(of)])}
    for one in sorted(recipients - {None}):
        notices.notify("invitation_accepted", f"invitation:{of.id}", to=one, by=person.id, at=now)
    if of.role == roles.MENTOR:
        hand_over_what_waits(of, person, now)
    if of.sends_drafts:
        without_mentor.send(of.placement_id, person, by=of.by, now=now)


def take_part(of: Invitation, person: Person) -> None:
    """The part that an invitation offers, in the name of who offered it. In a transaction.

    A part in a placement that a student or mentor has offered was not named by the course, which confirms it later.
    """
    scope = roles.BY_KEY[of.role].scope
    if scope == roles.OWN:
        enrolment, _ = people.enrol(person, of.cohort, by=of.by)
        if of.site_id:
            people.place(enrolment, of.site.name, by=of.by)
    elif scope == roles.PROGRAMME:
        people.appoint(person, of.programme, of.role, by=of.by)
    else:
        held = invitations.roles_here(of.by_id, invitations.programme_of(of), None)
        people.take_part(of.placement, person, of.role, by=of.by, named=bool(held))


def hand_over_what_waits(of: Invitation, person: Person, now: datetime) -> None:
    """What waits in the placement for somebody who mentors no more comes to the new mentor, where there is no other
    mentor: who has invited them has chosen a successor.
    """
    others = mentors_of_placement(of.placement_id).where(Party.person != person)
    if others.exists():
        return
    waiting = scans_of_mentors_who_left(of.by_id).where(Scan.placement == of.placement_id, Scan.mentor != person)
    for scan in list(waiting.order_by(Scan.sent_at)):
        transitions.hand_over(scan, person, by=of.by, now=now)
