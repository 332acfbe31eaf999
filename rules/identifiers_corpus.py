"""What the screen must find and what it must leave alone, as cases that grow: rules/identifiers_corpus.toml."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rules.identifiers import Hit, screen

FILE = Path(__file__).with_suffix(".toml")
HELD_BACK = FILE.with_name("identifiers_held_back.toml")  # judged by their rates, not one by one
MARKS = str.maketrans("", "", "«»")  # what a true case's find must cover stands between them


@dataclass(frozen=True)
class Case:
    """One text. `kind` and `severity` are what must be found; both are empty where nothing must be."""

    marked: str
    kind: str = ""
    severity: str = ""

    @property
    def text(self) -> str:
        return self.marked.translate(MARKS)

    def holds(self, hits: list[Hit]) -> bool:
        """The text was screened right: nothing found, or this one thing, where it stands."""
        if not self.kind:
            return not hits
        start, end = self.marked.find("«"), self.marked.find("»") - 1
        return [(hit.kind, hit.severity) for hit in hits] == [(self.kind, self.severity)] and (
            start < 0 or (hits[0].start <= start and end <= hits[0].end)
        )


@dataclass(frozen=True)
class Tally:
    """How the screen does with one kind: `found` of the `true` cases, and `alarms` among the false ones."""

    kind: str
    true: int
    found: int
    alarms: int


def read(file: Path = FILE) -> list[Case]:
    """The cases of a corpus. Raises ValueError: the file is no such corpus; the words say why."""
    try:
        corpus = tomllib.loads(file.read_text("utf-8"))
        true = [Case(text, of["kind"], of["severity"]) for of in corpus.get("true", []) for text in of["texts"]]
        return true + [Case(text) for of in corpus.get("false", []) for text in of["texts"]]
    except (KeyError, TypeError, AttributeError) as missing:
        raise ValueError(f"Each [[true]] has kind, severity and texts, each [[false]] texts: {missing}") from None


def failed(cases: Iterable[Case]) -> list[tuple[Case, list[Hit]]]:
    """The cases that the screen gets wrong, with what it finds in them."""
    judged = [(case, screen(case.text)) for case in cases]
    return [(case, hits) for case, hits in judged if not case.holds(hits)]


def tallies(cases: Iterable[Case]) -> list[Tally]:
    """Recall and false alarms, a kind each, in the order of the corpus."""
    cases = list(cases)
    wrong = failed(cases)
    alarms = [hit.kind for case, hits in wrong if not case.kind for hit in hits]
    missed = [case.kind for case, _ in wrong]
    true = [case.kind for case in cases if case.kind]
    kinds = dict.fromkeys([*true, *alarms])
    return [Tally(kind, true.count(kind), true.count(kind) - missed.count(kind), alarms.count(kind)) for kind in kinds]
