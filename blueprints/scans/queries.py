"""One scan with all that its page shows, for whoever may see it: facts, timeline, and what they may do with it."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from peewee import JOIN, fn

from blueprints import presenters
from blueprints.scan_presenter import ScanPresenter, TimelineEntry, entry_of
from blueprints.scans import forms
from models import Audit, Cohort, Enrolment, Move, Notice, Party, Person, Placement, Scan, Site
from rules import states
from rules.entry import FIELD_OF, OWN_WORDS
from rules.phrases import capital, side_of
from rules.scan_fields import Field, by_heading
from visibility import MENTORS_NOW, scans_of_student, scans_visible_to
from workflows.people import held_approvals
from workflows.refusals import or_not_found
from workflows.scans import mentor_gone, same_patient, scan_entry, transitions
from workflows.scans.other_side import may_add_side
from workflows.scans.scan_entry import Ask
from workflows.scans.scan_facts import fact
from workflows.scans.scan_notices import subject_of
from workflows.scans.timeline import visible_to_student

Mentor, Auditor = Person.alias(), Person.alias()
CURRENT = (Audit.scan == Scan.id) & (Audit.version == Scan.version) & Audit.voided_at.is_null()
FACTS = by_heading(
    lambda one: one.heading, ("Scanned", "Mentor", "Site", "Machine", "Transducer", "Protocol", "Indication")
)
CAPITALS = ("word", "words")  # of the programme's words; a name stands as it is written


@dataclass
class Page(ScanPresenter):
    """A scan as `person` may see it now."""

    scan: Scan
    person: int
    now: datetime
    moves: list[Move] = field(default_factory=list)

    @property
    def region(self):
        return self.programme.vocabulary.regions.get(self.scan.region)

    @property
    def is_own(self) -> bool:
        return self.scan.enrolment.person_id == self.person

    @property
    def place(self) -> str:
        """ "Shoulder · right"; what is not known yet is left out."""
        return presenters.place(self.programme, self.scan.region, self.scan.side) or "No region yet"

    @property
    def case(self) -> str:
        return f"Case {self.scan.case_number:04}"

    @cached_property
    def is_fresh_approval(self) -> bool:
        """Counted so lately that the mentor can still undo it: the student does not see it yet."""
        return transitions.is_undoable(self.scan, self.now)

    @property
    def state(self) -> str:
        """The state that this person may see."""
        return states.WITH_MENTOR if self.is_own and self.is_fresh_approval else self.scan.state

    @cached_property
    def is_void(self) -> bool:
        """It is held, and the course has refused its approver or ended their confirmation."""
        return self.state == states.HELD and held_approvals.is_void(self.scan)

    @property
    def held(self) -> str:
        """Why it does not count though it is approved; empty of any other."""
        if self.state != states.HELD:
            return ""
        mentor = "you" if self.scan.approved_by_id == self.person else self.scan.mentor.name
        if not self.is_void:
            return f"Held: it is approved and kept, and counts once the course has confirmed {mentor} for that day."
        return f"Held: the course does not confirm {mentor}, so this does not count. Another mentor can judge it."

    @property
    def audit(self) -> Audit | None:
        """The appraisal of the current version, once the student may know of it. That of a return is no audit of what
        was then approved without one.
        """
        audit = getattr(self.scan, "audit", None)
        is_unaudited = self.scan.state in states.APPROVED and self.scan.audited_at is None
        return None if is_unaudited or (self.is_own and self.is_fresh_approval) else audit

    @property
    def day(self) -> str:
        return capital(presenters.day(self.scan.scanned_on, self.programme.today(self.now)))

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Heading and words of everything that was tapped; words are empty where nothing was."""
        return self.facts_of(FACTS)

    def fact(self, fields: tuple[Field, ...]) -> str:
        if fields[0].kind == "day":
            return self.day
        words = fact(fields, self.scan, self.programme)
        return capital(words) if fields[0].kind in CAPITALS else words

    @property
    def last_step(self) -> int:
        """The id of its last move, which every form on the page carries."""
        return max((move.id for move in self.moves), default=0)

    @cached_property
    def missing(self) -> list[str]:
        """What it lacks before it can be sent."""
        return scan_entry.missing_of(self.programme, self.scan)

    @cached_property
    def mentor_gone(self) -> str:
        """Why it cannot go to the mentor whom it names, and who follows; empty when it can, and for anybody else."""
        return mentor_gone.why(self.scan, self.missing) if self.is_own and "send" in self.allowed_verbs else ""

    @property
    def first_missing(self) -> str | None:
        """The field of the form that it lacks first."""
        return FIELD_OF[self.missing[0]] if self.missing else None

    @cached_property
    def _contradictions(self) -> list[Ask]:
        return scan_entry.contradictions_of(self.programme, scan_entry.entry_of(self.scan))

    @property
    def lacks_more_than_words(self) -> bool:
        """It cannot be sent, even with own words, until something else is added or answered."""
        return bool(set(self.missing) - {OWN_WORDS} or self.asks or self.duplicate)

    @property
    def asks(self) -> list[Ask]:
        """What is asked about it before it is sent."""
        is_open = self.is_own and self.scan.state in (states.DRAFT, states.RETURNED)
        return [ask for ask in self._contradictions if ask.key not in self.scan.meant] if is_open else []

    @property
    def meant(self) -> list[str]:
        """What was asked about, and the student said that it is meant."""
        return [ask.sentence for ask in self._contradictions if ask.key in self.scan.meant] if self.scan.meant else []

    @property
    def allowed_verbs(self) -> tuple[str, ...]:
        """What this person may do with it in its state."""
        if self.is_own:
            ended = self.scan.enrolment.ended_on is not None
            return () if ended else states.allowed(self.scan.state, "student")
        if any(mentor == self.person for mentor, _ in self.mentors):
            return states.allowed(self.scan.state, "mentor")
        return ()

    @cached_property
    def mentors(self) -> list[tuple[int, str]]:
        """The mentors of its placement now whose accounts are open: one query."""
        parties = (
            Party.select(Person.id, Person.name).join(Person).order_by(Party.id).where(Person.disabled_at.is_null())
        )
        current = (Party.placement == self.scan.placement_id) & MENTORS_NOW
        found = parties.where(current).tuples() if self.scan.placement_id else ()
        return list(dict.fromkeys(found))  # somebody may have a part of their own and cover, too

    @property
    def other_mentors(self) -> list[tuple[int, str]]:
        """To whom it can be handed."""
        return [pair for pair in self.mentors if pair[0] != self.scan.mentor_id]

    @property
    def can_add_side(self) -> bool:
        """The other side of the same patient can still be added to this entry (R4)."""
        return "correct" in self.allowed_verbs and self.is_own and may_add_side(self.scan, self.now)

    @property
    def duplicate(self) -> str:
        """ "a right shoulder 3 minutes ago": the scan that this one may be a second time, while that is asked."""
        other = self.scan.duplicate_of
        if not self.scan.duplicate_of_id or self.scan.state != states.DRAFT:
            return ""
        region = self.programme.vocabulary.regions.get(other.region)
        where = side_of(region, other.side) if region else other.region
        if where.startswith(f"the {other.side}"):
            where = where.replace("the", "a", 1)
        return f"{where} {presenters.ago(min(other.entered_at or other.received_at, other.received_at), self.now)}"

    @cached_property
    def relation(self) -> str:
        """How it may be of the patient of the scan that it is asked about with: of `rules.same_patient.RELATIONS`."""
        return same_patient.relation_of(self.programme, self.scan)

    @property
    def why_not_joined(self) -> list[str]:
        """Why it cannot be joined to that scan, the other side of which it is."""
        return same_patient.why_not_joined(self.programme, Scan.get_by_id(self.scan.id))

    @cached_property
    def joined(self) -> Scan | None:
        """The scan that was joined to it last, while that can be undone."""
        can_undo = self.is_own and "correct" in self.allowed_verbs
        return same_patient.joined_to(self.programme, self.scan) if can_undo else None

    @cached_property
    def timeline(self) -> list[TimelineEntry]:
        """What happened to it, oldest first, as far as this person may know."""
        return [self._entry(move) for move in self._visible_moves]

    @property
    def has_news(self) -> bool:
        """This person has an unread notice about it."""
        return any(move.unread for move in self._visible_moves)

    @property
    def sent_back(self) -> TimelineEntry | None:
        """Why it was returned or reopened, while it is for the student to answer."""
        is_open = self.state in (states.RETURNED, states.WITH_MENTOR) and self.is_own
        for move in reversed(self._visible_moves if is_open else []):
            if move.verb in ("send_back", "reopen"):
                return self._entry(move)
            if move.verb in ("correct", "send", "approve", states.HIDE):
                return None
        return None

    @property
    def feedback(self) -> TimelineEntry | None:
        """What was said with the approval that stands; empty where nothing was."""
        moves = [move for move in self._visible_moves if move.verb == "approve"]
        return self._entry(moves[-1]) if moves and self.state in states.APPROVED else None

    @property
    def can_reply(self) -> bool:
        """A mentor has said something of it that its student may answer."""
        has_comment = any(move.why and move.verb in states.OF_MENTOR for move in self._visible_moves)
        return has_comment and states.REPLY in self.allowed_verbs and self.is_own

    @cached_property
    def _visible_moves(self) -> list[Move]:
        """The moves without those that are hidden from the student: an approval that was undone, or still can be."""
        return visible_to_student(self.moves, undoable=self.is_fresh_approval) if self.is_own else self.moves

    def _entry(self, move: Move) -> TimelineEntry:
        return entry_of(move, self.scan, lambda at: presenters.moment(self.programme, at, self.now))


