"""People: the first director, a whole course from a file, a new link, a closed account."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

import click
from flask.cli import with_appcontext

from commands import cli, delivery
from models import Person
from rules.phrases import day
from workflows.accounts import accounts
from workflows.course import programmes
from workflows.notices import failed_mail, mail
from workflows.people import (
    contact_details,
    erasure,
    erasure_cases,
    links,
    name_mentions,
    people,
    people_import,
    retention,
)
from workflows.people.people_csv import NOBODY

BAR_FROM = 20  # rows; fewer are done before one has read a bar


@click.command("create-director")
@click.option("--email", prompt="E-mail", help="The director's e-mail address.")
@click.option("--name", prompt="Full name", help="The director's full name.")
@cli.PROGRAMME
@with_appcontext
def create_director(email: str, name: str, programme: str | None) -> None:
    """Make somebody course director and print the one-time link with which they set their password."""
    key = cli.programme(programme)
    with cli.database(), cli.refusals():
        person, _ = people.register(email, name)
        _, new = people.appoint(person, key, "director")
        course = programmes.get(key).name
        click.echo(f"{person.name} {'is now' if new else 'is already'} director of {course}.")
        if person.password is None:
            click.echo(f"To set the password, once, within {links.LASTS.days} days:\n{_address(links.make(person))}")


@click.command("make-link")
@click.argument("email")
@click.option("--mail", "by_mail", is_flag=True, help="Send it instead of printing it.")
@with_appcontext
def make_link(email: str, by_mail: bool) -> None:
    """Make a new one-time link for somebody who has lost theirs or their password; earlier ones stop working."""
    with cli.database():
        person = cli.known(email)
        token = links.make(person)
        if not hand_out([(person, token)], by_mail):
            raise SystemExit(1)


@click.command("disable-person")
@click.argument("email")
@click.option("--undo", is_flag=True, help="Open the account again.")
@with_appcontext
def disable_person(email: str, undo: bool) -> None:
    """Close somebody's account: they are signed out at their next request, and their work stays."""
    with cli.database():
        person = cli.known(email)
        (accounts.enable if undo else accounts.disable)(person)
        click.echo(f"{person.name} can {'sign in again' if undo else 'no longer sign in'}.")


@click.command("change-person")
@click.argument("email")
@click.option("--email", "new_email", default="", help="The address with which they sign in from now on.")
@click.option("--name", default="", help="Their full name.")
@click.option("--mail", "by_mail", is_flag=True, help="Tell them by mail; it is done anyhow where SMTP_URL is set.")
@with_appcontext
def change_person(email: str, new_email: str, name: str, by_mail: bool) -> None:
    """Change somebody's e-mail address or name. What they did and their password stay, and they stay signed in. Both
    addresses are told.
    """
    if not new_email and not name:
        raise click.UsageError("Say --email, --name or both.")
    with cli.database(), cli.refusals():
        person = cli.known(email)
        changed = contact_details.change(person, new_email, name)
        for line in changed.lines or ["Nothing was changed."]:
            click.echo(line.rstrip(".") + ".")
        if not _tell([changed], by_mail):
            raise SystemExit(1)


@click.command("erase-person")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def erase_person(email: str, yes: bool) -> None:
    """Erase somebody, which cannot be undone: their name and address go, what they did stays under "Former student 12".

    Refused while their assessed work must be kept, with the day (docs/decisions/0047-retention.md).
    """
    with cli.database(), cli.refusals():
        person = cli.known(email)
        case = erasure_cases.case_of(person.id, director=None)
        if not case.why_not:
            for line in _lines_before(person):
                click.echo(line, err=True)
            if not yes and not click.confirm(f"Erase {person.name} ({person.email}) for ever?"):
                click.echo("Nothing was changed.", err=True)
                raise SystemExit(1)
        erased = erasure.erase(person.id, by=None, name=person.name)
        for address in erased.addresses:
            mail.delete_written(cli.settings().instance / "outbox", address)
        click.echo(f"Erased. Here they are {erased.called} from now on.")


def _lines_before(person: Person) -> list[str]:
    """What is said before somebody is erased: texts that may name them, PDF editions that do."""
    lines, mentions = [], name_mentions.find(person)
    if mentions:
        scans = sorted({one.scan_id for one in mentions if one.scan_id})
        lines.append(f"{len(mentions)} texts may have a part of the name; they stay as they are. Scans: {scans}.")
    if until := retention.last_edition(person.id):
        lines.append(f"PDF editions hold the name; they are kept until {day(until)}.")
    return lines


