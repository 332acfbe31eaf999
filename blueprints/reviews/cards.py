"""A scan as its mentor meets it: all that is needed to judge it, in every state that its card can have."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from uuid import UUID

from blueprints import presenters
from blueprints.reviews import changes, queries
from models import Scan
from rules import states
from rules.phrases import capital, listed
from rules.programme import Programme
from rules.report import Piece, own_words
from rules.vocabulary import Region
from workflows import clock
from workflows.course import programmes
from workflows.refusals import NotFound

AT_MOST = 60  # cards on one page; the oldest, so the others follow as these are judged


@dataclass(frozen=True)
class Card:
    """One scan for one mentor, now. `scan` comes from `reading`.

    `message` is what just happened to it; `focus` says what takes the focus: "message", "heading", "undo" or nothing.
    """

    scan: Scan
    mentor: int
    now: datetime
    message: str = ""
    focus: str = ""
    oob: bool = False

    @cached_property
    def programme(self) -> Programme:
        return programmes.get(self.scan.enrolment.cohort.programme)

    @property
    def id(self) -> str:
        return self.scan.id

    @property
    def student(self) -> str:
        return self.scan.enrolment.person.name

    @property
    def first_name(self) -> str:
        return self.student.split()[0]

    @property
    def short_name(self) -> str:
        """ "Amara O."; a single name stands as it is."""
        first, *rest = self.student.split()
        return f"{first} {rest[-1][0]}." if rest else first

    @property
    def colleague(self) -> str:
        """The mentor with whom the scan is."""
        return self.scan.mentor.name

    @cached_property
    def state(self) -> str:
        """ "waiting" for this mentor, "approved" by them, "elsewhere" with a colleague, or the scan's own state."""
        scan = self.scan
        if scan.state == states.WITH_MENTOR:
            return "waiting" if scan.mentor_id == self.mentor else "elsewhere"
        if scan.state == states.COUNTED and scan.counted_by_id == self.mentor:
            return "approved"
        return scan.state

    @cached_property
    def undo_seconds(self) -> int:
        """For how long Undo is offered yet, in seconds; 0 when no longer."""
        if self.state != "approved":
            return 0
        left = self.scan.counted_at + timedelta(seconds=self.programme.undo_seconds) - self.now
        return max(0, -(-left // timedelta(seconds=1)))

    @property
    def heading(self) -> str:
        """ "Shoulder · right"; a guided procedure is named first, since it is counted apart (R4)."""
        place = presenters.place(self.programme, self.scan.region, self.scan.side)
        return f"{capital(self.scan.procedure)} · {place}" if self.scan.procedure else place

    @property
    def _region(self) -> Region | None:
        return self.programme.vocabulary.regions.get(self.scan.region)

    @property
    def sent(self) -> str:
        return presenters.short_ago(self.programme, self.scan.sent_at, self.now)

    @property
    def day(self) -> str:
        """ "scanned today", "scanned Mon 3 Aug"."""
        return f"scanned {presenters.day(self.scan.scanned_on, self.programme.today(self.now), month='%b')}"

    @property
    def days_overdue(self) -> int:
        """For how many days it has waited, when that is longer than the programme allows; else 0."""
        waited = self.now - self.scan.sent_at
        return waited.days if waited > timedelta(days=self.programme.audit_overdue_days) else 0

    @cached_property
    def report(self) -> tuple[Piece, ...]:
        return own_words(self.scan.report, self.scan.composed)

    @property
    def own_words_missing(self) -> bool:
        """An abnormal scan whose report only the taps have written, where the programme marks that."""
        return self.scan.words_missing

    @property
    def was_returned(self) -> bool:
        return self.state == "waiting" and self.scan.returned_version is not None

    @property
    def changed_since_returned(self) -> bool:
        return self.was_returned and self.scan.version > self.scan.returned_version

    @property
    def is_news(self) -> bool:
        """It was handed over to this mentor, who has not seen that yet."""
        return bool(self.scan.unread) and self.scan.mentor_id == self.mentor

    @property
    def prints(self) -> str:
        return changes.prints(self.scan)

    def told(self, sentence: str, seen: str) -> Card:
        """This card with what happened to it: what the student changed since `seen` (prints), or else `sentence`."""
        what = changes.changed(seen, self.scan) if self.state == "waiting" else ""
        if what:
            sentence = f"{self.first_name} changed {what} while you were looking. This is how it reads now."
        return replace(self, message=sentence, focus="message")

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Term and value of what else a mentor wants to know at a glance; empty values are left out."""
        scan = self.scan
        return [
            ("Indication", scan.indication),
            ("Outcome", scan.outcome),
            ("Limited by", listed(scan.limitations)),
            ("Student's part", scan.procedure_role),
        ]

    @property
    def details(self) -> list[tuple[str, str]]:
        """The scan in full, beside its headline and report."""
        scan = self.scan
        return [
            ("Indication", scan.indication),
            ("Findings", "; ".join(f"{self._structure(one)}: {finding}" for one, finding in scan.findings)),
            ("Normal", "all other structures examined" if scan.findings and scan.normal == ["all"] else self._normal),
            ("Outcome", scan.outcome),
            ("Limited by", listed(scan.limitations)),
            ("Technique", listed([*filter(None, (scan.transducer,)), *scan.modifiers])),
            ("Protocol", scan.protocol),
            ("Procedure", scan.procedure),
            ("Student's part", scan.procedure_role),
            ("Patient", ", ".join(filter(None, (scan.age_band, scan.sex)))),
            ("Machine", scan.machine),
            ("Site", scan.placement.site.name),
        ]

    @property
    def case(self) -> str:
        version = f", version {self.scan.version}" if self.scan.version > 1 else ""
        return f"{self.scan.case_number:04}{version}"

    @property
    def _normal(self) -> str:
        return (
            "all structures examined"
            if self.scan.normal == ["all"]
            else listed([*map(self._structure, self.scan.normal)])
        )

    def _structure(self, key: str) -> str:
        known = self._region.structures.get(key) if self._region else None
        return known.name if known else key


def card_of(scan_id: UUID | str, mentor: int, focus: str = "") -> Card:
    """The scan as this mentor meets it now.

    Raises:
        NotFound: when it is none of a placement in which they mentor.
    """
    scan = queries.scan_for(mentor, str(scan_id))
    if scan is None:
        raise NotFound()
    return Card(scan, mentor, clock.now(), focus=focus)


@dataclass(frozen=True)
class Day:
    """The cards of one day of one student."""

    name: str
    cards: list[Card]


@dataclass(frozen=True)
class Student:
    """One student's cards, by day, oldest first."""

    enrolment: int
    name: str
    first_name: str
    days: list[Day] = field(default_factory=list)

    @property
    def number(self) -> int:
        return sum(len(day.cards) for day in self.days)


def by_student(cards: list[Card]) -> list[Student]:
    """Group cards (oldest first) by student, the one who waits longest first, and by the day of the scan."""
    gathered: dict[int, list[Card]] = {}
    for card in cards:
        gathered.setdefault(card.scan.enrolment_id, []).append(card)
    return [
        Student(enrolment, theirs[0].student, theirs[0].first_name, _by_day(theirs))
        for enrolment, theirs in gathered.items()
    ]


def _by_day(cards: list[Card]) -> list[Day]:
    def on(card: Card) -> date:
        return card.scan.scanned_on

    days = groupby(sorted(cards, key=on), key=on)
    return [Day(theirs[0].day, theirs) for theirs in (list(group) for _, group in days)]
