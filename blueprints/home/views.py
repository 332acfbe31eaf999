"""The first page after signing in: a student's home; everybody else is redirected to the home of their role."""

from flask import Blueprint, redirect, render_template, url_for

import clock
from blueprints.access import PERSON, allow, me
from blueprints.home import queries
from blueprints.navigation import PAGES
from blueprints.presenters import place_in_sentence
from blueprints.student_rows import status_of
from rules import roles, sector
from workflows.counts import tally_queries
from workflows.course import programmes
from workflows.people import retention
from workflows.reviews import successors

home = Blueprint("home", __name__)


@home.get("/")
@allow(PERSON)
def show():
    visitor = me()
    now = clock.now()
    own = queries.student(visitor.id, now) if roles.STUDENT in visitor.roles else None
    if own is None:
        home_room = roles.home_of(visitor.roles - {roles.STUDENT})
        return redirect(url_for(PAGES[home_room][0])) if home_room else render_template("home/nobody.html")
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
        left_behind=successors.left_behind(visitor.id, own.id) if own.ended_as is None else [],
        came_back=queries.came_back(own.id, programme, now),
        reading_until=retention.reading_until(own, now),
        last_place=place_in_sentence(programme, own.last.region, own.last.side) if own.last else "",
    )
