"""The database: bring it up to date, prove its record."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

import database
from models import Cohort
from workflows import history, recount


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Make the database, or bring it up to date."""
    opened = current_app.extensions["database"]
    steps = database.migrate(opened)
    click.echo(f"Applied: {', '.join(steps)}" if steps else "The database is up to date.")
    with opened.connection_context():
        if steps or recount.is_behind():  # a step may bring tallies to scans that were there before, and be cut short
            recount.mend_all()


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


def _counted(cohort: Cohort, mend: bool) -> list[str]:
    return recount.mend(cohort) if mend else recount.check(cohort)


@click.command("check-tallies")
@click.option("--mend", is_flag=True, help="Write what was counted where a tally differs.")
@with_appcontext
def check_tallies(mend: bool) -> None:
    """Prove that every tally equals a recount of the scans; exits with 1 when one does not and is not mended."""
    with current_app.extensions["database"].connection_context():
        cohorts = recount.cohorts()
        with click.progressbar(cohorts, label="Counting") as each:
            wrong = [line for cohort in each for line in _counted(cohort, mend)]
    for line in wrong:
        click.echo(line, err=True)
    if not wrong:
        click.echo("Every tally equals its recount.")
        return
    click.echo(f"{len(wrong)} {'were' if len(wrong) > 1 else 'was'} wrong{', and mended' if mend else ''}.", err=True)
    if not mend:
        raise SystemExit(1)
