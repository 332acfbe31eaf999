"""What a student's home shows beside the counters: who they are here, what came back, what to finish."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import JOIN, Case, Expression, ModelSelect, fn

from blueprints.presenters import place_in_sentence
from models import Cohort, Enrolment, InstantField, Move, Notice, Party, Person, Placement, Scan
from rules import states
from rules.person_names import first_name
from rules.phrases import capital
from rules.programme import Programme
from statements import Prepared, Slot
from visibility import FAILED_COUNTS, MENTORS_NOW, scans_waiting_for
from workflows.course import programmes
from workflows.reviews.reviews import undo_cutoff
from workflows.scans.scan_notices import SUBJECT, scan_id_of

SHOWN_AFTER_SEEN = timedelta(days=7)  # a comment or a reopening stays on the home page so long once it was seen
AT_MOST = 30
_instant = InstantField()
JUDGEMENTS = ("send_back", states.HIDE, "reopen", "approve", "undo")


@dataclass(frozen=True)
class CameBack:
    """A scan returned, hidden, reopened or commented: `verb` is of `JUDGEMENTS`. `seen` by the student."""

    scan_id: str
    scan: str
    verb: str
    why: str
    by: str
    at: datetime
    seen: bool


def student(person: int, now: datetime) -> Enrolment | None:
    """The person's enrolment with its cohort: the current one before one that begins later or has ended. None when
    there is none.

    Beside its columns it has `.last`, the last scan logged (None before the first), `.words_missing`, how many abnormal
    scans still want the student's own words, `.waiting`, how many scans wait for this person as a mentor, and
    `.failed_counts`, how many count with a failed audit, of which the student is told, and `.without_mentor`, their
    latest placement when nobody mentors them anywhere.
    """
    return _STUDENT.first(person, _instant.db_value(now - programmes.longest_undo()), now.date().isoformat())


def came_back(enrolment: int, programme: Programme, now: datetime) -> list[CameBack]:
    """What mentors returned, reopened, or said when they approved; unseen first, what wants doing before comments.

    An approval is told only once the mentor can no longer undo it, so that nobody is told and then untold.
    """
    shown_since, settled = _instant.db_value(now - SHOWN_AFTER_SEEN), _instant.db_value(undo_cutoff(programme, now))
    return [
        CameBack(scan_id, capital(place_in_sentence(programme, region, side)), verb, why, by, at, not unread)
        for scan_id, region, side, verb, why, by, at, unread in _CAME_BACK(enrolment, shown_since, settled)
    ]


def greeting(name: str, local: datetime) -> str:
    """ "Good morning, Amara", by the programme's own clock: morning until noon, evening from six."""
    part = "morning" if 4 <= local.hour < 12 else "afternoon" if 12 <= local.hour < 18 else "evening"
    return f"Good {part}, {first_name(name)}"


def _student(person: Slot, settled: Slot, today: Slot) -> ModelSelect:
    last, mine, number = Scan.alias(), Scan.enrolment == Enrolment.id, fn.COUNT(Scan.id)
    placed = (Scan.procedure == "", Scan.region != "", Scan.side != "")
    last_id = Scan.select(Scan.id).where(mine, Scan.state != states.WITHDRAWN, *placed)
    still_open = Scan.state.in_((states.DRAFT, states.WITH_MENTOR, states.RETURNED))
    return (
        Enrolment.select(Enrolment, Cohort, last.id, last.region, last.side)
        .select_extend(
            Scan.select(number).where(mine, still_open, Scan.words_missing).alias("words_missing"),
            scans_waiting_for(person).select(number).alias("waiting"),
            Scan.select(number).where(mine, FAILED_COUNTS, Scan.approved_at <= settled).alias("failed_counts"),
            _without_mentor().alias("without_mentor"),
        )
        .join(Cohort)
        .join_from(
            Enrolment,
            last,
            JOIN.LEFT_OUTER,
            on=(last.id == last_id.order_by(Scan.case_number.desc()).limit(1)),
            attr="last",
        )
        .where(Enrolment.person == person)
        .order_by(Enrolment.ended_on.is_null().desc(), (Enrolment.enrolled_on <= today).desc())
        .order_by_extend(Enrolment.enrolled_on.desc())
        .limit(1)
    )


def _without_mentor() -> ModelSelect:
    """The enrolment's latest placement, when nobody mentors its student anywhere."""
    mentors = Party.select(Party.id).join(Placement).where(Placement.enrolment == Enrolment.id, MENTORS_NOW)
    alone = Placement.alias()
    nowhere = alone.select(alone.id).where(alone.enrolment == Enrolment.id, ~fn.EXISTS(mentors))
    return nowhere.order_by(alone.starts_on.desc()).limit(1)


def _came_back(enrolment: Slot, shown_since: Slot, settled: Slot) -> ModelSelect:
    def fresh(notice: type[Notice]) -> Expression:
        return notice.read_at.is_null() | (notice.read_at >= shown_since)

    # What wants doing comes before what wants reading.
    asks = Case(Move.verb, (("send_back", 0), (states.HIDE, 0), ("reopen", 1)), 2)
    later = Move.alias()
    newest = later.select(fn.MAX(later.id)).where(later.scan == Scan.id, later.verb.in_(JUDGEMENTS))
    # Nearly all of a portfolio is counted, and little of that has been commented lately: the others are not looked at.
    person = Enrolment.select(Enrolment.person).where(Enrolment.id == enrolment)
    mine, of, comment = Scan.alias(), Scan.alias(), Notice.alias()
    asking = mine.select(mine.id).where(mine.enrolment == enrolment)
    asking = asking.where(mine.state.in_((states.RETURNED, states.WITH_MENTOR)))
    comments = (
        comment.select(of.id)
        .join(of, on=(of.id == scan_id_of(comment.subject)))
        .where(comment.recipient == person, comment.kind == "scan_commented", fresh(comment), of.enrolment == enrolment)
    )
    about = (Notice.recipient == person) & (Notice.subject == SUBJECT) & (Notice.at == Move.at)
    unread = Notice.id.is_null(False) & Notice.read_at.is_null()  # what was read long ago has no notice any more
    is_fresh = Notice.id.is_null(False) & fresh(Notice)
    returned = (Scan.state == states.RETURNED) & Move.verb.in_(("send_back", states.HIDE))
    reopened = (Scan.state == states.WITH_MENTOR) & (Move.verb == "reopen") & is_fresh
    commented = (Scan.state == states.COUNTED) & (Move.verb == "approve") & (Move.why != "") & (Move.at <= settled)
    commented &= is_fresh
    return (
        Move.select(Move.scan, Scan.region, Scan.side, Move.verb, Move.why, Person.name, Move.at, unread)
        .join(Scan)
        .join_from(Move, Person)
        .join_from(Move, Notice, JOIN.LEFT_OUTER, on=about)
        .where(Scan.id.in_(asking.union_all(comments)), Move.id == newest, returned | reopened | commented)
        .order_by(unread.desc(), asks, Move.at.desc())
        .limit(AT_MOST)
        .tuples()
    )


_STUDENT, _CAME_BACK = Prepared(_student), Prepared(_came_back)