def page_of(person: int, scan_id: str, now: datetime) -> Page:
    """The scan, if this person may see it. Two queries, and one for its mentors where they are needed.

    Raises:
        NotFound.
    """
    twin = Scan.alias()
    found = (
        scans_visible_to(person)
        .select(Scan, Enrolment, Cohort, Person, Placement, Site, Mentor.id, Mentor.name, Audit, Auditor.name)
        .select_extend(twin.id, twin.region, twin.side, twin.state, twin.received_at, twin.entered_at)
        .join_from(Scan, Enrolment)
        .join(Cohort)
        .join_from(Enrolment, Person)
        .join_from(Scan, Placement, JOIN.LEFT_OUTER)
        .join(Site, JOIN.LEFT_OUTER)
        .join_from(Scan, Mentor, JOIN.LEFT_OUTER, on=(Scan.mentor == Mentor.id), attr="mentor")
        .join_from(Scan, Audit, JOIN.LEFT_OUTER, on=CURRENT, attr="audit")
        .join(Auditor, JOIN.LEFT_OUTER, on=(Audit.by == Auditor.id), attr="by")
        .join_from(Scan, twin, JOIN.LEFT_OUTER, on=(Scan.duplicate_of == twin.id), attr="duplicate_of")
        .where(Scan.id == scan_id)
        .first()
    )
    return page_with_moves(or_not_found(found), person, now)


def page_with_moves(scan: Scan, person: int, now: datetime) -> Page:
    """The page of a scan that this person may see, read with its enrolment and cohort. One query."""
    about = (Notice.recipient == person) & (Notice.subject == subject_of(scan.id)) & (Notice.at == Move.at)
    unread = Notice.select(fn.COUNT(Notice.id)).where(about, Notice.listed, Notice.read_at.is_null())
    moves = Move.select(Move, Person.name).select_extend(unread.alias("unread")).join(Person)
    return Page(scan, person, now, list(moves.where(Move.scan == scan.id).order_by(Move.id)))


def received(person: int, asked: list[str]) -> list[str]:
    """Which of these of the person's own are here. A scan is asked about by its id; a correction as "id@version", the
    version that it was made to: it has come, or another took its place, when the scan has gone past that.
    """
    wanted = {one: one.partition("@") for one in asked}
    ids = {scan_id for scan_id, _, _ in wanted.values()}
    here = dict(scans_of_student(person).select(Scan.id, Scan.version).where(Scan.id.in_(ids)).tuples())
    return [
        one
        for one, (scan_id, correction, version) in wanted.items()
        if scan_id in here and (not correction or 0 < forms.number_of(version) < here[scan_id])
    ]
