"""What is decided of a student's place on the course: interruptions, extensions, another cohort, its end, readmission.

Each verb is one transaction with one line of history, and tells the student. The reason is asked of nobody and kept
nowhere here: health is kept elsewhere. What counts goes on counting (docs/decisions/0054-study-that-pauses.md).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import clock
from models import Absence, Cohort, Enrolment, Notice, Person, db
from rules import calendar, lifecycle
from rules.calendar import Interruption
from rules.phrases import day
from visibility import enrolments_managed_by
from workflows.counts import recount, tallies, tally_queries
from workflows.course import absences, programmes
from workflows.history import history, records
from workflows.notices import notices
from workflows.people import people, retention
from workflows.refusals import Conflict, Invalid, or_not_found

INTERRUPTION, EXTENSION = "interruption", "extension"
RETURNS_WITHIN = timedelta(days=14)  # before the day on which they come back, students are reminded of it
OF_RETENTION = ("reading_ends_60", "reading_ends_14", "past_its_time")
_LIVE = Absence.voided_at.is_null()


def student_of(enrolment: int, by: Person) -> Enrolment:
    """The enrolment with its cohort and person.
    Raises NotFound: there is none on a programme that `by` directs or administers.
    """
    return or_not_found(enrolments_managed_by(by.id).where(Enrolment.id == enrolment).first())


def interrupt(enrolment: int, from_on: date | None, until_on: date | None, *, by: Person) -> Absence:
    """Study rests from a day until the day on which the student comes back; None while that is open.
    Raises NotFound as `student_of`. Conflict: the enrolment has ended. Invalid: field -> sentences.
    """
    with db.atomic():
        student, now = _studying(enrolment, by), clock.now()
        known = interruptions_of(student)
        if same := [one for one in known if (one.from_on, one.until_on) == (from_on, until_on)]:
            return same[0]
        people.check_days(from_on=from_on, until_on=until_on)
        if from_on is None:
            raise Invalid({"from_on": ["Write the first day on which study rests."]})
        if from_on < student.enrolled_on:
            raise Invalid({"from_on": [f"They enrolled on {day(student.enrolled_on)}: write that day or a later one."]})
        if until_on is not None and until_on <= from_on:
            raise Invalid({"until_on": ["They come back after the first day: write a later day, or leave it empty."]})
        _refuse_overlap("from_on", Interruption(from_on, until_on), known)
        days = {"kind": INTERRUPTION, "from_on": from_on, "until_on": until_on}
        made = records.create(Absence, enrolment=student, **days, by=by, made_at=now)
        _done("interrupt", "study_interrupted", student, by, now)
        return made


def resume(enrolment: int, back_on: date | None, *, by: Person) -> Absence:
    """Say, or change, on which day the student comes back from the interruption of today; if there is none, from the
    next one; else from the last one. Its own first day takes the interruption back.
    Raises NotFound, Conflict: as `interrupt`; also when there is no interruption. Invalid: field -> sentences.
    """
    with db.atomic():
        student, now = _studying(enrolment, by), clock.now()
        known = interruptions_of(student)
        ended_so = (Absence.enrolment == student) & (Absence.from_on == back_on) & ~_LIVE
        if done := [one for one in known if one.until_on == back_on is not None]:
            return done[0]
        if back_on and (taken_back := Absence.select().where(ended_so).first()):
            return taken_back
        one = resumed(known, programmes.get(student.cohort.programme).today(now))
        if one is None:
            raise Conflict("Their study is not interrupted.", student)
        people.check_days(back_on=back_on)
        if back_on is None:
            raise Invalid({"back_on": ["Write the day on which they come back."]})
        if back_on < one.from_on:
            raise Invalid({"back_on": [f"Study rests from {day(one.from_on)} on: write that day or a later one."]})
        others = [other for other in known if other.id != one.id]
        _refuse_overlap("back_on", Interruption(one.from_on, back_on), others)
        _set(one, {"voided_at": now} if back_on == one.from_on else {"until_on": back_on})
        Notice.delete().where(Notice.kind == "study_resumes", Notice.subject == f"absence:{one.id}").execute()
        _done("resume", "study_resumed", student, by, now)
        return Absence.get_by_id(one.id)


def extend(enrolment: int, due_on: date | None, *, by: Person) -> Absence:
    """The student's scans are due on a later day; another extension takes the place of one before.
    Raises NotFound, Conflict: as `interrupt`. Invalid: field -> sentences.
    """
    with db.atomic():
        student, now = _studying(enrolment, by), clock.now()
        before = Absence.get_or_none(Absence.enrolment == student, Absence.kind == EXTENSION, _LIVE)
        if before and before.due_on == due_on:
            return before
        people.check_days(due_on=due_on)
        if due_on is None:
            raise Invalid({"due_on": ["Write the day on which their scans are due."]})
        plain = due_without_extension(student, absences.of(student.id), now)
        if due_on <= plain:
            raise Invalid({"due_on": [f"Their scans are due on {day(plain)} as it is: write a later day."]})
        if before:
            _set(before, {"voided_at": now})
        made = records.create(Absence, enrolment=student, kind=EXTENSION, due_on=due_on, by=by, made_at=now)
        _done("extend", "study_extended", student, by, now)
        return made


def transfer(enrolment: int, cohort: int | None, *, by: Person, seen: int | None = None) -> Enrolment:
    """The student goes on in another cohort of the same course, with story, history and case numbers. The due date is
    that cohort's from now on, so an extension ends.
    `seen`: id of the cohort in which they were when the form was made.
    Raises NotFound, Conflict as `interrupt`; also when they are in another cohort than was seen. Invalid.
    """
    with db.atomic():
        student, now = _studying(enrolment, by), clock.now()
        source = student.cohort
        if seen not in (None, source.id):
            if cohort == source.id:
                return student
            raise Conflict(f"Somebody has moved them meanwhile: they are in {source.name} now.", student)
        target = Cohort.get_or_none(Cohort.id == cohort, Cohort.programme == source.programme)
        _check_target(student, target)
        programme = programmes.get(source.programme)
        recount.carry_over(student.id, programme, source.id, target.id)
        records.update(Enrolment, {"cohort": target.id}, id=student.id)
        of = (Absence.enrolment == student) & (Absence.kind == EXTENSION) & _LIVE
        records.write(Absence.update(voided_at=now).where(of))
        _done("transfer", "study_transferred", student, by, now, cohort=target.id, before=source.id)
        return student_of(enrolment, by)


def withdraw(enrolment: int, on: date | None, *, by: Person, ended_as: str = lifecycle.LEFT) -> Enrolment:
    """The study ends on a day: the student leaves, graduates with a complete portfolio, or does not pass.
    Raises NotFound as `student_of`. Conflict: it has ended otherwise. Invalid: field -> sentences.
    """
    with db.atomic():
        student, now = student_of(enrolment, by), clock.now()
        if (student.ended_as, student.ended_on) == (ended_as, on) and on is not None:
            return student
        _refuse_ended(student)
        verb = next((verb for verb, end in lifecycle.ENDS.items() if end == ended_as), None)
        if verb is None:
            raise Invalid({"ended_as": ["Choose as what it ends."]})
        _check_end(student, on, verb, now)
        records.update(Enrolment, {"ended_on": on, "ended_as": ended_as}, id=student.id)
        for one in interruptions_of(student):
            if on is not None and (one.until_on is None or one.until_on > on):
                _set(one, {"voided_at": now} if one.from_on >= on else {"until_on": on})
        _done(verb, "study_ended", student, by, now)
        return student_of(enrolment, by)


def readmit(enrolment: int, *, by: Person) -> Enrolment:
    """The same enrolment opens again; the days since it ended are an interruption. One that is open stays as it is.
    Raises NotFound as `student_of`. Conflict: the student has graduated, or was erased.
    """
    with db.atomic():
        student, now = student_of(enrolment, by), clock.now()
        if student.ended_on is None:
            return student
        if student.ended_as not in lifecycle.COMES_BACK:
            raise Conflict(f"They graduated on {day(student.ended_on)}: that study is complete.", student)
        if retention.is_erased(student.person.email or ""):
            raise Conflict("They were erased, and nobody comes back from that.", student)
        today = programmes.get(student.cohort.programme).today(now)
        if student.ended_on < today:
            days = {"kind": INTERRUPTION, "from_on": student.ended_on, "until_on": today}
            records.create(Absence, enrolment=student, **days, by=by, made_at=now)
        records.update(Enrolment, {"ended_on": None, "ended_as": None}, id=student.id)
        subject = f"enrolment:{student.id}"
        Notice.delete().where(Notice.subject == subject, Notice.kind.in_(OF_RETENTION)).execute()
        _done("readmit", "study_readmitted", student, by, now)
        return student_of(enrolment, by)


def interruptions_of(student: Enrolment) -> list[Absence]:
    """The interruptions of this enrolment that hold, by their first days."""
    of = (Absence.enrolment == student) & (Absence.kind == INTERRUPTION) & _LIVE
    return list(Absence.select().where(of).order_by(Absence.from_on))


def resumed(known: Sequence[Absence], today: date) -> Absence | None:
    """Of which of these, by their first days, `resume` sets the end."""
    ahead = [one for one in known if one.until_on is None or one.until_on > today]
    return ahead[0] if ahead else known[-1] if known else None


def due_without_extension(student: Enrolment, theirs: Sequence[calendar.Absence], now: datetime) -> date:
    """When the scans of a student (with the cohort) would be due if no extension had been given."""
    cohort = student.cohort
    interruptions = [one for one in theirs if isinstance(one, Interruption)]
    today = programmes.get(cohort.programme).today(now)
    return calendar.due_on(cohort.starts_on, cohort.due_on, interruptions, today)


def remind() -> int:
    """Tell students, 14 days before, that they come back; each once an interruption. Returns how many were told."""
    now, sent = clock.now(), 0
    soon = now.date() + RETURNS_WITHIN + timedelta(days=1)
    rows = Absence.select(Absence, Enrolment, Cohort).join(Enrolment).join(Cohort)
    ahead = (Absence.until_on >= now.date()) & (Absence.until_on <= soon)
    for one in rows.where(_LIVE, Enrolment.ended_on.is_null(), ahead):
        programme = programmes.get(one.enrolment.cohort.programme)
        first = one.until_on - RETURNS_WITHIN
        if programme.today(one.made_at) < first <= programme.today(now) < one.until_on:
            sent += retention.notify_once("study_resumes", f"absence:{one.id}", [one.enrolment.person_id], now)
    return sent


def _studying(enrolment: int, by: Person) -> Enrolment:
    student = student_of(enrolment, by)
    _refuse_ended(student)
    return student


def _refuse_ended(student: Enrolment) -> None:
    if student.ended_on is not None:
        raise Conflict(f"This study ended on {day(student.ended_on)}: {ENDED_WORDS[student.ended_as]}.", student)


ENDED_WORDS = {
    lifecycle.GRADUATED: "they graduated",
    lifecycle.LEFT: "they left the course",
    lifecycle.FAILED: "they did not pass",
}


def _refuse_overlap(field: str, wanted: Interruption, known: Sequence[Absence]) -> None:
    for one in known:
        theirs = Interruption(one.from_on, one.until_on)
        if wanted.meets(theirs):
            until = f"until {day(one.until_on)}" if one.until_on else "with no end set yet"
            raise Invalid({field: [f"Study is interrupted already from {day(one.from_on)} {until}."]})


def _check_target(student: Enrolment, target: Cohort | None) -> None:
    if target is None:
        raise Invalid({"cohort": ["Choose a cohort of the same course."]})
    if target.id == student.cohort_id:
        raise Invalid({"cohort": [f"They are in {target.name} already."]})
    if Enrolment.select().where(Enrolment.person == student.person_id, Enrolment.cohort == target).exists():
        raise Invalid({"cohort": [f"They have another enrolment in {target.name} already."]})
    if target.due_on < student.enrolled_on:
        raise Invalid({"cohort": [f"The scans of {target.name} were due before this student enrolled."]})


def _check_end(student: Enrolment, on: date | None, verb: str, now: datetime) -> None:
    programme = programmes.get(student.cohort.programme)
    today = programme.today(now)
    if on is None or not student.enrolled_on <= on <= today:
        span = f"from {day(student.enrolled_on)}, when they enrolled, to today"
        raise Invalid({"ended_on": [f"Write the day on which it ended: {span}."]})
    if verb == "graduate":
        progress = tally_queries.progress_of([student], programme, now)[student.id]
        if progress.missing:
            raise Invalid({"ended_as": [f"Their portfolio is not complete: {progress.missing} do not count yet."]})
        if progress.is_interrupted:
            raise Invalid({"ended_as": ["Their study is interrupted: they come back first."]})


def _set(one: Absence, values: dict) -> None:
    records.update(Absence, values, id=one.id)


def _done(verb: str, kind: str, student: Enrolment, by: Person, now: datetime, **payload: int) -> None:
    """Its line of history, without a reason; its notice; and whoever shows the student's numbers looks anew."""
    tallies.touch(student.id)
    subject = f"enrolment:{student.id}"
    history.record(verb, subject, by=by, at=now, enrolment=student.id, **payload)
    notices.notify(kind, subject, to=student.person_id, by=by.id, at=now)
