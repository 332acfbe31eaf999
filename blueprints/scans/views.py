"""The student's scans: log one, correct it, the list, one scan's page, and what a student does with a scan."""

from dataclasses import replace
from uuid import UUID

from flask import Response, abort, jsonify, make_response, render_template, request, url_for

import clock
from blueprints.access import allow, asked_by_itself, me
from blueprints.exports import csv_file, history_head
from blueprints.filters import ScanFilters
from blueprints.form_errors import errors_of, named_nobody
from blueprints.hypermedia import go_to, is_htmx, json_answer, piece, refusal, wants_json
from blueprints.scans import (
    completion,  # noqa: F401 (its routes)
    exports,
    findings,
    form_page,
    forms,
    hiding,  # noqa: F401 (its routes)
    listing,
    queries,
    responses,
)
from blueprints.scans.blueprint import scans
from blueprints.scans.forms import ScanForm
from models import Scan
from rules import roles, sides, states
from rules.entry import FIELD_OF, only_of_its_region
from rules.scan_fields import Entry
from workflows.course import programmes
from workflows.refusals import Conflict, Invalid
from workflows.scans import other_side as other_side_workflow
from workflows.scans import ownership, same_patient, scan_entry, transitions
from workflows.scans import scans as workflow

MARKS = ("saved", "sent", "narrowed", "withdrawn", "joined")  # what has just happened, shown once on the scan's page
MOST_ASKED = 50  # scans that a phone asks about at once (static/unsent-index.js)
CLOSED = {
    **dict.fromkeys(states.APPROVED, "This scan is approved. It changes only after your mentor has reopened it."),
    states.WITHDRAWN: "This scan was withdrawn. Bring it back before you change it.",
}


@scans.get("/scans/new")
@allow(*roles.with_room("log"))
def new() -> Response:
    """The log form: empty, like the scan that the address names (*Same again*), or one of several (`batch`)."""
    like, batch = request.args.get("like", ""), request.args.get("batch", "")
    if batch:
        return form_page.render_batch(me().person, batch)
    context = form_page.context_of(me().person, like)
    if like:  # the student says so: another patient, the same taps
        return form_page.render(context, form_page.copied_entry(context), hidden={"another": "yes"}, like=like)
    return form_page.render(context, form_page.new_entry(context))


@scans.get("/scans/<uuid:scan_id>/edit")
@allow("student")
def edit(scan_id: UUID) -> Response:
    """The form with this scan in it, until a mentor has approved it."""
    context = form_page.context_of(me().person, str(scan_id))  # it brings the scan: no query of its own
    scan = context.past.last
    if scan.state in CLOSED:
        undoable = transitions.is_undoable(scan, clock.now())
        raise Conflict(transitions.JUDGING if undoable else CLOSED[scan.state], scan)
    lacks = [FIELD_OF[one] for one in scan_entry.missing_of(context.programme, scan)]
    entry = replace(scan_entry.entry_of(scan), report_base=scan.composed)
    if "mentor" in lacks:  # it is with nobody yet: whoever covers for a mentor who is away is suggested
        entry = replace(entry, mentor=context.placements.instead_of(entry.mentor))
    return form_page.render(context, entry, scan=scan, lacks=lacks)


@scans.post("/scans/new")
@allow("student")
def new_again() -> Response:
    """The form once more with the findings of the chosen region, for who has no JavaScript. Nothing is stored."""
    return _redraw(None)


@scans.post("/scans/<uuid:scan_id>/edit")
@allow("student")
def edit_again(scan_id: UUID) -> Response:
    """As `new_again`, for a scan being edited."""
    return _redraw(ownership.own_scan(str(scan_id), me().person))


@scans.get("/scans/new/findings")
@allow("student")
def every_finding() -> Response:
    """The pieces of all regions by their addresses, so that a phone may keep them; 304 when it has them."""
    words = _programme().vocabulary
    pieces = {
        url_for("scans.findings", region=region.id): render_template(
            "scans/_findings.html", errors={}, **findings.of_region(words, region)
        )
        for region in words.regions.values()
    }
    response = jsonify(pieces)
    response.add_etag()
    return response.make_conditional(request)


@scans.get("/scans/new/findings/<region>", endpoint="findings")
@allow("student")
def findings_of(region: str) -> str:
    """What can be tapped for a region: vocabulary alone, nothing of anybody's, so that a phone may keep it."""
    words = _programme().vocabulary
    found = words.regions.get(region) or abort(404)
    return render_template("scans/_findings.html", errors={}, **findings.of_region(words, found))


