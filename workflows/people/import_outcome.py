"""What bringing in a file of people did, or would do."""

import hashlib
from dataclasses import dataclass, field

from models import Person
from workflows.people.contact_details import Change
from workflows.people.people_csv import Problem


@dataclass(frozen=True)
class Question:
    """Whether somebody in the file is a person who is here already, of the same name, in the same place."""

    row: int
    email: str
    known: Person
    where: str

    def __str__(self) -> str:
        return f"{self.email}: {self.known.name} is here already as {self.known.email} ({self.where})"


@dataclass
class Outcome:
    """What an import did, or would do. With a question or a problem nothing was changed."""

    rows: int = 0
    unchanged: int = 0  # rows that were here already
    changes: list[tuple[int, str]] = field(default_factory=list)  # a line a change, with its row's number
    links: list[tuple[Person, str]] = field(default_factory=list)  # new people with their one-time token; not previewed
    changed: list[Change] = field(default_factory=list)  # whose name or address is another one now
    questions: list[Question] = field(default_factory=list)  # who may be somebody who is here under another address
    problems: list[Problem] = field(default_factory=list)  # all of them at once

    @property
    def is_ready(self) -> bool:
        """There is something to do, and nothing stands in its way."""
        return bool(self.changes) and not self.problems and not self.questions


def mark_of(content: bytes, outcome: Outcome) -> str:
    """What names a file together with all that bringing it in would change."""
    lines = (content, *(f"{row} {line}".encode() for row, line in outcome.changes))
    return hashlib.sha256(b"\0".join(hashlib.sha256(line).digest() for line in lines)).hexdigest()
