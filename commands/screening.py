"""The screen against patient-identifiable data: how much of its corpus holds."""

from pathlib import Path

import click

from commands import cli
from rules import identifiers_corpus as corpus


@click.command("screen-corpus")
@click.option(
    "--file",
    type=cli.FILE,
    default=corpus.FILE,
    help="Another corpus, in the form of rules/identifiers_corpus.toml.",
)
def screen_corpus(file: Path) -> None:
    """Run the screen over its corpus; tell recall and false alarms a kind, and what it gets wrong (then exit 1)."""
    try:
        cases = corpus.read(file)
    except ValueError as error:
        raise click.UsageError(f"{file.name} is no corpus. {error}") from None
    click.echo(f"{'kind':<20}{'cases':>7}{'found':>7}{'recall':>9}{'false alarms':>14}")
    for tally in corpus.tallies(cases):
        recall = f"{tally.found / tally.true:.1%}" if tally.true else ""
        click.echo(f"{tally.kind:<20}{tally.true:>7}{tally.found:>7}{recall:>9}{tally.alarms:>14}")
    wrong = corpus.failed(cases)
    for case, hits in wrong:
        wanted = f"{case.kind} ({case.severity})" if case.kind else "nothing"
        found = ", ".join(f"{hit.kind} ({hit.severity})" for hit in hits) or "nothing"
        click.echo(f"{case.marked!r}: wanted {wanted}, found {found}", err=True)
    clean = sum(not case.kind for case in cases)
    click.echo(f"{len(cases)} cases, {clean} of them with nothing to find; {len(wrong)} wrong.")
    if wrong:
        raise SystemExit(1)
