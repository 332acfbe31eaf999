"""The first page after signing in: a student's home; everybody else is shown to their own room."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for

from blueprints.access import PERSON, allow, me
from blueprints.home import queries
from blueprints.student_rows import status_of
from rules import sector
from workflows import clock
from workflows.counts import tally_queries
from workflows.course import programmes

home = Blueprint("home", __name__)

# The first role that a person holds decides; a student's home has a way to the inbox for one who mentors as well.
ROOM_OF = {"mentor": "reviews.inbox", "director": "cohort.show"}
LISTS = {"internal_assessor", "external_assessor", "clinical_manager"}


@home.get("/")
@allow(PERSON)
def show():
    visitor = me()
    own = queries.student(visitor.id) if "student" in visitor.roles else None
    if own is None:
        return _elsewhere(visitor.roles)
    now = clock.now()
    programme = programmes.get(own.cohort.programme)
    progress = tally_queries.progress_of([own], programme, now)[own.id]
    return render_template(
        "home/page.html",
        own=own,
        programme=programme,
        progress=progress,
        status=status_of(own, progress),
        sector=sector.sector(programme, progress),
        greeting=queries.greeting(visitor.name, programme.local(now)),
        came_back=queries.came_back(own.id, programme, now),
        last_place=queries.place(programme, own.last.region, own.last.side) if own.last else "",
    )


def _elsewhere(roles: frozenset[str]):
    for role, endpoint in ROOM_OF.items():
        if role in roles:
            return redirect(url_for(endpoint))
    if roles & LISTS:
        return redirect(url_for("students.index"))
    return render_template("home/nobody.html")
