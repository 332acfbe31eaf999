"""What a student adds on a scan's own page: what a draft lacks, one tap each, and their own words."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import Response, make_response, render_template, request

import clock
from blueprints.access import allow, me
from blueprints.form_errors import errors_of, named_nobody
from blueprints.hypermedia import is_htmx, wants_json
from blueprints.scans import form_options, form_page, forms, queries, responses
from blueprints.scans.blueprint import scans
from blueprints.scans.forms import ScanForm
from blueprints.scans.queries import Page
from rules.entry import FIELD_OF
from rules.phrases import capital
from workflows.refusals import Conflict, Invalid
from workflows.scans import ownership, scan_entry
from workflows.scans import scans as workflow

ASKED = ("support", "side", "mentor", "site")  # each is one choice among few; the rest is tapped in the form


@dataclass(frozen=True)
class Question:
    """What is asked in one row of buttons: value, words, and what the choice means where that must be said."""

    field: str
    words: str
    choices: list[tuple[str, str, str]]


@scans.app_template_global()
def questions_of(page: Page) -> list[Question]:
    """What the scan lacks and can be said with one tap each; nothing for anybody but its student."""
    lacks = [FIELD_OF[word] for word in page.missing]
    if not page.is_own or "correct" not in page.allowed_verbs or not set(ASKED) & set(lacks):
        return []
    programme = page.programme
    placed = form_options.placement_options(page.scan.enrolment, programme)
    asked = {
        "support": (
            "With support, or on your own?",
            [(one.key, one.name, one.hint) for one in programme.supports.values()],
        ),
        "side": ("Which side?", [(one, capital(one), "") for one in programme.vocabulary.sides]),
        "mentor": ("Who is the mentor?", [(str(one), name, "") for one, name in placed.mentors]),
        "site": ("Where was it?", [(str(one), name, "") for one, name in placed.sites]),
    }
    return [Question(name, *asked[name]) for name in lacks if name in ASKED]


@scans.post("/scans/<uuid:scan_id>/missing")
@allow("student")
def complete(scan_id: UUID) -> Response:
    """Say what the scan lacks (`support`, `side`, `mentor` or `site`); it is sent once nothing is missing any more.

    Raises:
        Invalid: nothing was chosen, or what the form does not offer. Conflict: it is no longer as it was seen.
    """
    scan = ownership.own_scan(str(scan_id), me().person)
    given: dict[str, Any] = {name: request.form[name] for name in ASKED if request.form.get(name)}
    if not given:
        raise Invalid({"missing": ["Choose one of these."]})
    for name in {"mentor", "site"} & set(given):
        given[name] = request.form.get(name, type=int) or 0
    entry = replace(scan_entry.entry_of(scan), report_base=scan.composed, **given)
    done = workflow.correct(scan.id, entry, by=me().person, **forms.seen_version(), meant=scan.meant)
    return responses.saved(done, 200, saved="1")


@scans.post("/scans/<uuid:scan_id>/words")
@allow("student")
def write_words(scan_id: UUID) -> Response:
    """The report with the student's own words in it, from the scan's page; the rest of the scan stays as it is."""
    scan, report = ownership.own_scan(str(scan_id), me().person), request.form.get("report", "")
    entry = replace(scan_entry.entry_of(scan), report=report, report_base=scan.composed)
    try:
        done = workflow.correct(
            scan.id,
            entry,
            by=me().person,
            **forms.seen_version(),
            later="later" in request.values,
            named_nobody=named_nobody(),
        )
    except Invalid as invalid:
        if wants_json():
            return responses.invalid(invalid)
        page = queries.page_of(me().id, scan.id, clock.now())
        wrong = {"report": report, "problems": invalid.problems, "screening": errors_of(invalid)}
        template = "scans/_words.html" if is_htmx() else "scans/show.html"
        html = render_template(template, page=page, scan=page.scan, just="", widened="", words=wrong)
        return make_response(html, 422)
    except Conflict as conflict:
        form = ScanForm(formdata=None, data=forms.values_of(entry, entry.scanned_on))
        return form_page.overtaken(form, conflict, scan)
    return responses.saved(done, 200, saved="1")
