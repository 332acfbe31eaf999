"""What a workflow says when it does not do a thing. Each carries a sentence for the person."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

Row = TypeVar("Row")


class Refused(Exception):
    """A rule says no (403 over HTTP)."""

    def __init__(self, sentence: str):
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(Refused):
    """No such thing, or none that this person may know of (404)."""

    def __init__(self, sentence: str = "There is nothing here that you can open."):
        super().__init__(sentence)


def or_not_found(row: Row | None) -> Row:
    """The row that a query has found. Raises NotFound where it found none."""
    if row is None:
        raise NotFound()
    return row


class Conflict(Refused):
    """Somebody was first (409). `current` is what stands now; nothing of either person's is overwritten."""

    def __init__(self, sentence: str, current: Any = None):
        super().__init__(sentence)
        self.current = current


class Later(Refused):
    """Not now, but in so many `seconds`."""

    def __init__(self, sentence: str, seconds: int):
        super().__init__(sentence)
        self.seconds = seconds


class Invalid(Refused):
    """What was entered cannot be kept (422): field name -> sentences to show beside it.

    `matches`: field name -> what the screen found there (workflows/scans/screening.py), for its writer's eyes alone.
    """

    def __init__(self, problems: Mapping[str, Sequence[str]], matches: Mapping[str, Sequence[Any]] | None = None):
        super().__init__(" ".join(sentence for sentences in problems.values() for sentence in sentences))
        self.problems = {field: list(sentences) for field, sentences in problems.items()}
        self.matches = {field: list(found) for field, found in (matches or {}).items()}

    @property
    def marks(self) -> str:
        """What to send back to say that nothing found names a patient; empty unless that alone is asked."""
        found = [match for matches in self.matches.values() for match in matches]
        alone = self.matches.keys() == self.problems.keys() and all(match.mark for match in found)
        return " ".join(dict.fromkeys(match.mark for match in found)) if alone else ""
