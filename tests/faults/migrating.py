"""Migrate databases in processes that are killed on the way: `python -m tests.faults.migrating`.

Reads lines "URL K FOLDER" (the folder of the steps) and answers each with "killed", or "done N" when all N statements
were run before the Kth. Each migration is a process of its own, forked so that it starts at once.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from database import migrate, open_database


def migrate_until(url: str, last: int, steps: Path) -> int:
    """Migrate, and die with -9 before the statement of this number; beginnings and commits are statements too."""
    opened, count = open_database(url), 0

    def counted(run):
        def wrapper(*args, **named):
            nonlocal count
            count += 1
            if count == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return run(*args, **named)

        return wrapper

    for name in ("execute_sql", "begin", "commit"):
        setattr(opened, name, counted(getattr(opened, name)))
    migrate(opened, steps)
    return count


def main() -> None:
    for line in sys.stdin:
        url, last, steps = line.split()
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writing, str(migrate_until(url, int(last), Path(steps))).encode())
            os._exit(0)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        said = os.read(reading, 20).decode()
        os.close(reading)
        print(f"done {said}" if os.WIFEXITED(status) and said else "killed" if os.WIFSIGNALED(status) else "failed")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
