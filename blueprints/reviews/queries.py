"""What waits for a mentor: the scans of an inbox with their students, how many, and who else may judge one."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, ModelSelect, fn

from blueprints.filters import InboxFilters
from models import Audit, Cohort, Enrolment, InstantField, Move, Notice, Person, Placement, Scan, Site
from rules import states
from rules.folding import fold
from rules.person_names import distinct_names
from statements import Prepared, Slot
from visibility import (
    APPROVED,
    WAITING,
    mentors_of_placement,
    placements_of_mentor,
    scans_visible_to,
    scans_waiting_for,
)
from workflows.scans.scan_notices import SUBJECT

Mentor = Person.alias()
# For proof; no card has them.
_NOT_SHOWN = ("received_at", "received_digest", "first_answer", "digest", "duplicate_of", "entered_at", "form_version")
_SHOWN = [column for column in Scan._meta.sorted_fields if column.name not in _NOT_SHOWN]
_instant = InstantField()


@dataclass(frozen=True)
class Waiting:
    """How many scans wait for a mentor, by support and enrolment id; and the students' names, told apart where two
    have the same, by enrolment id."""

    counts: dict[tuple[str, int], int]
    names: dict[int, str]

    @property
    def number(self) -> int:
        return sum(self.counts.values())

    def in_part(self, filters: InboxFilters) -> int:
        """How many of them wait in this part of the inbox."""
        return sum(number for kind, number in self.counts.items() if filters.match(*kind))


def cards_of(person: int, filters: InboxFilters, most: int) -> list[Scan]:
    """The shown part of what waits for this mentor, the oldest first; so many at most, each scan with all that its
    card needs.
    """
    return _CARDS(person, filters.support, filters.student or 0, most)


def approved_since(person: int, after: datetime) -> list[Scan]:
    """What this mentor approved after the instant and still stands, the last approval last, each as for its card."""
    return _APPROVED(person, _instant.db_value(after))


def scan_for(person: int, scan_id: str) -> Scan | None:
    """One scan of a placement in which this person is a mentor, whatever its state; None when it is not."""
    return _SCAN.first(person, scan_id)


def count_waiting(person: int) -> Waiting:
    """How many scans wait for this mentor."""
    counts: Counter[tuple[str, int]] = Counter()
    people, sites = {}, defaultdict(set)
    for support, enrolment, name, email, site, number in _COUNTS(person):
        counts[support, enrolment] += number
        people[enrolment] = name, email
        sites[enrolment].add(site)
    enrolments = list(people)
    names = distinct_names(list(people.values()), lambda place: "; ".join(sorted(sites[enrolments[place]])))
    return Waiting(counts, dict(sorted(zip(people, names, strict=True), key=lambda one: fold(one[1]))))


def sites_of(person: int) -> list[str]:
    """The names of the sites at which this person mentors."""
    return sorted((name for (name,) in _SITES(person)), key=fold)


def mentors_of(scan: Scan) -> list[Person]:
    """The mentors of the scan's placement now, by name; told apart where two have the same."""
    current = Person.id.in_(mentors_of_placement(scan.placement_id))
    mentors = list(Person.select(Person.id, Person.name, Person.email, Person.disabled_at).where(current))
    for one, name in zip(mentors, distinct_names([(one.name, one.email) for one in mentors]), strict=True):
        one.name = name
    return sorted(mentors, key=lambda one: fold(one.name))


def last_audit(scan: Scan) -> Audit | None:
    """The last appraisal of the scan as it stands now, one that was undone included."""
    return Audit.select().where(Audit.scan == scan, Audit.version == scan.version).order_by(Audit.id.desc()).first()


def request_of(scan: Scan) -> Move | None:
    """The student's request to reopen it, while it is not answered, with who asks."""
    if scan.reopen_asked_at is None:
        return None
    moves = Move.select(Move, Person.name).join(Person).where(Move.scan == scan, Move.verb == "ask_to_reopen")
    return moves.order_by(Move.id.desc()).first()


def requests_of(person: int) -> list[Scan]:
    """The approved scans that their students ask this mentor to reopen, the oldest request first."""
    return _REQUESTS(person)


