"""Another name or address for somebody who is here: the person stays the same, with all that is theirs."""

from dataclasses import dataclass

import clock
from models import Person, db
from workflows.history import history, records
from workflows.people import first_address, people
from workflows.refusals import Invalid


@dataclass(frozen=True)
class Change:
    """What was changed of a person, with what they had before."""

    person: Person
    old_email: str | None
    old_name: str

    @property
    def moved(self) -> bool:
        return self.old_email != self.person.email

    @property
    def lines(self) -> list[str]:
        """What changed, a line each; none when all is as it was."""
        is_named = self.old_name != self.person.name
        named = [f"{self.old_name} is called {self.person.name}"] if is_named else []
        before = f", no longer {self.old_email}" if self.old_email else ""
        return named + [f"{self.person.name} has the address {self.person.email}{before}"] * self.moved


def change(person: Person, email: str = "", name: str = "", *, by: Person | None = None) -> Change:
    """Another e-mail address or name for a person; what is empty stays. Their parts, scans, password and sign-ins are
    theirs as before, and from now on they sign in with the new address.
    Raises Invalid: for an address or name that cannot be kept, or an address that somebody else has.
    """
    changed = Change(person, person.email, person.name)
    with db.atomic():
        rewrite(person, email, name, people.by_email(people.plain_email(email)) if email else None)
        write(changed, by=by)
    return changed


def rewrite(person: Person, email: str, name: str, known: Person | None) -> None:
    """Give the person, as it is in memory, this address and name; `known` is who has the address already.
    Raises Invalid as `change`.
    """
    if known and known.id != person.id:
        says = f"{people.plain_email(email)} is the address of {known.name}, who is here as another person."
        raise Invalid({"email": [says]})
    person.email, person.name = (
        people.plain_email(email) if email else person.email,
        people.plain_name(name) if name else person.name,
    )


def write(changed: Change, *, by: Person | None) -> None:
    """Store the new address and name, with a line of history that names neither. In a transaction."""
    person = changed.person
    if changed.lines:
        now = clock.now()
        if changed.moved:
            first_address.replace(person.id, changed.old_email, person.email, now)
        records.write(Person.update(email=person.email, name=person.name).where(Person.id == person.id))
        history.record("change_person", f"person:{person.id}", by=by, at=now)
