"""When the last backup was made that was proved restorable, and what failed since: a small file in the instance.

A file and no row: what it says is of this machine's backups, and a database that was restored must not say it.
"""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from rules import backups
from workflows.atomic_file import atomic_file

FILE = "backup.json"


class Proof(BaseModel):
    """The last backup that was proved, and how many have failed since."""

    model_config = ConfigDict(frozen=True)

    made_at: datetime | None = None  # of the last backup that was proved
    proved_at: datetime | None = None
    name: str = ""  # of its file
    failures: int = 0
    failed_at: datetime | None = None
    reason: str = ""  # of the last failure


def read(instance: Path) -> Proof:
    """What is known; nothing when the file is missing or damaged."""
    try:
        return Proof.model_validate_json((instance / FILE).read_bytes())
    except (OSError, ValidationError):
        return Proof()


def succeeded(instance: Path, name: str, made_at: datetime, now: datetime) -> None:
    """Note that this backup was proved."""
    _write(instance, Proof(made_at=made_at, proved_at=now, name=name))


def failed(instance: Path, reason: str, now: datetime) -> None:
    """Note that a backup could not be made or proved."""
    before = read(instance)
    _write(instance, before.model_copy(update={"failures": before.failures + 1, "failed_at": now, "reason": reason}))


def may_try(proof: Proof, now: datetime) -> bool:
    """Whether it is long enough since the last failure."""
    return proof.failed_at is None or not proof.failed_at <= now < proof.failed_at + backups.wait_after(proof.failures)


def _write(instance: Path, proof: Proof) -> None:
    with atomic_file(instance / FILE) as file:
        file.write(proof.model_dump_json().encode())