def _requests(person: Slot) -> ModelSelect:
    asked = Scan.reopen_asked_at.is_null(False) & Scan.placement.in_(placements_of_mentor(person))
    scans = Scan.select(Scan.id, Scan.region, Scan.side, Scan.case_number, Enrolment.id, Person.name, Cohort.programme)
    scans = scans.join(Enrolment).join(Person).join_from(Enrolment, Cohort)
    return scans.where(asked, Scan.mentor == person).order_by(Scan.reopen_asked_at)


def _with_student(scans: ModelSelect) -> ModelSelect:
    """Each scan with its student, cohort and site; `.step` is its last step, `.returned_version` the version
    that was last sent back (None: never), `.returned_why` the reason and `.returned_content` what it said then, as
    JSON (None of older returns); `.reply` the student's last reply; `.reopened` whether it
    waits since it was reopened; `.unread` how often its mentor was handed it
    and has not read that.
    """
    step = Move.alias()
    mine = step.scan == Scan.id
    back, replied = step.verb == "send_back", step.verb == states.REPLY
    reopened = (step.verb == "reopen") & (step.at == Scan.sent_at)
    handed_over = (Notice.kind == "scan_handed_over") & Notice.listed & Notice.read_at.is_null()
    unread = (Notice.recipient == Scan.mentor) & (Notice.subject == SUBJECT) & handed_over
    return (
        scans.select(
            *_SHOWN,
            Enrolment.id,
            Person.id,
            Person.name,
            Cohort.id,
            Cohort.programme,
            Placement.id,
            Site.name,
            Mentor.id,
            Mentor.name,
            step.select(fn.MAX(step.id)).where(mine).alias("step"),
            Notice.select(fn.COUNT(Notice.id)).where(unread).alias("unread"),
            step.select(fn.MAX(step.version)).where(mine, back).alias("returned_version"),
            step.select(fn.COUNT(step.id)).where(mine, reopened).alias("reopened"),
            step.select(step.why).where(mine, back).order_by(step.id.desc()).limit(1).alias("returned_why"),
            step.select(step.content).where(mine, back).order_by(step.id.desc()).limit(1).alias("returned_content"),
            step.select(step.why).where(mine, replied).order_by(step.id.desc()).limit(1).alias("reply"),
        )
        .join(Enrolment)
        .join_from(Enrolment, Person)
        .join_from(Enrolment, Cohort)
        .join_from(Scan, Placement)
        .join_from(Placement, Site)
        .join_from(Scan, Mentor, JOIN.LEFT_OUTER, on=(Scan.mentor == Mentor.id))
    )


def _cards(person: Slot, support: Slot, student: Slot, most: Slot) -> ModelSelect:
    waits = (Scan.mentor == person) & WAITING
    part = ((support == "") | (Scan.support == support)) & ((student == 0) | (Scan.enrolment == student))
    mine = Scan.placement.in_(placements_of_mentor(person))
    return _with_student(Scan.select().where(waits & part, mine)).order_by(Scan.sent_at, Scan.case_number).limit(most)


def _approved(person: Slot, after: Slot) -> ModelSelect:
    approved = (Scan.approved_by == person) & (Scan.approved_at > after) & APPROVED
    mine = Scan.placement.in_(placements_of_mentor(person))
    return _with_student(Scan.select().where(approved, mine)).order_by(Scan.approved_at, Scan.case_number)


def _counts(person: Slot) -> ModelSelect:
    kinds = (Scan.support, Scan.enrolment, Person.name, Person.email, Site.name)
    rows = scans_waiting_for(person).select(*kinds, fn.COUNT(Scan.id)).join(Enrolment).join(Person)
    return rows.join_from(Scan, Placement).join(Site).group_by(*kinds).tuples()


def _sites(person: Slot) -> ModelSelect:
    rows = Site.select(Site.name).join(Placement).where(Placement.id.in_(placements_of_mentor(person)))
    return rows.distinct().tuples()


def _scan(person: Slot, number: Slot) -> ModelSelect:
    theirs = scans_visible_to(person).where(Scan.placement.in_(placements_of_mentor(person)))
    return _with_student(theirs.where(Scan.id == number))


_CARDS, _APPROVED, _SCAN = Prepared(_cards), Prepared(_approved), Prepared(_scan)
_COUNTS, _SITES, _REQUESTS = Prepared(_counts), Prepared(_sites), Prepared(_requests)
