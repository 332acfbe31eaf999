"""What a director keeps of having spoken with a student, or with somebody about them."""

from datetime import date, timedelta
from typing import Any

from peewee import fn

import clock
from models import Cohort, Contact, Enrolment, Party, Person, Placement, db
from rules import roles
from visibility import programmes_of_staff
from workflows.course import programmes
from workflows.history import history, records
from workflows.refusals import Invalid, or_not_found
from workflows.reviews.reviews import NOTE_LIMIT
from workflows.scans import screening

YEAR = timedelta(days=365)  # before the enrolment, in which an applicant may have been spoken with


def note_contact(
    enrolment_id: int, *, by: Person, person: int | None, spoken_on: date | None, note: str = "", named_nobody: str = ""
) -> Contact:
    """Keep with whom a director has spoken about a student, and when. The same once more is kept once.

    Args:
        person: id of the student, or of somebody with a part in one of their placements.
        named_nobody: marks of what the screen asked about in the note, as for `screening.screen`.

    Raises NotFound: no such student on a course that `by` directs. Invalid: field -> sentences.
    """
    with db.atomic():
        directs = Cohort.programme.in_(programmes_of_staff(by.id, roles.DIRECTOR))
        student = or_not_found(
            Enrolment.select(Enrolment, Cohort).join(Cohort).where(Enrolment.id == enrolment_id, directs).first()
        )
        now, note = clock.now(), note.strip()
        warned = _check(student, person, spoken_on, note, named_nobody)
        values: dict[str, Any] = {"enrolment": student, "person": person, "spoken_on": spoken_on, "note": note}
        if known := Contact.get_or_none(**values):
            return known
        made = records.create(Contact, **values, by=by, made_at=now)
        payload = {"warned": warned} if warned else {}
        history.record("note_contact", f"contact:{made.id}", by=by, at=now, enrolment=student.id, **payload)
        return made


def _check(student: Enrolment, person: int | None, spoken_on: date | None, note: str, named_nobody: str) -> list[str]:
    wrong: dict[str, list[str]] = {}
    today = programmes.get(student.cohort.programme).today(clock.now())
    if person not in people_of(student):
        wrong["person"] = ["Choose the student, or somebody of their placements."]
    if spoken_on is None or not student.enrolled_on - YEAR <= spoken_on <= today:
        wrong["spoken_on"] = ["Write the day on which you spoke: today, or a day before."]
    if len(note) > NOTE_LIMIT:
        wrong["note"] = [f"At most {NOTE_LIMIT:,} characters; this has {len(note):,}."]
        raise Invalid(wrong)
    return screening.screen({"note": note}, named_nobody, problems=wrong)


def people_of(student: Enrolment) -> dict[int, str]:
    """The student, and who has or had a part in one of their placements, by name: whom one may have spoken with."""
    parts = Party.select(Party.person).join(Placement).where(Placement.enrolment == student)
    named = Person.select(Person.id, Person.name).where(Person.id.in_(parts) | (Person.id == student.person))
    return dict(named.order_by((Person.id == student.person).desc(), fn.LOWER(Person.name)).tuples())
