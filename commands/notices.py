"""What the worker does for notices: push messages, and the daily mail; and the command that makes the key for push."""

import base64
import logging
from email.message import EmailMessage
from functools import cache

import click

import clock
from commands import delivery
from commands.cli import settings
from rules.person_names import first_name
from workflows.notices import digests, failed_mail, mail, push_delivery
from workflows.notices.push_client import Sender

log = logging.getLogger("sonofolio")


@click.command("vapid-keys")
@click.option("--subject", default="mailto:you@example.ac.uk", help="Where push services reach whoever runs this.")
def vapid_keys(subject: str) -> None:
    """Make the key with which push messages are signed, and print the lines for the settings. Keep them: with another
    key every device has to be asked anew.
    """
    from cryptography.hazmat.primitives.asymmetric import ec

    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    click.echo(f"VAPID_PRIVATE_KEY={base64.urlsafe_b64encode(number.to_bytes(32)).rstrip(b'=').decode()}")
    click.echo(f"VAPID_SUBJECT={subject}")


def is_push_due() -> bool:
    """Whether a push message is to be sent now."""
    return bool(settings().vapid_private_key) and push_delivery.is_due()


def push() -> int:
    """Send the push messages that are due, and return how many were sent."""
    key, subject = settings().vapid_private_key, settings().vapid_subject
    return push_delivery.deliver(_sender(key, subject)) if key else 0


_sender = cache(Sender)


def send_digests() -> int:
    """Send the daily mails that are due, and return how many were. One that is refused is not tried again that day."""
    due, sent = digests.due(clock.now()), 0
    if not due:
        return 0
    try:
        with delivery.post() as out:
            for person in due:
                digest = digests.claim(person, clock.now())
                if digest is not None:
                    sent += not send_digest(out, digest)
                else:
                    failed_mail.remove(person, failed_mail.DIGEST)
    except mail.NotSent as error:  # nobody was claimed: all of them are tried again
        log.warning("mail: %s", error)
        failed_mail.keep_all(due, failed_mail.DIGEST, str(error))
    return sent


def send_digest(out: delivery.Out, digest: digests.Digest) -> str:
    """Empty when it went, else the reason."""
    return delivery.deliver(out, digest.person, failed_mail.DIGEST, lambda: _message(digest))


def _message(digest: digests.Digest) -> EmailMessage:
    stop = delivery.link("notices.stop_mail", token=digests.stop_token(digest.person.id, settings().secret_key))
    links = {name: delivery.link(name) for name in ("reviews.inbox", "notices.index", "accounts.me")}
    words = {"digest": digest, "links": links, "stop": stop, "name": first_name(digest.person.name)}
    message = delivery.message(digest.person, digest.subject, "digest", **words)
    message["List-Unsubscribe"] = f"<{stop}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return message
