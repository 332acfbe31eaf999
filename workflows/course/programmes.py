"""The courses on offer: read from their data files once, at start."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import clock
from models import INSTANT
from rules import programme as rules
from rules import vocabulary
from rules.programme import Programme
from workflows.refusals import Refused

_loaded: dict[str, Programme] = {}
_QUARTER = 15 * 60 * 1_000_000  # of an hour, in microseconds


def load_all(folder: Path) -> None:
    """Read every programme file in `folder`: each .toml whose name does not end in "vocabulary".
    Raises rules.programme.ProgrammeError when a file is wrong; it names the key.
    """
    found, load_vocabulary = {}, cache(vocabulary.load)  # several programmes share one: it takes 0.4 MB
    for path in sorted(folder.glob("*.toml")):
        if not path.stem.endswith("vocabulary"):
            programme = rules.load(path, load_vocabulary)
            found[programme.key] = programme
    _loaded.clear()
    _loaded.update(found)
    if found:
        clock.use_zone(next(iter(found.values())).timezone)
    for cached in (longest_undo, name_of_support):
        cached.cache_clear()


def get(key: str) -> Programme:
    """The programme with this key. Raises Refused when no file has it any more."""
    if key not in _loaded:
        raise Refused(f"The course {key} has no programme file here. Tell whoever runs Sonofolio for you.")
    return _loaded[key]


def short_name(key: str) -> str:
    """What the programme with this key is called; the key itself where no file has it any more."""
    return _loaded[key].short_name if key in _loaded else key


def keys() -> tuple[str, ...]:
    """The keys of all programmes, in the order of their files."""
    return tuple(_loaded)


def clock_of(parts: Sequence[Any]) -> Programme:
    """The programme on whose clock somebody lives who has these parts (`people.Part`): that of the first, if any."""
    return get(parts[0].programme if parts else keys()[0])


@cache
def longest_undo() -> timedelta:
    """After this long no approval of any programme can be undone."""
    return max(one.undo_window for one in _loaded.values())


@cache
def name_of_support(key: str) -> str:
    """What the courses on offer call this support: one word, or each of theirs where they differ."""
    return " / ".join(dict.fromkeys(programme.support(key).name for programme in _loaded.values()))


class Days:
    """The programme's day of each instant (microseconds, as stored) that it is asked for. A list of a thousand students
    asks for thousands; no clock changes within a quarter of an hour, so each is worked out once.
    """

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.known: dict[int, date] = {}

    def __call__(self, moment: int) -> date:
        quarter = moment // _QUARTER
        if quarter not in self.known:
            self.known[quarter] = self.programme.today(INSTANT.python_value(moment))
        return self.known[quarter]