@scans.post("/scans/report")
@allow("student")
def report() -> Response:
    """The report's draft after another tap, and what is asked about what was tapped. Nothing is stored."""
    draft, html = form_page.report_piece(_programme(), _form(), me().person)
    return piece(html, status=422 if draft.errors else 200)


@scans.post("/scans")
@allow("student")
def log() -> Response:
    """Save a scan, or answer a resend as the first time."""
    form = _form()
    try:
        done = workflow.log(
            form.scan_id.data or "",
            _entry(form),
            by=me().person,
            received=form.received(),
            later="later" in request.values,
            another=form.another.data == "yes",
            named_nobody=named_nobody(),
            meant=form_page.meant(),
            stamp=form.stamp(),
        )
    except Invalid as invalid:
        return _invalid(form, invalid)
    except Conflict as conflict:
        return form_page.overtaken(form, conflict)
    if form.batch.data and not wants_json():
        return go_to(url_for("scans.new", batch=done.scan.id))
    return responses.saved(done, 201, saved="1")


@scans.post("/scans/<uuid:scan_id>")
@allow("student")
def correct(scan_id: UUID) -> Response:
    """Change what a scan says, if it still is the version that the student saw."""
    form, scan = _form(), ownership.own_scan(str(scan_id), me().person)
    try:
        done = workflow.correct(
            scan.id,
            _entry(form),
            by=me().person,
            received=form.received(),
            **forms.seen_version(),
            later="later" in request.values,
            named_nobody=named_nobody(),
            meant=form_page.meant(),
            stamp=form.stamp(),
        )
    except Invalid as invalid:
        return _invalid(form, invalid, scan)
    except Conflict as conflict:
        return form_page.overtaken(form, conflict, scan)
    first = {"widened": form.widened.data} if form.widened.data in sides.OPPOSITE else {}
    return responses.saved(done, 200, saved="1", **first)


@scans.get("/scans/<uuid:scan_id>")
@allow(*roles.readers())
def show(scan_id: UUID) -> str:
    """A scan, for whoever may see it."""
    page = queries.page_of(me().id, str(scan_id), clock.now())
    just = next((mark for mark in MARKS if mark in request.args), "") if page.is_own else ""
    widened = request.args.get("widened", "") if just == "saved" else ""
    return render_template("scans/show.html", page=page, scan=page.scan, just=just, widened=widened)


@scans.post("/scans/<uuid:scan_id>/sending")
@allow("student")
def send(scan_id: UUID) -> Response:
    """Send it to the mentor; also the answer *Yes, another patient*."""
    done = workflow.send(str(scan_id), by=me().person, **forms.seen_version(), meant=form_page.meant())
    return responses.changed(done, sent="1")


@scans.post("/scans/<uuid:scan_id>/same-patient", endpoint="same_patient")
@allow("student")
def answer_same_patient(scan_id: UUID) -> Response:
    """The answer *Same patient*: the other side is joined to the first scan; of another region both stay."""
    return responses.same_patient(
        *same_patient.answer(str(scan_id), by=me().person, **forms.seen_version(), meant=form_page.meant())
    )


@scans.post("/scans/<uuid:scan_id>/same-patient/undo")
@allow("student")
def same_patient_undo(scan_id: UUID) -> Response:
    """The scan that was joined to this one is an entry of its own again, and asked about."""
    return responses.changed(same_patient.take_back(str(scan_id), by=me().person, **forms.seen_version()))


@scans.get("/scans/<uuid:scan_id>/other-side")
@allow("student")
def other_side(scan_id: UUID) -> Response:
    """The form for the other side of the same patient: nothing is said of it until the student says it (`as`: normal
    or same).
    """
    context = form_page.context_of(me().person, str(scan_id))
    scan, now = context.past.last, clock.now()
    if not other_side_workflow.may_add_side(scan, now):
        raise Conflict(
            "The other side is added right after a scan was logged. Log it as a scan, or edit this one.", scan
        )
    entry = replace(scan_entry.entry_of(scan), report_base=scan.composed)
    other = request.args.get("as", "")
    return form_page.render(context, sides.widened(entry, other), scan=scan, first_side=scan.side, other=other)


