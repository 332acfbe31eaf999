"""What the server promises a phone, as plainly as it can be said: a dictionary, and what is answered to which request.

It knows no database, no transaction and no digest. `Book.answer` says what a request must be answered after all those
before it, and changes the book accordingly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from uuid import UUID

DRAFT, WITH_MENTOR, WITHDRAWN = "draft", "with_mentor", "withdrawn"
SUPPORTS, SIDES = ("aided", "unaided", "unaided", ""), ("left", "right", "both")
REPORTS = ("Bursal fluid, 3 mm.", "14 mm full-thickness tear.")


@dataclass(frozen=True)
class Request:
    """One request as it leaves a phone. `says`: the scan's content; `cut`: letters of the body that are lost."""

    verb: str  # log, correct, withdraw, restore
    who: str
    scan: str
    says: tuple[str, str, str] = ("", "", "")  # support, side, report
    version: int = 0
    cut: int = 0
    kept_for: str = ""
    impossible: bool = False  # of a day that has not come

    @property
    def path(self) -> str:
        ends = {"log": "/scans", "withdraw": f"/scans/{self.scan}/withdrawal"}
        return ends.get(self.verb, f"/scans/{self.scan}{'/withdrawal/undo' if self.verb == 'restore' else ''}")


@dataclass
class Kept:
    """A scan that was acknowledged."""

    owner: str
    first: tuple
    case: int
    says: tuple[str, str, str]
    state: str
    version: int = 1
    answer: dict = field(default_factory=dict)  # as it was answered the first time
    story: list[tuple[str, int]] = field(default_factory=list)  # verb and version of what came after the logging


@dataclass
class Book:
    """Every scan that was acknowledged, and how many each student had before."""

    before: dict[str, int]
    kept: dict[str, Kept] = field(default_factory=dict)

    def answer(self, request: Request) -> tuple[int, dict]:
        """The status, and what the JSON must say at least."""
        if request.cut:
            return 400, {"error": "cut-off"}
        if request.kept_for not in ("", request.who):
            return 403, {"error": "another-person"}
        return getattr(self, request.verb)(request)

    def log(self, request: Request) -> tuple[int, dict]:
        content = (request.says, request.impossible)
        known = self.kept.get(request.scan)
        if known is not None and known.owner != request.who:
            return 404, {"error": "refused"}
        if known is not None and known.first != content:
            return 409, {"error": "conflict", "version": known.version, "state": known.state}
        if known is not None:
            return 201, known.answer
        if request.impossible:
            return 422, {"error": "invalid"}
        state = WITH_MENTOR if request.says[0] else DRAFT
        number = self.before[request.who] + 1 + sum(one.owner == request.who for one in self.kept.values())
        known = self.kept[request.scan] = Kept(request.who, content, number, request.says, state)
        known.answer = {"scan_id": request.scan, "state": state, "version": 1, "case_number": number}
        return 201, known.answer

    def correct(self, request: Request) -> tuple[int, dict]:
        known = self._own(request)
        if known is None:
            return 404, {"error": "refused"}
        if known.version not in (request.version, request.version + 1):
            return 409, {"error": "conflict", "version": known.version}
        if known.version == request.version and known.state == WITHDRAWN:
            return 409, {"error": "conflict"}
        if request.impossible:
            return 422, {"error": "invalid"}
        if known.version != request.version:  # the same once more, or another edit of the same version
            same = known.says == request.says
            return (200, {"version": known.version}) if same else (409, {"error": "conflict"})
        if known.state == WITH_MENTOR and not request.says[0]:
            return 422, {"error": "invalid"}
        known.state = WITH_MENTOR if request.says[0] else known.state
        known.says, known.version = request.says, known.version + 1
        known.story.append(("correct", known.version))
        return 200, {"version": known.version, "state": known.state}

    def withdraw(self, request: Request) -> tuple[int, dict]:
        return self._move(request, WITHDRAWN, (DRAFT, WITH_MENTOR))

    def restore(self, request: Request) -> tuple[int, dict]:
        return self._move(request, DRAFT, (WITHDRAWN,))

    def _move(self, request: Request, after: str, before: tuple[str, ...]) -> tuple[int, dict]:
        known = self._own(request)
        if known is None:
            return 404, {"error": "refused"}
        action = (request.verb, request.version)
        done_last = known.story[-1:] == [action] and known.story.count(action) == 1
        if action in known.story and not done_last:  # done before, and overtaken since
            return 409, {"error": "refused"}
        if known.version != request.version or known.state not in (*before, after):
            return 409, {"error": "refused"}
        if known.state != after:
            known.story.append(action)
        known.state = after
        return 200, {"state": after, "version": known.version}

    def _own(self, request: Request) -> Kept | None:
        known = self.kept.get(request.scan)
        return known if known is not None and known.owner == request.who else None


def sequence(chance: Random, people: tuple[str, ...], length: int) -> list[Request]:
    """Requests in the order in which a bad network delivers them: late, twice, cut off, and long after."""
    made: list[Request] = []
    delivered: list[Request] = []
    while len(delivered) < length:
        if not made or chance.random() < 0.45:
            made.append(_another(chance, people, made))
            if chance.random() < 0.25:
                continue  # it is on its way
        request = made[-1] if chance.random() < 0.5 else chance.choice(made)
        lost = {"cut": chance.randint(1, 90)} if chance.random() < 0.08 else {}
        delivered.append(Request(**{**vars(request), **lost}))
    return delivered


def _another(chance: Random, people: tuple[str, ...], made: list[Request]) -> Request:
    """A new scan, or something with one that was sent before: whoever it is, and whatever has become of it."""
    known = chance.choice(made) if made and chance.random() < 0.7 else None
    says = (chance.choice(SUPPORTS), chance.choice(SIDES), chance.choice(REPORTS))
    who = known.who if known and chance.random() < 0.9 else chance.choice(people)
    return Request(
        verb=chance.choice(("log", "correct", "correct", "withdraw", "restore")) if known else "log",
        who=who,
        scan=known.scan if known else str(UUID(int=chance.getrandbits(128), version=4)),
        says=says,
        version=chance.choice((1, 1, 2, 3)),
        kept_for=chance.choice(("", "", who, who, chance.choice(people))),
        impossible=chance.random() < 0.08,
    )
