"""Telling people: the keys for push messages, and the loop that sends what is due by push and by mail."""

from __future__ import annotations

import base64
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from email.message import EmailMessage

import click
from flask import current_app
from flask.cli import with_appcontext
from peewee import PeeweeException
from playhouse.pool import MaxConnectionsExceeded

from commands import record
from config import Settings
from workflows import clock
from workflows.accounts import accounts
from workflows.notices import digests, mail, push_delivery
from workflows.notices.push_client import Sender

log = logging.getLogger("sonofolio")

PUSH_SECONDS, MAIL_SECONDS, BUSY_SECONDS = 2, 60, 15


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


@click.command("deliver")
@click.option("--once", is_flag=True, help="Send what is due, and end.")
@click.option("--beside", type=int, help="End when this process, which started us, does.")
@with_appcontext
def deliver(once: bool, beside: int | None) -> None:
    """Tell people what is due: push messages as it happens, the digest by mail in the morning. Runs until it is ended;
    several may run at once.
    """
    settings = _settings()
    sender = Sender(settings.vapid_private_key, settings.vapid_subject) if settings.vapid_private_key else None
    if once:
        _write_signed_out()
        told, mailed = _push(sender), _mail() + record.mail_weekly()
        record.anchor()
        click.echo(f"{told} pushed, {mailed} mailed.")
        return
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    click.echo(f"Delivering: mail{' and push messages' if sender else ', and no push messages without VAPID keys'}.")
    jobs = [_Job(lambda: _push(sender), PUSH_SECONDS), _Job(_mail, MAIL_SECONDS), _Job(_write_signed_out, MAIL_SECONDS)]
    jobs += [_Job(record.anchor, MAIL_SECONDS), _Job(record.mail_weekly, MAIL_SECONDS)]
    while not stop.is_set() and beside in (None, os.getppid()):
        for job in jobs:
            if not stop.is_set():
                job.run()
        stop.wait(PUSH_SECONDS)


class _Job:
    """Something that is done again and again; a database that is busy or away is tried again a little later."""

    def __init__(self, work: Callable[[], int], every: int):
        self.work, self.every, self.next = work, every, 0.0

    def run(self) -> None:
        if time.monotonic() < self.next:
            return
        wait = self.every
        try:
            self.work()
        except (PeeweeException, MaxConnectionsExceeded) as error:
            log.warning("deliver: the database: %s", str(error).partition("\n")[0])
            wait = BUSY_SECONDS
        except Exception:
            log.exception("deliver")
            wait = BUSY_SECONDS
        self.next = time.monotonic() + wait


def _push(sender: Sender | None) -> int:
    if sender is None:
        return 0
    with current_app.extensions["database"].connection_context():
        return push_delivery.deliver(sender)


def _write_signed_out() -> int:
    with current_app.extensions["database"].connection_context():
        return accounts.write_signed_out()


def _mail() -> int:
    """Send the digests that are due now. Somebody's that is refused is not tried again before the next day."""
    settings, sent = _settings(), 0
    with current_app.extensions["database"].connection_context():
        due = digests.due(clock.now())
        if not due:
            return 0
        try:
            with mail.post(settings.smtp_url, settings.instance / "outbox") as out:
                for person in due:
                    digest = digests.claim(person, clock.now())
                    if digest is not None:
                        sent += _sent(out, digest)
        except mail.NotSent as error:  # nobody was claimed: all of them are tried again
            log.warning("deliver: mail: %s", error)
    return sent


def _sent(out: mail.Outbox | mail.Smtp, digest: digests.Digest) -> int:
    try:
        out.send(_message(digest))
    except mail.NotSent as error:
        log.warning("deliver: no mail to person %s: %s", digest.person.id, error)
        return 0
    return 1


def _message(digest: digests.Digest) -> EmailMessage:
    base = _settings().base_url
    token = digests.stop_token(digest.person.id, _settings().secret_key)
    addresses = current_app.url_map.bind("")
    stop = base + addresses.build("notices.stop_mail", {"token": token})
    links = {name: base + addresses.build(name) for name in ("reviews.inbox", "notices.index", "accounts.me")}
    words = {"digest": digest, "links": links, "stop": stop, "name": digest.person.name.split()[0]}
    text, html = (current_app.jinja_env.get_template(f"mail/digest.{kind}").render(**words) for kind in ("txt", "html"))
    message = mail.compose(digest.person, digest.subject, text, html, base_url=base)
    message["List-Unsubscribe"] = f"<{stop}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return message


def _settings() -> Settings:
    return current_app.config["SONOFOLIO"]
