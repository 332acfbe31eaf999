"""A scan as its mentor reads it: all that is needed to judge it, in every state that its card can have."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Self
from uuid import UUID

import clock
from blueprints import presenters
from blueprints.reviews import changes, queries
from blueprints.scan_presenter import ScanPresenter
from models import Scan
from rules import person_names, states
from rules.phrases import capital, listed, small
from rules.scan_fields import Field, by_heading
from workflows.refusals import or_not_found
from workflows.scans.scan_facts import fact, words_of

AT_MOST = 60  # cards on one page; the oldest, so the others follow as these are judged
DETAILS = by_heading(
    lambda field: field.review,
    (
        *("Indication", "Findings", "Normal", "Outcome", "Limited by", "Technique", "Protocol", "Procedure"),
        *("Student's part", "Patient", "Machine", "Site"),
    ),
)
# Folded on a card are all but these, which it shows by other means or leaves to the page of the review.
NOT_ON_A_CARD = {"Findings", "Normal", "Technique", "Protocol", "Procedure", "Patient", "Machine", "Site"}


@dataclass(frozen=True)
class Card(ScanPresenter):
    """One scan for one mentor, now. `scan` comes from `queries`.

    `message` is what just happened to it; `focus` says what takes the focus: "message", "heading", "undo" or nothing.
    """

    scan: Scan
    mentor: int
    now: datetime
    message: str = ""
    focus: str = ""
    oob: bool = False

    @property
    def id(self) -> str:
        return self.scan.id

    @property
    def student(self) -> str:
        return self.scan.enrolment.person.name

    @property
    def first_name(self) -> str:
        return person_names.first_name(self.student)

    @property
    def short_name(self) -> str:
        """ "Amara O."; the whole name where no first name is certain."""
        return person_names.short_name(self.student)

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
        if scan.state in states.APPROVED:
            return "approved" if scan.approved_by_id == self.mentor else "counted"
        return scan.state

    @cached_property
    def undo_seconds(self) -> int:
        """For how long Undo is offered yet, in seconds; 0 when no longer."""
        if self.state != "approved":
            return 0
        left = self.scan.approved_at + timedelta(seconds=self.programme.undo_seconds) - self.now
        return max(0, -(-left // timedelta(seconds=1)))

    @property
    def heading(self) -> str:
        """ "Shoulder · right"; a guided procedure is named first, since it is counted apart (R4)."""
        place = presenters.place(self.programme, self.scan.region, self.scan.side)
        return f"{capital(self.scan.procedure)} · {place}" if self.scan.procedure else place

    @property
    def sent(self) -> str:
        """ "3 h ago": since when it waits, see `came`."""
        return presenters.short_ago(self.programme, self.scan.sent_at, self.now)

    @property
    def sent_day(self) -> str:
        """The same without the time of a day before; empty when that is the day of the scan, which stands above."""
        sent, today = self.programme.local(self.scan.sent_at).date(), self.programme.today(self.now)
        if sent == self.scan.scanned_on and sent < today:
            return ""
        return presenters.short_ago(self.programme, self.scan.sent_at, self.now, time=False)

    @property
    def came(self) -> str:
        """How it came to its mentor then: "sent" by the student, or "reopened" by the mentor."""
        return "reopened" if self.scan.reopened else "sent"

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
    def own_words(self) -> str:
        """What of the report the student typed."""
        return " ".join(span.text.strip() for span in self.report if span.own)

    @property
    def aside(self) -> str:
        """What else a card says in one line: "instability · limited by pain · urgent pathway". A plain normal one says
        nothing.
        """
        if self.is_plain_normal:
            return ""
        words = dict(self.details)
        limits = f"limited by {small(words['Limited by'])}" if words["Limited by"] else ""
        return capital(
            " · ".join(filter(None, [words["Indication"], limits, words["Student's part"], words["Outcome"]]))
        )

    @property
    def is_plain_normal(self) -> bool:
        """An unaided scan of which all that was tapped is normal, and nothing else was said or asked about: its card
        is its heading and its headline.
        """
        scan = self.scan
        entered = (scan.findings, scan.not_seen, scan.limitations, scan.procedure, scan.warned, self.own_words)
        calm = scan.outcome == "" or scan.outcome.startswith("normal")
        return scan.support == "unaided" and calm and bool(scan.normal) and not any(entered) and not self.was_returned

    @property
    def was_returned(self) -> bool:
        return self.state == "waiting" and self.scan.returned_version is not None

    @property
    def changed_since_returned(self) -> bool:
        return self.was_returned and self.scan.version > self.scan.returned_version

    @cached_property
    def differences(self) -> list[changes.Difference]:
        return changes.since_returned(self.scan, self.programme) if self.changed_since_returned else []

    @property
    def is_news(self) -> bool:
        """It was handed over to this mentor, who has not seen that yet."""
        return bool(self.scan.unread) and self.scan.mentor_id == self.mentor

    @property
    def fingerprint(self) -> str:
        return changes.fingerprint(self.scan)

    def after_conflict(self, sentence: str, seen: str) -> Self:
        """This card with a message: what the student changed since the fingerprint `seen`, or else `sentence`."""
        what = changes.changed(seen, self.scan) if self.state == "waiting" else ""
        if what:
            sentence = f"{self.first_name} changed {what} while you were looking. This is how it reads now."
        return replace(self, message=sentence, focus="message")

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Heading and words of what else a mentor wants to know at a glance; words are empty where nothing is said."""
        return [(head, words) for head, words in self.details if head not in NOT_ON_A_CARD]

    @property
    def details(self) -> list[tuple[str, str]]:
        """The same of the scan in full, beside its headline and report."""
        return self.facts_of(DETAILS)

    def fact(self, fields: tuple[Field, ...]) -> str:
        if fields[0].kind != "structures":
            return fact(fields, self.scan, self.programme)
        words = words_of(fields[0], self.scan, self.programme)
        return small(words[0]) if self.scan.normal == ["all"] else listed(words)

    @property
    def case(self) -> str:
        version = f", version {self.scan.version}" if self.scan.version > 1 else ""
        return f"{self.scan.case_number:04}{version}"


