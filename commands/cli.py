"""What commands share: the settings, the database, files to read, somebody by their address, how a refusal is told."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import click
from flask import current_app

from config import Settings
from models import Person
from workflows.course import programmes
from workflows.people import people
from workflows.refusals import Refused

FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)  # that is read
PROGRAMME = click.option("--programme", help="Key of the programme; may be left out while there is only one.")


def settings() -> Settings:
    return current_app.config["SONOFOLIO"]


def database() -> AbstractContextManager:
    """A connection for the time of a command."""
    return current_app.extensions["database"].connection_context()


def known(email: str) -> Person:
    """The person with this address; exit 1 when there is none."""
    person = people.by_email(email)
    if person is None:
        click.echo(f"Nobody here has the address {email}.", err=True)
        raise SystemExit(1)
    return person


def programme(key: str | None) -> str:
    """The key of a programme, which may be left out while there is only one; exit 2 for any other."""
    keys = programmes.keys()
    if key is None and len(keys) == 1:
        return keys[0]
    if key not in keys:
        raise click.UsageError(f"--programme takes {' or '.join(keys)}.")
    return key


@contextmanager
def refusals() -> Iterator[None]:
    """A refusal is printed as one line, and ends the command with 1."""
    try:
        yield
    except Refused as no:
        click.echo(no.sentence, err=True)
        raise SystemExit(1) from None


def progress_bar(length: int, label: str) -> Any:
    """A progress bar on the error stream, for long work."""
    return click.progressbar(length=length, label=label, file=sys.stderr)
