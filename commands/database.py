"""The database: bring it up to date, prove its record, and that its files are there."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from peewee import Database

import clock
import database
from commands import cli
from commands.cli import progress_bar, settings
from workflows import files
from workflows.counts import recount
from workflows.history import baseline, heads, verification
from workflows.scans import unknown_words


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Make the database, or bring it up to date; say which recorded words the programmes' files do not know."""
    opened = current_app.extensions["database"]
    steps = bring_up_to_date(opened)
    click.echo(f"Applied: {', '.join(steps)}" if steps else "The database is up to date.")
    with opened.connection_context():
        words = settings().instance / unknown_words.FILE
        for line in unknown_words.lines(words) if unknown_words.is_counted(words) else unknown_words.count(words):
            click.echo(line, err=True)


def bring_up_to_date(opened: Database) -> list[str]:
    """Bring this database, which the models use, up to date; returns the steps taken."""
    steps = database.migrate(opened)
    with opened.connection_context():
        if steps or recount.is_behind():  # a step may bring tallies to scans that were there before, and be cut short
            recount.mend_all()
        if tables := baseline.missing():  # or if their columns have changed: history holds no digest of these rows yet
            with progress_bar(baseline.size(tables), "Entering what is there into history") as bar:
                baseline.enter(tables, bar.update)
    return steps


@click.command("verify-history")
@click.option(
    "--heads",
    "files",
    type=cli.FILE,
    multiple=True,
    help=f"Another file of anchored heads, such as a copy of {heads.FILE} that is kept elsewhere.",
)
@click.option("--head", "texts", multiple=True, help='A head from a weekly mail or an export: "57:9f3e...".')
@click.option(
    "--accept-restore", is_flag=True, help="You put a backup back: anchored heads that are newer are lost for good."
)
@with_appcontext
def verify_history(files: tuple[Path, ...], texts: tuple[str, ...], accept_restore: bool) -> None:
    """Prove that nothing was altered behind the app: history, every record, the tallies, the anchored heads. Names what
    differs; exits with 1 when something does.
    """
    own = settings().instance / heads.FILE
    try:
        anchored = heads.read(own) + [heads.of_text(one) for one in texts]
    except ValueError as wrong:
        raise click.BadParameter(f"{wrong}.", param_hint="--head") from None
    for file in files:
        found = heads.read(file)
        if not found:
            raise click.BadParameter(f"There is no head in {file}.", param_hint="--heads")
        anchored += found
    with cli.database():
        with progress_bar(verification.size(), "Verifying") as bar:
            report = verification.verify(anchored, bar.update)
        if accept_restore and report.heads_only:
            heads.accept_restore(own, report.lost)
            click.echo(f"Accepted: what was entered from entry {report.lost[0].seq} on, before the restore, is lost.")
            report.findings, report.number = [], 0
        _anchor(own, report.number)
    for line in report.findings:
        click.echo(line, err=True)
    if report.sound:
        click.echo(f"{report.rows} entries, sound. Head {report.seq}:{report.head}")
        return
    more = report.number - len(report.findings)
    first = f" The first bad entry is {report.bad_seq}." if report.bad_seq is not None else ""
    also = f" {more} more are not listed." if more else ""
    click.echo(f"{report.number} {'thing differs' if report.number == 1 else 'things differ'}.{first}{also}", err=True)
    raise SystemExit(1)


def _anchor(own: Path, findings: int) -> None:
    try:
        heads.anchor(own, findings=findings)
    except OSError as error:
        click.echo(f"The head could not be written to {own}: {error.strerror}.", err=True)


@click.command("check-tallies")
@click.option("--mend", is_flag=True, help="Write what was counted where a tally differs.")
@with_appcontext
def check_tallies(mend: bool) -> None:
    """Prove that every tally equals a recount of the scans; exits with 1 when one does not and is not mended."""
    with cli.database():
        cohorts = recount.cohorts()
        with click.progressbar(cohorts, label="Counting") as each:
            wrong = [line for cohort in each for line in (recount.mend if mend else recount.check)(cohort)]
    for line in wrong:
        click.echo(line, err=True)
    if not wrong:
        click.echo("Every tally equals its recount.")
        return
    click.echo(f"{len(wrong)} {'were' if len(wrong) > 1 else 'was'} wrong{', and mended' if mend else ''}.", err=True)
    if not mend:
        raise SystemExit(1)


@click.command("check-files")
@with_appcontext
def check_files() -> None:
    """Compare stored files with their rows: missing, changed, or there without a row. Exits with 1 when one differs."""
    wrong = 0
    with cli.database():
        for line in files.check(clock.now()):
            click.echo(line, err=True)
            wrong += 1
    if wrong:
        click.echo(f"{wrong} {'file differs' if wrong == 1 else 'files differ'}.", err=True)
        raise SystemExit(1)
    click.echo("Every file is as it was stored.")