def card_of(scan_id: UUID | str, mentor: int, focus: str = "") -> Card:
    """The scan as this mentor reads it now.

    Raises:
        NotFound: when it is none of a placement in which they mentor.
    """
    scan = or_not_found(queries.scan_for(mentor, str(scan_id)))
    return Card(scan, mentor, clock.now(), focus=focus)


@dataclass(frozen=True)
class DayCards:
    """The cards of one day of one student."""

    name: str
    cards: list[Card]


@dataclass(frozen=True)
class StudentCards:
    """One student's cards, by day, oldest first."""

    enrolment: int
    name: str
    first_name: str
    days: list[DayCards] = field(default_factory=list)

    @property
    def normals(self) -> int:
        """How many of them are plain normal ones."""
        return sum(card.is_plain_normal for day in self.days for card in day.cards)


def by_student(cards: list[Card], names: dict[int, str]) -> list[StudentCards]:
    """Group cards (oldest first) by student, the one who waits longest first, and by the day of the scan.

    Args:
        names: of students by enrolment (id), told apart.
    """
    gathered: dict[int, list[Card]] = {}
    for card in cards:
        gathered.setdefault(card.scan.enrolment_id, []).append(card)
    return [
        StudentCards(enrolment, names.get(enrolment, theirs[0].student), theirs[0].first_name, _by_day(theirs))
        for enrolment, theirs in gathered.items()
    ]


def _by_day(cards: list[Card]) -> list[DayCards]:
    def on(card: Card) -> date:
        return card.scan.scanned_on

    days = groupby(sorted(cards, key=on), key=on)
    return [DayCards(theirs[0].day, theirs) for theirs in (list(group) for _, group in days)]
