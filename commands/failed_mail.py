"""Sends again what did not go: by a command, and in the worker where a director asked for it."""

from collections.abc import Iterable

import click
from flask.cli import with_appcontext

import clock
from commands import cli, delivery, notices, people, record
from models import FailedMail
from workflows.notices import digests, failed_mail, mail
from workflows.people import links


@click.command("send-failed-mail")
@with_appcontext
def send_failed_mail() -> None:
    """Send again every mail that did not go, written anew: a link to choose a password is a new one. What fails once
    more is printed and kept, and the command ends with 1.
    """
    with cli.database():
        sent, failed = _send(failed_mail.everything())
    click.echo(f"{sent} sent, {len(failed)} not.")
    for row, why in failed:
        click.echo(f"No {failed_mail.KINDS[row.kind]} went to {row.address or row.person.email} ({why}).", err=True)
    if failed:
        raise SystemExit(1)


def send_asked() -> int:
    """Send again what directors asked for; returns how many went."""
    return _send(failed_mail.everything(asked=True))[0]


def _send(rows: Iterable[FailedMail]) -> tuple[int, list[tuple[FailedMail, str]]]:
    """How many went, and those that did not, with the reason."""
    rows, sent, failed = list(rows), 0, []
    if not rows:
        return 0, []
    try:
        with delivery.post() as out:
            for row in rows:
                why = _again(out, row)
                if why is None:
                    failed_mail.remove(row.person_id, row.kind, row.address)
                elif why:
                    failed.append((row, why))
                else:
                    sent += 1
    except mail.NotSent as error:
        for row in rows:
            failed_mail.keep(row.person, row.kind, str(error), row.address)
        return 0, [(row, str(error)) for row in rows]
    return sent, failed


def _again(out: delivery.Out, row: FailedMail) -> str | None:
    """Empty when it went, else the reason; None when it is needed no more."""
    person = row.person
    if person.disabled_at is not None:
        return None
    if row.kind == failed_mail.WELCOME:
        return people.send_welcome(out, person, links.make(person))
    if row.kind == failed_mail.ADDRESS:
        return people.send_changed(out, person, row.address)
    if row.kind == failed_mail.WEEKLY:
        letter = record.letter_of(person.id)
        return record.send_letter(out, letter) if letter else None
    digest = digests.digest(person.id, clock.now()) if person.by_mail else None
    return notices.send_digest(out, digest) if digest else None
