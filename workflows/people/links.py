"""One-time links, with which somebody sets a password. 256 bits, stored as a hash, one use; those that the course makes
are good for 7 days. How somebody asks for one themselves: `workflows.accounts.mail_links`.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import clock
from models import Link, Person, db
from workflows.accounts import accounts, passwords, throttle
from workflows.accounts.password_queue import evaluate
from workflows.history import history, records
from workflows.history.history import Action
from workflows.notices import failed_mail
from workflows.refusals import Invalid, NotFound

Found = TypeVar("Found")
LASTS = timedelta(days=7)
GONE = "This link has been used, has run out, or was never ours."
WELCOME, RESET, SIGN_IN = "welcome", "reset", "sign_in"
FOR_A_PASSWORD = (WELCOME, RESET)


def make(person: Person, *, by: Person | None = None) -> str:
    """The secret token of a new link for this person. Earlier links of theirs stop working."""
    token, now = secrets.token_urlsafe(32), clock.now()
    with db.atomic():
        close(person.id, WELCOME)
        mark = accounts.hash_of(token)
        records.insert(Link, token_hash=mark, person=person, made_at=now, expires_at=now + LASTS)
        history.record("make_link", f"person:{person.id}", by=by, at=now)
    return token


def make_all(people: Sequence[Person], *, by: Person | None = None) -> list[tuple[Person, str]]:
    """A link for each of these people, who are new and have none. In the transaction of its caller."""
    now = clock.now()
    made = [(person, secrets.token_urlsafe(32)) for person in people]
    rows = [
        {"token_hash": accounts.hash_of(token), "person": person.id, "made_at": now, "expires_at": now + LASTS}
        for person, token in made
    ]
    records.insert_all(Link, rows)
    actor = by.id if by else None
    history.record_all(Action("make_link", f"person:{person.id}", actor, now, None, {}) for person in people)
    return made


def owner(token: str, *purposes: str) -> Person:
    """Whose link this is.
    `purposes`: what it may be for; to set a password where none is named.
    Raises NotFound when it is unknown, used, run out, of the future, or its person may not sign in: one sentence for
    all.
    """
    return owner_of_hash(accounts.hash_of(token), *(purposes or FOR_A_PASSWORD))


def owner_of_hash(mark: str, *purposes: str) -> Person:
    """As `owner`, of a link of which one has the hash."""
    now = clock.now()
    of_it = Link.token_hash == mark, Link.purpose.in_(purposes), Link.made_at <= now + clock.AHEAD
    person = Person.select().join(Link).where(*of_it, live(now), Person.disabled_at.is_null()).get_or_none()
    if person is None:
        raise NotFound(GONE)
    return person


def live(now: datetime) -> Any:
    """Of links: they were not used, and have not run out."""
    return Link.used_at.is_null() & (Link.expires_at > now)


def claim(token: str, *purposes: str, address: str | None, secret: str) -> Person:
    """As `owner`, for somebody who is about to use it. Raises as `claimed`, NotFound as `owner`."""
    return claimed(lambda token: owner(token, *purposes), token, "link", address=address, secret=secret)


def claimed(find: Callable[[str], Found], token: str, kind: str, *, address: str | None, secret: str) -> Found:
    """What `find` finds of a secret token that somebody is about to use. A wrong one is counted: it slows who goes on
    trying from there, and refuses nobody who has a right one.

    Args:
        find: raises NotFound for a token that opens nothing.
        kind: of the token, under which its tries are counted.

    Raises throttle.TooMany when this very token was tried in vain too often from this address. password_queue.Busy:
    when too many try at once. NotFound: as `find`.
    """
    place = throttle.take(secret, f"{kind}:{accounts.hash_of(token)}", address)
    try:
        found = find(token)
    except NotFound:
        evaluate(place, lambda: False)
        raise
    evaluate(place, lambda: True)
    place.give_back()
    return found


def use(token: str, password: str, *, shared: bool = False, device: str = "") -> str:
    """Set the password of the link's owner, end their other sign-ins, spend the link and sign them in.
    Returns the token for the browser's cookie. Raises NotFound as `owner`, also for the slower of two who use it at
    once. Invalid when the password will not do; the link stays good.
    """
    person = owner(token)
    if wrong := passwords.judge(password, person):
        raise Invalid({"password": wrong})
    hashed = passwords.keep(password)  # slow on purpose, so before the transaction
    with db.atomic():
        owner(token)
        history.record("use_link", f"person:{person.id}", by=person, at=clock.now())
        close(person.id, WELCOME, RESET, SIGN_IN)
        passwords.store(person, hashed)
        failed_mail.remove(person.id, failed_mail.WELCOME)
        return accounts.start(person, shared=shared, device=device, means="link")


def close(person: int, *purposes: str) -> None:
    """The links of this person for these purposes open nothing any more. In a transaction."""
    open_ones = Link.person == person, Link.purpose.in_(purposes), Link.used_at.is_null()
    records.write(Link.update(used_at=clock.now()).where(*open_ones))


def close_for(person: int, email: str) -> None:
    """Links that were mailed to this address of theirs open nothing any more. In a transaction."""
    open_ones = Link.person == person, Link.email == email, Link.used_at.is_null()
    records.write(Link.update(used_at=clock.now()).where(*open_ones))
