"""A backup restored: unpacked beside the service's place, checked there, and only then put in its place."""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pyrage
from flask import current_app
from flask.cli import with_appcontext
from peewee import Database, PeeweeException

import database
from commands import cli
from commands.cli import progress_bar, settings
from commands.database import bring_up_to_date
from rules.phrases import scans
from workflows import files
from workflows.backup import archive, comparison, manifest, postgresql, sqlite
from workflows.backup.manifest import Manifest, Unreadable
from workflows.backup.work_folder import work_folder
from workflows.history import heads, keys, verification
from workflows.history.heads import Head
from workflows.refusals import Refused
from workflows.scans import hidden_list, hiding

LISTED = 20  # of what differs


@click.command("restore")
@click.argument("file", type=cli.FILE)
@click.option(
    "--identity",
    type=cli.FILE,
    help="The file with the private key of an encrypted backup, as age-keygen writes it.",
)
@click.option(
    "--hidden",
    type=cli.FILE,
    help="The list of scans whose text was hidden: instance/hidden.jsonl of the instance of before.",
)
@click.option(
    "--check", "only_check", is_flag=True, help="Restore into a temporary place, check, put nothing in place."
)
@with_appcontext
def restore(file: Path, identity: Path | None, hidden: Path | None, only_check: bool) -> None:
    """Restore the backup FILE into the empty database of DATABASE_URL, with the stored files. Stop the service and its
    worker before. What is restored is checked whole before it takes its place; else nothing changes. Texts that were
    hidden since the backup was made are hidden again.
    """
    try:
        identities = archive.identities(identity)
        with work_folder(settings().instance) as folder:
            if only_check:
                made, lost = check(file, folder, identities)
                click.echo(f"The backup of {made.made_at:%Y-%m-%d %H:%M} UTC can be restored: nothing differs.")
            else:
                made, lost = _restore(file, folder, identities, hidden)
                click.echo(f"Restored as of {made.made_at:%Y-%m-%d %H:%M} UTC. The service can be started.")
    except Refused as refused:
        raise click.ClickException(refused.sentence) from None
    for sha256 in made.missing:
        click.echo(f"The stored file {sha256} was missing before the backup was made.", err=True)
    if lost and not only_check:
        click.echo(
            f"History ended at entry {lost[-1].seq} when it was last anchored ({lost[-1].at}); it now ends at "
            f"{made.head.partition(':')[0] or 'none'}, and what was entered after that is lost. `flask --app app "
            "verify-history` says so until you accept it: `flask --app app verify-history --accept-restore`.",
            err=True,
        )


def check(file: Path, folder: Path, identities: list[pyrage.x25519.Identity]) -> tuple[Manifest, list[Head]]:
    """Restore a backup into a temporary place and compare everything.

    Raises:
        Refused: it cannot be restored, or something in it differs.
    """
    made = _unpack(file, folder, identities, stored=False)
    return made, _compare(made, folder, heads.read(folder / manifest.HEADS))


def place_of(url: str) -> ModuleType:
    """Where the database of this address is: workflows/backup/sqlite.py or postgresql.py."""
    return sqlite if url.startswith("sqlite:") else postgresql


def _restore(
    file: Path, folder: Path, identities: list[pyrage.x25519.Identity], hidden: Path | None
) -> tuple[Manifest, list[Head]]:
    opened, instance = current_app.extensions["database"], settings().instance
    url, place, anchored = settings().database_url, place_of(settings().database_url), instance / heads.FILE
    opened.close_idle()  # ours, so that others' are seen
    place.check_empty(url)
    made = _unpack(file, folder, identities, stored=True)
    lost = _compare(made, folder, heads.read(anchored))
    again = _hidden_since(instance, hidden)
    try:
        erased = []
        if place is sqlite:  # before it has its place: nobody ever finds the text there
            with database.another_database(f"sqlite:///{folder / made.database_member}"):
                erased = _hide_again(again)
        for sha256 in made.stored:
            if sha256 in erased:
                continue
            with (folder / sha256).open("rb") as content:
                files.put_back(sha256, content)
        place.put_in_place(url, folder / made.database_member)
        if manifest.HEADS in made.members and not anchored.exists():
            with archive.whole_file(anchored) as target:
                target.write((folder / manifest.HEADS).read_bytes())
    except OSError as fault:
        raise Refused(f"The backup cannot be put in place: {fault.strerror or fault}.") from fault
    _bring_up_to_date(opened)
    with opened.connection_context():
        files.discard(*_hide_again(again))
        hidden_list.add(again)  # also what this backup does not know of: a newer one does
        hidden_list.finish()
    return made, lost


