"""The students that somebody other than themselves follows: a list, and one student's progress to read."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request

from blueprints.access import allow, me
from blueprints.filters import from_back, page_of, search, to_back
from blueprints.student_rows import status_of, student_rows
from blueprints.students import by_site, queries
from rules import roles, sector
from workflows import clock
from workflows.counts import tally_queries
from workflows.course import programmes
from workflows.refusals import NotFound
from workflows.reviews import successors

students = Blueprint("students", __name__)


@students.get("/students")
@allow(*roles.with_room("students"))
def index():
    """The students by site; `q` finds some of them by name or site."""
    visitor, now = me(), clock.now()
    rows = student_rows(queries.students(visitor.id), now)
    typed = {"q": "", "unsearched": "", **search(request.args)}
    sites = queries.sites(visitor.id)
    page = render_template(
        "students/page.html",
        rows=rows,
        groups=by_site.by_site(rows, sites, typed["q"]),
        typed=typed,
        here_as=by_site.here_as(visitor.roles, rows, by_site.by_site(rows, sites)),
        mentor=roles.MENTOR in visitor.roles,
        waiting=sum(row.enrolment.waiting for row in rows),
    )
    return make_response(page, 422 if typed["unsearched"] else 200)


@students.get("/students/<int:enrolment_id>")
@allow(*roles.with_room("students"))
def show(enrolment_id: int):
    visitor = me()
    student, places = queries.student(enrolment_id, visitor.id)
    if student is None:
        raise NotFound()
    now = clock.now()
    programme = programmes.get(student.cohort.programme)
    progress = tally_queries.progress_of([student], programme, now)[student.id]
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
        places=[place for place in places if place.at(programme.today(now))],
        programme=programme,
        progress=progress,
        status=status_of(student, progress),
        sector=sector.sector(programme, progress),
        sample=[scan for scan in sent if scan.sampled],
        counted=counted,
        latest=[scan for scan in sent if scan.latest],
        failed=[scan for scan in sent if scan.failed_counts],
        left_behind=successors.left_behind(visitor.id, student.id),
        to_take=[scan for scan in sent if scan.can_take],
        steps=steps,
        page=page,
        more=more,
    )
