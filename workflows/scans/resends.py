"""What becomes of an entry, and the answer to one that is sent again: as the first time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from models import Person, Scan
from statements import Prepared
from workflows.history import history
from workflows.refusals import Conflict, NotFound
from workflows.scans import scan_notices
from workflows.scans.scan_entry import Ask

# Before the digest of a log that holds what the form asked for, too. A digest without it is of an earlier release; its
# scans may be sent again for half a year, and of those the fields alone are compared.
DIGEST_VERSION = "2:"

# Asked with every scan that is logged.
_SCAN = Prepared(lambda number: Scan.select().where(Scan.id == number))


@dataclass(frozen=True)
class Logged:
    """What became of an entry."""

    scan: Scan
    state: str  # as it was answered the first time
    version: int
    replayed: bool = False
    missing: tuple[str, ...] = ()  # what it lacks before it can be sent
    duplicate_of: Scan | None = None  # asked about: is it another patient?
    asks: tuple[Ask, ...] = ()  # asked about: is it meant?


def digests_of(received: Mapping[str, Any], asks: list[Any]) -> tuple[str, str]:
    """The digest of what came in with what the form asked for, and that of an earlier release."""
    return DIGEST_VERSION + history.digest({**received, "asks": asks}), history.digest(received)


def logged_before(scan_id: str, digests: tuple[str, ...], by: Person) -> Logged | None:
    """The answer to a log whose id is known: as the first time; None to a new one.
    Raises NotFound: it is somebody else's. Conflict: it came with other content.
    """
    first = _SCAN.first(scan_id)
    if first is None:
        return None
    if scan_notices.student_of(first) != by.id:
        raise NotFound()
    if first.received_digest not in digests:
        raise Conflict("This scan was saved already, with other content. The first one was kept.", first)
    answer = first.first_answer
    twin = Scan.get_or_none(Scan.id == answer["duplicate_of"]) if answer["duplicate_of"] else None
    asks = tuple(Ask(*one) for one in answer.get("asks", ()))
    return Logged(first, answer["state"], answer["version"], True, tuple(answer["lacks"]), twin, asks)


def unchanged(scan: Scan, missing: list[str], asks: Iterable[Ask] = ()) -> Logged:
    """The answer to a correction that was made already."""
    return Logged(scan, scan.state, scan.version, True, tuple(missing), scan.duplicate_of, tuple(asks))
