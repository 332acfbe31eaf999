"""What the worker does for the record: history's head goes into a file, and into the directors' weekly mail."""

import logging
from datetime import datetime
from email.message import EmailMessage

import clock
from commands import delivery
from commands.cli import settings
from rules.person_names import first_name
from rules.phrases import day
from workflows.course import programmes
from workflows.history import heads
from workflows.notices import failed_mail, mail, weekly

log = logging.getLogger("sonofolio")


def anchor() -> int:
    """Write down where history ends now, if it has grown. Returns nothing to count."""
    try:
        heads.anchor(settings().instance / heads.FILE)
    except OSError as error:
        log.warning("history's head was not written: %s", error)
    return 0


def mail_weekly() -> int:
    """Send the directors' weekly mails that are due now. One that is refused goes again next week."""
    sent = 0
    due = weekly.due(clock.now())
    head = heads.current() if due else None
    if head is None:
        return 0
    verified = _verified()
    try:
        with delivery.post() as out:
            for person, theirs in due:
                letter = weekly.claim(person, theirs, head, verified, clock.now())
                if letter is not None:
                    sent += not send_letter(out, letter)
    except mail.NotSent as error:  # nobody was claimed: all of them are tried again
        log.warning("mail: %s", error)
        failed_mail.keep_all((person for person, _ in due), failed_mail.WEEKLY, str(error))
    return sent


def letter_of(person: int) -> weekly.Letter | None:
    """This director's mail as of now; None when they direct nothing, or nothing has been recorded."""
    head = heads.current()
    return weekly.letter(person, weekly.directed_by(person), head, _verified()) if head else None


def send_letter(out: delivery.Out, letter: weekly.Letter) -> str:
    """Empty when it went, else the reason."""
    return delivery.deliver(out, letter.person, failed_mail.WEEKLY, lambda: _message(letter))


def _verified() -> tuple[datetime, int] | None:
    last = heads.last_verification(settings().instance / heads.FILE)
    return (datetime.fromisoformat(last[0]), last[1]) if last else None


def _message(letter: weekly.Letter) -> EmailMessage:
    words = {"letter": letter, "name": first_name(letter.person.name)}
    if letter.verified:
        words["verified_on"] = day(programmes.get(programmes.keys()[0]).local(letter.verified[0]))
    return delivery.message(letter.person, letter.subject, "record", **words)