def _hidden_since(instance: Path, named: Path | None) -> list[dict[str, Any]]:
    """What the lists say was hidden, line by line: that of this instance, and one that was named.

    Raises:
        Refused: a list cannot be read.
    """
    try:
        return [line for path in (instance / hidden_list.FILE, named) if path for line in hidden_list.read(path)]
    except OSError as fault:
        raise Refused(f"The list of hidden texts cannot be read: {fault.strerror or fault}.") from fault


def _hide_again(lines: list[dict[str, Any]]) -> list[str]:
    """Hide it in the database that the models use, and say so; the hashes of files that held it."""
    number, erased = hiding.hide_again(
        [hiding.Again(line["scan"], hidden_list.instant(line["at"]), line["by"]) for line in lines]
    )
    if number:
        click.echo(f"Hidden again: the text of {scans(number)} that was hidden after this backup was made.")
    return erased


def _bring_up_to_date(opened: Database) -> None:
    """Take the steps that an older release's database lacks. Of this release's, nothing is entered into history."""
    if database.pending(opened):
        bring_up_to_date(opened)
    else:
        database.migrate(opened)  # on SQLite it switches write-ahead mode on


def _unpack(file: Path, folder: Path, identities: list[pyrage.x25519.Identity], *, stored: bool) -> Manifest:
    with progress_bar(0, "Unpacking") as bar:

        def accept(made: Manifest) -> None:
            bar.length = sum(member.bytes for member in made.members.values())
            _check_fits(made)

        return archive.read(file, folder, identities, accept, bar.update, stored=stored)


def _check_fits(made: Manifest) -> None:
    """Whether this release, on this kind of database, with these keys, can restore it. Raises Refused."""
    kind = place_of(settings().database_url).KIND
    if made.database != kind:
        raise Unreadable(f"This is a backup of a database of {made.database}; DATABASE_URL names one of {kind}.")
    steps = {path.stem for path in database.MIGRATIONS.glob("[0-9]*.py")}
    if made.release not in steps:
        raise Unreadable(
            f"This backup was made by a newer release ({made.release}; this one knows {max(steps)}). Install that "
            "release, then restore it."
        )
    if unknown := [key for key in made.keys if keys.of(key) is None]:
        raise Unreadable(
            f"The history in this backup is signed with a key that is not known here ({', '.join(unknown)}): set "
            "SECRET_KEY to the one of that course, or add it to SECRET_KEY_FALLBACKS."
        )


def _compare(made: Manifest, folder: Path, anchored: Sequence[Head]) -> list[Head]:
    """Compare what was unpacked with its manifest, then all that it says with its history, in a database of its own.
    Returns the anchored heads that are not in it.

    Raises:
        Refused: something differs; the sentence says what.
    """
    with (
        place_of(settings().database_url).beside(settings().database_url, folder / made.database_member) as url,
        database.another_database(url) as opened,
    ):
        try:
            differs = comparison.differences(made)
            if differs:
                raise Refused(_unsound(differs))
            _bring_up_to_date(opened)
            with progress_bar(verification.size(), "Verifying") as bar:
                report = verification.verify([*anchored, *heads.read(folder / manifest.HEADS)], bar.update)
        except PeeweeException as fault:
            raise Refused(f"The database in this backup cannot be read: {fault}.") from fault
    if not report.sound and not report.heads_only:
        raise Refused(_unsound(report.findings))
    return report.lost


def _unsound(differs: Sequence[str]) -> str:
    more = f"\n{len(differs) - LISTED} more are not listed." if len(differs) > LISTED else ""
    return "What is in this backup is not sound; nothing was put in place.\n" + "\n".join(differs[:LISTED]) + more
