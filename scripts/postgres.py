"""Find PostgreSQL's programs and run a server of the tests' own, in a temporary folder, for as long as they want it.

    .venv/bin/python -m scripts.postgres    # installs it from the system's packages where that is possible

Looked for in this order: the folder that `$POSTGRES_BIN` names, Debian's place (the newest version), the PATH.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psycopg

USER = "sonofolio"  # the role inside it
START_SECONDS = 60
HOW = (
    "No PostgreSQL was found. Install it (Debian, Ubuntu: `apt-get install postgresql`; a Mac: `brew install "
    "postgresql`), or name the folder of initdb and postgres in POSTGRES_BIN. Tests on SQLite alone: --database sqlite."
)
# Through a socket in our own folder alone, with the order of names that SQLite has. fsync is off, since nobody pulls
# the plug on these tests: what PostgreSQL does then is its own promise; that we ask for it (synchronous_commit) is
# tested.
INITDB = ("--no-sync", "--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C")
SERVER = ("listen_addresses=", "fsync=off", "full_page_writes=off", "shared_buffers=64MB", "max_connections=200")
# Makes the server and runs it until the pipe closes, which it does however the one who started it has ended.
GUARD = f"""
folder=$1 programs=$2; shift 2
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$programs/initdb" -D data {" ".join(INITDB)} || exit
"$programs/postgres" -D data -k "$folder" "$@" &
read -r _
kill -INT $!
wait
"""


def find() -> Path | None:
    """The folder of `initdb` and `postgres`, or None when this machine has none that we may run."""
    if os.geteuid() == 0 and _account() is None:
        return None  # they refuse to run as root
    named = os.environ.get("POSTGRES_BIN")
    if named:
        folders = [Path(named)]
    else:
        debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
        on_path = shutil.which("initdb")
        folders = [*reversed(debian), *([Path(on_path).resolve().parent] if on_path else [])]
    return next((path for path in folders if (path / "initdb").exists() and (path / "postgres").exists()), None)


@contextmanager
def server() -> Iterator[str]:
    """A PostgreSQL server of one's own, gone at the end with all that it held.

    Yields the address of a database in it, with `{name}` for the database's name; `postgres` is there.
    Raises RuntimeError, with what it printed, when it does not start.
    """
    programs = find()
    if programs is None:
        raise RuntimeError(HOW)
    folder = Path(tempfile.mkdtemp(prefix="sonofolio-pg-"))  # a short path: a socket's may have 107 characters
    who = _as_whom()
    if who:
        os.chown(folder, pwd.getpwnam(who["user"]).pw_uid, -1)
    command = ["/bin/sh", "-c", GUARD, "guard", folder, programs, *(word for one in SERVER for word in ("-c", one))]
    with (
        tempfile.TemporaryFile() as words,
        subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=words,
            stderr=words,
            start_new_session=True,
            **who,
        ) as process,
    ):  # its end, which closes the pipe, waits for the server's
        address = f"postgresql://{USER}@/{{name}}?host={folder}"
        _wait(address.format(name="postgres"), process, words)
        yield address


def _account() -> str | None:
    """The account that Debian's package makes for it."""
    with suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return None


def _as_whom() -> dict:
    """Whom to run it as: ourselves, but for root."""
    return (
        {"user": _account(), "group": pwd.getpwnam(_account()).pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    )


def _wait(address: str, process: subprocess.Popen, words: IO[bytes]) -> None:
    """Ask until it answers."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(address).close()
            return
        except psycopg.OperationalError as fault:
            if process.poll() is not None or time.monotonic() > deadline:
                words.seek(0)
                raise RuntimeError(f"PostgreSQL did not start ({fault}). It said:\n{words.read().decode()}") from fault
            time.sleep(0.01)


def install() -> None:
    """Try the system's packages when we may (root, with apt-get). Says what to do otherwise; never fails."""
    if find():
        return
    if os.environ.get("POSTGRES_BIN"):
        print(f"POSTGRES_BIN names {os.environ['POSTGRES_BIN']}, where there are no initdb and postgres.")
    elif os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing PostgreSQL for the tests ...", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "postgresql"]):
            subprocess.run(["apt-get", *command], env=quiet, check=False, stdout=subprocess.DEVNULL)
    if not find():
        print(f"{HOW}\nThe tests on PostgreSQL will be skipped.", flush=True)


if __name__ == "__main__":
    sys.exit(install())
