"""Sign-ins that ended while the database could not be written (its disk is full, it is read-only or held).

They are kept in a file of fixed size that is made when the server starts: writing into it takes no room that is not
there already, so signing out works on a full disk. All workers look into it with every request; it is mapped into their
memory. What is in it goes into the database as soon as that is possible (`accounts.write_signed_out`), and only then
out of it.

The file is places of 40 bytes: the hash of the sign-in's token, and when it ended in microseconds since 1970. The first
free place is filled, so an empty first place says that there are none.
"""

import fcntl
import os
import struct
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from mmap import mmap
from pathlib import Path
from threading import Lock

PLACE = struct.Struct(">32sQ")
PLACES = 800
SIZE = PLACES * PLACE.size
FREE = bytes(PLACE.size)
START = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = 2**52  # microseconds, in the year 2112: what is beyond was not written by us

_lock = Lock()
_opened: tuple[int, mmap] | None = None


class NoPlace(OSError):
    """The file cannot take them."""


def open_file(path: Path) -> None:
    """Use this file from now on; it is made when it is not there. Raises OSError."""
    global _opened
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    there = os.fstat(file).st_size
    os.pwrite(file, bytes(max(0, SIZE - there)), there)  # zeros, and no hole: that would take its room only later
    os.fsync(file)
    _opened = file, mmap(file, SIZE)


def add(hashes: Collection[str], at: datetime) -> None:
    """These have ended. Raises NoPlace or OSError, and then nothing is certain."""
    moment = (at - START) // timedelta(microseconds=1)
    with _alone() as places:
        ended = list(_filled(places))
        new = [PLACE.pack(bytes.fromhex(one), moment) for one in hashes]
        if len(ended) + len(new) > PLACES:
            raise NoPlace("there is no place left")
        start = len(ended) * PLACE.size
        places[start : start + len(new) * PLACE.size] = b"".join(new)
        places.flush()


def holds(token_hash: str) -> bool:
    """Whether this one has ended. Measured: 0.2 us while there are none, 5 us when the file is full."""
    if _opened is None or _opened[1][: PLACE.size] == FREE:
        return False
    return _opened[1].find(bytes.fromhex(token_hash)) >= 0


def everything() -> dict[str, datetime]:
    """Hash of a token -> when it ended."""
    places = [] if _opened is None else [PLACE.unpack(place) for place in _filled(_opened[1])]
    return {mark.hex(): START + timedelta(microseconds=min(moment, LATEST)) for mark, moment in places}


def remove(hashes: Collection[str]) -> None:
    """The database has these now."""
    with _alone() as places:
        left = [place for place in _filled(places) if place[:32].hex() not in hashes]
        places[:] = b"".join(left).ljust(SIZE, b"\0")
        places.flush()


def _filled(places: mmap) -> Iterator[bytes]:
    content = places[:]
    for start in range(0, SIZE, PLACE.size):
        if (place := content[start : start + PLACE.size]) == FREE:
            return
        yield place


@contextmanager
def _alone() -> Iterator[mmap]:
    """Nobody else writes meanwhile: no thread of this process, no other process."""
    if _opened is None:
        raise NoPlace("there is no file")
    file, places = _opened
    with _lock:
        fcntl.lockf(file, fcntl.LOCK_EX)
        try:
            yield places
        finally:
            fcntl.lockf(file, fcntl.LOCK_UN)
