"""Letters: mails that are written in the transaction of the action that they tell of, and sent by the worker.

What a letter says is encrypted with a key made of SECRET_KEY, since it may hold a secret link, and is deleted once the
letter has gone or was given up (docs/decisions/0051-ways-in.md).
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import clock
from models import INSTANT, Letter, Person
from statements import Prepared, change, insert
from workflows.history import keys

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

# How long after each failed try comes the next; after the last it is given up.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 25, 125))
MOST_TRIES = len(PAUSES) + 1
AT_ONCE = 50  # letters of one run, so that what becomes due meanwhile does not wait for all of them
KEPT = timedelta(days=30)  # that a letter went or did not, and to which address
LONGEST_REASON = 300
NOT_READABLE = "it was encrypted with another SECRET_KEY"
TOO_LATE = "its link has run out"
HIDDEN = "it said what was hidden"
LONG_ENOUGH = 12  # characters of a text that no letter says by chance

HAS_FAILED = (Letter.reason != "") & Letter.sent_at.is_null()
_NOT_GONE = Prepared(
    lambda: Letter.select(Letter, Person).join(Person).where(HAS_FAILED).order_by(Letter.made_at, Letter.id)
)
_CLAIM = "UPDATE letter SET tries = tries + 1, next_at = ? WHERE id = ? AND next_at <= ?"
_POSTPONE = "UPDATE letter SET next_at = ?, reason = ? WHERE id = ? AND next_at <= ?"
_END = "UPDATE letter SET body = '', next_at = NULL, sent_at = ?, reason = ? WHERE id = ? AND next_at IS NOT NULL"


@dataclass(frozen=True)
class Taken:
    """A letter that is being sent: nobody else sends it meanwhile."""

    id: int
    kind: str
    person: int | None
    address: str
    words: dict[str, str]
    made_at: datetime
    tries: int  # this one among them


def write(
    kind: str,
    *,
    address: str,
    person: int | None,
    words: dict[str, str],
    at: datetime,
    until: datetime | None = None,
) -> None:
    """Write a letter that the worker sends at once, in the transaction of its caller.

    Args:
        kind: a key of `commands.letters.KINDS`; its texts are `templates/mail/<kind>.txt` and `.html`.
        address: where it goes.
        person: id of whose account it is about; None for a guest.
        words: what its texts want to know; `name` is whom it addresses, `token` the secret of the link in it.
        until: when it is of no use any more, such as when its link runs out; it is not sent then.
    """
    content = {"words": words, "until": until.isoformat() if until else ""}
    body = _cipher().encrypt(json.dumps(content).encode()).decode()
    insert(Letter, kind=kind, address=address, person=person, body=body, made_at=at, next_at=at, tries=0, reason="")


def _cipher() -> "MultiFernet":
    """Encrypts with the key of today, and opens what was encrypted with an earlier one that is still listed."""
    from cryptography.fernet import Fernet, MultiFernet  # read with the first letter: 2 MB

    known = keys.everything() or [keys.current()]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key.derived("letters"))) for key in known])


def _content(body: str) -> dict[str, Any] | None:
    """What is encrypted in a letter; None where no key opens it."""
    from cryptography.fernet import InvalidToken

    try:
        return json.loads(_cipher().decrypt(body.encode()))
    except InvalidToken:
        return None


def is_due() -> bool:
    """Whether a letter is to be sent now."""
    return Letter.select().where(Letter.next_at <= clock.now()).exists()


def due() -> list[int]:
    """Ids of the letters to be sent now, the oldest first."""
    rows = Letter.select(Letter.id).where(Letter.next_at <= clock.now()).order_by(Letter.next_at, Letter.id)
    return [number for (number,) in rows.limit(AT_ONCE).tuples()]


def take(number: int) -> Taken | None:
    """Claim a letter, so that no other worker sends it; a worker that dies with it leaves it to be tried again.
    Returns None when another worker has it, or when it cannot be sent any more, which is noted.
    """
    now = clock.now()
    tried = Letter.select(Letter.tries).where(Letter.id == number).scalar()
    if tried is None:
        return None
    again = INSTANT.db_value(now + PAUSES[min(tried, len(PAUSES) - 1)])
    if not change(_CLAIM, again, number, INSTANT.db_value(now)):
        return None
    letter = Letter.get_by_id(number)
    content = _content(letter.body)
    if content is None:
        give_up(number, NOT_READABLE)
        return None
    if content["until"] and datetime.fromisoformat(content["until"]) <= now:
        give_up(number, letter.reason or TOO_LATE)
        return None
    return Taken(number, letter.kind, letter.person_id, letter.address, content["words"], letter.made_at, letter.tries)


def sent(number: int) -> None:
    """It has gone: what it said is deleted."""
    change(_END, INSTANT.db_value(clock.now()), "", number)


def failed(letter: Taken, reason: str) -> None:
    """It did not go. It is tried again after a while, and given up after the last try."""
    if letter.tries >= MOST_TRIES:
        give_up(letter.id, reason)
    else:
        Letter.update(reason=reason[:LONGEST_REASON]).where(
            Letter.id == letter.id, Letter.next_at.is_null(False)
        ).execute()


def give_up(number: int, reason: str) -> None:
    """It will not go: what it said is deleted, and that it did not go is kept for the directors."""
    change(_END, None, reason[:LONGEST_REASON], number)


def postpone(numbers: Iterable[int], reason: str) -> None:
    """None of these could be tried, as the mail server is away: that is no try, and they go when it is back."""
    now = clock.now()
    for number in numbers:
        change(_POSTPONE, INSTANT.db_value(now + PAUSES[0]), reason[:LONGEST_REASON], number, INSTANT.db_value(now))


def not_gone() -> list[Letter]:
    """Letters about somebody's account that failed and have not gone since, the oldest first."""
    return _NOT_GONE()


def delete_saying(texts: list[str]) -> int:
    """Delete what letters that are still to go say, where they say any of these texts. Returns how many it was."""
    found = 0
    for number, body in Letter.select(Letter.id, Letter.body).where(Letter.next_at.is_null(False)).tuples():
        content = _content(body) or {"words": {}}  # nobody can read it any more
        if any(_says(str(word), text) for text in texts for word in content["words"].values()):
            give_up(number, HIDDEN)
            found += 1
    return found


def _says(word: str, text: str) -> bool:
    """Whether a letter's word repeats this text. One as short as "No" stands in many a name: it must be the whole."""
    return text in word if len(text) >= LONG_ENOUGH else bool(text) and text == word


def delete_old() -> int:
    """Delete what is kept of letters that went, or were given up, a while ago. Returns how many."""
    old = (Letter.made_at < clock.now() - KEPT) & Letter.next_at.is_null()
    return Letter.delete().where(old).execute()
