"""One's own e-mail addresses: added, proved by a letter, made the first one, removed. Only a proved one lets in."""

import secrets

from peewee import IntegrityError

import clock
from models import Address, Link, Person, db
from workflows.accounts import accounts, mail_links, throttle, ways
from workflows.history import history, records
from workflows.notices import letters
from workflows.people import links, people
from workflows.refusals import Conflict, Invalid, NotFound, or_not_found

MOST = 5  # of one person
LAST = "This is your last way in, so it stays. Add a passkey or prove another address first."
FIRST = "This is your first address. Make another one the first, then remove this one."
TAKEN = "This address belongs to another account here. Come in with it there, and remove it there first."


def add(person: Person, email: str, *, browser: str, secret: str) -> Address:
    """Add an address, or ask once more for the proof of one that is not proved: a letter with a link and a code goes to
    it. Whether somebody else has it is only told to whoever reads that letter.
    `browser`: a secret of the browser's session, in which alone the code can be typed.
    Raises Invalid: it is no address, or one of theirs already, or there are too many. throttle.TooMany: too many
    letters.
    """
    email = people.plain_email(email)
    with db.atomic():
        throttle.take(secret, f"letter:{email}", most=mail_links.MOST_ASKED)
        throttle.take(secret, f"letters of:{person.id}")
        address = write_unproved(person, email)
        ask_for_proof(person, email, browser=browser)
    return address


def write_unproved(person: Person, email: str) -> Address:
    """Keep an address that is still to be proved; one that is here already stays as it is. In a transaction.
    Raises Invalid: it is proved already, or there are too many.
    """
    theirs = {one.email: one for one in Address.select().where(Address.person == person.id)}
    if known := theirs.get(email):
        if known.proved_at is not None:
            raise Invalid({"email": ["This address is yours already."]})
        return known
    if len(theirs) >= MOST:
        raise Invalid({"email": [f"There may be {MOST} at most. Remove one first."]})
    now = clock.now()
    made = records.create(Address, person=person, email=email, made_at=now)
    history.record("add_address", f"person:{person.id}", by=person, at=now)
    return made


def ask_for_proof(person: Person, email: str, *, browser: str) -> None:
    """Send a letter to an address of this person, with a link and a code that prove it. In a transaction."""
    now, token, code = clock.now(), secrets.token_urlsafe(32), mail_links.new_code()
    mark = accounts.hash_of(browser)
    mail_links.make(person, mail_links.PROVE, email, token=token, code=code, browser_hash=mark, at=now)
    words = {"name": person.name, "address": email, "token": token, "code": code}
    until = now + mail_links.LASTS
    letters.write("prove_address", address=email, person=person.id, words=words, at=now, until=until)


def asked(token: str, *, by: Person) -> str:
    """The address that a link of this person's proves.
    Raises NotFound as `links.owner`, and for a link of somebody else.
    """
    return _link(accounts.hash_of(token), by).email


def prove(token: str, *, by: Person) -> str:
    """Prove an address by the link that was sent to it; returns the address.
    Raises NotFound as `asked`. Conflict: somebody else has proved it.
    """
    return _prove(accounts.hash_of(token), by)


def prove_by_code(code: str, *, by: Person, browser: str, address: str | None, secret: str) -> str:
    """The same by the code of that letter, in the browser that asked for it.
    Raises throttle.TooMany, Invalid: as `mail_links.by_code`. Conflict: as `prove`.
    """
    link = mail_links.by_code(code, mail_links.PROVE, browser=browser, address=address, secret=secret)
    try:
        return _prove(link.token_hash, by)
    except NotFound:
        raise Invalid({"code": [mail_links.WRONG_CODE]}) from None


def _link(mark: str, by: Person) -> Link:
    if links.owner_of_hash(mark, mail_links.PROVE).id != by.id:
        raise NotFound(links.GONE)
    return Link.get(Link.token_hash == mark)


def _prove(mark: str, by: Person) -> str:
    now = clock.now()
    try:
        with db.atomic():
            email = _link(mark, by).email
            records.write(Link.update(used_at=now).where(Link.token_hash == mark))
            before = first_of(by.id)
            if before != email and (known := accounts.by_address(email)) and known.id != by.id:
                raise Conflict(TAKEN)
            if not records.write(Address.update(proved_at=now).where(Address.person == by.id, Address.email == email)):
                raise NotFound(links.GONE)
            if before is None:
                records.write(Person.update(email=email).where(Person.id == by.id))
            history.record("prove_address", f"person:{by.id}", by=by, at=now)
            by.email = before or email
            ways.tell(ways.ADDRESS, by, f"{email} is an address of your account now.", at=now, also=(email,))
    except IntegrityError:  # somebody else was faster
        raise Conflict(TAKEN) from None
    return email


def first_of(person: int) -> str | None:
    """The first address of this person; none while none is proved."""
    return Person.select(Person.email).where(Person.id == person).scalar()


def make_first(email: str, *, by: Person) -> None:
    """Make one of one's own proved addresses the first: whatever is mailed goes there.
    Raises NotFound: it is not theirs, or not proved.
    """
    now = clock.now()
    with db.atomic():
        address, before = _own(email, by), first_of(by.id)
        if address.proved_at is None:
            raise NotFound
        if before == address.email:
            return
        records.write(Person.update(email=address.email).where(Person.id == by.id))
        history.record("change_person", f"person:{by.id}", by=by, at=now)
        by.email = address.email
        sentence = f"The first address of your account is {address.email} now, no longer {before}."
        ways.tell(ways.ADDRESS, by, sentence, at=now, also=(before,))


def remove(email: str, *, by: Person) -> None:
    """Remove one of one's own addresses.
    Raises NotFound: it is not theirs. Conflict: it is their first, or their last way in.
    """
    now = clock.now()
    with db.atomic():
        address, first = _own(email, by), first_of(by.id)
        if address.proved_at is not None and not ways.may_remove(by.id, address.email):
            raise Conflict(LAST)
        others = Address.person == by.id, Address.proved_at.is_null(False), Address.email != address.email
        if address.email == first and Address.select().where(*others).exists():
            raise Conflict(FIRST)
        links.close_for(by.id, address.email)
        records.write(Address.delete().where(Address.id == address.id))
        if address.email == first:
            records.write(Person.update(email=None).where(Person.id == by.id))
        history.record("remove_address", f"person:{by.id}", by=by, at=now)
        if address.proved_at is not None:
            by.email = None if address.email == first else first
            sentence = f"{address.email} is no longer an address of your account."
            ways.tell(ways.ADDRESS, by, sentence, at=now, also=(address.email,))


def _own(email: str, person: Person) -> Address:
    return or_not_found(Address.get_or_none(Address.person == person.id, Address.email == accounts.account_of(email)))
