"""The student's scans: log one, correct it, the list, one scan's page, and what a student does with a scan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, current_app, jsonify, make_response, render_template, request, url_for

from blueprints.access import allow, asked_by_itself, me
from blueprints.hypermedia import is_htmx, json_answer, piece, refusal, wants_json
from blueprints.scans import exports, form_options, form_page, forms, listing, queries, responses
from blueprints.scans.forms import ScanForm
from blueprints.screening_errors import named_nobody, shown
from models import Scan
from rules import states
from workflows import clock
from workflows.course import programmes
from workflows.history import heads
from workflows.refusals import Conflict, Invalid
from workflows.scans import scans as work
from workflows.scans import transitions

scans = Blueprint("scans", __name__)

READERS = ("student", "mentor", "director", "internal_assessor", "external_assessor")
MARKS = ("saved", "sent", "widened", "withdrawn")  # what has just happened, told once on the scan's page
MOST_ASKED = 50  # scans that a phone asks about at once (static/unsent-index.js)
CLOSED = {
    states.COUNTED: "This scan is counted. It changes only after your mentor has reopened it.",
    states.WITHDRAWN: "This scan was withdrawn. Bring it back before you change it.",
}


# --- The form --------------------------------------------------------------------------------------------------


@scans.get("/scans/new")
@allow("student")
def new() -> Response:
    """The log form: empty, or like the scan that the address names (*Same again*)."""
    like = request.args.get("like", "")
    desk = form_page.desk_of(me().person, like)
    if like:  # the student says so: another patient, the same taps
        return form_page.show(desk, form_page.again(desk), another="yes", like=like)
    return form_page.show(desk, form_page.fresh(desk))


@scans.get("/scans/<uuid:scan_id>/edit")
@allow("student")
def edit(scan_id: UUID) -> Response:
    """The form with this scan in it, until a mentor has approved it."""
    desk = form_page.desk_of(me().person, str(scan_id))  # it brings the scan: no query of its own
    scan = desk.past.last
    if scan.state in CLOSED:
        raise Conflict(transitions.JUDGING if transitions.untold(scan, clock.now()) else CLOSED[scan.state], scan)
    entry = replace(work.entry_of(scan), report_base=scan.composed)
    return form_page.show(desk, entry, scan=scan)


@scans.post("/scans/new")
@allow("student")
def new_again() -> Response:
    """The form once more with the findings of the chosen region, for who has no JavaScript. Nothing is stored."""
    return _again(None)


@scans.post("/scans/<uuid:scan_id>/edit")
@allow("student")
def edit_again(scan_id: UUID) -> Response:
    """As `new_again`, for a scan being edited."""
    return _again(work.own(str(scan_id), me().person))


@scans.get("/scans/new/findings")
@allow("student")
def every_finding() -> Response:
    """The pieces of all regions by their addresses, so that a phone may keep them; 304 when it has them."""
    pieces = {
        url_for("scans.findings", region=region.id): render_template(
            "scans/_findings.html", errors={}, **form_page.findings_of(region)
        )
        for region in _programme().vocabulary.regions.values()
    }
    response = jsonify(pieces)
    response.add_etag()
    return response.make_conditional(request)


@scans.get("/scans/new/findings/<region>")
@allow("student")
def findings(region: str) -> str:
    """What can be tapped for a region: vocabulary alone, nothing of anybody's, so that a phone may keep it."""
    found = _programme().vocabulary.regions.get(region) or abort(404)
    return render_template("scans/_findings.html", errors={}, **form_page.findings_of(found))


@scans.post("/scans/report")
@allow("student")
def report() -> Response:
    """The report's draft after another tap. Nothing is stored."""
    entry, programme = forms.entry_of(request.form), _programme()
    entry = replace(entry, **forms.applicable(programme.vocabulary, entry))
    draft = form_page.draft_of(programme, entry)
    return piece(render_template("scans/_report.html", draft=draft), status=422 if draft.errors else 200)


# --- Keeping ---------------------------------------------------------------------------------------------------


@scans.post("/scans")
@allow("student")
def log() -> Response:
    """Keep a scan, or answer a resend as the first time."""
    sent = request.form
    try:
        done = work.log(
            sent.get("scan_id", ""),
            forms.readable_entry(sent),
            by=me().person,
            received=forms.received(sent),
            later="later" in request.values,
            another=sent.get("another") == "yes",
            named_nobody=named_nobody(),
            saved=forms.saved(sent),
        )
    except Invalid as wrong:
        return _wrong(wrong)
    except Conflict as conflict:
        return _taken(conflict)
    return responses.kept(done, 201, saved="1")


@scans.post("/scans/<uuid:scan_id>")
@allow("student")
def correct(scan_id: UUID) -> Response:
    """Change what a scan says, if it still is the version that the student saw."""
    sent, scan = request.form, work.own(str(scan_id), me().person)
    try:
        done = work.correct(
            scan.id,
            forms.readable_entry(sent),
            by=me().person,
            received=forms.received(sent),
            **_seen(),
            later="later" in request.values,
            named_nobody=named_nobody(),
            saved=forms.saved(sent),
        )
    except Invalid as wrong:
        return _wrong(wrong, scan)
    except Conflict as conflict:
        return _taken(conflict, scan)
    return responses.kept(done, 200, saved="1")


# --- One scan --------------------------------------------------------------------------------------------------


@scans.get("/scans/<uuid:scan_id>")
@allow(*READERS)
def show(scan_id: UUID) -> str:
    """A scan, for whoever may see it."""
    page = queries.page_of(me().id, str(scan_id), clock.now())
    just = next((mark for mark in MARKS if mark in request.args), "") if page.is_own else ""
    return render_template("scans/show.html", page=page, scan=page.scan, just=just)


