"""How a mail is written and sent to one person; that it did not go is kept."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from email.message import EmailMessage
from typing import Any

from flask import current_app

from commands.cli import settings
from models import Person
from workflows.notices import failed_mail, mail

log = logging.getLogger("sonofolio")

Out = mail.Outbox | mail.Smtp


def post() -> AbstractContextManager[Out]:
    """Where mails go, by the settings; NotSent when that cannot be reached."""
    return mail.post(settings().smtp_url, settings().instance / "outbox")


def message(to: Person, subject: str, template: str, **words: Any) -> EmailMessage:
    """A mail with the text and the HTML of `templates/mail/<template>`."""
    base = settings().base_url
    text, html = (
        current_app.jinja_env.get_template(f"mail/{template}.{ending}").render(base=base, **words)
        for ending in ("txt", "html")
    )
    return mail.compose(to, subject, text, html, base_url=base, mail_from=settings().mail_from)


def link(endpoint: str, **values: Any) -> str:
    """The address of a page: from BASE_URL, never from what a request calls us."""
    return settings().base_url + current_app.url_map.bind("").build(endpoint, values)


def deliver(out: Out, person: Person, kind: str, compose: Callable[[], EmailMessage], address: str = "") -> str:
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
