"""The database: bring it up to date, prove its record."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

import database
from workflows import history


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Make the database, or bring it up to date."""
    steps = database.migrate(current_app.extensions["database"])
    click.echo(f"Applied: {', '.join(steps)}" if steps else "The database is up to date.")


@click.command("verify-history")
@with_appcontext
def verify_history() -> None:
    """Walk the whole record of who did what and prove that nothing in it was changed."""
    with current_app.extensions["database"].connection_context():
        verdict = history.verify()
    if verdict.sound:
        click.echo(f"{verdict.rows} rows, sound. Head {verdict.head}")
        return
    click.echo(f"Row {verdict.bad_seq} {verdict.reason}; {verdict.rows} rows before it are sound.", err=True)
    raise SystemExit(1)
