"""Erasing a person: everything that says who they were goes, what they did stays under "Former student 12".

Somebody asks for it (a wish), a director does it once its day has come. History holds no personal words, so its chain
and the digests of every record still verify. What goes and what stays: docs/decisions/0047-retention.md.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import Case

import clock
from models import (
    Address,
    Contact,
    Earlier,
    EarlierBatch,
    Edition,
    Enrolment,
    Evidence,
    FailedMail,
    File,
    Invitation,
    Letter,
    Link,
    Notice,
    Party,
    Passkey,
    Person,
    Placement,
    Share,
    SignIn,
    Staff,
    Subscription,
    Wish,
    db,
)
from rules import editions, roles
from rules.person_names import comparable
from rules.phrases import day
from rules.programme import Programme
from workflows import files
from workflows.course import programmes
from workflows.history import history, records
from workflows.notices import notices
from workflows.people import retention
from workflows.people.erasure_cases import OPEN, case_of, first_role, parts_ever, wish_of
from workflows.people.retention import ERASED
from workflows.refusals import Invalid, Refused


def ask(by: Person) -> None:
    """Somebody wants to be erased: the directors of their courses are notified. A second time changes nothing."""
    with db.atomic():
        if wish_of(by.id):
            return
        now = clock.now()
        records.create(Wish, person=by, asked_at=now)
        history.record("ask_erasure", f"person:{by.id}", by=by, at=now)
        for director in retention.directors_of({key for key, _ in parts_ever([by.id])[by.id]} or programmes.keys()):
            notices.notify("erasure_asked", f"person:{by.id}", to=director, by=by.id, at=now)


def withdraw(by: Person) -> None:
    """They want to stay after all. Without a wish nothing changes."""
    now = clock.now()
    with db.atomic():
        if records.write(Wish.update(withdrawn_at=now).where(Wish.person == by, OPEN)):
            history.record("withdraw_erasure", f"person:{by.id}", by=by, at=now)
            Notice.delete().where(Notice.kind == "erasure_asked", Notice.subject == f"person:{by.id}").execute()


@dataclass(frozen=True)
class OwnData:
    """What somebody reads about their own data: what is kept until when, when they could be erased at the earliest, and
    when they asked for it (None: they have not).
    """

    lines: list[retention.Line]
    earliest: str
    asked_on: date | None
    called: str


def own_data(person: int, programme: Programme, held: Collection[str]) -> OwnData:
    """What this person, who lives on this programme's clock and holds these roles, reads about their own data. Two
    queries.
    """
    now, wish = clock.now(), wish_of(person)
    periods, today = retention.periods([person], now)[person], programme.today(now)
    last = max((period.portfolio.on for period in periods), default=today)
    if not all(period.ended_on for period in periods):
        studies = any(period.own and not period.ended_on for period in periods)
        whose = "you end" if studies else "the students whom you judged end"
        earliest = f"At the earliest on {day(last)}, if {whose} with the cohort: assessed work is kept until then."
    elif last > today:
        earliest = f"At the earliest on {day(last)}: assessed work is kept until then."
    else:
        earliest = "Nothing of yours has to be kept any longer: a director can do it now."
    asked_on = programme.today(wish.asked_at) if wish else None
    held = {*held, *(roles.STUDENT if period.own else roles.MENTOR for period in periods)}
    return OwnData(retention.summary(periods, programme), earliest, asked_on, f"Former {first_role(held)} {person}")


@dataclass(frozen=True)
class Erased:
    """What somebody is called from now on, and the addresses that they had, for what is outside the database."""

    called: str
    addresses: tuple[str, ...]


def erase(person_id: int, *, by: Person | None, name: str) -> Erased:
    """Erase a person, which cannot be undone.

    Args:
        by: a director of theirs; None for the command line.
        name: theirs, as `by` has typed it.

    Raises NotFound: nobody, or nobody that `by` may erase. Refused: not yet, with the day or what is to be done first.
    Invalid: another name was typed.
    """
    with db.atomic():
        case = case_of(person_id, director=by.id if by else None)
        if case.why_not:
            raise Refused(" ".join(case.why_not))
        being_made = Edition.state.in_((editions.ASKED, editions.MAKING))
        if Edition.select().join(Enrolment).where(Enrolment.person == person_id, being_made).exists():
            raise Refused(f"A PDF edition of {case.person.name} is being made just now: try again when it is done.")
        if by and by.id == person_id:
            raise Refused("Nobody erases themselves: another director does it.")
        if comparable(name) != comparable(case.person.name):
            raise Invalid({"name": [f"Write {case.person.name}, as it stands here."]})
        now, called = clock.now(), case.called
        further = Address.select(Address.email).where(Address.person == person_id).tuples()
        addresses = {email for (email,) in further} | ({case.person.email} if case.person.email else set())
        _end_sign_ins(person_id)
        _end_parts(person_id, case.today)
        _delete_words(person_id, now)
        uploads = _delete_uploads(person_id)
        nobody: dict[str, Any] = {"name": called, "email": f"person-{person_id}@{ERASED}", "disabled_at": now}
        nobody |= dict.fromkeys(("password", "handle", "seal", "mailed_at", "record_mailed_at"))
        nobody |= {"by_mail": False, "theme": "system"}
        records.write(Person.update(nobody).where(Person.id == person_id))
        records.write(Wish.update(done_at=now).where(Wish.person == person_id, OPEN))
        history.record("erase_person", f"person:{person_id}", by=by, at=now)
    files.discard(*uploads)
    return Erased(called, tuple(sorted(addresses)))


def _end_sign_ins(person: int) -> None:
    """They are signed out everywhere, and nothing is left with which they could come in or be notified."""
    theirs = SignIn.select(SignIn.token_hash).where(SignIn.person == person)
    Subscription.delete().where(Subscription.sign_in.in_(theirs)).execute()
    records.write(SignIn.delete().where(SignIn.person == person))
    addresses = Address.select(Address.email).where(Address.person == person)
    guests = Invitation.select(Invitation.email).where(Invitation.by == person)  # their mails name who invites
    Letter.delete().where((Letter.person == person) | Letter.address.in_(addresses | guests)).execute()
    for factor in (Link, Passkey, Address):
        records.write(factor.delete().where(factor.person == person))
    Notice.delete().where((Notice.recipient == person) | (Notice.subject == f"person:{person}")).execute()
    FailedMail.delete().where(FailedMail.person == person).execute()


def _end_parts(person: int, today: date) -> None:
    open_ones = Party.ended_on.is_null() | (Party.ended_on > today)
    last = Case(None, [(Party.from_on > today, Party.from_on)], today)  # what was to come never begins
    theirs = Party.alias()
    covered = Party.cover_for.in_(theirs.select(theirs.id).where(theirs.person == person))
    records.write(Party.update(ended_on=last).where((Party.person == person) | covered, open_ones))
    records.write(Staff.delete().where(Staff.person == person))


def _delete_words(person: int, now: datetime) -> None:
    """What was written about them, and what they brought along that is no part of their assessed work."""
    theirs = Enrolment.select(Enrolment.id).where(Enrolment.person == person)
    about = Contact.enrolment.in_(theirs) | (Contact.person == person)
    records.write(Contact.update(note="").where(about, Contact.note != ""))
    placed = Invitation.placement.in_(Placement.select(Placement.id).where(Placement.enrolment.in_(theirs)))
    asked = placed | (Invitation.by == person) | (Invitation.accepted_by == person)
    records.write(Invitation.update(withdrawn_at=now).where(asked, Invitation.accepted_at.is_null()))
    records.write(Invitation.update(email="", name="").where(asked))
    theirs_made = Edition.select(Edition.id).where(Edition.enrolment.in_(theirs))
    shares = Share.edition.in_(theirs_made)
    records.write(Share.update(revoked_at=now).where(shares, Share.revoked_at.is_null()))
    records.write(Share.update(label="").where(shares))
    batches = EarlierBatch.select(EarlierBatch.id).where(EarlierBatch.enrolment.in_(theirs))
    records.write(Earlier.delete().where(Earlier.batch.in_(batches)))
    records.write(EarlierBatch.delete().where(EarlierBatch.enrolment.in_(theirs)))


def _delete_uploads(person: int) -> list[str]:
    """Their files for the register: the rows now, the bytes (named by what is returned) once it is sure."""
    theirs = Enrolment.select(Enrolment.id).where(Enrolment.person == person)
    of = Evidence.enrolment.in_(theirs)
    uploaded = list(File.select().where(File.id.in_(Evidence.select(Evidence.file).where(of))))
    records.write(Evidence.delete().where(of))
    for file in uploaded:
        files.release(file)
    return [file.sha256 for file in uploaded]
