"""The director's room: a cohort in four counters and one row a student."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from blueprints.access import allow, me
from blueprints.cohort import reading
from blueprints.standing import standings
from workflows import clock, programmes
from workflows.refusals import NotFound

cohort = Blueprint("cohort", __name__)


@cohort.get("/cohort")
@allow("director")
def show():
    now = clock.now()
    cohorts = reading.cohorts(me().id)
    if not cohorts:
        return render_template("cohort/none.html")
    chosen = reading.chosen(cohorts, request.args.get("cohort", ""), now)
    sort = request.args.get("sort", "")
    rows = standings(reading.students(chosen), now)
    return render_template(
        "cohort/page.html",
        cohort=chosen,
        cohorts=cohorts,
        programme=programmes.get(chosen.programme),
        rows=reading.in_order(rows, sort),
        counters=reading.counters(rows),
        sort=sort if sort in reading.ORDERS else "",
        orders=reading.ORDERS,
    )


@cohort.get("/cohorts/<int:cohort_id>/counters")
@allow("director")
def counters(cohort_id: int):
    """The four counters alone, for a page that refreshes them."""
    found = [one for one in reading.cohorts(me().id) if one.id == cohort_id]
    if not found:
        raise NotFound()
    rows = standings(reading.students(found[0]), clock.now())
    return render_template("cohort/_counters.html", cohort=found[0], counters=reading.counters(rows))
