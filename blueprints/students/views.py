"""The students that somebody other than themselves follows: a list, and one student's progress to read."""

from datetime import date
from functools import partial
from typing import Any, Self

from flask import Blueprint, make_response, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, TextAreaField

import clock
from blueprints.access import allow, me
from blueprints.field_limits import number_in
from blueprints.filters import from_back, page_of, search, to_back
from blueprints.form_errors import errors_of, named_nobody, not_saved, show_errors
from blueprints.hypermedia import go_to
from blueprints.mailto import mail_links
from blueprints.student_rows import status_of, student_rows
from blueprints.students import by_site, queries
from blueprints.students.weekly_chart import weekly_chart
from models import Enrolment
from rules import roles, sector
from rules.status import Status
from visibility import portfolios_visible_to
from workflows.counts import tally_queries
from workflows.course import programmes
from workflows.people import contacts
from workflows.refusals import Invalid, NotFound
from workflows.reviews import successors

students = Blueprint("students", __name__)


class ContactForm(FlaskForm):
    """With whom, when, and what was said. What may not be kept, the workflow says."""

    person = SelectField("Spoke with", coerce=number_in, validate_choice=False)
    spoken_on = DateField("On")
    note = TextAreaField("What was agreed")

    @classmethod
    def of(cls, people: dict[int, str], today: date, *, sent: bool) -> Self:
        """The form with whom one may have spoken; of today unless it was sent."""
        form = cls() if sent else cls(formdata=None, data={"spoken_on": today})
        form.person.choices = list(people.items())
        return form


@students.get("/students")
@allow(*roles.with_room("students"))
def index():
    """The students by site; `q` finds some of them by name or site."""
    visitor, now = me(), clock.now()
    rows = student_rows(queries.students(visitor.id), now)
    typed = {"q": "", "unsearched": "", **search(request.args)}
    groups = by_site.by_site(rows, queries.sites(visitor.id))
    page = render_template(
        "students/page.html",
        rows=rows,
        groups=by_site.matching(groups, typed["q"]),
        typed=typed,
        here_as=by_site.here_as(visitor.roles, rows, groups),
        mentor=roles.MENTOR in visitor.roles,
        waiting=sum(row.enrolment.waiting for row in rows),
    )
    return make_response(page, 422 if typed["unsearched"] else 200)


@students.get("/students/<int:enrolment_id>")
@allow(*roles.with_room("students"))
def show(enrolment_id: int):
    return _page(enrolment_id)


@students.post("/students/<int:enrolment_id>/contacts")
@allow(roles.DIRECTOR)
def note_contact(enrolment_id: int):
    form = ContactForm()
    try:
        given = {"person": form.person.data or 0, "spoken_on": form.spoken_on.data, "note": form.note.data or ""}
        contacts.note_contact(enrolment_id, by=me().person, named_nobody=named_nobody(), **given)
    except Invalid as invalid:
        return not_saved(invalid, partial(_page, enrolment_id))
    return go_to(url_for("students.show", enrolment_id=enrolment_id, _anchor="contacts"))


def _page(enrolment_id: int, invalid: Invalid | None = None) -> str:
    """The student's page; with what was wrong in the note that was just sent."""
    visitor = me()
    student, places = queries.student(enrolment_id, visitor.id)
    if student is None:
        raise NotFound()
    now = clock.now()
    programme = programmes.get(student.cohort.programme)
    today = programme.today(now)
    progress = tally_queries.progress_of([student], programme, now)[student.id]
    status, places = status_of(student, progress), [place for place in places if place.at(today)]
    page = page_of(request.args)
    steps, more = queries.timeline(student.id, visitor.id, programme, page)
    sample, counted = queries.sample_of_counted(student.id, visitor.id) if visitor.roles & roles.ASSESSORS else ([], 0)
    sent = queries.sent_scans(student.id, visitor.id, programme, sample)
    list_address = from_back(request.args.get("back", "")) if "cohort" in roles.rooms_of(visitor.roles) else {}
    return render_template(
        "students/student.html",
        list_address={**list_address, "cohort": student.cohort_id} if list_address else {},
        back=to_back(list_address) or None,
        student=student,
        places=places,
        programme=programme,
        progress=progress,
        status=status,
        sector=sector.sector(programme, progress),
        sample=[scan for scan in sent if scan.sampled],
        counted=counted,
        weeks=weekly_chart(
            queries.logged(student.id, programme), progress.counts.starts_on, today, progress.counts.absences
        ),
        spoken=_spoken(student, places, status, today, invalid) if roles.DIRECTOR in visitor.roles else None,
        keeps=not visitor.roles.isdisjoint(roles.MANAGERS),
        latest=[scan for scan in sent if scan.latest],
        failed=[scan for scan in sent if scan.failed_counts],
        left_behind=successors.left_behind(visitor.id, student.id),
        reads_portfolio=bool(visitor.roles & {roles.DIRECTOR, *roles.ASSESSORS})
        and portfolios_visible_to(visitor.id).where(Enrolment.id == student.id).exists(),
        to_take=[scan for scan in sent if scan.can_take],
        steps=steps,
        page=page,
        more=more,
    )


def _spoken(
    student: Enrolment, places: list[queries.Place], status: Status, today: date, invalid: Invalid | None
) -> dict[str, Any]:
    """What a director writes to people, and keeps of having spoken with them."""
    form = ContactForm.of(contacts.people_of(student), today, sent=invalid is not None)
    show_errors(form, invalid)
    person = student.person
    mentors = dict.fromkeys(one for place in places for one in place.people)
    programme = programmes.get(student.cohort.programme).short_name
    return {
        "links": mail_links((person.name, person.email), mentors, status, programme),
        "form": form,
        "screening": errors_of(invalid),
        "contacts": queries.contacts(student.id),
    }
