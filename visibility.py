"""Who may see which rows. Who acts is an argument; the functions know no request."""

from peewee import SQL, Field, ModelSelect, fn

from models import Audit, Cohort, Edition, Enrolment, Invitation, Party, Person, Placement, Scan, Staff
from rules import audits, roles
from rules.states import DRAFT, WITHDRAWN
from statements import TODAY

# Written out, not bound: so the database knows that an index of these rows alone will do.
WAITING = Scan.state == SQL("'with_mentor'")
COUNTED = Scan.state == SQL("'counted'")
APPROVED = Scan.approved_at.is_null(False)  # counted, or held until the course has confirmed who approved it
_FAILED = Audit.select(Audit.scan).where(SQL(f"voided_at IS NULL AND ({audits.FAILED})"))  # by the index audit_failed
FAILED_COUNTS = COUNTED & Scan.audited_at.is_null(False) & Scan.id.in_(_FAILED)  # a failed audit that counts
_CLOSED = Person.alias("closed")
_IS_CLOSED = _CLOSED.select(_CLOSED.id).where(_CLOSED.id == Party.person, _CLOSED.disabled_at.is_null(False))
# Parts hold from their first day until the day before `ended_on`, by the day on which the statement runs.
PARTS_NOW = (Party.from_on.is_null() | (Party.from_on <= TODAY)) & (Party.ended_on.is_null() | (Party.ended_on > TODAY))
MENTORS_NOW = (Party.role == roles.MENTOR) & PARTS_NOW & ~fn.EXISTS(_IS_CLOSED)
# Whoever somebody with an open account covers for today is away: what they have, they may judge still.
_COVER, _COVERED, _COVERER = Party.alias("cover"), Party.alias("covered"), Person.alias("coverer")
_COVERED_NOW = (
    _COVER.select(_COVERED.person)
    .join(_COVERED, on=(_COVER.cover_for == _COVERED.id))
    .join_from(_COVER, _COVERER, on=(_COVER.person == _COVERER.id))
    .where(_COVER.from_on <= TODAY, _COVER.ended_on > TODAY, _COVERER.disabled_at.is_null())
)
AWAY_NOW = fn.EXISTS(_COVERED_NOW.where(_COVERED.placement == Party.placement, _COVERED.person == Party.person))


def covered_now() -> ModelSelect:
    """Everybody for whom somebody covers today: person_id and placement_id, each pair once. For a long list, where
    AWAY_NOW of each row takes longer.
    """
    pairs = _COVERED_NOW.where(_COVER.cover_for > 0)  # an index finds these; of "not null" SQLite reads every part
    return pairs.select(_COVERED.person, _COVERED.placement).distinct()


_CURRENT = Party.select(Party.id).where(Party.placement == Scan.placement, Party.person == Scan.mentor, MENTORS_NOW)
MENTOR_HAS_LEFT = ~fn.EXISTS(_CURRENT)  # of a scan: its mentor is none of its placement now, or their account is closed


def placements_of_mentor(person: int) -> ModelSelect:
    """Ids of the placements in which this person is a mentor now."""
    return Party.select(Party.placement).where(Party.person == person, MENTORS_NOW)


def mentors_of_placement(placement: int | Field) -> ModelSelect:
    """Ids of the people who are mentors in this placement now."""
    return Party.select(Party.person).where(Party.placement == placement, MENTORS_NOW)


def programmes_of_staff(person: int, *keys: str) -> ModelSelect:
    """Keys of the programmes on which this person has one of the roles with these keys."""
    return Staff.select(Staff.programme).where(Staff.person == person, Staff.role.in_(keys))


def placements_run_by(person: int) -> ModelSelect:
    """The placements of the programmes that this person directs or administers: whose parts they may change."""
    run = programmes_of_staff(person, *roles.MANAGERS)
    return Placement.select().join(Enrolment).join(Cohort).where(Cohort.programme.in_(run))


def scans_visible_to(person: int) -> ModelSelect:
    """The scans that this person may read: their own; and those sent in a placement, or in a programme, in which they
    have a role that reads texts. Nobody but the student reads a draft or a withdrawn scan.
    """
    sent = Scan.state.not_in((DRAFT, WITHDRAWN))
    own = Enrolment.select(Enrolment.id).where(Enrolment.person == person)
    placements = Party.select(Party.placement).where(
        Party.person == person, Party.role.in_(roles.readers(roles.PLACEMENT)), PARTS_NOW
    )
    programmes = programmes_of_staff(person, *roles.readers(roles.PROGRAMME))
    course = Enrolment.select(Enrolment.id).join(Cohort).where(Cohort.programme.in_(programmes))
    return Scan.select().where(
        Scan.enrolment.in_(own) | (sent & (Scan.placement.in_(placements) | Scan.enrolment.in_(course)))
    )


def counted_for_assessor(person: int, enrolment: int) -> ModelSelect:
    """The student's scans that count and that this person may read as an assessor of the placement or programme."""
    placements = Party.select(Party.placement).where(
        Party.person == person, Party.role == roles.EXTERNAL_ASSESSOR, PARTS_NOW
    )
    programmes = programmes_of_staff(person, roles.INTERNAL_ASSESSOR)
    course = Enrolment.select(Enrolment.id).join(Cohort).where(Cohort.programme.in_(programmes))
    read = Scan.placement.in_(placements) | Scan.enrolment.in_(course)
    return Scan.select().where(Scan.enrolment == enrolment, COUNTED, read)


