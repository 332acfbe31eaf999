"""Files that nobody may read but the account that runs Sonofolio: the database, its backups, keys, mails."""

import stat
from contextlib import suppress
from pathlib import Path

from config import ROOT, SettingError

BESIDE = ("", "-wal", "-shm", "-journal")  # what SQLite keeps of one database


def keep_private(instance: Path, database_url: str) -> None:
    """Make the instance folder, and shut others out of it, of all that is in it, and of the database's own files.

    Files are made with mode 0600 to begin with; this is for those that were there before, or were copied in.

    Raises:
        SystemExit: naming what others can read when that cannot be changed, or a folder that is not ours alone.
    """
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    instance = instance.resolve()
    if ROOT.is_relative_to(instance) or instance.stat().st_mode & stat.S_ISVTX:
        raise SettingError("SONOFOLIO_INSTANCE", f"takes a folder of its own; {str(instance)!r} holds other things too")
    paths = [instance, *instance.rglob("*")]
    if database_url.startswith("sqlite:///"):
        paths += [Path(database_url.removeprefix("sqlite:///") + ending) for ending in BESIDE]
    for path in paths:
        with suppress(FileNotFoundError):  # a log of the database's, a mail: gone meanwhile
            _shut(path)


def _shut(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & 0o077 or path.is_symlink() and path.is_dir():
        return
    try:
        path.chmod(mode & 0o700)
    except OSError as fault:  # another owner's, or a file system that takes no modes
        says = (
            f"{path}: others can read it, and we cannot change that ({fault.strerror}); give it mode {mode & 0o700:04o}"
        )
        raise SystemExit(says) from None
