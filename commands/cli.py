"""What commands about people share: the database, somebody by their address, a refusal as one line and exit 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import click
from flask import current_app

from models import Person
from workflows.course import programmes
from workflows.people import people
from workflows.refusals import Refused


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
def said() -> Iterator[None]:
    """A refusal as one line and exit 1."""
    try:
        yield
    except Refused as no:
        click.echo(no.sentence, err=True)
        raise SystemExit(1) from None
