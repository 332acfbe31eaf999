"""A student's portfolio as open data, from the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import click
from flask.cli import with_appcontext

import clock
from commands import cli
from models import Cohort, Enrolment, Person
from workflows.atomic_file import atomic_file
from workflows.history import heads
from workflows.people import people
from workflows.portfolio import contents, logbook_tables
from workflows.portfolio.contents import Reading


def _write_json(found: Reading, out: BinaryIO) -> None:
    out.write(contents.as_json(found.outline.model_copy(update={"scans": list(found.scans)})))


WRITERS: dict[str, Callable[[Reading, BinaryIO], None]] = {
    ".json": _write_json,
    ".zip": logbook_tables.write_zip,
    ".xlsx": logbook_tables.write_xlsx,
}


@click.command("export-portfolio")
@click.argument("email")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--cohort", help="Name of the cohort; may be left out for the current or latest one.")
@with_appcontext
def export_portfolio(email: str, file: Path, cohort: str | None) -> None:
    """Write everything that is a student's into FILE, drafts too, as open data: JSON, a zip of CSV files or an Excel
    workbook, by the ending of its name (.json, .zip, .xlsx). docs/logbook.md explains every field. An older FILE is
    replaced when the new one is whole.
    """
    write = WRITERS.get(file.suffix.lower())
    if write is None:
        raise click.UsageError(f"FILE ends in {', '.join(WRITERS)}, not {file.suffix or 'nothing'}.")
    with cli.database():
        student = _student(email, cohort)
        head = heads.exported(cli.settings().instance / heads.FILE)
        try:
            reading = contents.reading(student.id, clock.now(), complete=True, head=head)
            with atomic_file(file) as out, reading as found:
                write(found, out)
        except OSError as error:
            raise click.ClickException(f"{file} was not written: {error.strerror or error}.") from None
    click.echo(f"{student.person.name}, {student.cohort.name}: written to {file}.")


def _student(email: str, cohort: str | None) -> Enrolment:
    person = people.by_email(email)
    found = (
        Enrolment.select(Enrolment, Person, Cohort)
        .join(Person)
        .join_from(Enrolment, Cohort)
        .where(Enrolment.person == (person.id if person else None))
        .order_by(Enrolment.ended_on.is_null().desc(), Enrolment.enrolled_on.desc())
    )
    students = [one for one in found if cohort in (None, one.cohort.name)]
    if not students:
        where = f" in {cohort}" if cohort else ""
        raise click.ClickException(f"No student with the address {email} is or was enrolled{where}.")
    return students[0]
