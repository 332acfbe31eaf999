"""Passwords: how they are kept, compared and judged. Nothing here is ever logged or put into history."""

from __future__ import annotations

import re
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from models import Person, SignIn, db
from workflows import clock, history, records

LEAST, MOST = 12, 200

# argon2id with 19 MiB, 2 passes, 1 lane: the OWASP Password Storage Cheat Sheet's first choice.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Compared with when there is nobody, or nobody with a password, so that the answer takes as long.
_NOBODY = _HASHER.hash("nobody has this password")

# Longer than they are hard to guess: what people make of "at least 12 characters".
_COMMON = """
password passwort passw0rd letmein welcome azerty iloveyou trustno
administrator admin sunshine princess football baseball liverpool arsenal chelsea superman batman starwars monkey
dragon master shadow michael charlie summer autumn winter spring january september october november december
monday friday london croydon brighton hospital physio physiotherapy radiology radiographer sonographer sonography
ultrasound shoulder musculoskeletal student mentor director university southbank changeme secret computer internet
1q2w3e4r5t 1q2w3e4r qazwsxedc qazwsx sonofolio nhs lsbu msk
"""
# Keys and letters in a row, forwards or backwards, three or more of them.
_ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
COMMON = frozenset(_COMMON.split()) | {
    row[start:end]
    for line in _ROWS
    for row in (line, line[::-1])
    for start in range(len(row))
    for end in range(start + 3, len(row) + 1)
}
LEFT_AT_LEAST = 5  # characters that no list, name or count explains


def keep(password: str) -> str:
    """What is stored of a password: an argon2id hash with its own salt."""
    return _HASHER.hash(_plain(password))


def fits(kept: str | None, password: str) -> bool:
    """Whether this is the password of which `kept` was stored. Takes as long when nothing was."""
    try:
        matches = _HASHER.verify(kept or _NOBODY, _plain(password))
    except (Argon2Error, InvalidHashError):
        return False
    return matches and kept is not None


def is_outdated(kept: str) -> bool:
    """Whether it was stored with other parameters than today's, so that it should be stored anew."""
    return _HASHER.check_needs_rehash(kept)


def judge(password: str, person: Person) -> list[str]:
    """What is wrong with a new password, as sentences; empty when it will do."""
    if len(password) < LEAST:
        return [f"Use at least {LEAST} characters. Three or four words in a row are easy to remember."]
    if len(password) > MOST:
        return [f"Use at most {MOST} characters."]
    own = [*re.split(r"[@.+_-]", person.email), *person.name.split()]
    rest = _unexplained(password, [word for word in own if len(word) > 2])
    if len(rest) >= LEFT_AT_LEAST:
        return []
    if len(_unexplained(password, [])) >= LEFT_AT_LEAST:
        return ["This is too close to your name or e-mail address. Choose words that have nothing to do with you."]
    return ["This is one of the first passwords that somebody would try. Choose words that do not belong together."]


def _unexplained(password: str, own: list[str]) -> str:
    """What is left of a password without common words, one's own name, counted-up digits and repetitions."""
    text = re.sub(r"[\W_]", "", _plain(password).lower())
    for word in sorted({*COMMON, *(word.lower() for word in own)}, key=len, reverse=True):
        text = text.replace(word, "")
    text = re.sub(r"(?:19|20)[0-9]{2}|[0-9]{1,3}$", "", text)  # a year, a number at the end
    return "".join(dict.fromkeys(text))  # each letter once: "abcabcabcabc" is no longer than "abc"


def _plain(password: str) -> str:
    """One spelling for one password, however the keyboard composes its accents."""
    return unicodedata.normalize("NFKC", password)


def store(person: Person, kept: str, *, by: Person | None = None) -> None:
    """Give a person the password of which `kept` was made, and end every sign-in that relied on the old one."""
    now = clock.now()
    with db.atomic():
        records.update(Person, {"password": kept}, id=person.id)
        records.write(SignIn.update(ended_at=now).where(SignIn.person == person.id, SignIn.ended_at.is_null()))
        history.record("set_password", f"person:{person.id}", by=by or person, at=now)
