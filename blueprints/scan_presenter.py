"""What a mentor's card and a scan's own page show alike, in words; and one entry of a timeline."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from blueprints.presenters import day
from models import Move, Scan
from rules.own_words import Span, own_words
from rules.phrases import capital
from rules.programme import Programme
from rules.scan_fields import Field
from workflows.course import programmes
from workflows.scans import hiding
from workflows.scans.blanking import HEADLINE
from workflows.scans.scan_facts import UNDIVIDED, is_undivided
from workflows.scans.timeline import summary, time_text


class ScanPresenter:
    """Base of what shows one `scan`, with its enrolment and cohort, at the instant `now`. A subclass says by `fact`
    what stands under a heading.
    """

    scan: Scan
    now: datetime

    @cached_property
    def programme(self) -> Programme:
        return programmes.get(self.scan.enrolment.cohort.programme)

    @property
    def apart(self) -> bool:
        """It is a guided procedure that counts apart (R4)."""
        return self.programme.counts_apart(self.scan.procedure)

    @cached_property
    def hidden(self) -> str:
        """ "Hidden on Mon 3 August by Ravi Patel: ..."; empty where its text stands, which takes no query."""
        scan = self.scan
        row = hiding.last_of(scan.id, scan.version) if scan.headline == HEADLINE else None
        if row is None:
            return ""
        on = day(self.programme.local(row.at).date(), self.programme.today(self.now))
        return f"Hidden {on if ' ' not in on else f'on {on}'} by {row.by.name}: it may have named a patient."

    @cached_property
    def report(self) -> tuple[Span, ...]:
        return own_words(self.scan.report, self.scan.composed)

    def facts_of(self, fields: dict[str, tuple[Field, ...]]) -> list[tuple[str, str]]:
        """Heading and words of these fields by their headings; words are empty where nothing was tapped."""
        undivided = [("Sides", UNDIVIDED)] if is_undivided(self.scan) else []
        return undivided + [(heading, self.fact(some)) for heading, some in fields.items()]

    def fact(self, fields: tuple[Field, ...]) -> str:
        """What stands under one heading."""
        raise NotImplementedError


@dataclass(frozen=True)
class TimelineEntry:
    """One move as the macro `timeline` shows it. On a page of several scans: of which one, and what that is called."""

    what: str
    who: str
    at: str
    when: str
    note: str
    scan: str = ""
    place: str = ""


def entry_of(move: Move, of: Scan, words: Callable[[datetime], str], **which: Any) -> TimelineEntry:
    """The entry of a move of the scan `of`. `words` makes a text of an instant; `which`: further fields of it."""
    when = capital(time_text(move, of, words))
    return TimelineEntry(summary(move, of), move.by.name, move.at.isoformat(), when, move.why, **which)
