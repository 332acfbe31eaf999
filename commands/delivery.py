"""Sends a mail to one person, and keeps that it did not go."""

from __future__ import annotations

import logging
from collections.abc import Callable
from email.message import EmailMessage

from models import Person
from workflows.notices import failed_mail, mail

log = logging.getLogger("sonofolio")


def deliver(
    out: mail.Outbox | mail.Smtp, person: Person, kind: str, compose: Callable[[], EmailMessage], address: str = ""
) -> str:
    """Send a mail; empty when it went, else the reason.

    Args:
        kind: a key of `failed_mail.KINDS`, under which a failure is kept until a mail of this kind goes.
        compose: writes the mail; it may raise NotSent.
        address: where it goes when that is not the person's own address of today.
    """
    try:
        out.send(compose())
    except mail.NotSent as error:
        log.warning("mail: no %s to person %s: %s", failed_mail.KINDS[kind], person.id, error)
        failed_mail.keep(person, kind, str(error), address)
        return str(error)
    failed_mail.remove(person.id, kind, address)
    return ""
