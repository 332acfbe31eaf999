"""Backups from the command line and each night by the worker: made, proved by restoring them, the oldest deleted."""

import contextlib
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click
import pyrage
from flask.cli import with_appcontext
from peewee import PeeweeException

import clock
from commands import cli, restore
from config import ROOT, Settings
from models import File
from rules import backups
from workflows import files
from workflows.atomic_file import PART, sync
from workflows.backup import archive, manifest, proof
from workflows.backup.manifest import Manifest
from workflows.backup.work_folder import AtWork, empty, work_folder
from workflows.history import heads
from workflows.refusals import Refused

log = logging.getLogger("sonofolio")

UNPROVED = ".unproved"  # ends the name of a backup that could not be restored; the next takes its place


@click.command("backup")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--prove", is_flag=True, help="Restore it into a temporary place, check it there, and note when.")
@click.option("--nightly", is_flag=True, hidden=True, help="What the worker does: nothing unless one is due.")
@with_appcontext
def backup(file: Path | None, prove: bool, nightly: bool) -> None:
    """Back up the database and the stored files into FILE, or into a new file in BACKUP_FOLDER, of which 7 daily, 5
    weekly and 12 monthly ones are kept. Nobody has to stop meanwhile. Encrypted for BACKUP_RECIPIENT where that is set.
    """
    settings = cli.settings()
    if file is not None and file.exists():
        raise click.BadParameter(f"{file} is there already.", param_hint="FILE")
    try:
        with work_folder(settings.instance) as folder:
            if not nightly:
                _back_up(settings, folder, file, prove)
            elif is_due():
                _noted(settings, partial(_back_up, settings, folder, None, True))
    except AtWork:
        if not nightly:  # of two workers the other one does it
            raise click.ClickException("Another backup or restore is at work. Wait until it is done.") from None
    except Refused as refused:
        raise click.ClickException(refused.sentence) from None
    except (OSError, PeeweeException) as fault:
        reason = str(fault).partition("\n")[0]
        raise click.ClickException(f"No backup was made: {reason}.") from None


def is_due() -> bool:
    """Whether the worker has a backup to make: none was made since the time of night, nor has one just failed."""
    settings, now = cli.settings(), clock.now()
    return (
        settings.backup_folder is not None
        and backups.is_due(_made(settings.backup_folder).values(), now)
        and proof.may_try(proof.read(settings.instance), now)
    )