@scans.post("/scans/<uuid:scan_id>/other-side/undo")
@allow("student")
def other_side_undo(scan_id: UUID) -> Response:
    """The entry is of one side again, as before *Other side too*."""
    side = request.values.get("side", "")
    done = other_side_workflow.take_side_back(str(scan_id), side, by=me().person, **forms.seen_version())
    return responses.saved(done, 200, narrowed="1")


@scans.post("/scans/<uuid:scan_id>/withdrawal")
@allow("student")
def withdraw(scan_id: UUID) -> Response:
    """Take it out of the portfolio, at once; *Undo* brings it back."""
    return responses.changed(workflow.withdraw(str(scan_id), by=me().person, **forms.seen_version()), withdrawn="1")


@scans.post("/scans/<uuid:scan_id>/withdrawal/undo")
@allow("student")
def restore(scan_id: UUID) -> Response:
    """Bring a withdrawn scan back, as a draft."""
    return responses.changed(workflow.restore(str(scan_id), by=me().person, **forms.seen_version()))


@scans.get("/scans/received")
@allow("student")
@asked_by_itself
def received() -> Response:
    """Which of these scans of theirs are here, for a phone that misses them (`queries.received`), and who was asked.

    `scan`, repeated: at most `MOST_ASKED`, else 413, so that none of them is left out in silence.
    """
    asked = request.args.getlist("scan")
    if len(asked) > MOST_ASKED:
        abort(413)
    return json_answer({"person": me().id, "received": queries.received(me().id, asked)}, 200)


@scans.get("/scans")
@allow(*roles.with_room("scans"))
def index() -> Response:
    """The student's scans, searched and filtered by what stands in the address; what to finish is on top. For htmx
    the list alone, with its address.
    """
    enrolment = ownership.latest_enrolment(me().id)
    programme = programmes.get(enrolment.cohort.programme)
    today = programme.today(clock.now())
    filters = ScanFilters.read(request.args, programme)
    context = {
        "programme": programme,
        "filters": filters,
        "page": listing.page_of(me().id, programme, filters, today),
        "unfinished": listing.to_finish(me().id, programme, today) if filters.is_everything else None,
    }
    status = 422 if filters.unsearched else 200
    if is_htmx():
        address = url_for("scans.index", **filters.address)
        return piece(render_template("scans/_list.html", **context), status=status, push=address)
    return make_response(render_template("scans/index.html", enrolment=enrolment, **context), status)


@scans.get("/scans.csv")
@allow("student")
def export() -> Response:
    """Everything of the student's as a CSV file."""
    enrolment = ownership.latest_enrolment(me().id)
    rows = exports.rows_of(listing.everything_of(me().id), programmes.get(enrolment.cohort.programme))
    response = csv_file("sonofolio-scans.csv", rows)
    # Where history ends, for proof later: in a header, since a line of the file would be taken for a scan.
    response.headers["X-History-Head"] = history_head()
    return response


def _programme():
    return programmes.get(ownership.enrolment_of(me().person).cohort.programme)


def _form() -> ScanForm:
    return ScanForm(request.form)


def _entry(form: ScanForm) -> Entry:
    """What was entered.

    Raises:
        Invalid: a day or a number that cannot be read as one.
    """
    if not form.validate():
        raise Invalid(form.errors)
    return form.entry()


def _redraw(scan: Scan | None) -> Response:
    form, context = _form(), form_page.context_of(me().person)
    recorded = scan_entry.entry_of(scan) if scan else None
    entry = only_of_its_region(context.programme.vocabulary, form.entry(), recorded)
    return form_page.render(context, entry, form=form, scan=scan, hidden=_hidden_fields())


def _invalid(form: ScanForm, invalid: Invalid, scan: Scan | None = None) -> Response:
    """Not saved: the sentences beside their fields, everything else as it was entered."""
    problems: dict[str, list[str]] = dict(invalid.problems)
    if wants_json():
        return responses.invalid(invalid)
    if is_htmx():
        return refusal(invalid.sentence, 422)
    hidden = _hidden_fields()
    if problems.pop("scan_id", None):
        problems["form"] = ["This form had lost its number and has a new one now. Save it again."]
        hidden.pop("scan_id")
    return form_page.render(
        form_page.context_of(me().person),
        form.entry(),
        form=form,
        scan=scan,
        problems=problems,
        screening=errors_of(invalid),
        status=422,
        hidden=hidden,
    )


def _hidden_fields() -> dict[str, str]:
    """What travels hidden in the form from one showing of it to the next."""
    return {name: request.form.get(name, "") for name in form_page.HIDDEN}
