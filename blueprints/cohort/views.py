"""The director's room: a cohort in counters and one row a student, its case mix, its pace, its mentors."""

from datetime import date, datetime
from zlib import crc32

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for

import clock
from blueprints.access import allow, asked_by_itself, me
from blueprints.cohort import exports, pace_chart, queries, roster
from blueprints.cohort.columns import ORDERS
from blueprints.cohort.roster import Roster
from blueprints.field_limits import SEARCH_TOO_LONG
from blueprints.hypermedia import is_htmx, page_address, piece
from blueprints.presenters import instant
from blueprints.student_rows import student_rows
from rules import backups, roles
from rules.programme import Programme
from workflows.backup import proof
from workflows.counts import tally_queries
from workflows.course import programmes
from workflows.notices import failed_mail
from workflows.people import held_approvals
from workflows.refusals import Invalid
from workflows.reviews import mentor_workload, successors

cohort = Blueprint("cohort", __name__)

MENTORS = 50  # of a cohort that are shown; any other's students are found by the filter


@cohort.get("/cohort")
@allow(*roles.with_room("cohort"))
def show():
    """The page; for htmx the list alone, with the address that it has without what was left empty."""
    now, cohorts = clock.now(), queries.cohorts(me().id)
    if not cohorts:
        return render_template("cohort/none.html", unsent=failed_mail.number_seen_by(me().id))
    chosen = queries.chosen(cohorts, request.args.get("cohort", ""), now)
    version = tally_queries.version_of(chosen)  # before the rows: a change meanwhile shows as one
    shown = roster.roster_of(chosen, request.args, now)
    shows = roster.SHOWS | {key: words for key, words in roster.COUNTED.items() if key in shown.filters.show}
    context = {"roster": shown, "filters": shown.filters, "shows": shows, "orders": ORDERS}
    status = 422 if shown.filters.unsearched else 200
    if is_htmx():
        address = url_for("cohort.show", **shown.filters.address)
        return piece(render_template("cohort/_students.html", **context), status=status, push=address)
    etag = _etag(version, shown.today)
    by_day, line = tally_queries.counted_by_day(chosen), (chosen.starts_on, chosen.due_on, shown.today, shown.target)
    page = render_template(
        "cohort/page.html",
        others=queries.by_programme([one for one in cohorts if one != chosen]),
        cohort=chosen,
        counters=roster.counters(shown.rows),
        made=etag,
        etag=etag,
        changed=None,
        unsent=failed_mail.number_seen_by(me().id),
        pace=pace_chart.pace_chart(by_day, *line, shown.own_lines),
        left_behind=successors.left_behind(me().id),
        backup=_backup(shown.programme, now),
        to_confirm=held_approvals.waiting(chosen.programme),
        loads=mentor_workload.mentors_of(chosen, shown.waits, shown.places.mentors, MENTORS),
        **context,
    )
    return make_response(page, status)


@cohort.get("/cohorts/<int:cohort_id>/counters")
@allow(*roles.with_room("cohort"))
@asked_by_itself
def counters(cohort_id: int):
    """The counters alone, which an open page asks for again and again: 304 while nothing of the cohort has changed.

    `made` is the ETag of the page on which they stand; once the cohort has another, they lead to the page anew.
    """
    chosen = queries.chosen(queries.cohorts(me().id), str(cohort_id), now := clock.now())
    current = _etag(tally_queries.version_of(chosen), programmes.get(chosen.programme).today(now))
    changed = _this_page(cohort_id) if request.args.get("made", current) != current else None
    etag = f"{current}-changed-{crc32(changed.encode()):08x}" if changed else current
    if request.if_none_match.contains_weak(etag):
        answer = make_response("", 304)
    else:
        numbers = roster.counters(student_rows(queries.students(chosen), now))
        context = {"cohort": chosen, "counters": numbers, "etag": etag, "changed": changed}
        answer = piece(render_template("cohort/_counters.html", **context))
    answer.set_etag(etag, weak=True)  # it may be compressed
    return answer


@cohort.get("/cohort.csv")
@allow(*roles.with_room("cohort"))
def as_csv() -> Response:
    """What is shown, all its pages, as a CSV file."""
    now = clock.now()
    return exports.csv_of(_exported(now))


@cohort.get("/cohort.xlsx")
@allow(*roles.with_room("cohort"))
def as_xlsx() -> Response:
    """What is shown, all its pages, as an Excel workbook."""
    now = clock.now()
    return exports.xlsx_of(_exported(now), now)


def _backup(programme: Programme, now: datetime) -> dict:
    """Of when the last backup is that was proved restorable, in words, and whether that is too long ago."""
    made_at = proof.read(current_app.config["SONOFOLIO"].instance).made_at
    return {"of": instant(programme, made_at) if made_at else "", "is_old": backups.is_old(made_at, now)}


def _exported(now: datetime) -> Roster:
    chosen = queries.chosen(queries.cohorts(me().id), request.args.get("cohort", ""), now)
    found = roster.roster_of(chosen, request.args, now)
    if found.filters.unsearched:
        raise Invalid({"q": [SEARCH_TOO_LONG]})
    return found


def _etag(version: str, today: date) -> str:
    """What the counters depend on: the version of the cohort's numbers, and the programme's day."""
    return f"{version}-{today:%y%m%d}"


def _this_page(cohort_id: int) -> str:
    """The address of the cohort's page that is open, filters included."""
    page, plain = page_address(), url_for("cohort.show")
    return page if page.split("?")[0] == plain else url_for("cohort.show", cohort=cohort_id)
