"""The students that somebody other than themselves follows: a list, and one student's progress to read."""

from __future__ import annotations

import re

from flask import Blueprint, render_template, request

from blueprints import return_to
from blueprints.access import allow, me
from blueprints.student_rows import standings, status_of
from blueprints.students import queries
from rules import roles, sector
from workflows import clock
from workflows.counts import tally_queries
from workflows.course import programmes
from workflows.refusals import NotFound

students = Blueprint("students", __name__)


@students.get("/students")
@allow(*roles.with_room("students"))
def index():
    rows = standings(queries.students(me().id), clock.now())
    return render_template(
        "students/page.html",
        rows=rows,
        mentor=roles.MENTOR in me().roles,
        waiting=sum(row.enrolment.waiting for row in rows),
    )


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
    page = _page()
    story, more = queries.story(student.id, visitor.id, programme, page)
    sent = queries.sent_scans(student.id, visitor.id, programme)
    asked = return_to.read(request.args.get("back", "")) if "cohort" in visitor.rooms else {}
    return render_template(
        "students/student.html",
        asked={**asked, "cohort": student.cohort_id} if asked else {},
        back=return_to.written(asked) or None,
        student=student,
        places=[place for place in places if place.at(programme.today(now))],
        programme=programme,
        progress=progress,
        status=status_of(student, progress),
        sector=sector.sector(programme, progress),
        latest=[scan for scan in sent if scan.latest],
        to_take=[scan for scan in sent if scan.can_take],
        story=story,
        page=page,
        more=more,
    )


def _page() -> int:
    """Which page of the story is asked for; a number that nobody would is the first."""
    asked = request.args.get("page", "")
    return int(asked) if re.fullmatch("[1-9][0-9]{0,5}", asked) else 1
