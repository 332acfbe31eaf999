"""What a director or an administrator does with somebody's account and roles, in the room *People* and by command.

Whoever does it here manages a programme of theirs (`visibility.people_visible_to`); anybody else is a stranger. An
administrator keeps the records of who is who, and neither gives nor takes a role on the whole course.
"""

from collections.abc import Collection
from dataclasses import dataclass

import clock
from models import Person, Staff, db
from rules import roles
from visibility import people_visible_to
from workflows.accounts import accounts
from workflows.course import programmes
from workflows.history import history, records
from workflows.notices import letters
from workflows.people import contact_details, erasure_cases, links, people, retention
from workflows.refusals import Conflict, Invalid, NotFound, Refused

GIVEN = roles.in_scope(roles.PROGRAMME)  # what a director gives and takes back


@dataclass(frozen=True)
class Rights:
    """What somebody may do on which programmes, by key: who manages one keeps its people, who directs one appoints."""

    person: int
    manages: frozenset[str]
    directs: frozenset[str]


def rights_of(person: int) -> Rights:
    """The programmes that somebody manages and directs. One query."""
    held = list(Staff.select(Staff.programme, Staff.role).where(Staff.person == person).tuples())
    manages = frozenset(key for key, role in held if role in roles.MANAGERS)
    return Rights(person, manages, frozenset(key for key, role in held if role == roles.DIRECTOR))


def find(person_id: int, *, by: Person) -> Person:
    """Somebody of the programmes that `by` manages.
    Raises NotFound: nobody has this id, was not erased, and is of such a programme.
    """
    person = people_visible_to(by.id).where(Person.id == person_id).get_or_none()
    if person is None or retention.is_erased(person.email or ""):
        raise NotFound()
    return person


def why_not_change(person: Person, rights: Rights) -> str:
    """Why whoever has these rights cannot change this person's name or close their account; empty when they can."""
    parts = erasure_cases.parts_ever({person.id})[person.id]
    if any(key not in rights.manages for key, _ in parts):
        return f"{person.name} has a part on another course too: whoever runs Sonofolio does this."
    held = {key for key, role in parts if role in GIVEN}
    if held - rights.directs:
        return f"{person.name} has a role on the whole course: only a director changes their account."
    return ""


def rename(person_id: int, name: str, *, by: Person) -> Person:
    """Correct somebody's name. Their parts, scans and ways in stay theirs; the same once more changes nothing.
    Raises NotFound as `find`. Refused: as `why_not_change` says. Invalid: for a name that cannot be kept.
    """
    with db.atomic():
        person = _changeable(person_id, by)
        if not name.strip():
            raise Invalid({"name": ["Write the person's full name."]})
        contact_details.change(person, name=name, by=by)
        return person


def send_link(person_id: int, *, by: Person) -> Person:
    """Mail somebody a new link with which they come in; earlier ones stop working. It goes to their own address, and
    whoever asks for it never sees it.
    Raises NotFound as `find`. Conflict: their account is closed, or no address of theirs is known.
    """
    with db.atomic():
        person = find(person_id, by=by)
        if person.disabled_at is not None:
            raise Conflict(f"The account of {person.name} is closed. Open it first, then send a link.")
        if not person.email:
            raise Conflict(f"{person.name} has no address that is proved, so no link can be sent.")
        invite(person, links.make(person, by=by), by=by)
        return person


def invite(person: Person, token: str, *, by: Person | None) -> None:
    """Write the letter with somebody's one-time link. In the transaction that made the link."""
    now = clock.now()
    words = {
        "name": person.name,
        "email": person.email or "",
        "by": by.name if by else "Your course",
        "days": str(links.LASTS.days),
        "token": token,
    }
    to, until = person.email or "", now + links.LASTS
    letters.write("new_link", address=to, person=person.id, words=words, at=now, until=until)


