"""What a register asks of a graduate (R16): the student's own checklist, the files for it, and the pack of them."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, url_for

from blueprints.access import allow, me
from blueprints.files import as_attachment
from blueprints.hypermedia import go_to, wants_json
from blueprints.register import exports
from blueprints.register.forms import EvidenceForm
from blueprints.screening_errors import refused_as_json
from blueprints.uploads import sent_file, takes_files
from rules import roles
from rules.register import UPLOAD
from workflows import clock
from workflows.course import programmes
from workflows.portfolio import register_pack
from workflows.refusals import Invalid

register = Blueprint("register", __name__)

MOST_MB = 10


@register.get("/portfolio/register")
@allow(roles.STUDENT)
def show():
    return _page()


@register.post("/portfolio/register/<item>")
@allow(roles.STUDENT)
@takes_files(mb=MOST_MB, kinds=register_pack.TAKEN)
def add(item: str):
    form, wanted = EvidenceForm(), register_pack.upload_item(item, me().person)
    try:
        sent = sent_file()
        register_pack.add(wanted.key, sent.stream, by=me().person, shows_nobody=form.shows_nobody.data)  # type: ignore[arg-type]
    except Invalid as invalid:
        if wants_json():
            return refused_as_json(invalid.problems, invalid)
        return make_response(_page(item, invalid), 422)
    return go_to(url_for("register.show", _anchor=item))


@register.get("/portfolio/register/files/<int:evidence_id>")
@allow(roles.STUDENT)
def download(evidence_id: int) -> Response:
    found = register_pack.own_evidence(evidence_id, me().person)
    return as_attachment(found.file, found.name)


@register.post("/portfolio/register/files/<int:evidence_id>/removal")
@allow(roles.STUDENT)
def remove(evidence_id: int):
    register_pack.remove(evidence_id, by=me().person)
    return go_to(url_for("register.show"))


@register.get("/portfolio/register.zip")
@allow(roles.STUDENT)
def pack() -> Response:
    found = register_pack.checklist(me().person)
    return exports.pack(found, programmes.get(found.enrolment.cohort.programme), me().name, clock.now())


def _page(sent: str = "", invalid: Invalid | None = None) -> str:
    """The checklist; with what was wrong with the file that was just sent for the item `sent`."""
    found = register_pack.checklist(me().person)
    forms = {
        entry.item.key: EvidenceForm.of(entry.item.key, invalid if entry.item.key == sent else None)
        for entry in found.entries
        if entry.item.origin == UPLOAD
    }
    return render_template(
        "register/page.html",
        checklist=found,
        programme=programmes.get(found.enrolment.cohort.programme),
        forms=forms,
        sent=sent,
        most_mb=MOST_MB,
        accept=",".join(register_pack.TAKEN),
    )