def make_nightly() -> int:
    """Make what is due, in a process of its own: checking a backup opens another database. Returns how many."""
    if not is_due():
        return 0
    command = ["nice", sys.executable, "-m", "flask", "--app", "app", "backup", "--nightly"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        log.error("backup: %s", done.stderr.rpartition("Error: ")[2].strip() or f"it ended with {done.returncode}")
    return not done.returncode


def _noted(settings: Settings, back_up: Callable[[], None]) -> None:
    """Back up, and note a failure with its reason, so that it is not tried again at once."""
    try:
        back_up()
    except Exception as error:
        proof.failed(settings.instance, str(error), clock.now())
        raise


def _back_up(settings: Settings, folder: Path, file: Path | None, prove: bool) -> None:
    now = clock.now()
    target = file or _new_file(settings, now)
    recipients, keys = _recipients(settings)
    made = _make(settings, folder, target, recipients, now)
    missing = f" {len(made.missing)} stored files were missing already." if made.missing else ""
    size = target.stat().st_size
    click.echo(f"{target} ({size / 1e6:.1f} MB): {summary(made)}, history ends at {made.head or 'nothing'}.{missing}")
    if prove:
        empty(folder)
        try:
            restore.check(target, folder, keys)
        except Exception:
            if file is None:  # kept, and counted for nothing
                target.replace(target.with_name(target.name + UNPROVED))
            raise
        proof.succeeded(settings.instance, target.name, made.made_at, clock.now())
        click.echo("Proved: it was restored into a temporary place and nothing differs.")
    if file is None:
        _delete_old(target.parent)


def summary(made: Manifest) -> str:
    """ "11 people, 240 scans, 3 stored files"."""
    return f"{made.tables['person']:,} people, {made.tables['scan']:,} scans, {len(made.stored):,} stored files"


def _new_file(settings: Settings, now: datetime) -> Path:
    folder = settings.backup_folder or settings.instance / "backups"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for ending in (PART, UNPROVED):  # of one that was killed, or could not be proved
            for left in folder.glob(f"sonofolio-*{ending}"):
                left.unlink()
    except OSError as fault:
        raise Refused(f"The folder of backups, {folder}, cannot be used: {fault.strerror}.") from fault
    return folder / backups.name_of(now, encrypted=bool(settings.backup_recipient))


def _recipients(settings: Settings) -> tuple[list[pyrage.x25519.Recipient], list[pyrage.x25519.Identity]]:
    """Who can open the backup, and a key of this process alone with which it is proved: nobody keeps that one."""
    if not settings.backup_recipient:
        return [], []
    ours = pyrage.x25519.Identity.generate()
    return [pyrage.x25519.Recipient.from_str(settings.backup_recipient), ours.to_public()], [ours]


def _make(
    settings: Settings, folder: Path, target: Path, recipients: list[pyrage.x25519.Recipient], now: datetime
) -> Manifest:
    """Write a backup; what is not encrypted yet stays in the instance."""
    opened: dict[str, Callable[[], BinaryIO]] = {}
    anchored = settings.instance / heads.FILE
    if anchored.exists():  # before the database is copied, so that it holds all of them
        shutil.copyfile(anchored, folder / manifest.HEADS)
        opened[manifest.HEADS] = partial((folder / manifest.HEADS).open, "rb")
    place = restore.place_of(settings.database_url)
    member = manifest.DATABASE[place.KIND]
    click.echo("Copying the database", err=True)
    with cli.database():
        facts, stored = place.copy(settings.database_url, folder / member)
    opened[member] = partial((folder / member).open, "rb")
    members = {name: archive.member_of(folder / name) for name in opened}
    missing = []
    for one in stored:
        name = manifest.stored_name(one.sha256)
        if not _is_there(one):
            missing.append(one.sha256)
            continue
        members[name] = manifest.Member(bytes=one.bytes, sha256=one.sha256)
        opened[name] = partial(lambda stored: archive.Pieces(files.read(stored)), one)
    made = Manifest(
        format=manifest.FORMAT, database=place.KIND, made_at=now, members=members, missing=tuple(missing), **facts
    )
    with (
        archive.whole_file(target) as file,
        _plain(folder, file, recipients) as plain,
        cli.progress_bar(sum(one.bytes for one in members.values()), "Backing up") as bar,
    ):
        archive.write(plain, made, opened, bar.update)
    return made


@contextlib.contextmanager
def _plain(folder: Path, file: BinaryIO, recipients: list[pyrage.x25519.Recipient]) -> Iterator[BinaryIO]:
    """The file to write an archive to: `file` itself, or one that is then encrypted into it."""
    if not recipients:
        yield file
        return
    archived = folder / "archive"
    with archived.open("wb") as plain:
        yield plain
    archive.encrypt(archived, file, recipients)


def _is_there(one: File) -> bool:
    try:
        files.read(one)
    except files.MissingFile:
        return False
    return True


def _made(folder: Path) -> dict[Path, datetime]:
    """The backups in the folder, with when they were made; none when it cannot be read."""
    try:
        return {path: at for path in folder.iterdir() if (at := backups.made_at(path.name)) is not None}
    except OSError:
        return {}


def _delete_old(folder: Path) -> None:
    made = _made(folder)
    kept = backups.to_keep(made.values())
    for path, at in made.items():
        if at not in kept:
            path.unlink()
    sync(folder)
