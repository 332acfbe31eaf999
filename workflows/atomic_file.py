"""A file that has its name once it is whole and on the disk, so that nobody ever reads half of one."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PART = ".part"  # ends the name of a file that is being written


@contextmanager
def atomic_file(target: Path, folder: Path | None = None) -> Iterator[BinaryIO]:
    """A file to write, with mode 0600, that takes the place of `target` when the block ends well; else nothing of it is
    left, and an older one is as it was.
    `folder`: where it is until then, on the same disk; that of `target` unless given.
    Raises OSError: it cannot be written, as on a full disk.
    """
    number, part = tempfile.mkstemp(PART, f"{target.name}.", folder or target.parent)
    try:
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    sync(target.parent)


def sync(folder: Path) -> None:
    """Have the names in a folder on the disk, as `fsync` of a file has its bytes there."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