def scans_waiting_for(person: int) -> ModelSelect:
    """What waits in this mentor's inbox."""
    return Scan.select().where(Scan.mentor == person, WAITING, Scan.placement.in_(placements_of_mentor(person)))


def scans_of_mentors_who_left(person: int) -> ModelSelect:
    """What waits for somebody who mentors no more in its placement, or whose account is closed; of those scans that
    this person may hand over: their own, those of placements where they mentor, those of courses that they direct.
    """
    return waiting_scans_to_hand_over(person).where(MENTOR_HAS_LEFT)


def waiting_scans_to_hand_over(person: int) -> ModelSelect:
    """All that waits, whoever for, of the scans that this person may hand over once their mentor has left."""
    own = (Enrolment.person == person) & Enrolment.ended_on.is_null()
    course = Cohort.programme.in_(programmes_of_staff(person, roles.DIRECTOR))
    mentored = placements_of_mentor(person)
    # Once more by student, so that an index finds them: else all that waits for anybody is looked at.
    students = Enrolment.select(Enrolment.id).where(own) | Enrolment.select(Enrolment.id).join(Cohort).where(course)
    students |= Placement.select(Placement.enrolment).where(Placement.id.in_(mentored))
    theirs = Scan.enrolment.in_(students) & (own | course | Scan.placement.in_(mentored))
    return Scan.select().join(Enrolment).join(Cohort).where(WAITING, theirs)


def scans_of_student(person: int) -> ModelSelect:
    """The student's own scans, whatever their state."""
    return Scan.select().where(Scan.enrolment.in_(Enrolment.select(Enrolment.id).where(Enrolment.person == person)))


def enrolments_visible_to(person: int) -> ModelSelect:
    """The students whose counters this person may see: in their programmes, or by any role in a placement."""
    by_staff = Cohort.programme.in_(programmes_of_staff(person, *roles.in_scope(roles.PROGRAMME)))
    parties = Party.select(Placement.enrolment).join(Placement).where(Party.person == person, PARTS_NOW)
    return Enrolment.select().join(Cohort).where(by_staff | Enrolment.id.in_(parties))


def portfolios_visible_to(person: int) -> ModelSelect:
    """The enrolments whose portfolio this person may open: their own; those of programmes that they direct or assess;
    those of placements where they are the external assessor.
    """
    staff = programmes_of_staff(person, roles.DIRECTOR, roles.INTERNAL_ASSESSOR)
    placed = Party.select(Placement.enrolment).join(Placement)
    assessed = placed.where(Party.person == person, Party.role == roles.EXTERNAL_ASSESSOR, PARTS_NOW)
    mine = (Enrolment.person == person) | Cohort.programme.in_(staff) | Enrolment.id.in_(assessed)
    return Enrolment.select(Enrolment, Cohort, Person).join(Cohort).switch(Enrolment).join(Person).where(mine)


def enrolments_managed_by(person: int) -> ModelSelect:
    """The enrolments whose days this person decides on, each with its cohort and person: those of programmes that they
    direct or administer.
    """
    theirs = Cohort.programme.in_(programmes_of_staff(person, *roles.MANAGERS))
    return Enrolment.select(Enrolment, Cohort, Person).join(Cohort).switch(Enrolment).join(Person).where(theirs)


def editions_visible_to(person: int) -> ModelSelect:
    """The editions of the portfolios that this person may open."""
    return Edition.select().where(Edition.enrolment.in_(portfolios_visible_to(person).select(Enrolment.id)))


def people_visible_to(person: int) -> ModelSelect:
    """The people whom somebody manages with the room *People*: who has or ever had a part in a programme of theirs, who
    came into one by an invitation, and who has no part anywhere (any more): they are of every programme.
    """
    mine = programmes_of_staff(person, *roles.MANAGERS)
    enrolments = Enrolment.select(Enrolment.id).join(Cohort).where(Cohort.programme.in_(mine))
    placements = Placement.select(Placement.id).where(Placement.enrolment.in_(enrolments))
    invited = Invitation.select(Invitation.accepted_by).where(
        Invitation.accepted_by.is_null(False), Invitation.programme.in_(mine) | Invitation.placement.in_(placements)
    )
    theirs = (
        Person.id.in_(Staff.select(Staff.person).where(Staff.programme.in_(mine)))
        | Person.id.in_(Enrolment.select(Enrolment.person).where(Enrolment.id.in_(enrolments)))
        | Person.id.in_(Party.select(Party.person).where(Party.placement.in_(placements)))
        | Person.id.in_(invited)
    )
    nobodys = [
        ~fn.EXISTS(table.select(table.id).where(table.person == Person.id)) for table in (Staff, Enrolment, Party)
    ]
    return Person.select().where(theirs | (fn.EXISTS(mine) & nobodys[0] & nobodys[1] & nobodys[2]))