@scans.post("/scans/<uuid:scan_id>/sending")
@allow("student")
def send(scan_id: UUID) -> Response:
    """Send it to the mentor; also the answer *Yes, another patient*."""
    return responses.moved(work.send(str(scan_id), by=me().person, **_seen()), sent="1")


@scans.post("/scans/<uuid:scan_id>/other-side")
@allow("student")
def widen(scan_id: UUID) -> Response:
    """The other side of the same patient too: the same entry becomes *both*."""
    return responses.kept(work.widen(str(scan_id), by=me().person, **_seen()), 200, widened="1")


@scans.post("/scans/<uuid:scan_id>/withdrawal")
@allow("student")
def withdraw(scan_id: UUID) -> Response:
    """Take it out of the portfolio, at once; *Undo* brings it back."""
    return responses.moved(work.withdraw(str(scan_id), by=me().person, **_seen()), withdrawn="1")


@scans.post("/scans/<uuid:scan_id>/withdrawal/undo")
@allow("student")
def restore(scan_id: UUID) -> Response:
    """Bring a withdrawn scan back, as a draft."""
    return responses.moved(work.restore(str(scan_id), by=me().person, **_seen()))


@scans.get("/scans/received")
@allow("student")
@asked_by_itself
def received() -> Response:
    """Which of these scans of theirs are here, for a phone that misses them (`reading.received`), and who was asked.

    `scan`, repeated: at most `MOST_ASKED`, else 413, so that none of them is left out in silence.
    """
    asked = request.args.getlist("scan")
    if len(asked) > MOST_ASKED:
        abort(413)
    return json_answer({"person": me().id, "received": queries.received(me().id, asked)}, 200)


# --- The list --------------------------------------------------------------------------------------------------


@scans.get("/scans")
@allow("student")
def index() -> Response:
    """The student's scans, searched and filtered by what stands in the address; what to finish is on top."""
    enrolment = form_options.latest_enrolment(me().id) or abort(404)
    programme = programmes.get(enrolment.cohort.programme)
    today = programme.today(clock.now())
    asked = listing.asked(request.args, programme)
    page = render_template(
        "scans/index.html",
        programme=programme,
        enrolment=enrolment,
        asked=asked,
        part=listing.part_of(me().id, programme, asked, today),
        unfinished=listing.to_finish(me().id, programme, today) if asked.is_everything else None,
    )
    return make_response(page, 422 if asked.unsearched else 200)


@scans.get("/scans.csv")
@allow("student")
def export() -> Response:
    """Everything of the student's as a CSV file."""
    enrolment = form_options.latest_enrolment(me().id) or abort(404)
    text = exports.written(listing.everything_of(me().id), programmes.get(enrolment.cohort.programme))
    response = make_response(text.encode("utf-8-sig"))  # the mark tells spreadsheet programs that it is UTF-8
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="sonofolio-scans.csv"'
    # Where history ends, for proof later: in a header, since a line of the file would be taken for a scan.
    response.headers["X-History-Head"] = heads.exported(current_app.config["SONOFOLIO"].instance / heads.FILE)
    return response


# --- What several of them say ----------------------------------------------------------------------------------


def _programme():
    return programmes.get(work.enrolment_of(me().person).cohort.programme)


def _seen() -> dict[str, Any]:
    """The version and the last step of the scan's story that the student saw; no step in forms of older releases."""
    sent = request.values
    return {"version": forms.number_of(sent.get("version")), "step": forms.step_of(sent.get("step"))}


def _again(scan: Scan | None) -> Response:
    entry, desk = forms.entry_of(request.form), form_page.desk_of(me().person)
    entry = replace(entry, **forms.applicable(desk.programme.vocabulary, entry))
    return form_page.show(desk, entry, form=ScanForm(), scan=scan, **_carried())


def _wrong(wrong: Invalid, scan: Scan | None = None) -> Response:
    """Not kept: the sentences beside their fields, everything else as it was entered."""
    problems: dict[str, list[str]] = dict(wrong.problems)
    if wants_json():
        return responses.invalid(wrong)
    if is_htmx():
        return refusal(wrong.sentence, 422)
    carried = _carried()
    if problems.pop("scan_id", None):
        problems["form"] = ["This form had lost its number and has a new one now. Save it again."]
        carried.pop("scan_id")
    return form_page.show(
        form_page.desk_of(me().person),
        forms.entry_of(request.form),
        form=ScanForm(),
        scan=scan,
        problems=problems,
        finds=shown(wrong),
        status=422,
        **carried,
    )


def _taken(conflict: Conflict, scan: Scan | None = None) -> Response:
    """Somebody was first: what stands now is shown beside what was entered, which is kept in the form."""
    current = conflict.current
    if wants_json():
        return responses.taken(conflict.sentence, current)
    if is_htmx():
        return refusal(conflict.sentence, 409)
    stands = queries.page_of(me().id, current.id, clock.now())
    return form_page.show(
        form_page.desk_of(me().person),
        forms.entry_of(request.form),
        form=ScanForm(),
        scan=scan,
        status=409,
        version=current.version,
        step=stands.step,
        conflict={"sentence": conflict.sentence, "stands": stands, "last": stands.story[-1]},
    )


def _carried() -> dict[str, Any]:
    """What travels hidden in the form from one showing of it to the next."""
    return {name: request.form.get(name, "") for name in ("scan_id", "version", "step", "another")}