@click.command("import-people")
@click.argument("file", type=cli.FILE)
@click.option("--preview", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--mail", "by_mail", is_flag=True, help="Send the one-time links instead of printing them.")
@with_appcontext
def import_people(file: Path, preview: bool, by_mail: bool) -> None:
    """Bring in students, mentors, assessors and directors from a CSV file (docs/import.md).

    All of it or nothing: a file with a problem changes nothing, and all its problems are listed. It may be run again.
    """
    content = file.read_bytes()
    with cli.database(), _bar(content.count(b"\n"), "Reading the rows") as bar:
        outcome = people_import.import_people(content, preview=preview, each=lambda: bar.update(1) if bar else None)
    answers: dict[str, str] = {}
    with cli.database():
        while outcome.questions and not outcome.problems and _answered(outcome.questions, answers):
            outcome = people_import.import_people(content, preview=preview, answers=answers)
    if outcome.problems:
        for problem in outcome.problems:
            click.echo(str(problem), err=True)
        count = len(outcome.problems)
        click.echo(f"Nothing was changed: {count} {'thing' if count == 1 else 'things'} to put right.", err=True)
        raise SystemExit(1)
    for number, line in outcome.changes if preview or not outcome.questions else ():
        click.echo(f"Row {number}: {line.rstrip('.')}.")
    if outcome.questions:
        for one in outcome.questions:
            says = f"The same person: write {one.known.email} into previous_email. Somebody else: write none."
            click.echo(f"Row {one.row}: {one}. {says}", err=True)
        click.echo("Nothing was changed: say who is who.", err=True)
        raise SystemExit(1)
    click.echo(_summary(outcome, preview))
    with cli.database():
        delivered = preview or _tell(outcome.changed, by_mail)
        if not hand_out(outcome.links, by_mail) or not delivered:
            raise SystemExit(1)


def _answered(questions: Sequence[people_import.Question], answers: dict[str, str]) -> bool:
    """Ask each question at the terminal; False where nobody is there to answer."""
    for one in questions:
        if answers.get(one.email, NOBODY) != NOBODY:
            continue
        try:
            same = click.confirm(f"Row {one.row}: {one}. Is it the same person?")
        except click.Abort:
            click.echo()
            return False
        answers[one.email] = one.known.email if same else NOBODY
    return True


def _summary(outcome: people_import.Outcome, preview: bool) -> str:
    if not outcome.changes:
        return f"{outcome.rows} rows, all here already. Nothing {'would be' if preview else 'was'} changed."
    if preview:
        return f"This is a preview: nothing was changed. {len(outcome.changes)} changes would be made."
    return f"{len(outcome.changes)} changes made from {outcome.rows} rows; {outcome.unchanged} rows were here already."


def hand_out(new: Sequence[tuple[Person, str]], by_mail: bool) -> bool:
    """Print each link, or mail it; a mail that does not go is printed after all. Returns whether all is done."""
    if not new:
        return True
    if not by_mail:
        click.echo(f"One-time links to set a password, each good once and for {links.LASTS.days} days:")
        for person, token in new:
            click.echo(f"{person.email}  {_address(token)}")
        return True
    failed = _mail(new)
    sent, settings = len(new) - len(failed), cli.settings()
    what = "mail" if sent == 1 else "mails"
    where = "sent" if settings.smtp_url else f"written to {settings.instance / 'outbox'}"
    click.echo(f"{sent} {what} {where}.")
    for person, token, why in failed:
        click.echo(f"No mail went to {person.email} ({why}). Their link: {_address(token)}", err=True)
    return not failed


def _mail(new: Sequence[tuple[Person, str]]) -> list[tuple[Person, str, str]]:
    """Mail each link; those that failed, with the reason."""
    failed = []
    try:
        with delivery.post() as out, _bar(len(new), "Sending") as bar:
            for person, token in new:
                if why := send_welcome(out, person, token):
                    failed.append((person, token, why))
                if bar:
                    bar.update(1)
    except mail.NotSent as error:
        failed_mail.keep_all((person.id for person, _ in new), failed_mail.WELCOME, str(error))
        return [(person, token, str(error)) for person, token in new]
    return failed


def _tell(changed: Sequence[contact_details.Change], by_mail: bool) -> bool:
    """Tell the old and the new address of each of whom it changed, where mail is on. Returns whether all is done."""
    failed = []
    moved = [
        (one.person, address)
        for one in changed
        if one.moved
        for address in (one.old_email, one.person.email)
        if address
    ]
    if not moved or not (cli.settings().smtp_url or by_mail):
        return True
    try:
        with delivery.post() as out:
            failed = [(address, why) for person, address in moved if (why := send_changed(out, person, address))]
    except mail.NotSent as error:
        for person, address in moved:
            failed_mail.keep(person, failed_mail.ADDRESS, str(error), address)
            failed.append((address, str(error)))
    click.echo(f"{len(moved) - len(failed)} told of a changed address.")
    for address, why in failed:
        click.echo(f"No mail went to {address} ({why}).", err=True)
    return not failed


def send_welcome(out: delivery.Out, person: Person, token: str) -> str:
    """Mail somebody the link with this token; empty when it went, else the reason."""
    words = {"person": person, "link": _address(token), "days": links.LASTS.days}
    compose = partial(delivery.message, person, "Your account on Sonofolio", "welcome", **words)
    return delivery.deliver(out, person, failed_mail.WELCOME, compose)


def send_changed(out: delivery.Out, person: Person, address: str) -> str:
    """Tell somebody at this address, their old or their new one, which one they have now; empty when it went, else the
    reason.
    """
    to = Person(id=person.id, name=person.name, email=address)
    compose = partial(delivery.message, to, "Your address on Sonofolio", "address", person=person)
    return delivery.deliver(out, to, failed_mail.ADDRESS, compose, address)


def _address(token: str) -> str:
    return delivery.link("accounts.welcome", token=token)


def _bar(length: int, label: str) -> AbstractContextManager:
    """A progress bar on the error stream, where there is enough to wait for."""
    if length < BAR_FROM:
        return nullcontext()
    return cli.progress_bar(length, label)