def write_address_changed(change: contact_details.Change) -> None:
    """Write to the old and the new address of somebody that it is another one now. In the transaction of the change."""
    if not change.moved:
        return
    person, now = change.person, clock.now()
    words = {"name": person.name, "email": person.email or "", "old_email": change.old_email or ""}
    for address in filter(None, (change.old_email, person.email)):
        letters.write("address_changed", address=address, person=person.id, words=words, at=now)


def close(person_id: int, *, by: Person) -> Person:
    """Close somebody's account: they are signed out at their next request, and their work stays. A second time changes
    nothing.
    Raises NotFound as `find`. Refused: it is one's own, or as `why_not_change` says. Conflict: the last director's.
    """
    with db.atomic():
        person = _changeable(person_id, by)
        if person.id == by.id:
            raise Refused("Nobody closes their own account here.")
        if person.disabled_at is None:
            directed = Staff.select(Staff.programme).where(Staff.person == person, Staff.role == roles.DIRECTOR)
            for (key,) in directed.tuples():
                _refuse_last_director(person, key)
        accounts.disable(person, by=by)
        return person


def reopen(person_id: int, *, by: Person) -> Person:
    """Open somebody's account again. A second time changes nothing. Raises NotFound and Refused, as `close`."""
    with db.atomic():
        person = _changeable(person_id, by)
        accounts.enable(person, by=by)
        return person


def give_role(person_id: int, programme: str, role: str, *, by: Person) -> Staff:
    """A director gives somebody a role on the whole course. The same once more is the same one.
    Raises NotFound as `find`, or a programme that `by` does not direct. Invalid: for any other role. Conflict: their
    account is closed.
    """
    with db.atomic():
        person = find(person_id, by=by)
        _check_role(programme, role, rights_of(by.id).directs)
        if person.disabled_at is not None:
            raise Conflict(f"The account of {person.name} is closed. Open it first.")
        return people.appoint(person, programme, role, by=by)[0]


def take_role(person_id: int, programme: str, role: str, *, by: Person) -> Person:
    """A director takes a role on the whole course back. A second time changes nothing.
    Raises NotFound as `find`, or a programme that `by` does not direct. Invalid: for any other role. Conflict: it is
    the last director's.
    """
    with db.atomic():
        person = find(person_id, by=by)
        _check_role(programme, role, rights_of(by.id).directs)
        dismiss(person, programme, role, by=by)
        return person


def dismiss(person: Person, programme: str, role: str, *, by: Person | None = None) -> bool:
    """Take this person's role on a programme; whether they had it.
    Raises Conflict: nobody else who can sign in directs the programme.
    """
    with db.atomic():
        held = (Staff.person == person) & (Staff.programme == programme) & (Staff.role == role)
        if not Staff.select().where(held).exists():
            return False
        if role == roles.DIRECTOR:
            _refuse_last_director(person, programme)
        records.write(Staff.delete().where(held))
        history.record("dismiss", f"person:{person.id}", by=by, at=clock.now(), programme=programme, role=role)
        return True


def _changeable(person_id: int, by: Person) -> Person:
    person = find(person_id, by=by)
    if why_not := why_not_change(person, rights_of(by.id)):
        raise Refused(why_not)
    return person


def _check_role(programme: str, role: str, directs: Collection[str]) -> None:
    if programme not in directs:
        raise NotFound()
    if role not in GIVEN:
        names = ", ".join(roles.BY_KEY[key].name.lower() for key in GIVEN)
        raise Invalid({"role": [f"Choose one of: {names}."]})


def _refuse_last_director(person: Person, programme: str) -> None:
    others = (
        Staff.select()
        .join(Person)
        .where(Staff.programme == programme, Staff.role == roles.DIRECTOR, Person.disabled_at.is_null())
        .where(Staff.person != person)
    )
    if not others.exists():
        course = programmes.short_name(programme)
        raise Conflict(f"{person.name} is the only director of {course}. Make somebody else a director first.")
