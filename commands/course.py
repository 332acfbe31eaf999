"""Who has which part, from the command line: the list, one person added, a role given or taken, a cohort opened."""

from datetime import date, datetime

import click
from flask.cli import with_appcontext

from commands import cli
from commands.people import hand_out
from models import Person
from rules import roles
from rules.folding import fold
from statements import parts_of
from workflows.course import programmes
from workflows.people import administration, people, people_csv, people_import
from workflows.people.people_csv import NOBODY

ON_COURSE = {key.replace("_", "-"): key for key in administration.GIVEN}
EVERY = {key.replace("_", "-"): key for key in roles.BY_KEY}
DAY = click.DateTime(["%Y-%m-%d"])


@click.command("list-people")
@click.argument("words", nargs=-1)
@with_appcontext
def list_people(words: tuple[str, ...]) -> None:
    """List everybody, or those in whose name, address or parts each of the WORDS stands, without accents and capitals.

    One line a person: address, name, parts, and "closed" where nobody can sign in. Exit 1 when there is nobody.
    """
    wanted = [fold(word) for word in words]
    with cli.database():
        everybody = list(Person.select(Person.id, Person.email, Person.name, Person.disabled_at))
        of = {
            key: parts
            for some in parts_of([one.id for one in everybody])
            for key, parts in people.parts_of(some).items()
        }
    lines = []
    for person in sorted(everybody, key=lambda one: (fold(one.name), one.id)):
        parts = list(dict.fromkeys(part.words for part in of[person.id])) or ["no part"]
        closed = ["closed"] if person.disabled_at else []
        line = "  ".join([person.email or "-", person.name, "; ".join(parts), *closed])
        if all(word in fold(line) for word in wanted):
            lines.append(line)
    for line in lines:
        click.echo(line)
    if not lines:
        click.echo("Nobody matches.", err=True)
        raise SystemExit(1)


@click.command("add-person")
@click.argument("email")
@click.argument("role", type=click.Choice(list(EVERY)))
@click.option("--name", default="", help="Full name; once a person is enough.")
@cli.PROGRAMME
@click.option("--cohort", default="", help="Of a student: the name of a cohort that is open (open-cohort).")
@click.option("--site", default="", help="Where the placement is; an unknown name is a new site.")
@click.option("--machines", default="", help="Of a student's site, with a bar between them.")
@click.option("--student", default="", help="Of a mentor, external assessor or clinical manager: whose, by e-mail.")
@click.option("--somebody-else", is_flag=True, help="They only have the name of a person who is here.")
@click.option("--mail", "by_mail", is_flag=True, help="Send the one-time link instead of printing it.")
@with_appcontext
def add_person(
    email: str,
    role: str,
    name: str,
    programme: str | None,
    cohort: str,
    site: str,
    machines: str,
    student: str,
    somebody_else: bool,
    by_mail: bool,
) -> None:
    """Bring in one person with one part, as a row of a file would (import-people)."""
    scope = roles.BY_KEY[EVERY[role]].scope
    cells = {
        "email": email,
        "role": role,
        "name": name,
        "programme": cli.programme(programme) if scope != roles.PLACEMENT else "",
        "cohort": cohort,
        "site": site,
        "machines": machines,
        "student_email": student,
        "previous_email": NOBODY if somebody_else else "",
    }
    with cli.database(), cli.refusals():
        row = people_csv.row_of(cells, is_screened=False)
        outcome = people_import.import_row(row, by=None, rights=None, by_letter=False)
        for problem in outcome.problems:
            click.echo(f"{problem.column}: {problem.sentence}" if problem.column else problem.sentence, err=True)
        for question in outcome.questions:
            says = f"The same person: change-person {question.known.email}. Somebody else: --somebody-else."
            click.echo(f"{question}. {says}", err=True)
        if outcome.problems or outcome.questions:
            raise SystemExit(1)
        for _, line in outcome.changes or [(0, "Here already: nothing was changed.")]:
            click.echo(line.rstrip(".") + ".")
        if not hand_out(outcome.links, by_mail):
            raise SystemExit(1)


@click.command("appoint-person")
@click.argument("email")
@click.argument("role", type=click.Choice(list(ON_COURSE)))
@cli.PROGRAMME
@with_appcontext
def appoint_person(email: str, role: str, programme: str | None) -> None:
    """Give somebody who is here a role on a whole course."""
    key = cli.programme(programme)
    with cli.database(), cli.refusals():
        person = cli.known(email)
        _, new = people.appoint(person, key, ON_COURSE[role])
        words = f"{roles.BY_KEY[ON_COURSE[role]].name.lower()} of {programmes.get(key).name}"
        click.echo(f"{person.name} {'is now' if new else 'is already'} {words}.")


@click.command("dismiss-person")
@click.argument("email")
@click.argument("role", type=click.Choice(list(ON_COURSE)))
@cli.PROGRAMME
@with_appcontext
def dismiss_person(email: str, role: str, programme: str | None) -> None:
    """Take somebody's role on a whole course. The last director stays: appoint another first."""
    key = cli.programme(programme)
    with cli.database(), cli.refusals():
        person = cli.known(email)
        had = administration.dismiss(person, key, ON_COURSE[role])
        words = f"{roles.BY_KEY[ON_COURSE[role]].name.lower()} of {programmes.get(key).name}"
        click.echo(f"{person.name} {'is no longer' if had else 'was not'} {words}.")


@click.command("open-cohort")
@click.argument("name")
@click.option("--starts-on", type=DAY, help="Its first day, such as 2026-09-21.")
@click.option("--due-on", type=DAY, help="The day by which all its scans are due.")
@cli.PROGRAMME
@with_appcontext
def open_cohort(name: str, starts_on: datetime | None, due_on: datetime | None, programme: str | None) -> None:
    """Open an empty cohort. One that is here already stays as it is."""
    key = cli.programme(programme)
    with cli.database(), cli.refusals():
        cohort, new = people.open_cohort(key, " ".join(name.split()), _day(starts_on), _day(due_on))
        says = "is open" if new else "is here already"
        click.echo(f"{cohort.name} {says}, from {cohort.starts_on} to {cohort.due_on}.")


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None
