"""Where a backup or a restore does its work: a folder of the instance, for one of them at a time, empty afterwards.

It is held by a lock that ends with the process, so one that was killed is in nobody's way; the next clears up after it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workflows.refusals import Refused

FOLDER = "backup-work"


class AtWork(Refused):
    """Another one is at work."""


@contextmanager
def work_folder(instance: Path) -> Iterator[Path]:
    """The folder, empty and ours alone until the end. Raises AtWork: somebody else has it."""
    folder = instance / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AtWork("Another backup or restore is at work. Wait until it is done.") from None
        empty(folder)
        try:
            yield folder
        finally:
            empty(folder)
    finally:
        os.close(descriptor)


def empty(folder: Path) -> None:
    """Delete the files in it."""
    for path in folder.iterdir():
        path.unlink()
