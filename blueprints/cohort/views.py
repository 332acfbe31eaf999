"""The director's room: a cohort in counters and one row a student, its case mix, its pace, its mentors."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for

from blueprints.access import allow, asked_by_itself, me
from blueprints.cohort import case_mix, etag, exports, filters, pace_chart, queries, roster
from blueprints.cohort.roster import Roster
from blueprints.field_limits import SEARCH_TOO_LONG
from blueprints.hypermedia import is_htmx, page_address, piece
from blueprints.student_rows import standings
from models import Cohort
from rules import roles
from workflows import clock
from workflows.counts import tally_queries
from workflows.course import programmes
from workflows.history import heads
from workflows.refusals import Invalid, NotFound
from workflows.reviews import mentor_workload

cohort = Blueprint("cohort", __name__)

MENTORS = 50  # of a cohort that are shown; any other's students are found by the filter
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@cohort.get("/cohort")
@allow(*roles.with_room("cohort"))
def show():
    """The page; for htmx the list alone, with the address that it has without what was left empty."""
    now, cohorts = clock.now(), queries.cohorts(me().id)
    if not cohorts:
        return render_template("cohort/none.html")
    chosen = queries.chosen(cohorts, request.args.get("cohort", ""), now)
    version = tally_queries.version_of(chosen)  # before the rows: what changes meanwhile is told, never missed
    shown = roster.of(chosen, request.args, now)
    held = {"roster": shown, "asked": shown.asked, "names": filters, "cells": case_mix.cells}
    status = 422 if shown.asked.unsearched else 200
    if is_htmx():
        address = url_for("cohort.show", **shown.asked.address)
        return piece(render_template("cohort/_students.html", **held), status=status, push=address)
    made = etag.of(version, shown.today)
    by_day, line = tally_queries.counted_by_day(chosen), (chosen.starts_on, chosen.due_on, shown.today, shown.target)
    page = render_template(
        "cohort/page.html",
        others=queries.by_programme([one for one in cohorts if one != chosen]),
        cohort=chosen,
        counters=roster.counters(shown.rows),
        made=made,
        validator=made,
        changed=None,
        pace=pace_chart.drawn(by_day, *line),
        loads=mentor_workload.mentors_of(chosen, now, MENTORS),
        **held,
    )
    return make_response(page, status)


@cohort.get("/cohorts/<int:cohort_id>/counters")
@allow(*roles.with_room("cohort"))
@asked_by_itself
def counters(cohort_id: int):
    """The counters alone, which an open page asks for again and again: 304 while nothing of the cohort has changed.

    `made` says of which validator the page is that they stand on, whatever of it was asked for anew.
    """
    found = [one for one in queries.cohorts(me().id) if one.id == cohort_id]
    if not found:
        raise NotFound()
    now = clock.now()
    today = programmes.get(found[0].programme).today(now)
    current = etag.of(tally_queries.version_of(found[0]), today)
    changed = _this_page(cohort_id) if request.args.get("made", current) != current else None
    validator = etag.changed(current, changed) if changed else current
    if request.if_none_match.contains_weak(validator):
        return etag.on(make_response("", 304), validator)
    answer = render_template(
        "cohort/_counters.html",
        cohort=found[0],
        counters=roster.counters(standings(queries.students(found[0]), now)),
        validator=validator,
        changed=changed,
    )
    return etag.on(piece(answer), validator)


@cohort.get("/cohort.csv")
@allow(*roles.with_room("cohort"))
def as_csv() -> Response:
    """What is shown, all its pages, as a CSV file."""
    now = clock.now()
    shown = _asked_for(queries.cohorts(me().id), now)
    return _file(Response(exports.csv_of(shown, now, _head()), mimetype="text/csv"), exports.name_of(shown, "csv"))


@cohort.get("/cohort.xlsx")
@allow(*roles.with_room("cohort"))
def as_xlsx() -> Response:
    """What is shown, all its pages, as an Excel workbook."""
    now = clock.now()
    shown = _asked_for(queries.cohorts(me().id), now)
    return _file(Response(exports.xlsx_of(shown, now, _head()), mimetype=XLSX), exports.name_of(shown, "xlsx"))


def _asked_for(cohorts: list[Cohort], now: datetime) -> Roster:
    found = roster.of(queries.chosen(cohorts, request.args.get("cohort", ""), now), request.args, now)
    if found.asked.unsearched:
        raise Invalid({"q": [SEARCH_TOO_LONG]})
    return found


def _this_page(cohort_id: int) -> str:
    """The address of the cohort's page that is open, filters included."""
    page, plain = page_address(), url_for("cohort.show")
    return page if page.split("?")[0] == plain else url_for("cohort.show", cohort=cohort_id)


def _head() -> str:
    return heads.exported(current_app.config["SONOFOLIO"].instance / heads.FILE)


def _file(answer: Response, name: str) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
