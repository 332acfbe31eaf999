"""Passwords: how they are kept, compared and judged. Nothing here is ever logged or put into history."""

import re
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

import clock
from models import Person, SignIn, db
from workflows.accounts.password_queue import queue
from workflows.history import history, records

LEAST, MOST = 12, 200

# argon2id with 19 MiB, 2 passes, 1 lane: the OWASP Password Storage Cheat Sheet's first choice.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Compared with when there is nobody, or nobody with a password, so that the answer takes as long.
_NOBODY = _HASHER.hash("nobody has this password")


def keep(password: str) -> str:
    """What is stored of a password: an argon2id hash with its own salt. Raises password_queue.Busy."""
    with queue.turn():
        return _HASHER.hash(_plain(password))


def fits(stored: str | None, password: str) -> bool:
    """Whether this is the password of which `stored` was made. Takes as long when nothing was. Its caller has a turn of
    the password queue."""
    try:
        matches = _HASHER.verify(stored or _NOBODY, _plain(password))
    except (Argon2Error, InvalidHashError):
        return False
    return matches and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether it was stored with other parameters than today's, so that it should be stored anew."""
    return _HASHER.check_needs_rehash(stored)


def judge(password: str, person: Person) -> list[str]:
    """What is wrong with a new password, as sentences; empty when it will do."""
    if len(password) < LEAST:
        return [f"Use at least {LEAST} characters. Three or four words in a row are easy to remember."]
    if len(password) > MOST:
        return [f"Use at most {MOST} characters."]
    from rules.password_strength import strength  # here, since its dictionaries take 12 MB and few processes judge one

    own = _own_words(person)
    found = strength(_plain(password), own)
    if found.enough:
        return []
    if found.words & own:
        return ["This is too close to your name or e-mail address. Choose words that have nothing to do with you."]
    return ["This is one of the first passwords that somebody would try. Choose words that do not belong together."]


def _own_words(person: Person) -> set[str]:
    """Somebody's names and the parts of their address, apart and together, with and without accents, in lower case."""
    names, email = person.name.lower().split(), (person.email or "").lower()
    local, _, domain = email.partition("@")
    words = {*names, "".join(names), "".join(reversed(names)), *re.split(r"[\W_]", local), local, domain.split(".")[0]}
    words |= {re.sub(r"[\W_]", "", _without_accents(word)) for word in words}
    words |= {email, re.sub(r"[._-]", "", email)}
    return {word for word in words if len(word) > 2}


def _without_accents(word: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", word) if not unicodedata.combining(part))


def _plain(password: str) -> str:
    """One spelling for one password, however the keyboard composes its accents. None is kept that is longer than MOST;
    composing a megabyte of accents would take minutes."""
    return unicodedata.normalize("NFKC", password[: MOST + 1])


def store(person: Person, stored: str, *, by: Person | None = None) -> None:
    """Give a person the password of which `stored` was made, and end every sign-in that relied on the old one."""
    now = clock.now()
    with db.atomic():
        records.update(Person, {"password": stored}, id=person.id)
        records.write(SignIn.update(ended_at=now).where(SignIn.person == person.id, SignIn.ended_at.is_null()))
        history.record("set_password", f"person:{person.id}", by=by or person, at=now)
