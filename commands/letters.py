"""What the worker does for letters: their texts, and sending them.

A new kind is a row of `KINDS` and two templates, `templates/mail/<kind>.txt` and `.html`.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

from jinja2 import TemplateError

from commands import delivery
from models import Person
from workflows.accounts import mail_links
from workflows.notices import letters, mail

log = logging.getLogger("sonofolio")


@dataclass(frozen=True)
class Kind:
    """A kind of letter: its subject line, and the view that opens `words["token"]`, where it has a link."""

    subject: str
    endpoint: str = ""


KINDS = {
    "invitation": Kind("You are invited to Sonofolio", "joining.show"),
    "joined": Kind("Your e-mail address at Sonofolio", "joining.show_letter"),
    "joined_known": Kind("Was it you who joined at Sonofolio?", "joining.show_letter"),
    "new_link": Kind("Your account on Sonofolio", "accounts.welcome"),
    "address_changed": Kind("Your address on Sonofolio"),
    "ways_in_changed": Kind("How you sign in to Sonofolio has changed"),
    "sign_in_link": Kind("Sign in to Sonofolio", "mail_links.enter"),
    "new_password_link": Kind("Choose a new password for Sonofolio", "accounts.welcome"),
    "no_account": Kind("Somebody asked to sign in to Sonofolio"),
    "prove_address": Kind("Is this your e-mail address?", "addresses.proof"),
}
# Kinds that are only known when they are sent: what they become, and its words.
ANSWERS: dict[str, Callable[[letters.Taken], tuple[str, dict[str, str]]]] = {"asked_link": mail_links.answer}


def send_due() -> int:
    """Send the letters that are due, and return how many went."""
    waiting = letters.due()
    if not waiting:
        return 0
    gone = 0
    try:
        with delivery.post() as out:
            for number in waiting:
                letter = letters.take(number)
                gone += bool(letter and _send(out, letter))
    except mail.NotSent as error:
        log.warning("mail: %s", error)
        letters.postpone(waiting, str(error))
    return gone


def _send(out: delivery.Out, letter: letters.Taken) -> bool:
    try:
        out.send(compose(letter))
    except mail.NotSent as error:
        log.warning("mail: no letter %s (%s): %s", letter.id, letter.kind, error)
        letters.failed(letter, str(error))
        return False
    letters.sent(letter.id)
    return True


def compose(letter: letters.Taken) -> EmailMessage:
    """The letter as a mail. Its id is the same with each try, so a mailbox that has it already can tell.

    Raises:
        NotSent: when it cannot be written, or goes to no address.
    """
    name, words = letter.kind, letter.words
    try:
        if name in ANSWERS:
            name, words = ANSWERS[name](letter)
        kind = KINDS[name]
        link = delivery.link(kind.endpoint, token=words["token"]) if kind.endpoint else ""
        to = Person(name=words.get("name", ""), email=letter.address)
        message = delivery.message(to, kind.subject, name, link=link, **words)
    except (KeyError, TemplateError) as error:
        raise mail.NotSent(f"a letter of the kind {name} cannot be written: {error!r}") from error
    domain = message["Message-ID"].rpartition("@")[2]
    stamp = int(letter.made_at.timestamp() * 1_000_000)
    message.replace_header("Message-ID", f"<letter.{stamp}.{letter.id}@{domain}")
    return message
