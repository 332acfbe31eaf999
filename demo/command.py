"""`flask --app app seed-demo`: the demo course, for trying the product. Never in production."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext
from peewee import DatabaseError

import clock
from demo import cast, seed
from workflows.refusals import Refused


@click.command("seed-demo")
@click.option("--if-empty", is_flag=True, help="Do nothing when somebody is in the database already.")
@with_appcontext
def seed_demo(if_empty: bool) -> None:
    """Fill an empty database with the demo course: a cohort of students, their mentors and their scans."""
    if current_app.config["SONOFOLIO"].production:
        raise click.ClickException("The demo course is not for production: everybody in it has the same password.")
    with current_app.extensions["database"].connection_context():
        try:
            if if_empty and not seed.is_empty():
                return
            with click.progressbar(length=len(cast.STUDENTS), label="Making the demo course") as bar:
                seed.plant(clock.now(), after_each=lambda: bar.update(1))
        except Refused as refusal:
            raise click.ClickException(refusal.sentence) from None
        except DatabaseError as fault:
            raise click.ClickException(f"The database is not ready ({fault}). Run `flask --app app migrate`.") from None
    click.echo(f"Sign in as anybody on the sign-in page, or with the password {cast.PASSWORD}.")
