"""Whether an edition of a portfolio is genuine, for somebody without an account: by its code, by the SHA-256 of the
file that they hold, or by both. Nothing is written, and the file itself is never asked for.

Who holds a file that was made here has read the student's name in it, and is told it again. By the code alone, which
may have been read over a shoulder, there are initials.
"""

import re
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

import clock
from models import Cohort, Edition, Enrolment, File, Person
from rules.editions import MADE, EditionStatus, code_of
from workflows.accounts.throttle import TooMany, address_key
from workflows.portfolio import edition_status

# What can be found.
GENUINE = "genuine"  # by the code: there is such an edition; by the file: it is the one that was made
UNKNOWN_CODE, UNKNOWN_FILE = "unknown_code", "unknown_file"
OTHER_CODE = "other_code"  # the file is genuine, and the code is not its own
CHANGED = "changed"  # it has the code of an edition, and is not the file that was made
CUT = "cut"  # it is shorter than the file that was made, or has no end

WRONG_CODES = 40  # that one network may ask for within WINDOW, in each process of the server
WINDOW = timedelta(minutes=15)
NETWORKS = 10_000  # that are remembered
MOST_BYTES = 2**40  # of a file, as far as anybody says
# As static/verify.js looks for it.
_CODE = re.compile(rb"(?:Sonofolio edition |Edition \d{1,6}, [\w ]{1,60}, code )([0-9A-Z]{5}-[0-9A-Z]{5})")


@dataclass(frozen=True)
class Asked:
    """What somebody says of what they hold."""

    code: str = ""  # that they typed or followed, as "7KQ2M-9XA4D"; empty for none
    sha256: str = ""  # of the file, in hex; empty without one
    inside: str = ""  # the code that was found in the file; empty for none
    size: int | None = None  # of the file in bytes; None when that is not known
    ended: bool = True  # whether the file has the end that a PDF has


@dataclass(frozen=True)
class Verdict:
    """What was found. `kind` is one of the words above."""

    kind: str
    edition: Edition | None = None  # with its enrolment, person, cohort and file, where there is one to speak of
    status: EditionStatus | None = None  # what is true of that edition now
    by_file: bool = False  # the edition's own file is in their hands; only then they are told whose it is


def verify(asked: Asked) -> Verdict:
    """What is true of a code, a file or both."""
    if asked.sha256:
        return _of_file(asked)
    edition = _with_code(asked.code)
    return _verdict(GENUINE, edition) if edition else Verdict(UNKNOWN_CODE)


def _of_file(asked: Asked) -> Verdict:
    if made := _made(File.sha256 == asked.sha256):
        return _verdict(OTHER_CODE if asked.code and asked.code != made.code else GENUINE, made, by_file=True)
    edition = _with_code(asked.inside) or _with_code(asked.code)
    if edition is None:
        return Verdict(UNKNOWN_FILE if asked.ended else CUT)
    if not asked.ended or (asked.size is not None and asked.size < edition.file.bytes):
        return _verdict(CUT, edition)
    return _verdict(CHANGED if edition.code == asked.inside else UNKNOWN_FILE, edition)


def _with_code(code: str) -> Edition | None:
    return _made(Edition.code == code) if code else None


def _made(where: object) -> Edition | None:
    """The made edition with its file, enrolment, person and cohort."""
    found = Edition.select(Edition, File, Enrolment, Person, Cohort).join(File)
    found = found.switch(Edition).join(Enrolment).join(Person).switch(Enrolment).join(Cohort)
    return found.where(where, Edition.state == MADE).first()


def _verdict(kind: str, edition: Edition, *, by_file: bool = False) -> Verdict:
    return Verdict(kind, edition, edition_status.status_of(edition), by_file)


def read_code(text: str) -> str:
    """The code that somebody typed, as "7KQ2M-9XA4D"; empty when it is none."""
    return code_of(text) or ""


def read_sha256(text: str) -> str:
    """The SHA-256 that somebody typed or copied, in small hex; empty when it is none. `sha256sum` writes the file's
    name behind it.
    """
    found = re.match(r"\s{0,99}([0-9a-fA-F]{64})(?![0-9a-zA-Z])", text[:1000])
    return found[1].lower() if found else ""


def code_in(pdf: bytes) -> str:
    """The code among the keywords or in the description of an edition's PDF; empty when none can be read there."""
    found = _CODE.search(pdf)
    return code_of(found[1].decode()) or "" if found else ""


def read_size(text: str) -> int | None:
    """A number of bytes, None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 14 and int(text) < MOST_BYTES else None


class WrongCodes:
    """The wrong codes that each network has asked for lately, in the memory of this process: verifying writes nothing.

    A code has 50 bits, so that hundreds of tries find none; who types theirs wrong a few times is not stopped. Files
    are not counted: nobody guesses a SHA-256.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.tries: OrderedDict[str, deque[datetime]] = OrderedDict()

    def check(self, address: str | None) -> None:
        """Refuse a network that has asked for too many wrong codes.
        Raises TooMany: with the seconds after which it may ask again.
        """
        now, key = clock.now(), address_key(address)
        with self.lock:
            tries = self._lately(key, now)
            if len(tries) >= WRONG_CODES:
                raise TooMany(int((tries[0] + WINDOW - now).total_seconds()) + 1)

    def count(self, address: str | None) -> None:
        """One more wrong code from there."""
        now, key = clock.now(), address_key(address)
        with self.lock:
            tries = self._lately(key, now)
            tries.append(now)
            self.tries[key] = tries
            self.tries.move_to_end(key)
            while len(self.tries) > NETWORKS:
                self.tries.popitem(last=False)

    def _lately(self, key: str, now: datetime) -> deque[datetime]:
        """The tries that count; one dated after now, before the clock was put right, does not."""
        tries = self.tries.get(key, ())
        return deque((at for at in tries if now - WINDOW < at <= now + clock.APART), maxlen=WRONG_CODES)

    def forget(self) -> None:
        """As after a restart."""
        with self.lock:
            self.tries.clear()


wrong_codes = WrongCodes()
